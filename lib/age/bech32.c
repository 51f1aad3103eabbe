/* bech32.c - groups of five bits, and a check over them and the prefix */
#include "lib/age/bech32.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/mem.h"

#define GROUPS ((BECH32_DATA_BYTES * 8 + 4) / 5)
#define CHECK 6			/* digits of it */

static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t
step(uint32_t sum, unsigned v)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (unsigned i = 0; i < ARRAY_LEN(generator); i++)
		sum ^= top >> i & 1 ? generator[i] : 0;
	return sum;
}

/* Of the prefix and n groups. */
static uint32_t
sum_of(const char *prefix, const unsigned char *group, size_t n)
{
	uint32_t sum = 1;

	for (const char *p = prefix; *p; p++)
		sum = step(sum, (unsigned char)*p >> 5);
	sum = step(sum, 0);
	for (const char *p = prefix; *p; p++)
		sum = step(sum, (unsigned char)*p & 31);
	for (size_t i = 0; i < n; i++)
		sum = step(sum, group[i]);
	return sum;
}

void
bech32_put(struct buf *out, const char *prefix, const unsigned char data[BECH32_DATA_BYTES])
{
	unsigned char group[GROUPS + CHECK] = { 0 };

	for (unsigned bit = 0; bit < BECH32_DATA_BYTES * 8; bit++)
		group[bit / 5] |= (unsigned char)((data[bit / 8] >> (7 - bit % 8) & 1) << (4 - bit % 5));
	uint32_t sum = sum_of(prefix, group, sizeof group) ^ 1;
	for (unsigned i = 0; i < CHECK; i++)
		group[GROUPS + i] = sum >> 5 * (CHECK - 1 - i) & 31;
	buf_puts(out, prefix);
	buf_putc(out, '1');
	for (size_t i = 0; i < sizeof group; i++)
		buf_putc(out, digits[group[i]]);
	mem_wipe(group, sizeof group);
}

static int
groups_of(struct str s, unsigned char group[GROUPS + CHECK])
{
	for (size_t i = 0; i < s.n; i++) {
		const char *at = memchr(digits, tolower((unsigned char)s.p[i]), sizeof digits - 1);

		if (!at)
			return -1;
		group[i] = (unsigned char)(at - digits);
	}
	return 0;
}

static bool
is_mixed(struct str s)
{
	bool has_lower = false, has_upper = false;

	for (size_t i = 0; i < s.n; i++) {
		has_lower |= islower((unsigned char)s.p[i]) != 0;
		has_upper |= isupper((unsigned char)s.p[i]) != 0;
	}
	return has_lower && has_upper;
}

int
bech32_parse(struct str text, const char *prefix, unsigned char ret[BECH32_DATA_BYTES], struct err *e)
{
	unsigned char group[GROUPS + CHECK] = { 0 };
	size_t n = strlen(prefix);

	if (text.n <= n || !str_ieq(str_take(text, n), str_of(prefix)) || text.p[n] != '1')
		return err_set(e, ERR_PARSE, "it does not begin with %s1", prefix);
	if (text.n != n + 1 + sizeof group)
		return err_set(e, ERR_PARSE, "it has %zu characters, and all of them have %zu", text.n, n + 1 + sizeof group);
	if (is_mixed(text))
		return err_set(e, ERR_PARSE, "it is partly in upper and partly in lower case");
	if (groups_of(str_skip(text, n + 1), group) < 0)
		return err_set(e, ERR_PARSE, "it has a character that none of them has");
	/* The last group is padded with zeros. */
	if (sum_of(prefix, group, sizeof group) != 1 || group[GROUPS - 1] & 15)
		return err_set(e, ERR_PARSE, "it has a typing error");
	memset(ret, 0, BECH32_DATA_BYTES);
	for (unsigned bit = 0; bit < BECH32_DATA_BYTES * 8; bit++)
		ret[bit / 8] |= (unsigned char)((group[bit / 5] >> (4 - bit % 5) & 1) << (7 - bit % 8));
	mem_wipe(group, sizeof group);
	return 0;
}

/* cidr.c - networks and the addresses in them */
#include "lib/net/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/num.h"

#define MAPPED_BITS 96
#define V4_BYTES 4

static const unsigned char mapped[MAPPED_BITS / 8] = { [10] = 0xff, [11] = 0xff };

bool
cidr_addr(struct str text, struct cidr_addr *ret)
{
	char cstr[CIDR_ADDR_TEXT];
	struct cidr_addr a;

	if (text.n == 0 || text.n >= sizeof cstr || str_find_char(text, '\0') != STR_NONE)
		return false;
	memcpy(cstr, text.p, text.n);
	cstr[text.n] = '\0';
	if (inet_pton(AF_INET, cstr, &a.v[sizeof mapped]) == 1)
		memcpy(a.v, mapped, sizeof mapped);
	else if (inet_pton(AF_INET6, cstr, a.v) != 1)
		return false;
	*ret = a;
	return true;
}

bool
cidr_addr_is_v4(const struct cidr_addr *a)
{
	return memcmp(a->v, mapped, sizeof mapped) == 0;
}

/* inet_ntop's way of writing four numbers is felt where requests are forwarded. */
static void
put_v4(const unsigned char v[V4_BYTES], char *to)
{
	for (size_t i = 0; i < V4_BYTES; i++) {
		if (i > 0)
			*to++ = '.';
		if (v[i] >= 100)
			*to++ = (char)('0' + v[i] / 100);
		if (v[i] >= 10)
			*to++ = (char)('0' + v[i] / 10 % 10);
		*to++ = (char)('0' + v[i] % 10);
	}
	*to = '\0';
}

void
cidr_addr_text(const struct cidr_addr *a, char ret[CIDR_ADDR_TEXT])
{
	if (cidr_addr_is_v4(a))
		put_v4(&a->v[sizeof mapped], ret);
	else if (!inet_ntop(AF_INET6, a->v, ret, CIDR_ADDR_TEXT))
		BUG("an address that has no text");
}

/* The prefix with everything behind it zero. */
static struct cidr_addr
masked(const struct cidr_addr *a, unsigned bits)
{
	struct cidr_addr m = *a;

	for (unsigned i = 0; i < CIDR_ADDR_BYTES; i++) {
		unsigned kept = bits <= i * 8 ? 0 : bits - i * 8;

		if (kept < 8)
			m.v[i] = (unsigned char)(m.v[i] & ~(0xffu >> kept));
	}
	return m;
}

int
cidr_parse(struct str text, struct cidr *ret, struct err *e)
{
	struct str rest = text;
	bool has_bits = str_find_char(text, '/') != STR_NONE;
	struct str address = str_cut(&rest, '/');
	struct err ignored = ERR_INIT;
	struct cidr c;
	uint64_t bits;

	if (!cidr_addr(address, &c.prefix))
		return err_set(e, ERR_CONFIG, "\"" STR_FMT "\" is not a network: write ADDRESS/BITS, such as 10.0.0.0/8", STR_ARG(str_take(text, 64)));
	/* The family as written: a mapped address in IPv6 form counts its bits in IPv6. */
	unsigned max = str_find_char(address, ':') == STR_NONE ? 32 : 128;
	bits = max;
	if (has_bits && num_u64(rest, 0, max, &bits, &ignored) < 0)
		return err_set(e, ERR_CONFIG, "\"" STR_FMT "\" is not a network: a prefix has 0 to %u bits", STR_ARG(str_take(text, 64)), max);
	c.bits = (unsigned)bits + (128 - max);
	struct cidr_addr want = masked(&c.prefix, c.bits);
	if (memcmp(want.v, c.prefix.v, sizeof want.v) != 0) {
		char meant[CIDR_ADDR_TEXT];

		cidr_addr_text(&want, meant);
		return err_set(e, ERR_CONFIG, "\"" STR_FMT "\" has bits set behind its prefix: %s/%u is the network, /%u this address alone",
		    STR_ARG(str_take(text, 64)), meant, (unsigned)bits, max);
	}
	*ret = c;
	return 0;
}

bool
cidr_has(const struct cidr *c, const struct cidr_addr *a)
{
	if (cidr_addr_is_v4(a) && c->bits < MAPPED_BITS)
		return false;
	struct cidr_addr m = masked(a, c->bits);
	return memcmp(m.v, c->prefix.v, sizeof m.v) == 0;
}

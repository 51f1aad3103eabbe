/* num_unit.c - sizes, durations and decimal fractions, from text and for people */
#include <inttypes.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

#define QUOTE_MAX 40

/* Cuts the run of decimal digits at the front of *s off. */
static struct str
cut_digits(struct str *s)
{
	size_t n = 0;
	struct str run;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	run = str_take(*s, n);
	*s = str_skip(*s, n);
	return run;
}

/*
 * Cuts "12", "1.5" or ".5" off the front of *s and gives it times scale, the fraction cut off below 1. At most
 * max_decimals, a limit that keeps fraction * scale within 64 bits. False when malformed or above INT64_MAX.
 */
static bool
cut_decimal(struct str *s, uint64_t scale, size_t max_decimals, int64_t *ret)
{
	struct str whole = cut_digits(s);
	struct err ignored;
	uint64_t w = 0, f = 0, ten = 1;

	if (s->n > 0 && s->p[0] == '.') {
		struct str fraction;

		*s = str_skip(*s, 1);
		fraction = cut_digits(s);
		if (fraction.n == 0 || fraction.n > max_decimals)
			return false;
		if (num_u64(fraction, 0, UINT64_MAX, &f, &ignored) < 0)
			return false;
		for (size_t i = 0; i < fraction.n; i++)
			ten *= 10;
	} else if (whole.n == 0) {
		return false;
	}
	if (whole.n > 0 && num_u64(whole, 0, (uint64_t)INT64_MAX / scale, &w, &ignored) < 0)
		return false;
	f = f * scale / ten;
	if (w * scale > (uint64_t)INT64_MAX - f)
		return false;
	*ret = (int64_t)(w * scale + f);
	return true;
}

/* ---- sizes ---- */

/* The power of 1024 that a unit names; -1 for none. "", "b", then "k", "kb", "kib" and so on, in any case. */
static int
size_power(struct str unit)
{
	static const char letters[] = "kmgt";
	struct str rest = str_skip(unit, 1);

	if (unit.n == 0 || str_ieq(unit, STR_LIT("b")))
		return 0;
	if (rest.n > 0 && !str_ieq(rest, STR_LIT("b")) && !str_ieq(rest, STR_LIT("ib")))
		return -1;
	for (int i = 0; letters[i]; i++)
		if (str_ieq(str_take(unit, 1), str_from(&letters[i], 1)))
			return i + 1;
	return -1;
}

int
num_bytes(struct str s, uint64_t *ret, struct err *e)
{
	struct str rest = s, number = s, unit;
	int64_t v = 0;
	int power;

	/* The unit decides the scale, so it is looked at first. */
	while (rest.n > 0 && ((rest.p[0] >= '0' && rest.p[0] <= '9') || rest.p[0] == '.'))
		rest = str_skip(rest, 1);
	number.n -= rest.n;
	unit = rest.n > 0 && rest.p[0] == ' ' ? str_skip(rest, 1) : rest;
	power = size_power(unit);
	/* Half a byte is a forgotten unit, and "5 " a forgotten one too. */
	if (power < 0 || (rest.n > 0 && unit.n == 0) || (power == 0 && str_find_char(number, '.') != STR_NONE) ||
	    !cut_decimal(&number, UINT64_C(1) << (10 * power), 6, &v) || number.n > 0)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a size: a number with b, k, m, g or t, as 512m or 1.5g",
			       STR_ARG(str_take(s, QUOTE_MAX)));
	*ret = (uint64_t)v;
	return 0;
}

void
num_put_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	buf_put(b, digits + at, sizeof digits - at);
}

void
num_put_bytes(struct buf *b, uint64_t bytes)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t scale = 1;
	size_t i = 0;

	/* Rounded, not cut: 999,999 bytes are 1.0 MB, not 1000 kB. */
	while (i + 1 < ARRAY_LEN(unit) && bytes / scale + (bytes % scale >= scale - scale / 2) >= 1000) {
		scale *= 1000;
		i++;
	}
	if (i > 0 && bytes / (scale / 100) + 5 < 1000) {
		uint64_t tenths = (bytes / (scale / 100) + 5) / 10;
		buf_printf(b, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10, unit[i]);
	} else {
		uint64_t whole = i > 0 ? (bytes / (scale / 10) + 5) / 10 : bytes;
		buf_printf(b, "%" PRIu64 " %s", whole, unit[i]);
	}
}

/* ---- durations ---- */

static const struct duration_unit {
	const char *name;
	int64_t ms;
} duration_units[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

static size_t
duration_unit(struct str name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(duration_units) && !str_is(name, duration_units[i].name))
		i++;
	return i;
}

/* Cuts the letters at the front of *s off. */
static struct str
cut_letters(struct str *s)
{
	size_t n = 0;
	struct str run;

	while (n < s->n && s->p[n] >= 'a' && s->p[n] <= 'z')
		n++;
	run = str_take(*s, n);
	*s = str_skip(*s, n);
	return run;
}

static bool
duration(struct str s, int64_t *ret)
{
	int64_t total = 0;
	size_t smallest = 0;	/* units come in falling order, each once */

	while (s.n > 0) {
		struct str number = cut_digits(&s), name = cut_letters(&s);
		bool is_bare = total == 0 && smallest == 0 && name.n == 0 && s.n == 0;
		size_t i = is_bare ? duration_unit(STR_LIT("s")) : duration_unit(name);
		struct err ignored;
		int64_t v;

		if (i < smallest || i >= ARRAY_LEN(duration_units))
			return false;
		if (num_i64(number, 0, (INT64_MAX - total) / duration_units[i].ms, &v, &ignored) < 0)
			return false;
		total += v * duration_units[i].ms;
		smallest = i + 1;
	}
	*ret = total;
	return smallest > 0;
}

int
num_duration_ms(struct str s, int64_t *ret, struct err *e)
{
	int64_t v;

	if (!duration(s, &v))
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a duration: seconds, or as 500ms, 30s, 5m, 1h30m, 2d",
			       STR_ARG(str_take(s, QUOTE_MAX)));
	*ret = v;
	return 0;
}

/* Everything is cut off, not rounded: an age never shows as more than it is. */
void
num_put_duration(struct buf *b, int64_t ms)
{
	static const struct {
		int64_t big_ms, small_ms;
		const char *big, *small;
	} row[] = {
		{ 86400000, 3600000, "d", "h" },
		{ 3600000, 60000, "h", "min" },
		{ 60000, 1000, "min", "s" },
	};

	if (ms < 1000) {
		buf_printf(b, "%" PRId64 " ms", ms > 0 ? ms : 0);
		return;
	}
	if (ms < 10000) {
		buf_printf(b, "%" PRId64 ".%" PRId64 " s", ms / 1000, ms % 1000 / 100);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int64_t rest = ms % row[i].big_ms / row[i].small_ms;

		if (ms < row[i].big_ms)
			continue;
		buf_printf(b, "%" PRId64 " %s", ms / row[i].big_ms, row[i].big);
		if (rest > 0)
			buf_printf(b, " %" PRId64 " %s", rest, row[i].small);
		return;
	}
	buf_printf(b, "%" PRId64 " s", ms / 1000);
}

int
num_nano(struct str s, int64_t *ret, struct err *e)
{
	struct str rest = s;
	int64_t v;

	if (!cut_decimal(&rest, 1000000000, 9, &v) || rest.n > 0)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a number with at most 9 decimals, as 1.5",
			       STR_ARG(str_take(s, QUOTE_MAX)));
	*ret = v;
	return 0;
}

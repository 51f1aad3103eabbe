/* num.c - whole numbers from text */
#include "lib/base/num.h"

/* At most this much of a wrong text is quoted. */
#define QUOTE_MAX 40

/* Reads digits to the end of s. False on an empty text, a foreign character or overflow. */
static bool
digits(struct str s, unsigned base, uint64_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		unsigned d;

		if (c >= '0' && c <= '9')
			d = (unsigned)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			d = (unsigned)(c - 'a') + 10;
		else if (base == 16 && c >= 'A' && c <= 'F')
			d = (unsigned)(c - 'A') + 10;
		else
			return false;
		if (v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*ret = v;
	return true;
}

int
num_u64(struct str s, uint64_t min, uint64_t max, uint64_t *ret, struct err *e)
{
	uint64_t v;

	if (!digits(s, 10, &v) || v < min || v > max)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a whole number from %ju to %ju",
			       STR_ARG(str_take(s, QUOTE_MAX)), (uintmax_t)min, (uintmax_t)max);
	*ret = v;
	return 0;
}

int
num_i64(struct str s, int64_t min, int64_t max, int64_t *ret, struct err *e)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t u;
	int64_t v = 0;
	bool ok = digits(negative ? str_skip(s, 1) : s, 10, &u) && u <= limit;

	if (ok && negative)
		v = u == limit ? INT64_MIN : -(int64_t)u;
	else if (ok)
		v = (int64_t)u;
	if (!ok || v < min || v > max)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a whole number from %jd to %jd",
			       STR_ARG(str_take(s, QUOTE_MAX)), (intmax_t)min, (intmax_t)max);
	*ret = v;
	return 0;
}

int
num_hex(struct str s, uint64_t max, uint64_t *ret, struct err *e)
{
	uint64_t v;

	if (!digits(s, 16, &v) || v > max)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a hexadecimal number up to %jx",
			       STR_ARG(str_take(s, QUOTE_MAX)), (uintmax_t)max);
	*ret = v;
	return 0;
}

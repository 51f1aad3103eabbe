/*
 * str_utf8.c - where valid UTF-8 ends
 *
 * Ranges are those of the Unicode Standard, table 3-7 (the same language as RFC 3629): the second byte carries
 * what keeps overlong forms, surrogates and code points above U+10FFFF out.
 */
#include <stdint.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/str.h"

static const struct lead {
	unsigned char first, last;	/* lead bytes of this row */
	unsigned char low, high;	/* allowed second byte */
	unsigned char len;
} leads[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Length of the sequence at the front of s, 0 when there is no valid one. */
static size_t
sequence(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(leads); i++) {
		const struct lead *l = &leads[i];
		unsigned char second;

		if (c < l->first || c > l->last)
			continue;
		if (s.n < l->len)
			return 0;
		second = (unsigned char)s.p[1];
		if (second < l->low || second > l->high)
			return 0;
		for (size_t k = 2; k < l->len; k++)
			if (((unsigned char)s.p[k] & 0xc0) != 0x80)
				return 0;
		return l->len;
	}
	return 0;
}

/* Eight bytes at a time while they are ASCII: engine output and configuration nearly always are. */
static size_t
ascii_run(struct str s)
{
	size_t n = 0;

	while (s.n - n >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, s.p + n, sizeof word);
		if (word & UINT64_C(0x8080808080808080))
			break;
		n += sizeof word;
	}
	return n;
}

size_t
str_utf8_valid(struct str s)
{
	size_t n = 0;

	while (n < s.n) {
		size_t len = ascii_run(str_skip(s, n));

		if (len == 0)
			len = sequence(str_skip(s, n));
		if (len == 0)
			break;
		n += len;
	}
	return n;
}

/* bytes.c - the table of HTTP's bytes, and the two questions asked most */
#include "lib/http/bytes.h"

#define TOK (HTTP_BYTE_TOKEN | HTTP_BYTE_VALUE)
#define HEX (TOK | HTTP_BYTE_HEX)
#define VAL HTTP_BYTE_VALUE

/* Token: RFC 9110 5.6.2; value: HTAB, SP, VCHAR and obs-text of 5.5. */
const unsigned char http_bytes[256] = {
	['\t'] = VAL, [' '] = VAL, ['"'] = VAL, ['('] = VAL, [')'] = VAL, [','] = VAL, ['/'] = VAL,
	[':' ... '@'] = VAL, ['[' ... ']'] = VAL, ['{'] = VAL, ['}'] = VAL, [0x80 ... 0xff] = VAL,
	['!'] = TOK, ['#'] = TOK, ['$'] = TOK, ['%'] = TOK, ['&'] = TOK, ['\''] = TOK, ['*'] = TOK, ['+'] = TOK, ['-'] = TOK,
	['.'] = TOK, ['^'] = TOK, ['_'] = TOK, ['`'] = TOK, ['|'] = TOK, ['~'] = TOK,
	['0' ... '9'] = HEX, ['A' ... 'F'] = HEX, ['a' ... 'f'] = HEX, ['G' ... 'Z'] = TOK, ['g' ... 'z'] = TOK,
};

bool
http_is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(http_bytes[(unsigned char)s.p[i]] & HTTP_BYTE_TOKEN))
			return false;
	return s.n > 0;
}

bool
http_is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(http_bytes[(unsigned char)s.p[i]] & HTTP_BYTE_VALUE))
			return false;
	return true;
}

/* buf_encode.c - percent, hexadecimal and base64 encoding into a buf, and base64 back */
#include <string.h>

#include "lib/base/buf.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 3986 section 2.3 */
static bool
is_unreserved(char c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void
buf_puturl(struct buf *b, struct str s, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";	/* RFC 3986 section 2.1 asks for upper case */

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_unreserved(s.p[i]) || (keep && c != '\0' && strchr(keep, c))) {
			buf_putc(b, s.p[i]);
		} else {
			const char escape[3] = { '%', hex[c >> 4], hex[c & 15] };
			buf_put(b, escape, sizeof escape);
		}
	}
}

void
buf_puthex(struct buf *b, const void *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++) {
		const char pair[2] = { hex[bytes[i] >> 4], hex[bytes[i] & 15] };
		buf_put(b, pair, sizeof pair);
	}
}

void
buf_putb64(struct buf *b, struct str s, bool url)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *digit = url ? safe : plain;

	for (size_t i = 0; i < s.n; i += 3) {
		unsigned char in[3] = { 0, 0, 0 };
		size_t n = s.n - i < 3 ? s.n - i : 3;
		char out[4];

		memcpy(in, s.p + i, n);
		out[0] = digit[in[0] >> 2];
		out[1] = digit[(in[0] & 3) << 4 | in[1] >> 4];
		out[2] = n > 1 ? digit[(in[1] & 15) << 2 | in[2] >> 6] : '=';
		out[3] = n > 2 ? digit[in[2] & 63] : '=';
		buf_put(b, out, sizeof out);
	}
}

/* Value of a digit of either alphabet, -1 if it is none. */
static int
b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

/* Takes the padding off; -1 when it is there but not as long as it has to be. */
static int
b64_unpad(struct str *s)
{
	size_t pad = 0;

	while (pad < 2 && pad < s->n && s->p[s->n - 1 - pad] == '=')
		pad++;
	if (pad > 0 && s->n % 4 != 0)
		return -1;
	s->n -= pad;
	return s->n % 4 == 1 ? -1 : 0;
}

int
buf_unb64(struct buf *b, struct str s, struct err *e)
{
	size_t before = b->n;
	unsigned bits = 0, n_bits = 0;

	if (b64_unpad(&s) < 0)
		return err_set(e, ERR_PARSE, "not base64: wrong length or padding");
	for (size_t i = 0; i < s.n; i++) {
		int v = b64_value(s.p[i]);

		if (v < 0) {
			buf_trunc(b, before);
			return err_set(e, ERR_PARSE, "not base64: byte %zu is no digit of it", i + 1);
		}
		bits = (bits << 6 | (unsigned)v) & 0xfff;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			buf_putc(b, (char)(unsigned char)(bits >> n_bits & 0xff));
		}
	}
	if (bits & ((1u << n_bits) - 1)) {
		buf_trunc(b, before);
		return err_set(e, ERR_PARSE, "not base64: bits are left over at its end");
	}
	if (b->fault != BUF_OK)
		buf_trunc(b, before);
	return buf_check(b, "decoded base64", e);
}

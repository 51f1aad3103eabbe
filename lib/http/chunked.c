/*
 * chunked.c - the chunked transfer coding, RFC 9112 section 7.1
 *
 * Framing goes through one switch byte by byte, chunk data is handed out as a view: a stream of small chunks (container logs
 * have one a line) costs a handful of steps each and no copy. Extensions and trailers are bounded, checked and dropped.
 */
#include "lib/http/bytes.h"
#include "lib/http/message.h"

#define SIZE_DIGITS_MAX 16
#define EXTENSION_MAX 256		/* bytes of one chunk's extensions */
#define TRAILERS_MAX 8192		/* bytes of all trailers together */

enum state {
	CH_SIZE,			/* zero, so that a zeroed decoder is ready */
	CH_EXTENSION,
	CH_SIZE_LF,
	CH_DATA,
	CH_DATA_CR,
	CH_DATA_LF,
	CH_LINE,			/* first byte of a trailer line, or the CR of the last, empty one */
	CH_NAME,
	CH_VALUE,
	CH_VALUE_LF,
	CH_LAST_LF,
	CH_BROKEN,
};

static unsigned
hex_value(unsigned char c)
{
	return c <= '9' ? (unsigned)c - '0' : ((unsigned)c | 0x20) - 'a' + 10;
}

static const char *
step_size(struct http_chunked *c, unsigned char b)
{
	if (http_bytes[b] & HTTP_BYTE_HEX) {
		if (c->digits == SIZE_DIGITS_MAX)
			return "chunk size of more than 16 digits";
		c->digits++;
		c->left = c->left << 4 | hex_value(b);
		return NULL;
	}
	if (c->digits == 0)
		return "chunk without a size";
	if (b != '\r' && b != ';')
		return "junk behind a chunk size";
	c->state = b == '\r' ? CH_SIZE_LF : CH_EXTENSION;
	c->trailer_bytes = 0;		/* counts the extension until the trailers */
	return NULL;
}

static const char *
step_extension(struct http_chunked *c, unsigned char b)
{
	if (b == '\r')
		c->state = CH_SIZE_LF;
	else if (!(http_bytes[b] & HTTP_BYTE_VALUE))
		return "control byte in a chunk extension";
	else if (++c->trailer_bytes > EXTENSION_MAX)
		return "chunk extension too long";
	return NULL;
}

static const char *
step_trailer(struct http_chunked *c, unsigned char b)
{
	if (++c->trailer_bytes > TRAILERS_MAX)
		return "trailers too long";
	if (c->state == CH_VALUE) {
		if (b == '\r')
			c->state = CH_VALUE_LF;
		else if (!(http_bytes[b] & HTTP_BYTE_VALUE))
			return "control byte in a trailer";
		return NULL;
	}
	if (c->state == CH_LINE && b == '\r') {
		c->state = CH_LAST_LF;
		return NULL;
	}
	if (c->state == CH_NAME && b == ':') {
		c->state = CH_VALUE;
		return NULL;
	}
	c->state = CH_NAME;
	return http_bytes[b] & HTTP_BYTE_TOKEN ? NULL : "malformed trailer name";
}

/* One byte of framing; the reason why it is wrong, or NULL. */
static const char *
step(struct http_chunked *c, unsigned char b)
{
	switch ((enum state)c->state) {
	case CH_SIZE:
		return step_size(c, b);
	case CH_EXTENSION:
		return step_extension(c, b);
	case CH_DATA_CR:
		c->state = CH_DATA_LF;
		return b == '\r' ? NULL : "chunk longer than its size";
	case CH_LINE:
	case CH_NAME:
	case CH_VALUE:
		return step_trailer(c, b);
	case CH_SIZE_LF:
		c->state = c->left ? CH_DATA : CH_LINE;
		break;
	case CH_DATA_LF:
		c->state = CH_SIZE;
		c->digits = 0;
		break;
	case CH_VALUE_LF:
		c->state = CH_LINE;
		break;
	case CH_LAST_LF:
		c->is_done = true;
		break;
	case CH_DATA:
	case CH_BROKEN:
		return "chunked body already refused";
	}
	return b == '\n' ? NULL : "carriage return without line feed in a chunked body";
}

long
http_chunked_feed(struct http_chunked *c, struct str in, struct str *ret_data, const char **ret_why)
{
	size_t i = 0;

	*ret_data = STR_NULL;
	while (i < in.n && !c->is_done) {
		if (c->state == CH_DATA) {
			struct str rest = str_skip(in, i);

			*ret_data = c->left < rest.n ? str_take(rest, (size_t)c->left) : rest;
			c->left -= ret_data->n;
			if (c->left == 0)
				c->state = CH_DATA_CR;
			return (long)(i + ret_data->n);
		}
		const char *why = step(c, (unsigned char)in.p[i++]);

		if (why) {
			c->state = CH_BROKEN;
			c->is_done = false;
			*ret_why = why;
			return HTTP_BAD;
		}
	}
	return (long)i;
}

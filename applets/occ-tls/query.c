/* query.c - members of a query or a posted form */
#include "applets/occ-tls/query.h"

#include <string.h>

#define NAME_MAX_BYTES 64		/* longer than any name that is asked for */

bool
query_next(struct str *rest, struct query_member *ret)
{
	while (rest->n > 0) {
		struct str whole = str_cut(rest, '&'), value = whole;

		if (whole.n == 0)
			continue;
		*ret = (struct query_member){ .whole = whole, .name = str_cut(&value, '=') };
		ret->value = value;
		return true;
	}
	return false;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One decoded byte off the front; -1 when it is malformed. */
static int
take_byte(struct str *s)
{
	char c = s->p[0];
	size_t n = c == '%' ? 3 : 1;

	if (s->n < n)
		return -1;
	int high = n == 3 ? hex_value(s->p[1]) : 0, low = n == 3 ? hex_value(s->p[2]) : 0;
	*s = str_skip(*s, n);
	if (n == 1)
		return c == '+' ? ' ' : (unsigned char)c;
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool
query_decode(struct str value, char *to, size_t to_bytes)
{
	size_t n = 0;

	while (value.n > 0) {
		int c = take_byte(&value);

		if (c <= 0 || n + 1 >= to_bytes) {
			memset(to, 0, to_bytes);	/* the beginning of a secret, perhaps */
			return false;
		}
		to[n++] = (char)c;
	}
	to[n] = '\0';
	return true;
}

bool
query_is(const struct query_member *m, const char *name)
{
	char decoded[NAME_MAX_BYTES];

	return query_decode(m->name, decoded, sizeof decoded) && strcmp(decoded, name) == 0;
}

static bool
is_named(const struct query_member *m, const char *const *names)
{
	for (size_t i = 0; names[i]; i++)
		if (query_is(m, names[i]))
			return true;
	return false;
}

bool
query_has(struct str target, const char *const *names)
{
	struct query_member m;

	str_cut(&target, '?');
	while (query_next(&target, &m))
		if (is_named(&m, names))
			return true;
	return false;
}

void
query_put_without(struct buf *out, struct str target, const char *const *names)
{
	struct query_member m;
	char before = '?';

	buf_putstr(out, str_cut(&target, '?'));
	while (query_next(&target, &m)) {
		if (is_named(&m, names))
			continue;
		buf_putc(out, before);
		buf_putstr(out, m.whole);
		before = '&';
	}
}

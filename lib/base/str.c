/* str.c - views of bytes: comparing, cutting, finding */
#include "lib/base/str.h"

#include <string.h>

/* memcmp must not see NULL, not even with a length of 0. */
static int
compare(const char *a, const char *b, size_t n)
{
	return n > 0 && a && b ? memcmp(a, b, n) : 0;
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && compare(a.p, b.p, a.n) == 0;
}

bool
str_is(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}

static unsigned char
fold(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 'A' && u <= 'Z' ? (unsigned char)(u + ('a' - 'A')) : u;
}

bool
str_ieq_same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool
str_has_prefix(struct str s, const char *prefix)
{
	return str_is(str_take(s, str_of(prefix).n), prefix);
}

bool
str_has_suffix(struct str s, const char *suffix)
{
	size_t n = str_of(suffix).n;

	return s.n >= n && str_is(str_skip(s, s.n - n), suffix);
}

int
str_cmp(struct str a, struct str b)
{
	int order = compare(a.p, b.p, a.n < b.n ? a.n : b.n);

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

struct str
str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return s.p ? (struct str){ s.p + n, s.n - n } : STR_NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = str_skip(s, 1);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_trim_char(struct str s, char c)
{
	while (s.n > 0 && s.p[0] == c)
		s = str_skip(s, 1);
	while (s.n > 0 && s.p[s.n - 1] == c)
		s.n--;
	return s;
}

size_t
str_find_char(struct str s, char c)
{
	const char *hit = s.n > 0 ? memchr(s.p, (unsigned char)c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : STR_NONE;
}

size_t
str_rfind_char(struct str s, char c)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == c)
			return i - 1;
	return STR_NONE;
}

size_t
str_find(struct str s, struct str needle)
{
	size_t from = 0;

	if (needle.n == 0)
		return 0;
	while (needle.n <= s.n - from) {
		size_t at = str_find_char(str_skip(s, from), needle.p[0]);

		if (at == STR_NONE || needle.n > s.n - from - at)
			return STR_NONE;
		from += at;
		if (compare(s.p + from, needle.p, needle.n) == 0)
			return from;
		from++;
	}
	return STR_NONE;
}

struct str
str_cut(struct str *s, char c)
{
	size_t at = str_find_char(*s, c);
	struct str before = str_take(*s, at);

	*s = at == STR_NONE ? str_skip(*s, s->n) : str_skip(*s, at + 1);
	return before;
}

bool
str_line(struct str *s, struct str *ret_line)
{
	struct str line;

	if (s->n == 0)
		return false;
	line = str_cut(s, '\n');
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	*ret_line = line;
	return true;
}

void
str_copy(char *to, size_t to_bytes, const char *text)
{
	struct str s = str_take(str_of(text), to_bytes - 1);

	if (s.n)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
}

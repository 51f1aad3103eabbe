/*
 * str.h - a borrowed view of bytes, and the cursors that parse one
 *
 * A str owns nothing and need not end in NUL. All parsing of foreign bytes goes through these
 * functions, so that no other file does pointer arithmetic. Nothing here allocates or fails.
 */
#ifndef OCC_BASE_STR_H
#define OCC_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR_NULL ((struct str){ NULL, 0 })
#define STR_INIT(s) { (s), sizeof(s) - 1 }	/* STR_LIT in a static table */
#define STR_LIT(s) ((struct str)STR_INIT(s))
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).n, ((s).p ? (s).p : "")

/* NULL gives an empty view. */
static inline struct str
str_of(const char *cstr)
{
	return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

static inline struct str
str_from(const void *p, size_t n)
{
	return (struct str){ p, p ? n : 0 };
}

bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *cstr);
bool str_ieq_same(const char *a, const char *b, size_t n);	/* n bytes of each, ASCII case folded */
/* ASCII case folded. Of the names in a head most differ in their length. */
static inline bool
str_ieq(struct str a, struct str b)
{
	return a.n == b.n && str_ieq_same(a.p, b.p, a.n);
}

bool str_has_prefix(struct str s, const char *prefix);
bool str_has_suffix(struct str s, const char *suffix);
int str_cmp(struct str a, struct str b);		/* bytewise, as strcmp */

/* Sub-views are clamped to the view; they never point outside it. */
struct str str_skip(struct str s, size_t n);
static inline struct str
str_take(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

struct str str_trim(struct str s);			/* spaces and tabs at both ends, CR and LF too */
struct str str_trim_char(struct str s, char c);

#define STR_NONE ((size_t)-1)
size_t str_find_char(struct str s, char c);		/* STR_NONE if absent */
size_t str_rfind_char(struct str s, char c);
size_t str_find(struct str s, struct str needle);

/* Cuts *s at the first c: returns what is before, leaves what is behind (empty when c is absent, then
 * the whole of *s is returned). */
struct str str_cut(struct str *s, char c);

/* Next line of *s without its LF (and CR before it); false when *s is empty. */
bool str_line(struct str *s, struct str *ret_line);

/* Into a fixed array: cut to fit, always NUL-terminated. text may be NULL. */
void str_copy(char *to, size_t to_bytes, const char *text);

/* Length of the valid UTF-8 prefix (RFC 3629: no surrogates, no overlong, <= U+10FFFF). */
size_t str_utf8_valid(struct str s);

/* Damerau-Levenshtein (adjacent transposition) distance, bounded: returns max + 1 when larger or a word exceeds 64 bytes. */
unsigned str_distance(struct str a, struct str b, unsigned max);

#endif

/*
 * check.c - a state machine over the grammar of RFC 8259
 *
 * Section numbers are those of the RFC. Half surrogate pairs are refused: they are no characters, and every consumer of ours
 * would have to cope with them.
 */
#include "lib/json/check.h"

#include "lib/json/json.h"

enum expect {
	EXPECT_VALUE,		/* after ':' or ',' in an array, or at the top */
	EXPECT_FIRST_VALUE,	/* after '[': a value or ']' */
	EXPECT_FIRST_KEY,	/* after '{': a key or '}' */
	EXPECT_KEY,		/* after ',' in an object */
	EXPECT_COLON,
	EXPECT_END		/* after a value: ',' or the closing bracket, or the end at the top */
};

struct check {
	struct str text;
	size_t pos;
	size_t nodes;
	size_t depth;
	enum expect expect;
	bool is_object[JSON_DEPTH_MAX];
	struct json_fault fault;
};

static bool
fail_at(struct check *c, size_t at, const char *what)
{
	c->fault = (struct json_fault){ at, what };
	return false;
}

/* The byte at pos; NUL, which is legal nowhere, at the end. */
static char
peek(const struct check *c)
{
	return c->pos < c->text.n ? c->text.p[c->pos] : '\0';
}

/* Section 2 */
static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
in_object(const struct check *c)
{
	return c->depth > 0 && c->is_object[c->depth - 1];
}

/* ---- strings, section 7 ---- */

/* Four hexadecimal digits at pos; -1 when there are none. */
static int
hex4(struct check *c)
{
	int v = 0;

	for (int i = 0; i < 4; i++, c->pos++) {
		char d = peek(c);

		if (d >= '0' && d <= '9')
			v = v * 16 + (d - '0');
		else if (d >= 'a' && d <= 'f')
			v = v * 16 + (d - 'a') + 10;
		else if (d >= 'A' && d <= 'F')
			v = v * 16 + (d - 'A') + 10;
		else
			return -1;
	}
	return v;
}

/* Behind "\u": one code unit, or two that make a pair. */
static bool
check_unicode(struct check *c, size_t start)
{
	int unit = hex4(c);

	if (unit >= 0xd800 && unit <= 0xdbff) {
		if (!str_has_prefix(str_skip(c->text, c->pos), "\\u"))
			return fail_at(c, start, "half of a surrogate pair");
		c->pos += 2;
		unit = hex4(c);
		if (unit >= 0 && (unit < 0xdc00 || unit > 0xdfff))
			return fail_at(c, start, "half of a surrogate pair");
	} else if (unit >= 0xdc00 && unit <= 0xdfff) {
		return fail_at(c, start, "half of a surrogate pair");
	}
	return unit >= 0 ? true : fail_at(c, start, "\\u takes four hexadecimal digits");
}

static bool
check_escape(struct check *c)
{
	size_t start = c->pos++;
	char kind = peek(c);

	c->pos++;
	if (kind == 'u')
		return check_unicode(c, start);
	if (kind == '\0' || str_find_char(STR_LIT("\"\\/bfnrt"), kind) == STR_NONE)
		return fail_at(c, start, "unknown escape in a string");
	return true;
}

static bool
check_string(struct check *c)
{
	size_t start = c->pos++;

	for (;;) {
		char ch = peek(c);

		if (ch == '"') {
			c->pos++;
			c->nodes++;
			return true;
		}
		if (c->pos >= c->text.n || ch == '\n' || ch == '\r')
			return fail_at(c, start, "a string is not closed on its line");
		if ((unsigned char)ch < 0x20)
			return fail_at(c, c->pos, "a control character in a string has to be written as \\u00XX");
		if (ch != '\\')
			c->pos++;
		else if (!check_escape(c))
			return false;
	}
}

/* ---- numbers, section 6, and literals ---- */

static bool
skip_digits(struct check *c)
{
	size_t start = c->pos;

	while (peek(c) >= '0' && peek(c) <= '9')
		c->pos++;
	return c->pos > start;
}

static bool
check_number(struct check *c)
{
	size_t start = c->pos;

	if (peek(c) == '-')
		c->pos++;
	if (peek(c) == '0') {
		c->pos++;
		if (peek(c) >= '0' && peek(c) <= '9')
			return fail_at(c, start, "a number may not begin with 0");
	} else if (!skip_digits(c)) {
		return fail_at(c, start, "a digit has to follow '-'");
	}
	if (peek(c) == '.') {
		c->pos++;
		if (!skip_digits(c))
			return fail_at(c, start, "a digit has to follow '.'");
	}
	if (peek(c) == 'e' || peek(c) == 'E') {
		c->pos++;
		if (peek(c) == '+' || peek(c) == '-')
			c->pos++;
		if (!skip_digits(c))
			return fail_at(c, start, "a number's exponent lacks its digits");
	}
	c->nodes++;
	return true;
}

static bool
check_literal(struct check *c)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (!str_has_prefix(str_skip(c->text, c->pos), words[i]))
			continue;
		c->pos += str_of(words[i]).n;
		c->nodes++;
		return true;
	}
	if (peek(c) == '\'')
		return fail_at(c, c->pos, "strings take double quotes");
	return fail_at(c, c->pos, "expected a value");
}

/* ---- structure ---- */

static bool
open_container(struct check *c, bool object)
{
	if (c->depth == JSON_DEPTH_MAX)
		return fail_at(c, c->pos, "nested too deeply");
	c->is_object[c->depth++] = object;
	c->nodes++;
	c->pos++;
	c->expect = object ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
	return true;
}

static bool
close_container(struct check *c)
{
	c->depth--;
	c->pos++;
	c->expect = EXPECT_END;
	return true;
}

static bool
check_value(struct check *c)
{
	char ch = peek(c);

	if (ch == '{' || ch == '[')
		return open_container(c, ch == '{');
	c->expect = EXPECT_END;
	if (ch == '"')
		return check_string(c);
	if (ch == '-' || (ch >= '0' && ch <= '9'))
		return check_number(c);
	return check_literal(c);
}

static bool
check_key(struct check *c)
{
	c->expect = EXPECT_COLON;
	if (peek(c) == '"')
		return check_string(c);
	if (peek(c) == '}')
		return fail_at(c, c->pos, "expected a key after ','");
	return fail_at(c, c->pos, "expected a key in double quotes");
}

static bool
check_end(struct check *c)
{
	char ch = peek(c);

	if (c->depth == 0)
		return fail_at(c, c->pos, "text behind the value");
	if (ch == ',') {
		c->expect = in_object(c) ? EXPECT_KEY : EXPECT_VALUE;
		c->pos++;
		return true;
	}
	if (ch == (in_object(c) ? '}' : ']'))
		return close_container(c);
	return fail_at(c, c->pos, in_object(c) ? "expected ',' or '}' after a value" : "expected ',' or ']' after a value");
}

static bool
check_step(struct check *c)
{
	switch (c->expect) {
	case EXPECT_FIRST_VALUE:
		return peek(c) == ']' ? close_container(c) : check_value(c);
	case EXPECT_VALUE:
		return check_value(c);
	case EXPECT_FIRST_KEY:
		return peek(c) == '}' ? close_container(c) : check_key(c);
	case EXPECT_KEY:
		return check_key(c);
	case EXPECT_COLON:
		if (peek(c) != ':')
			return fail_at(c, c->pos, "expected ':' after a key");
		c->pos++;
		c->expect = EXPECT_VALUE;
		return true;
	case EXPECT_END:
		break;
	}
	return check_end(c);
}

static bool
check_all(struct check *c)
{
	for (;;) {
		while (is_space(peek(c)))
			c->pos++;
		if (c->pos >= c->text.n)
			break;
		if (!check_step(c))
			return false;
	}
	if (c->depth > 0)
		return fail_at(c, c->text.n, in_object(c) ? "the text ends inside an object" : "the text ends inside an array");
	return c->expect == EXPECT_END ? true : fail_at(c, c->text.n, "expected a value, but the text ends");
}

bool
json_check(struct str text, size_t *ret_nodes, struct json_fault *ret_fault)
{
	struct check c = { .text = text, .expect = EXPECT_VALUE };
	size_t valid = str_utf8_valid(text);

	if (valid < text.n ? !fail_at(&c, valid, "not UTF-8") : !check_all(&c)) {
		*ret_fault = c.fault;
		return false;
	}
	*ret_nodes = c.nodes;
	return true;
}

/* jsonc.c - comments and trailing commas */
#include "lib/json/jsonc.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"

/* End of the string that begins at `at`; the text's end when it is not closed, which the grammar's check reports. */
static size_t
string_end(struct str text, size_t at)
{
	for (at++; at < text.n; at++) {
		if (text.p[at] == '\\')
			at++;
		else if (text.p[at] == '"')
			return at + 1;
	}
	return text.n;
}

enum jsonc_kind
jsonc_span(struct str text, size_t at, size_t *ret_end)
{
	struct str rest = str_skip(text, at);
	size_t n;

	if (str_has_prefix(rest, "\"")) {
		*ret_end = string_end(text, at);
		return JSONC_STRING;
	}
	if (str_has_prefix(rest, "//")) {
		n = str_find_char(rest, '\n');
		n = n == STR_NONE ? rest.n : n;
		*ret_end = at + n - (rest.p[n - 1] == '\r' ? 1 : 0);
		return JSONC_LINE;
	}
	if (str_has_prefix(rest, "/*")) {
		n = str_find(str_skip(rest, 2), STR_LIT("*/"));
		*ret_end = n == STR_NONE ? text.n : at + 2 + n + 2;
		return n == STR_NONE ? JSONC_UNCLOSED : JSONC_BLOCK;
	}
	*ret_end = at + 1;
	return JSONC_OTHER;
}

static void
blank_out(char *copy, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (copy[i] != '\n' && copy[i] != '\r')
			copy[i] = ' ';
}

/* Is a comma behind this byte behind a value? "[,]" and "{,}" stay wrong. */
static bool
ends_value(char c)
{
	return c != '\0' && str_find_char(STR_LIT("[{,:"), c) == STR_NONE;
}

bool
jsonc_blank(char *copy, size_t n, struct json_fault *ret_fault)
{
	struct str text = str_from(copy, n);
	size_t end, comma = STR_NONE;	/* a comma that may turn out to be a trailing one */
	char last = '\0';		/* last byte that is neither space nor comment */

	if (str_has_prefix(text, BOM))
		blank_out(copy, 0, sizeof(BOM) - 1);
	for (size_t at = 0; at < n; at = end) {
		enum jsonc_kind kind = jsonc_span(text, at, &end);
		char c = copy[at];

		if (kind == JSONC_UNCLOSED) {
			*ret_fault = (struct json_fault){ at, "a comment is not closed" };
			return false;
		}
		if (kind == JSONC_LINE || kind == JSONC_BLOCK) {
			blank_out(copy, at, end);
			continue;
		}
		if (kind == JSONC_OTHER && str_find_char(STR_LIT(" \t\r\n"), c) != STR_NONE)
			continue;
		if (comma != STR_NONE && (c == ']' || c == '}'))
			copy[comma] = ' ';
		comma = c == ',' && ends_value(last) ? at : STR_NONE;
		last = c;
	}
	return true;
}

/* json_test.c - messages with their places, accessors, comments, limits */
#include "lib/json/json.h"

#include "lib/base/mem.h"
#include "tests/fuzz/jsontree.h"
#include "tests/t.h"

static struct str
guarded(const char *s)
{
	return str_from(t_guard(s, strlen(s)), strlen(s));
}

static const struct {
	const char *in, *msg;
} error_row[] = {
	{ "", "line 1, column 1: expected a value, but the text ends" },
	{ " \n ", "line 2, column 2: expected a value, but the text ends" },
	{ "{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: expected ',' or '}' after a value" },
	{ "{\"a\" 1}", "line 1, column 6: expected ':' after a key" },
	{ "{a: 1}", "line 1, column 2: expected a key in double quotes" },
	{ "{\"a\": 1,}", "line 1, column 9: expected a key after ','" },
	{ "[1 2]", "line 1, column 4: expected ',' or ']' after a value" },
	{ "[1}", "line 1, column 3: expected ',' or ']' after a value" },
	{ "{\"a\":1]", "line 1, column 7: expected ',' or '}' after a value" },
	{ "[1,]", "line 1, column 4: expected a value" },
	{ "[", "line 1, column 2: the text ends inside an array" },
	{ "{\"a\":", "line 1, column 6: the text ends inside an object" },
	{ "1 2", "line 1, column 3: text behind the value" },
	{ "[01]", "line 1, column 2: a number may not begin with 0" },
	{ "[-]", "line 1, column 2: a digit has to follow '-'" },
	{ "[1.]", "line 1, column 2: a digit has to follow '.'" },
	{ "[1e+]", "line 1, column 2: a number's exponent lacks its digits" },
	{ "[truth]", "line 1, column 2: expected a value" },
	{ "['a']", "line 1, column 2: strings take double quotes" },
	{ "[\"a\nb\"]", "line 1, column 2: a string is not closed on its line" },
	{ "[\"a", "line 1, column 2: a string is not closed on its line" },
	{ "[\"a\\", "line 1, column 4: unknown escape in a string" },
	{ "[\"a\tb\"]", "line 1, column 4: a control character in a string has to be written as \\u00XX" },
	{ "[\"\\x\"]", "line 1, column 3: unknown escape in a string" },
	{ "[\"\\u12g4\"]", "line 1, column 3: \\u takes four hexadecimal digits" },
	{ "[\"\\ud800\"]", "line 1, column 3: half of a surrogate pair" },
	{ "[\"\\ud800\\u0041\"]", "line 1, column 3: half of a surrogate pair" },
	{ "[\"\\ud800\\u00\"]", "line 1, column 3: \\u takes four hexadecimal digits" },
	{ "[\"\\udc00\"]", "line 1, column 3: half of a surrogate pair" },
	{ "[\n\"\xff\"]", "line 2, column 2: not UTF-8" },
	{ "/* c */ 1", "line 1, column 1: expected a value" },
};

static const struct {
	const char *in, *msg;
} jsonc_error_row[] = {
	{ "{\n/* open\n", "line 2, column 1: a comment is not closed" },
	{ "/*/", "line 1, column 1: a comment is not closed" },
	{ "[1,,]", "line 1, column 4: expected a value" },
	{ "[,]", "line 1, column 2: expected a value" },
	{ "{,}", "line 1, column 2: expected a key in double quotes" },
	{ "{\"a\":,}", "line 1, column 6: expected a value" },
	{ "{\"a\",}", "line 1, column 6: expected ':' after a key" },
	{ "1,", "line 1, column 2: text behind the value" },
	{ "[1 / 2]", "line 1, column 4: expected ',' or ']' after a value" },
	{ "// only a comment\n", "line 2, column 1: expected a value, but the text ends" },
	{ "[1] // \xff", "line 1, column 8: not UTF-8" },
	{ "{\n  // c\n  \"a\": /* x */ tru\n}", "line 3, column 16: expected a value" },
};

static const struct {
	const char *in, *same;
} jsonc_row[] = {
	{ "[1,]", "[1]" },
	{ "[1, // c\n]", "[1]" },
	{ "{\"a\":1,/**/}", "{\"a\":1}" },
	{ "/**/[/**/1/**/,/**/2/**/]/**/", "[1,2]" },
	{ "[\"//\", \"/* */\", \"a,]\"]", "[\"//\",\"/* */\",\"a,]\"]" },
	{ "[\"\\\"//\"]//\"", "[\"\\\"//\"]" },
	{ "1//", "1" },
	{ "1// c\r\n", "1" },
	{ "/***/1/* * / */", "1" },
	{ "// a /* b\n1", "1" },
	{ "/* // */1", "1" },
	{ "\xef\xbb\xbf{}", "{}" },
	{ "[[1,],{\"a\":[],},]", "[[1],{\"a\":[]}]" },
	{ "1/*\n*/", "1" },
	{ "-/**/", NULL },
	{ "1/**/2", NULL },
	{ "tr/**/ue", NULL },
};

static void
test_errors(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(error_row); i++) {
		t_row("strict error row %zu", i);
		T_OK(!json_parse(&a, guarded(error_row[i].in), &e));
		T_ERR(ERR_PARSE);
		T_STR(e.msg, error_row[i].msg);
	}
	for (size_t i = 0; i < ARRAY_LEN(jsonc_error_row); i++) {
		t_row("jsonc error row %zu", i);
		T_OK(!jsonc_parse(&a, guarded(jsonc_error_row[i].in), &e));
		T_ERR(ERR_PARSE);
		T_STR(e.msg, jsonc_error_row[i].msg);
	}
	for (size_t i = 0; i < ARRAY_LEN(jsonc_row); i++) {
		const struct json *j = jsonc_parse(&a, guarded(jsonc_row[i].in), &e);

		t_row("jsonc row %zu", i);
		if (!jsonc_row[i].same) {
			T_OK(!j);
			continue;
		}
		T_CALL(j ? 0 : -1);
		T_OK(tree_same(j, json_parse(&a, guarded(jsonc_row[i].same), &e)));
		T_OK(j && tree_is_sound(j, str_of(jsonc_row[i].in)));
	}
}

static const char doc[] =
	"{\"State\":{\"Health\":{\"Status\":\"healthy\"},\"Pid\":4121,\"OOMKilled\":false,\"Error\":null},"
	"\"n\":[1,-0,9223372036854775807,9223372036854775808,1.5,1e3,\"7\"],"
	"\"s\":\"a\\u0000b\\n\\u00e4\\ud83d\\ude00\\/\\\"\\\\\\b\\f\\r\\t\\u20AC\",\"dup\":1,\"dup\":2,\"\":0,\"a.b\":3}";

static void
test_accessors(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	const struct json *j = json_parse(&a, STR_LIT(doc), &e), *n, *s;

	T_CALL(j ? 0 : -1);
	t_row("paths, types and defaults");
	T_STR(json_str(json_path(j, "State.Health.Status"), "none"), "healthy");
	T_STR(json_str(json_path(j, "State.Health.Missing"), "none"), "none");
	T_STR(json_str(json_path(j, "State.Pid"), NULL), NULL);
	T_EQ(json_int(json_path(j, "State.Pid"), -1), 4121);
	T_EQ(json_bool(json_path(j, "State.OOMKilled"), true), false);
	T_EQ(json_bool(json_path(j, "State.Error"), true), true);
	T_OK(json_is(json_path(j, "State.Error"), JSON_NULL));
	T_OK(json_is(json_path(j, "State.Error.Deeper"), JSON_ABSENT));
	T_OK(json_path(j, "") == j);
	T_EQ(json_int(json_get(j, "a.b"), 0), 3);
	T_EQ(json_int(json_get(j, ""), 9), 0);
	t_row("the last of two equal keys counts");
	T_EQ(json_int(json_get(j, "dup"), 0), 2);
	t_row("integers of 64 bits, nothing else");
	n = json_get(j, "n");
	T_EQ(n->n, 7);
	T_EQ(json_int(json_at(n, 0), -7), 1);
	T_EQ(json_int(json_at(n, 1), -7), 0);
	T_EQ(json_int(json_at(n, 2), -7), INT64_MAX);
	for (size_t i = 3; i < 8; i++)
		T_EQ(json_int(json_at(n, i), -7), -7);
	T_VIEW(json_at(n, 3)->text, "9223372036854775808");
	t_row("escapes are decoded, NUL bytes included");
	s = json_get(j, "s");
	T_OK(str_eq(s->text, STR_LIT("a\0b\n\xc3\xa4\xf0\x9f\x98\x80/\"\\\b\f\r\t\xe2\x82\xac")));
	T_STR(json_str(s, NULL), "a");
	T_OK(tree_is_sound(j, STR_LIT(doc)));
	t_row("nothing has nothing");
	T_OK(!json_get(NULL, "a") && !json_path(NULL, "a") && !json_at(NULL, 0) && !json_first(NULL));
	T_OK(json_is(NULL, JSON_ABSENT));
	T_EQ(json_int(NULL, 5), 5);
	T_OK(!json_get(n, "a") && !json_first(s) && !json_at(n, 7));
}

static void
test_where(void)
{
	struct str text = STR_LIT("ab\ncd\r\n\ne");
	static const struct {
		size_t at;
		unsigned line, column;
	} row[] = { { 0, 1, 1 }, { 2, 1, 3 }, { 3, 2, 1 }, { 5, 2, 3 }, { 7, 3, 1 }, { 8, 4, 1 }, { 9, 4, 2 }, { 99, 4, 2 } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		unsigned line = 0, column = 0;

		t_row("place of byte %zu", row[i].at);
		json_where(text, row[i].at, &line, &column);
		T_EQ(line, row[i].line);
		T_EQ(column, row[i].column);
	}
}

static void
repeat(struct buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_puts(b, s);
}

static void
test_limits(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf b = BUF_INIT(JSON_TEXT_MAX + 2);
	struct err e = ERR_INIT;

	for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		t_row("%zu levels", depth);
		buf_reset(&b);
		repeat(&b, "{\"a\":[", depth / 2);
		repeat(&b, "[", depth % 2);
		buf_puts(&b, "1");
		repeat(&b, "]", depth % 2);
		repeat(&b, "]}", depth / 2);
		if (depth == JSON_DEPTH_MAX) {
			T_CALL(json_parse(&a, buf_str(&b), &e) ? 0 : -1);
			continue;
		}
		T_OK(!json_parse(&a, buf_str(&b), &e));
		T_STR(e.msg, "line 1, column 1537: nested too deeply");
	}
	t_row("a million brackets do not hurt");
	buf_reset(&b);
	repeat(&b, "[", 1000000);
	T_OK(!json_parse(&a, buf_str(&b), &e));
	T_OK(!jsonc_parse(&a, buf_str(&b), &e));
	t_row("as many values as allowed, and one more");
	buf_reset(&b);
	buf_puts(&b, "[0");
	repeat(&b, ",0", JSON_NODES_MAX - 2);
	buf_puts(&b, "]");
	T_CALL(json_parse(&a, buf_str(&b), &e) ? 0 : -1);
	buf_trunc(&b, b.n - 1);
	buf_puts(&b, ",0]");
	T_OK(!json_parse(&a, buf_str(&b), &e));
	T_ERR(ERR_TOO_BIG);
	t_row("as much text as allowed, and one byte more");
	buf_reset(&b);
	buf_puts(&b, "1");
	memset(buf_room(&b, JSON_TEXT_MAX - 1), ' ', JSON_TEXT_MAX - 1);
	buf_grew(&b, JSON_TEXT_MAX - 1);
	T_CALL(json_parse(&a, buf_str(&b), &e) ? 0 : -1);
	buf_puts(&b, " ");
	T_OK(!json_parse(&a, buf_str(&b), &e));
	T_ERR(ERR_TOO_BIG);
}

int
main(void)
{
	test_errors();
	test_accessors();
	test_where();
	test_limits();
	return t_done();
}

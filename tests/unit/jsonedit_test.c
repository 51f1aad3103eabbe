/* jsonedit_test.c - one value changes, everything else stays byte for byte */
#include "lib/json/jsonedit.h"

#include "lib/base/mem.h"
#include "tests/fuzz/editcheck.h"
#include "tests/t.h"

static struct str
guarded(const char *s)
{
	return str_from(t_guard(s, strlen(s)), strlen(s));
}

static const struct {
	const char *name, *in, *path, *value, *out;
} set_row[] = {
	{ "replace", "{\"a\": 1, \"b\": 2}", "a", "10", "{\"a\": 10, \"b\": 2}" },
	{ "replace, spaces round the value", "{\"a\": 1}", "a", " \"x\" ", "{\"a\": \"x\"}" },
	{ "replace keeps comments on both sides", "{\"a\": /* b */ 1 /* c */, // d\n}", "a", "2",
	  "{\"a\": /* b */ 2 /* c */, // d\n}" },
	{ "replace nested", "{\"s\": {\"p\": 3000}}", "s.p", "3001", "{\"s\": {\"p\": 3001}}" },
	{ "replace the last of two", "{\"a\": 1, \"a\": 2}", "a", "3", "{\"a\": 1, \"a\": 3}" },
	{ "empty text", "", "server.port", "3000", "{\n  \"server\": {\n    \"port\": 3000\n  }\n}\n" },
	{ "blank text", " \n", "a", "1", "{\n  \"a\": 1\n}\n" },
	{ "empty object", "{}", "a", "1", "{\n  \"a\": 1\n}" },
	{ "empty object with a blank", "{ }\n", "a", "1", "{\n  \"a\": 1\n}\n" },
	{ "empty object on two lines", "{\n}\n", "a", "1", "{\n  \"a\": 1\n}\n" },
	{ "empty object with a comment", "{\n  // nothing yet\n}\n", "a", "1", "{\n  // nothing yet\n  \"a\": 1\n}\n" },
	{ "empty object, comment behind the bracket", "{ // nothing yet\n}\n", "a", "1", "{ // nothing yet\n  \"a\": 1\n}\n" },
	{ "empty object, block comment", "{ /* none */ }", "a", "1", "{ /* none */\n  \"a\": 1\n}" },
	{ "add on one line", "{\"a\":1}", "b", "2", "{\"a\":1,\"b\":2}" },
	{ "add on one line, spaced", "{ \"a\": 1 }", "b", "2", "{ \"a\": 1, \"b\": 2 }" },
	{ "add nested on one line", "{\"a\":{}}", "a.b.c", "[]", "{\"a\":{\"b\":{\"c\":[]}}}" },
	{ "add behind a trailing comma", "{\n  \"a\": 1,\n}\n", "b", "2", "{\n  \"a\": 1,\n  \"b\": 2,\n}\n" },
	{ "add behind a value and its comment", "{\n  \"a\": 1 // one\n}\n", "b", "2", "{\n  \"a\": 1, // one\n  \"b\": 2\n}\n" },
	{ "add behind a comment of its own line", "{\n\t\"a\": 1\n\t// \"c\": 3\n}\n", "b", "2",
	  "{\n\t\"a\": 1,\n\t// \"c\": 3\n\t\"b\": 2\n}\n" },
	{ "add where the bracket is on the line", "{\n    \"a\": 1 }", "b", "2", "{\n    \"a\": 1,\n    \"b\": 2 }" },
	{ "add behind a line comment on one line", "{ \"a\": 1 // x\n}", "b", "2", "{ \"a\": 1, // x\n  \"b\": 2\n}" },
	{ "a comma in a comment is none", "{\n  \"a\": 1 // b, c\n}", "b", "2", "{\n  \"a\": 1, // b, c\n  \"b\": 2\n}" },
	{ "add to a nested object in its unit", "{\n    \"s\": {\n        \"a\": 1\n    }\n}\n", "s.t.u", "true",
	  "{\n    \"s\": {\n        \"a\": 1,\n        \"t\": {\n            \"u\": true\n        }\n    }\n}\n" },
	{ "add to an empty nested object", "{\n\t\"s\": {}\n}\n", "s.a", "1", "{\n\t\"s\": {\n\t\t\"a\": 1\n\t}\n}\n" },
	{ "add a group", "{\n  \"a\": 1\n}\n", "s.p", "2", "{\n  \"a\": 1,\n  \"s\": {\n    \"p\": 2\n  }\n}\n" },
	{ "CRLF stays", "{\r\n  \"a\": 1 // x\r\n}\r\n", "b.c", "[\n  1\n]",
	  "{\r\n  \"a\": 1, // x\r\n  \"b\": {\r\n    \"c\": [\r\n      1\r\n    ]\r\n  }\r\n}\r\n" },
	{ "CRLF in a replacement", "{\r\n  \"a\": 1\r\n}", "a", "[\n  1\n]", "{\r\n  \"a\": [\r\n    1\r\n  ]\r\n}" },
	{ "no line end at the end", "{\n  \"a\": 1\n}", "a", "2", "{\n  \"a\": 2\n}" },
	{ "byte order mark stays", "\xef\xbb\xbf{\n  \"a\": 1\n}", "b", "2", "\xef\xbb\xbf{\n  \"a\": 1,\n  \"b\": 2\n}" },
	{ "a key to be escaped", "{}", "a\"b", "1", "{\n  \"a\\\"b\": 1\n}" },
	{ "an escaped key is found", "{\"\\u0061\": 1}", "a", "2", "{\"\\u0061\": 2}" },
	{ "unknown keys survive", "{\"x.y\": [1, {}], \"a\": 1}", "a", "2", "{\"x.y\": [1, {}], \"a\": 2}" },
};

static const struct {
	const char *name, *in, *path, *value;
} set_bad[] = {
	{ "a parent that is no object", "{\"a\": 1}", "a.b", "1" },
	{ "a parent that is null", "{\"a\": null}", "a.b", "1" },
	{ "a parent that is an array", "{\"a\": []}", "a.b", "1" },
	{ "a root that is no object", "[]", "a", "1" },
	{ "not JSONC", "{\"a\": 1", "a", "1" },
	{ "only a comment", "// x\n", "a", "1" },
	{ "a value that is none", "{}", "a", "1 2" },
	{ "a value with a comment", "{}", "a", "1 // x" },
	{ "an empty value", "{}", "a", "" },
	{ "an empty path", "{}", "", "1" },
	{ "a dot in front", "{}", ".a", "1" },
	{ "a dot behind", "{}", "a.", "1" },
	{ "two dots", "{}", "a..b", "1" },
	{ "a path that is not UTF-8", "{}", "a\xff", "1" },
};

static const struct {
	const char *name, *in, *path, *out;
} unset_row[] = {
	{ "first on one line", "{\"a\": 1, \"b\": 2}", "a", "{\"b\": 2}" },
	{ "last on one line", "{\"a\": 1, \"b\": 2}", "b", "{\"a\": 1}" },
	{ "middle on one line", "{\"a\":1,\"b\":2,\"c\":3}", "b", "{\"a\":1,\"c\":3}" },
	{ "the only one", "{\"a\": 1}", "a", "{}" },
	{ "the only one, spaced", "{ \"a\": 1 }", "a", "{ }" },
	{ "a line and its comment", "{\n  \"a\": 1, // about a\n  \"b\": 2 // about b\n}\n", "a", "{\n  \"b\": 2 // about b\n}\n" },
	{ "the last line and its comment", "{\n  \"a\": 1, // about a\n  \"b\": 2 // about b\n}\n", "b",
	  "{\n  \"a\": 1 // about a\n}\n" },
	{ "a trailing comma goes along", "{\n  \"a\": 1,\n  \"b\": 2,\n}\n", "b", "{\n  \"a\": 1,\n}\n" },
	{ "comments of their own lines stay", "{\n  // above\n  \"a\": 1,\n  // below\n  \"b\": 2\n}\n", "a",
	  "{\n  // above\n  // below\n  \"b\": 2\n}\n" },
	{ "a block comment behind it goes", "{\n  \"a\": 1, /* x */ // y\n  \"b\": 2\n}", "a", "{\n  \"b\": 2\n}" },
	{ "a comment of several lines stays", "{\n  \"a\": 1, /* x\n y */\n  \"b\": 2\n}", "a", "{\n  /* x\n y */\n  \"b\": 2\n}" },
	{ "the bracket does not slip into a comment", "{ \"a\": 1, // x\n  \"b\": 2 }", "b", "{ \"a\": 1 // x\n  }" },
	{ "a comma on the next line", "{\n  \"a\": 1\n, \"b\": 2\n}", "a", "{\n  \"b\": 2\n}" },
	{ "a comma in front", "{\n  \"a\": 1\n, \"b\": 2\n}", "b", "{\n  \"a\": 1\n\n}" },
	{ "a comma in a comment stays", "{\n  \"a\": 1, // x, y\n  \"b\": 2\n}", "b", "{\n  \"a\": 1 // x, y\n}" },
	{ "a value of several lines", "{\n  \"a\": {\n    \"x\": 1\n  }, // x\n  \"b\": 2\n}", "a", "{\n  \"b\": 2\n}" },
	{ "nested", "{\n  \"s\": {\n    \"p\": 1\n  }\n}\n", "s.p", "{\n  \"s\": {\n  }\n}\n" },
	{ "every member of that name", "{\"a\":1,\"b\":2,\"a\":3}", "a", "{\"b\":2}" },
	{ "CRLF", "{\r\n  \"a\": 1, // x\r\n  \"b\": 2\r\n}\r\n", "a", "{\r\n  \"b\": 2\r\n}\r\n" },
	{ "CRLF, the last", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n", "b", "{\r\n  \"a\": 1\r\n}\r\n" },
	{ "absent", "{ \"a\": 1, } // x", "b", "{ \"a\": 1, } // x" },
	{ "absent below", "{ \"a\": 1, }", "a.b.c", "{ \"a\": 1, }" },
	{ "no object", "[ 1 ]", "a", "[ 1 ]" },
	{ "empty text", "", "a", "" },
	{ "two on a line, comment behind the second", "{\n  \"a\": 1, \"b\": 2 // x\n}", "b", "{\n  \"a\": 1\n}" },
};

static void
test_rows(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(set_row); i++) {
		AUTO(buf) struct buf out = BUF_INIT(4096);
		struct str in = guarded(set_row[i].in);

		t_row("set: %s", set_row[i].name);
		T_CALL(jsonedit_set(in, set_row[i].path, guarded(set_row[i].value), &out, &e));
		T_STR(out.p, set_row[i].out);
		T_STR(check_set(in, set_row[i].path, str_of(set_row[i].value)), NULL);
		T_STR(check_unset(str_of(set_row[i].out), set_row[i].path), NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(set_bad); i++) {
		AUTO(buf) struct buf out = BUF_INIT(4096);

		t_row("set refused: %s", set_bad[i].name);
		buf_puts(&out, "kept");
		T_FAILS(jsonedit_set(guarded(set_bad[i].in), set_bad[i].path, guarded(set_bad[i].value), &out, &e), ERR_PARSE);
		T_STR(out.p, "kept");
		if (str_find(str_of(set_bad[i].name), STR_LIT("path")) != STR_NONE || str_has_suffix(str_of(set_bad[i].path), "."))
			T_FAILS(jsonedit_unset(STR_LIT("{}"), set_bad[i].path, &out, &e), ERR_PARSE);
	}
	for (size_t i = 0; i < ARRAY_LEN(unset_row); i++) {
		AUTO(buf) struct buf out = BUF_INIT(4096);
		struct str in = guarded(unset_row[i].in);

		t_row("unset: %s", unset_row[i].name);
		T_CALL(jsonedit_unset(in, unset_row[i].path, &out, &e));
		T_STR(out.p, unset_row[i].out);
		T_STR(check_unset(in, unset_row[i].path), NULL);
	}
	AUTO(buf) struct buf tiny = BUF_INIT(5), out = BUF_INIT(64);

	t_row("ceilings and broken texts are errors");
	T_FAILS(jsonedit_set(STR_LIT("{}"), "a", STR_LIT("1"), &tiny, &e), ERR_TOO_BIG);
	buf_reset(&tiny);
	T_FAILS(jsonedit_unset(STR_LIT("{\"a\":1}"), "b", &tiny, &e), ERR_TOO_BIG);
	T_FAILS(jsonedit_unset(STR_LIT("{"), "b", &out, &e), ERR_PARSE);
	T_EQ(out.n, 0);
}

/* A value as deep as a text may be has no room below a key. */
static void
test_depth(void)
{
	AUTO(buf) struct buf value = BUF_INIT(4096), out = BUF_INIT(4096), path = BUF_INIT(4096);
	struct err e = ERR_INIT;

	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_putc(&value, '[');
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_putc(&value, ']');
	t_row("what could not be read back is not handed out");
	buf_puts(&out, "kept");
	T_FAILS(jsonedit_set(STR_LIT("{}"), "a", buf_str(&value), &out, &e), ERR_PARSE);
	T_HAS(e.msg, "nested too deeply");
	T_STR(out.p, "kept");
	t_row("a path deeper than a tree");
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		buf_puts(&path, i ? ".a" : "a");
	T_FAILS(jsonedit_set(STR_LIT("{}"), path.p, STR_LIT("1"), &out, &e), ERR_PARSE);
	T_FAILS(jsonedit_unset(STR_LIT("{}"), path.p, &out, &e), ERR_PARSE);
}

/* A file as people have it: 200 lines, comments of all kinds, some keys commented out. */
static void
write_big(struct buf *b, const char *eol)
{
	buf_printf(b, "// the head%s{%s", eol, eol);
	for (int g = 0; g < 19; g++) {
		buf_printf(b, "\t// group %d%s\t\"g%d\": {%s", g, eol, g, eol);
		for (int k = 0; k < 4; k++)
			buf_printf(b, "\t\t\"k%d\": %d%s // key %d, of group %d%s", k, g * k, k < 3 ? "," : g % 2 ? "," : "", k, g, eol);
		buf_printf(b, "\t\t/* \"old\": 1, */%s\t\t// \"older\": 2,%s", eol, eol);
		buf_printf(b, "\t}%s%s%s", g < 18 ? "," : "", eol, g % 3 ? eol : "");
	}
	buf_printf(b, "}%s", eol);
}

/* Lines that differ, when both texts have the same number of them; -1 otherwise. */
static int
lines_changed(struct str a, struct str b)
{
	struct str x, y;
	int n = 0;

	while (a.n > 0 && b.n > 0) {
		x = str_cut(&a, '\n');
		y = str_cut(&b, '\n');
		n += !str_eq(x, y);
	}
	return a.n == b.n ? n : -1;
}

static void
test_big(void)
{
	static const char *const eols[] = { "\n", "\r\n" };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(eols); i++) {
		AUTO(buf) struct buf text = BUF_INIT(1 << 16);
		unsigned lines, column;

		t_row("a commented file of 200 lines, %s", i ? "CRLF" : "LF");
		write_big(&text, eols[i]);
		json_where(buf_str(&text), text.n, &lines, &column);
		T_OK(lines > 180);
		for (int g = 0; g < 19; g++) {
			for (int k = 0; k < 4; k++) {
				AUTO(buf) struct buf out = BUF_INIT(1 << 16);
				char path[32];

				snprintf(path, sizeof path, "g%d.k%d", g, k);
				T_CALL(jsonedit_set(buf_str(&text), path, STR_LIT("\"changed\""), &out, &e));
				T_EQ(lines_changed(buf_str(&text), buf_str(&out)), 1);
				T_STR(check_set(buf_str(&text), path, STR_LIT("\"changed\"")), NULL);
				T_STR(check_unset(buf_str(&text), path), NULL);
				snprintf(path, sizeof path, "g%d.new.k%d", g, k);
				T_STR(check_set(buf_str(&text), path, STR_LIT("[1]")), NULL);
			}
		}
	}
}

/* What was added can be taken away again, and nothing is left of it. */
static void
test_there_and_back(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(set_row); i++) {
		AUTO(buf) struct buf there = BUF_INIT(4096), back = BUF_INIT(4096);
		struct str in = str_of(set_row[i].in);

		if (!str_has_suffix(str_trim(in), "\n}") || str_find(in, STR_LIT("{ ")) != STR_NONE)
			continue;	/* what is on a line of its own comes and goes with it */
		t_row("there and back: %s", set_row[i].name);
		T_CALL(jsonedit_set(in, "zz", STR_LIT("1"), &there, &e));
		T_CALL(jsonedit_unset(buf_str(&there), "zz", &back, &e));
		T_STR(back.p, set_row[i].in);
	}
}

int
main(void)
{
	test_rows();
	test_depth();
	test_big();
	test_there_and_back();
	return t_done();
}

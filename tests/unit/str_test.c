/* str_test.c - views: comparing, cutting, finding, UTF-8, typing distance */
#include "lib/base/str.h"

#include "tests/t.h"

static struct str
guarded(const char *s)
{
	return str_from(t_guard(s, strlen(s)), strlen(s));
}

static const struct {
	const char *in;
	char c;
	const char *before, *behind;
} cut_row[] = {
	{ "a=b", '=', "a", "b" },
	{ "a=b=c", '=', "a", "b=c" },
	{ "=b", '=', "", "b" },
	{ "a=", '=', "a", "" },
	{ "a", '=', "a", "" },
	{ "", '=', "", "" },
};

static const struct {
	const char *in, *trimmed;
} trim_row[] = {
	{ "", "" },
	{ " \t\r\n", "" },
	{ "a", "a" },
	{ " a b \r\n", "a b" },
	{ "\n\n x", "x" },
};

static void
test_cut_and_trim(void)
{
	for (size_t i = 0; i < sizeof cut_row / sizeof cut_row[0]; i++) {
		struct str s = guarded(cut_row[i].in);

		t_row("cut '%s'", cut_row[i].in);
		T_VIEW(str_cut(&s, cut_row[i].c), cut_row[i].before);
		T_VIEW(s, cut_row[i].behind);
	}
	for (size_t i = 0; i < sizeof trim_row / sizeof trim_row[0]; i++) {
		t_row("trim row %zu", i);
		T_VIEW(str_trim(guarded(trim_row[i].in)), trim_row[i].trimmed);
	}
	t_row("trim_char");
	T_VIEW(str_trim_char(str_of("//a/b//"), '/'), "a/b");
	T_VIEW(str_trim_char(str_of("///"), '/'), "");
	t_row("skip and take are clamped");
	T_VIEW(str_skip(str_of("abc"), 2), "c");
	T_VIEW(str_skip(str_of("abc"), 9), "");
	T_VIEW(str_take(str_of("abc"), 2), "ab");
	T_VIEW(str_take(str_of("abc"), STR_NONE), "abc");
	T_EQ(str_skip(STR_NULL, 3).n, 0);
	T_EQ(str_take(STR_NULL, 3).n, 0);
}

static const struct {
	const char *in;
	const char *line[4];
} line_row[] = {
	{ "", { NULL } },
	{ "a", { "a", NULL } },
	{ "a\n", { "a", NULL } },
	{ "a\r\nb\n", { "a", "b", NULL } },
	{ "\n\na", { "", "", "a", NULL } },
	{ "a\rb\r\n", { "a\rb", NULL } },
	{ "\r", { "", NULL } },
};

static void
test_lines(void)
{
	for (size_t i = 0; i < sizeof line_row / sizeof line_row[0]; i++) {
		struct str s = guarded(line_row[i].in), line;
		size_t n = 0;

		t_row("lines of row %zu", i);
		for (; str_line(&s, &line); n++) {
			if (n >= 3 || !line_row[i].line[n]) {
				T_FAIL("one line too many");
				break;
			}
			T_VIEW(line, line_row[i].line[n]);
		}
		T_OK(!line_row[i].line[n]);
	}
}

static const struct {
	const char *in, *needle;
	size_t at;
} find_row[] = {
	{ "abcabc", "c", 2 },
	{ "abcabd", "abd", 3 },
	{ "aaab", "aab", 1 },
	{ "abc", "abcd", STR_NONE },
	{ "abc", "", 0 },
	{ "", "a", STR_NONE },
	{ "", "", 0 },
	{ "ab", "b", 1 },
	{ "ababab", "bb", STR_NONE },
};

static void
test_find(void)
{
	for (size_t i = 0; i < sizeof find_row / sizeof find_row[0]; i++) {
		t_row("find '%s' in '%s'", find_row[i].needle, find_row[i].in);
		T_EQ(str_find(guarded(find_row[i].in), guarded(find_row[i].needle)), find_row[i].at);
	}
	t_row("find a character from either end");
	T_EQ(str_find_char(guarded("a/b/c"), '/'), 1);
	T_EQ(str_rfind_char(guarded("a/b/c"), '/'), 3);
	T_EQ(str_find_char(guarded("abc"), '/'), STR_NONE);
	T_EQ(str_rfind_char(STR_NULL, '/'), STR_NONE);
	T_EQ(str_find_char(STR_NULL, '/'), STR_NONE);
	t_row("NUL bytes are bytes");
	T_EQ(str_find_char(str_from("a\0b", 3), '\0'), 1);
	T_OK(!str_eq(str_from("a\0b", 3), str_from("a\0c", 3)));
}

static void
test_compare(void)
{
	t_row("equal");
	T_OK(str_eq(guarded("abc"), guarded("abc")));
	T_OK(!str_eq(guarded("abc"), guarded("ab")));
	T_OK(str_eq(STR_NULL, guarded("")));
	T_OK(str_is(guarded("x"), "x"));
	T_OK(!str_is(guarded("x"), "xy"));
	T_EQ(str_of(NULL).n, 0);
	T_EQ(str_from(NULL, 3).n, 0);
	t_row("case is folded for ASCII only");
	T_OK(str_ieq(guarded("Content-TYPE"), guarded("content-type")));
	T_OK(!str_ieq(guarded("[\\]^"), guarded("{|}~")));
	T_OK(!str_ieq(guarded("@"), guarded("`")));
	T_OK(!str_ieq(guarded("\xc3\x84"), guarded("\xc3\xa4")));
	T_OK(!str_ieq(guarded("a"), guarded("ab")));
	t_row("prefix and suffix");
	T_OK(str_has_prefix(guarded("abc"), "ab") && str_has_prefix(guarded("abc"), ""));
	T_OK(!str_has_prefix(guarded("a"), "ab"));
	T_OK(str_has_suffix(guarded("abc"), "bc") && str_has_suffix(guarded("abc"), ""));
	T_OK(!str_has_suffix(guarded("c"), "bc"));
	t_row("order is bytewise, shorter first");
	T_OK(str_cmp(guarded("a"), guarded("b")) < 0);
	T_OK(str_cmp(guarded("ab"), guarded("a")) > 0);
	T_OK(str_cmp(guarded("\xff"), guarded("a")) > 0);
	T_EQ(str_cmp(STR_NULL, guarded("")), 0);
}

static const struct {
	const char *in;
	size_t valid;
} utf8_row[] = {
	{ "", 0 },
	{ "plain", 5 },
	{ "0123456789abcdef", 16 },
	{ "01234567\xc3\xa4", 10 },
	{ "\xc2\x80\xdf\xbf", 4 },
	{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", 12 },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8 },
	{ "a\x80", 1 },			/* continuation alone */
	{ "a\xc0\x80", 1 },		/* overlong */
	{ "a\xc1\xbf", 1 },
	{ "a\xe0\x9f\xbf", 1 },
	{ "a\xf0\x8f\xbf\xbf", 1 },
	{ "a\xed\xa0\x80", 1 },		/* surrogate */
	{ "a\xf4\x90\x80\x80", 1 },	/* above U+10FFFF */
	{ "a\xf5\x80\x80\x80", 1 },
	{ "a\xff", 1 },
	{ "a\xe2\x82", 1 },		/* cut short */
	{ "a\xe2", 1 },
	{ "a\xf0\x9f\x98", 1 },
	{ "a\xe2\x28\xa1", 1 },
	{ "a\xf0\x9f\x28\x80", 1 },
	{ "01234567\xff" "1234567", 8 },
};

static void
test_utf8(void)
{
	for (size_t i = 0; i < sizeof utf8_row / sizeof utf8_row[0]; i++) {
		size_t n = strlen(utf8_row[i].in);

		t_row("utf8 row %zu, cut at every byte", i);
		T_EQ(str_utf8_valid(guarded(utf8_row[i].in)), utf8_row[i].valid);
		for (size_t cut = 0; cut < n; cut++) {
			size_t got = str_utf8_valid(str_from(t_guard(utf8_row[i].in, cut), cut));

			T_OK(got <= cut && got <= utf8_row[i].valid);
			T_OK(cut - got < 4 || got == utf8_row[i].valid);
		}
	}
}

static const struct {
	const char *a, *b;
	unsigned max, want;
} distance_row[] = {
	{ "", "", 3, 0 },
	{ "start", "start", 3, 0 },
	{ "start", "strat", 3, 1 },	/* a swap is one mistake */
	{ "start", "star", 3, 1 },
	{ "status", "statsu", 3, 1 },
	{ "stop", "start", 3, 3 },
	{ "", "abc", 3, 3 },
	{ "abc", "", 2, 3 },		/* larger than max */
	{ "ca", "abc", 9, 3 },		/* optimal string alignment, not the unrestricted distance of 2 */
	{ "kitten", "sitting", 9, 3 },
	{ "a", "b", 0, 1 },
	{ "0123456789012345678901234567890123456789012345678901234567890123",
	  "0123456789012345678901234567890123456789012345678901234567890123", 2, 0 },
	{ "01234567890123456789012345678901234567890123456789012345678901234",
	  "01234567890123456789012345678901234567890123456789012345678901234", 2, 3 },
};

static void
test_distance(void)
{
	for (size_t i = 0; i < sizeof distance_row / sizeof distance_row[0]; i++) {
		struct str a = guarded(distance_row[i].a), b = guarded(distance_row[i].b);

		t_row("distance of '%.12s' and '%.12s'", distance_row[i].a, distance_row[i].b);
		T_EQ(str_distance(a, b, distance_row[i].max), distance_row[i].want);
		T_EQ(str_distance(b, a, distance_row[i].max), distance_row[i].want);
	}
}

int
main(void)
{
	test_cut_and_trim();
	test_lines();
	test_find();
	test_compare();
	test_utf8();
	test_distance();
	return t_done();
}

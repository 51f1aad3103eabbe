/*
 * json_suite_test.c - every file of the JSON parsing test suite, strict and with comments
 *
 * y_ files are accepted, n_ files refused. With comments allowed, exactly the six n_ files below become legal. What RFC 8259
 * leaves open (i_ files) has its verdict here: numbers of any size are kept as written, what is not UTF-8 or half
 * a surrogate pair is refused, so is nesting beyond the limit; a byte order mark is accepted in JSONC only.
 */
#include <dirent.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "tests/fuzz/jsontree.h"
#include "tests/t.h"

#define SUITE "tests/data/json-test-suite/test_parsing"
#define FILE_MAX ((size_t)1 << 20)
#define CUT_MAX 512		/* longer files are not cut at every byte: 500 kB of them is one file's nesting */

static const char *const legal_in_jsonc[] = {
	"n_array_extra_comma.json",
	"n_array_number_and_comma.json",
	"n_object_trailing_comma.json",
	"n_object_trailing_comment.json",
	"n_object_trailing_comment_slash_open.json",
	"n_structure_object_with_comment.json",
};

static const struct {
	const char *name;
	bool strict, jsonc;
} open_verdict[] = {
	{ "i_number_double_huge_neg_exp.json", true, true },
	{ "i_number_huge_exp.json", true, true },
	{ "i_number_neg_int_huge_exp.json", true, true },
	{ "i_number_pos_double_huge_exp.json", true, true },
	{ "i_number_real_neg_overflow.json", true, true },
	{ "i_number_real_pos_overflow.json", true, true },
	{ "i_number_real_underflow.json", true, true },
	{ "i_number_too_big_neg_int.json", true, true },
	{ "i_number_too_big_pos_int.json", true, true },
	{ "i_number_very_big_negative_int.json", true, true },
	{ "i_object_key_lone_2nd_surrogate.json", false, false },
	{ "i_string_1st_surrogate_but_2nd_missing.json", false, false },
	{ "i_string_1st_valid_surrogate_2nd_invalid.json", false, false },
	{ "i_string_UTF-16LE_with_BOM.json", false, false },
	{ "i_string_UTF-8_invalid_sequence.json", false, false },
	{ "i_string_UTF8_surrogate_U+D800.json", false, false },
	{ "i_string_incomplete_surrogate_and_escape_valid.json", false, false },
	{ "i_string_incomplete_surrogate_pair.json", false, false },
	{ "i_string_incomplete_surrogates_escape_valid.json", false, false },
	{ "i_string_invalid_lonely_surrogate.json", false, false },
	{ "i_string_invalid_surrogate.json", false, false },
	{ "i_string_invalid_utf-8.json", false, false },
	{ "i_string_inverted_surrogates_U+1D11E.json", false, false },
	{ "i_string_iso_latin_1.json", false, false },
	{ "i_string_lone_second_surrogate.json", false, false },
	{ "i_string_lone_utf8_continuation_byte.json", false, false },
	{ "i_string_not_in_unicode_range.json", false, false },
	{ "i_string_overlong_sequence_2_bytes.json", false, false },
	{ "i_string_overlong_sequence_6_bytes.json", false, false },
	{ "i_string_overlong_sequence_6_bytes_null.json", false, false },
	{ "i_string_truncated-utf-8.json", false, false },
	{ "i_string_utf16BE_no_BOM.json", false, false },
	{ "i_string_utf16LE_no_BOM.json", false, false },
	{ "i_structure_500_nested_arrays.json", true, true },
	{ "i_structure_UTF-8_BOM_empty_object.json", false, true },
};

typedef const struct json *parser(struct arena *a, struct str text, struct err *e);

/* Does it parse? If so, is the tree sound, and does writing and reading it give the same one? */
static bool
accepts(parser *parse, struct str text)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf again = BUF_INIT(4 * FILE_MAX);
	struct err e = ERR_INIT;
	const struct json *j = parse(&a, text, &e);

	if (!j) {
		T_ERR(ERR_PARSE);
		T_HAS(e.msg, "line ");
		return false;
	}
	T_OK(tree_is_sound(j, text));
	tree_write(j, &again);
	T_OK(tree_same(j, json_parse(&a, buf_str(&again), &e)));
	return true;
}

static void
verdicts(const char *name, bool *ret_strict, bool *ret_jsonc)
{
	*ret_strict = *ret_jsonc = name[0] == 'y';
	for (size_t i = 0; i < ARRAY_LEN(legal_in_jsonc); i++)
		if (strcmp(name, legal_in_jsonc[i]) == 0)
			*ret_jsonc = true;
	for (size_t i = 0; i < ARRAY_LEN(open_verdict); i++) {
		if (strcmp(name, open_verdict[i].name) != 0)
			continue;
		*ret_strict = open_verdict[i].strict;
		*ret_jsonc = open_verdict[i].jsonc;
	}
}

static void
run_file(const char *name)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(FILE_MAX);
	struct err e = ERR_INIT;
	bool strict, jsonc;
	char *copy;

	t_row("%s", name);
	T_CALL(file_read(path_join(&a, SUITE, name), &text, &e));
	verdicts(name, &strict, &jsonc);
	copy = t_guard(text.p, text.n);
	T_EQ(accepts(json_parse, str_from(copy, text.n)), strict);
	T_EQ(accepts(jsonc_parse, str_from(copy, text.n)), jsonc);
	for (size_t cut = 0; text.n <= CUT_MAX && cut < text.n; cut++) {
		copy = t_guard(text.p, cut);
		accepts(json_parse, str_from(copy, cut));
		accepts(jsonc_parse, str_from(copy, cut));
	}
}

int
main(void)
{
	unsigned n_y = 0, n_n = 0, n_i = 0;
	DIR *d = opendir(SUITE);

	if (!d) {
		T_FAIL("%s cannot be read: run from the top of the tree", SUITE);
		return t_done();
	}
	for (struct dirent *de; (de = readdir(d));) {
		if (de->d_name[0] == '.')
			continue;
		n_y += de->d_name[0] == 'y';
		n_n += de->d_name[0] == 'n';
		n_i += de->d_name[0] == 'i';
		run_file(de->d_name);
	}
	closedir(d);
	t_row("the suite is complete");
	T_EQ(n_y, 95);
	T_EQ(n_n, 188);
	T_EQ(n_i, ARRAY_LEN(open_verdict));
	return t_done();
}

/* jsonw_test.c - layout, escapes, and output that is valid whatever strings come in */
#include "lib/json/jsonw.h"

#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "tests/fuzz/jsontree.h"
#include "tests/t.h"

static void
write_sample(struct jsonw *w)
{
	static const char *const words[] = { "a", "b", NULL };

	jsonw_object(w, NULL);
	jsonw_str(w, "name", "x");
	jsonw_str(w, "none", NULL);
	jsonw_int(w, "least", INT64_MIN);
	jsonw_bool(w, "yes", true);
	jsonw_object(w, "empty");
	jsonw_end(w);
	jsonw_array(w, "list");
	jsonw_int(w, NULL, 1);
	jsonw_array(w, NULL);
	jsonw_end(w);
	jsonw_bool(w, NULL, false);
	jsonw_null(w, NULL);
	jsonw_raw(w, NULL, STR_LIT("{\"a\":[]}"));
	jsonw_end(w);
	jsonw_strings(w, "words", words);
	jsonw_strings(w, "no words", NULL);
	jsonw_text(w, "text", str_from("a\0b", 3));
	jsonw_end(w);
}

static const char one_line[] =
	"{\"name\":\"x\",\"none\":null,\"least\":-9223372036854775808,\"yes\":true,\"empty\":{},"
	"\"list\":[1,[],false,null,{\"a\":[]}],\"words\":[\"a\",\"b\"],\"no words\":[],\"text\":\"a\\u0000b\"}";

static const char laid_out[] =
	"{\n"
	"  \"name\": \"x\",\n"
	"  \"none\": null,\n"
	"  \"least\": -9223372036854775808,\n"
	"  \"yes\": true,\n"
	"  \"empty\": {},\n"
	"  \"list\": [\n"
	"    1,\n"
	"    [],\n"
	"    false,\n"
	"    null,\n"
	"    {\"a\":[]}\n"
	"  ],\n"
	"  \"words\": [\n"
	"    \"a\",\n"
	"    \"b\"\n"
	"  ],\n"
	"  \"no words\": [],\n"
	"  \"text\": \"a\\u0000b\"\n"
	"}";

static void
test_layout(void)
{
	AUTO(buf) struct buf b = BUF_INIT(1024), tiny = BUF_INIT(10);
	struct jsonw w = JSONW_INIT(&b, 0), pretty = JSONW_INIT(&b, 2), cut = JSONW_INIT(&tiny, 0), alone = JSONW_INIT(&b, 0);

	t_row("one line");
	write_sample(&w);
	T_STR(b.p, one_line);
	t_row("laid out");
	buf_reset(&b);
	write_sample(&pretty);
	T_STR(b.p, laid_out);
	t_row("a full buf latches");
	write_sample(&cut);
	T_EQ(tiny.fault, BUF_CEILING);
	t_row("a value alone");
	buf_reset(&b);
	jsonw_int(&alone, NULL, 7);
	T_STR(b.p, "7");
	t_row("as deep as allowed");
	struct jsonw deep = JSONW_INIT(&b, 0);
	buf_reset(&b);
	for (int i = 0; i < JSONW_DEPTH_MAX; i++)
		jsonw_array(&deep, NULL);
	for (int i = 0; i < JSONW_DEPTH_MAX; i++)
		jsonw_end(&deep);
	T_EQ(b.n, 2 * JSONW_DEPTH_MAX);
}

static const struct {
	const char *in, *want;
} quote_row[] = {
	{ "", "\"\"" },
	{ "plain", "\"plain\"" },
	{ "\"\\/", "\"\\\"\\\\/\"" },
	{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
	{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
	{ "\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\"" },
	{ "a\xff" "b", "\"a\xef\xbf\xbd" "b\"" },
	{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void
test_quotes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(quote_row); i++) {
		AUTO(buf) struct buf b = BUF_INIT(256);
		size_t n = strlen(quote_row[i].in);

		t_row("quote row %zu", i);
		jsonw_quote(&b, str_from(t_guard(quote_row[i].in, n), n));
		T_STR(b.p, quote_row[i].want);
	}
}

/* Random bytes, valid or not, come back as what they were wherever they were UTF-8. */
static void
test_random(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	bool parses = true, same = true;

	t_row("whatever bytes come in, a string literal goes out");
	for (int i = 0; i < 5000; i++) {
		AUTO(buf) struct buf b = BUF_INIT(4096);
		unsigned char bytes[48];
		const struct json *j;

		T_CALL(rand_bytes(bytes, sizeof bytes, &e));
		for (size_t k = 0; i % 2 && k < sizeof bytes; k++)
			bytes[k] &= 0x7f;
		jsonw_quote(&b, str_from(bytes, sizeof bytes));
		j = json_parse(&a, buf_str(&b), &e);
		parses = parses && j;
		same = same && (i % 2 == 0 || (j && str_eq(j->text, str_from(bytes, sizeof bytes))));
	}
	T_OK(parses);
	T_OK(same);
}

int
main(void)
{
	test_layout();
	test_quotes();
	test_random();
	return t_done();
}

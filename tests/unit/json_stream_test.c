/* json_stream_test.c - objects one behind another at every cut, and what is none */
#include "lib/engine/json_stream.h"
#include "tests/t.h"

static struct err e = ERR_INIT;

/* Puts a piece and takes what is whole, with a bar behind each. */
static int
feed(struct json_stream *s, const char *p, size_t n, struct buf *out)
{
	struct str object;
	int got;

	if (json_stream_put(s, str_from(t_guard(p, n), n), &e) < 0)
		return -1;
	while ((got = json_stream_next(s, &object, &e)) > 0) {
		buf_putstr(out, object);
		buf_putc(out, '|');
	}
	return got;
}

static const struct {
	const char *in, *want;
	bool is_clean;
} row[] = {
	{ "", "", true },
	{ " \r\n\t", "", true },
	{ "{}", "{}|", true },
	{ "{}{}", "{}|{}|", true },
	{ "{\"a\":1}\r\n{\"b\":[{},{\"c\":\"}\"}]}\n", "{\"a\":1}|{\"b\":[{},{\"c\":\"}\"}]}|", true },
	{ "{\"a\":\"\\\"}{\"}{\"b\":\"\\\\\"}", "{\"a\":\"\\\"}{\"}|{\"b\":\"\\\\\"}|", true },
	{ "  {\"stream\":\"Step 1/2 : FROM x\\n\"}\n\n {\"errorDetail\":{\"code\":1}}", "{\"stream\":\"Step 1/2 : FROM x\\n\"}|{\"errorDetail\":{\"code\":1}}|",
	    true },
	{ "{\"a\":", "", false },
	{ "{}{\"a\":\"", "{}|", false },
	{ "{\"a\":\"\\", "", false },
	{ "{}\n{", "{}|", false },
	{ "{\"a\":\"\xc3\xa9\"}", "{\"a\":\"\xc3\xa9\"}|", true },
};

static void
cuts(void)
{
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		size_t n = strlen(row[i].in);
		t_row("row %zu at every cut", i);
		for (size_t cut = 0; cut <= n; cut++) {
			AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
			AUTO(buf) struct buf out = BUF_INIT(1000);
			T_CALL(feed(&s, row[i].in, cut, &out));
			T_CALL(feed(&s, row[i].in + cut, n - cut, &out));
			T_STR(out.p, row[i].want);
			T_EQ(json_stream_is_clean(&s), row[i].is_clean);
		}
		AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
		AUTO(buf) struct buf out = BUF_INIT(1000);
		for (size_t k = 0; k < n; k++)
			T_CALL(feed(&s, row[i].in + k, 1, &out));
		T_STR(out.p, row[i].want);
		T_EQ(json_stream_is_clean(&s), row[i].is_clean);
	}
}

static void
faults(void)
{
	static const char *const bad[] = { "x", "[1]", "\"a\"", "}", "{}x", "{}]", "1", "<html>", "{} null" };

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
		AUTO(buf) struct buf out = BUF_INIT(1000);
		t_row("no object: %s", bad[i]);
		T_FAILS(feed(&s, bad[i], strlen(bad[i]), &out), ERR_PARSE);
	}
	AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
	AUTO(buf) struct buf out = BUF_INIT(4u << 20);
	static char run[JSON_STREAM_RUN_MAX];
	int rc = 0;
	size_t put = 0;

	t_row("an object of exactly the limit; one byte more is too big");
	memset(run, 'x', sizeof run);
	T_CALL(feed(&s, "{\"", 2, &out));
	for (put = 2; put + sizeof run <= JSON_STREAM_MAX; put += sizeof run)
		T_CALL(feed(&s, run, sizeof run, &out));
	T_CALL(feed(&s, run, JSON_STREAM_MAX - put - 2, &out));
	T_CALL(feed(&s, "\"}", 2, &out));
	T_EQ(out.n, JSON_STREAM_MAX + 1);
	T_CALL(feed(&s, "{\"", 2, &out));
	for (put = 0; rc == 0 && put < 2 * JSON_STREAM_MAX; put += sizeof run)
		rc = feed(&s, run, sizeof run, &out);
	T_EQ(rc, -1);
	T_ERR(ERR_TOO_BIG);
	T_OK(put <= JSON_STREAM_MAX + 2 * sizeof run);
}

int
main(void)
{
	cuts();
	faults();
	return t_done();
}

/* edge_access_log_test.c - lines of the access log: rows in both forms, no secrets, nothing to forge a line with */
#include "applets/occ-tls/access_log.h"

#include "lib/base/arena.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "tests/t.h"

#define TEXT_BEGIN "2023-11-14T22:13:20Z 192.0.2.1 \"GET "
#define TEXT_END " HTTP/1.1\" 200 1234 1.000042 \"curl/8\"\n"

static struct access_entry
entry(const char *target)
{
	return (struct access_entry){
		.at_epoch_s = 1700000000, .client = "192.0.2.1", .method = STR_LIT("GET"), .target = str_of(target), .host = STR_LIT("x.example"),
		.agent = STR_LIT("curl/8"), .protocol = "HTTP/1.1", .status = 200, .bytes_in = 5, .bytes_out = 1234, .took_us = 1000042,
	};
}

static const struct {
	const char *target, *text, *json;
} rows[] = {
	{ "/", "/", "/" },
	{ "/a?b=c", "/a?b=c", "/a?b=c" },
	{ "/a?auth_token=CANARY", "/a", "/a" },
	{ "/a?x=1&auth_token=CANARY&y=2", "/a?x=1&y=2", "/a?x=1&y=2" },
	{ "/a?auth%5ftoken=CANARY&auth_token=CANARY", "/a", "/a" },
	{ "/_occ/link?t=CANARY", "/_occ/link", "/_occ/link" },
	{ "/pty/1/connect?directory=%2Fw&ticket=CANARY", "/pty/1/connect?directory=%2Fw", "/pty/1/connect?directory=%2Fw" },
	{ "/a\"\\\r\n\x1b[2J\x7f\xc3\xa4", "/a\\x22\\x5c\\x0d\\x0a\\x1b[2J\\x7f\\xc3\\xa4", "/a\"\\\r\n\x1b[2J\x7f\xc3\xa4" },
	{ "", "-", "" },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf out = BUF_INIT(ACCESS_LOG_LINE_MAX), want = BUF_INIT(1024);
		AUTO(arena) struct arena a = ARENA_INIT;
		struct access_entry en = entry(rows[i].target);
		struct err e = ERR_INIT;

		t_row("target %zu", i);
		access_log_put(EDGE_LOG_TEXT, &en, &out);
		buf_printf(&want, "%s%s%s", TEXT_BEGIN, rows[i].text, TEXT_END);
		T_STR(out.p, want.p);
		buf_reset(&out);
		access_log_put(EDGE_LOG_JSON, &en, &out);
		T_EQ(str_find_char(buf_str(&out), '\n'), out.n - 1);
		T_OK(str_find(buf_str(&out), STR_LIT("CANARY")) == STR_NONE);
		T_OK(str_find_char(buf_str(&out), '\x1b') == STR_NONE);
		const struct json *j = json_parse(&a, buf_str(&out), &e);
		T_OK(j != NULL);
		T_STR(json_str(json_get(j, "target"), NULL), rows[i].json);
	}
}

static void
test_forms(void)
{
	AUTO(buf) struct buf out = BUF_INIT(ACCESS_LOG_LINE_MAX);
	static char text[HTTP_TARGET_MAX];
	struct access_entry en = entry("/");

	t_row("off");
	access_log_put(EDGE_LOG_OFF, &en, &out);
	T_EQ(out.n, 0);
	t_row("a note");
	en.note = "ended by opencode, code 1001";
	en.agent = STR_NULL;
	access_log_put(EDGE_LOG_TEXT, &en, &out);
	T_HAS(out.p, "\"-\" [ended by opencode, code 1001]\n");
	t_row("json, whole");
	buf_reset(&out);
	access_log_put(EDGE_LOG_JSON, &en, &out);
	T_STR(out.p, "{\"at\":\"2023-11-14T22:13:20Z\",\"client\":\"192.0.2.1\",\"method\":\"GET\",\"target\":\"/\",\"host\":\"x.example\",\"protocol\":\"HTTP/1.1\","
	    "\"status\":200,\"bytes_in\":5,\"bytes_out\":1234,\"took_us\":1000042,\"agent\":\"\",\"note\":\"ended by opencode, code 1001\"}\n");
	t_row("the longest line fits");
	memset(text, '"', sizeof text);
	en.method = en.target = en.host = en.agent = str_from(text, sizeof text);
	for (enum edge_log form = EDGE_LOG_TEXT; form <= EDGE_LOG_JSON; form++) {
		buf_reset(&out);
		access_log_put(form, &en, &out);
		T_EQ(out.fault, BUF_OK);
		T_OK(out.n > ACCESS_LOG_TARGET_MAX);
	}
}

int
main(void)
{
	test_rows();
	test_forms();
	return t_done();
}

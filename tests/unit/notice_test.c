/* notice_test.c - addresses, bodies as each receiver wants them, links, rates */
#include "lib/deploy/notice.h"

#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "tests/t.h"

static const struct {
	enum notice_service service;
	const char *url;
	const char *why;		/* NULL: fine */
	const char *origin, *post;
} addresses[] = {
	{ NOTICE_WEBHOOK, "https://hooks.example/a/b?token=x", NULL, "https://hooks.example", "https://hooks.example/a/b?token=x" },
	{ NOTICE_WEBHOOK, "https://hooks.example:8443", NULL, "https://hooks.example:8443", "https://hooks.example:8443" },
	{ NOTICE_WEBHOOK, "https://[2001:db8::1]:8443?x", NULL, "https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443?x" },
	{ NOTICE_SLACK, "https://hooks.slack.example/services/T0/B0/key", NULL, "https://hooks.slack.example", "https://hooks.slack.example/services/T0/B0/key" },
	{ NOTICE_NTFY, "https://ntfy.example/topic", NULL, "https://ntfy.example", "https://ntfy.example/" },
	{ NOTICE_NTFY, "http://10.0.0.2:2586/topic/?auth=QmVhcmVyIHRr", NULL, "http://10.0.0.2:2586", "http://10.0.0.2:2586/?auth=QmVhcmVyIHRr" },
	{ NOTICE_NTFY, "https://ntfy.example/", "https://HOST/TOPIC", NULL, NULL },
	{ NOTICE_NTFY, "https://ntfy.example", "https://HOST/TOPIC", NULL, NULL },
	{ NOTICE_NTFY, "https://ntfy.example/a/b", "https://HOST/TOPIC", NULL, NULL },
	{ NOTICE_NTFY, "https://ntfy.example/?auth=x", "https://HOST/TOPIC", NULL, NULL },
	{ NOTICE_WEBHOOK, "", "begin with https://", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://", "begin with https://", NULL, NULL },
	{ NOTICE_WEBHOOK, "https:///x", "begin with https://", NULL, NULL },
	{ NOTICE_WEBHOOK, "ftp://host/x", "begin with https://", NULL, NULL },
	{ NOTICE_WEBHOOK, "hooks.example/x", "begin with https://", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://user:secret@host/x", "user name", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://host/x#secret", "a #", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://host/a b", "no URL has", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://host/a\nb", "no URL has", NULL, NULL },
	{ NOTICE_WEBHOOK, "https://host/\xc3\xa4", "no URL has", NULL, NULL },
};

static void
test_address(size_t i)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf out = BUF_INIT(4096);
	size_t n = strlen(addresses[i].url);
	struct str url = str_from(t_guard(addresses[i].url, n), n);
	struct err e = ERR_INIT;

	t_row("address %zu of %s", i, notice_service_name(addresses[i].service));
	if (addresses[i].why) {
		T_FAILS(notice_check_url(addresses[i].service, url, &e), ERR_USAGE);
		T_HAS(e.msg, addresses[i].why);
		T_OK(!strstr(e.msg, "secret"));
		return;
	}
	T_CALL(notice_check_url(addresses[i].service, url, &e));
	T_STR(notice_origin(&a, url), addresses[i].origin);
	notice_put_url(addresses[i].service, url, &out);
	T_STR(out.p, addresses[i].post);
}

static const struct notice full = {
	.kind = NOTICE_PERMISSION, .title = "Permission wanted: a <b> & \"c\"", .text = "bash: rm -rf\nbuild\x01", .link = "https://x.example/L2Q/session/ses_1",
	.instance = "work", .at_epoch_s = 1795388400,
};
static const struct notice bare = { .kind = NOTICE_FAILED, .title = "t", .text = "", .link = "", .instance = "default" };

static const struct {
	enum notice_service service;
	const char *url;
	const struct notice *n;
	const char *want;
} bodies[] = {
	{ NOTICE_WEBHOOK, "https://h/", &full,
	  "{\"format\":1,\"program\":\"opencode-cloud\",\"instance\":\"work\",\"kind\":\"permission\",\"at\":\"2026-11-22T23:00:00Z\",\"title\":\"Permission wanted: a <b> & "
	  "\\\"c\\\"\",\"text\":\"bash: rm -rf build \",\"link\":\"https://x.example/L2Q/session/ses_1\"}" },
	{ NOTICE_NTFY, "https://h/my-topic/?auth=a/b", &full,
	  "{\"topic\":\"my-topic\",\"title\":\"Permission wanted: a <b> & \\\"c\\\"\",\"message\":\"bash: rm -rf build \",\"priority\":4,\"tags\":[\"lock\"],"
	  "\"click\":\"https://x.example/L2Q/session/ses_1\"}" },
	{ NOTICE_NTFY, "https://h/t", &bare, "{\"topic\":\"t\",\"title\":\"t\",\"message\":\"t\",\"priority\":5,\"tags\":[\"rotating_light\"]}" },
	{ NOTICE_SLACK, "https://h/", &full,
	  "{\"text\":\"*Permission wanted: a &lt;b&gt; &amp; \\\"c\\\"*\\nbash: rm -rf build \\nhttps://x.example/L2Q/session/ses_1\"}" },
	{ NOTICE_SLACK, "https://h/", &bare, "{\"text\":\"*t*\"}" },
};

static void
test_bodies(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	char text[3000];

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		AUTO(buf) struct buf out = BUF_INIT(65536);

		t_row("body %zu for %s", i, notice_service_name(bodies[i].service));
		notice_put_body(bodies[i].service, str_of(bodies[i].url), bodies[i].n, &out);
		T_STR(out.p, bodies[i].want);
		T_OK(json_parse(&a, buf_str(&out), &e) != NULL);
	}
	t_row("long texts are cut at a character");
	for (size_t i = 0; i + 1 < sizeof text; i++)
		text[i] = i % 2 ? '\xa4' : '\xc3';
	text[sizeof text - 1] = '\0';
	for (int s = NOTICE_WEBHOOK; s <= NOTICE_SLACK; s++) {
		AUTO(buf) struct buf out = BUF_INIT(65536);
		struct notice n = bare;

		n.title = n.text = text;
		notice_put_body((enum notice_service)s, STR_LIT("https://h/t"), &n, &out);
		T_OK(json_parse(&a, buf_str(&out), &e) != NULL);
		T_OK(out.n < 1200);
		T_HAS(out.p, "\xc3\xa4\xe2\x80\xa6");
		T_OK(!strstr(out.p, "\xef\xbf\xbd"));
	}
}

static void
test_names(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	t_row("names of kinds and services");
	for (int k = 0; k < NOTICE_TEST; k++)
		T_EQ(notice_kind_of(str_of(notice_kind_name((enum notice_kind)k))), k);
	T_EQ(notice_kind_of(STR_LIT("test")), -1);
	T_EQ(notice_kind_of(STR_LIT("fail")), -1);
	T_EQ(notice_service_of(STR_LIT("slack")), NOTICE_SLACK);
	T_EQ(notice_service_of(STR_LIT("")), -1);
	t_row("a link to a session, as the web UI has it");
	T_STR(notice_link(&a, "https://x.example/", "/home/opencode/workspace", "ses_1"), "https://x.example/L2hvbWUvb3BlbmNvZGUvd29ya3NwYWNl/session/ses_1");
	T_STR(notice_link(&a, "https://x.example", "/d", "a/b"), "https://x.example/L2Q/session/a%2Fb");
	T_STR(notice_link(&a, "http://127.0.0.1:3000", "", ""), "http://127.0.0.1:3000");
}

static void
test_rate(void)
{
	struct notice_rate r = { .n_held = { 0 } };
	int64_t now = 5000000;
	unsigned held, n = 0;

	t_row("of one kind a few at once, then one a minute");
	for (int i = 0; i < 20; i++)
		n += notice_rate_take(&r, NOTICE_FAILED, now, &held);
	T_EQ(n, NOTICE_BURST);
	T_OK(!notice_rate_take(&r, NOTICE_FAILED, now + NOTICE_REFILL_MS - 1, &held));
	T_OK(notice_rate_take(&r, NOTICE_FAILED, now + NOTICE_REFILL_MS, &held));
	T_EQ(held, 16);
	T_OK(!notice_rate_take(&r, NOTICE_FAILED, now + NOTICE_REFILL_MS, &held));
	t_row("another kind has its own; time that stands still or goes back gives none");
	T_OK(notice_rate_take(&r, NOTICE_RECOVERED, now, &held));
	T_EQ(held, 0);
	T_OK(!notice_rate_take(&r, NOTICE_FAILED, 0, &held));
	t_row("the agent's own have a common bucket, and a failure does not wait for it");
	r = (struct notice_rate){ .n_held = { 0 } };
	n = 0;
	for (int minute = 0; minute < 3; minute++)
		for (int i = 0; i < 10; i++) {
			n += notice_rate_take(&r, NOTICE_FINISHED, now, &held);
			n += notice_rate_take(&r, NOTICE_QUESTION, now, &held);
			n += notice_rate_take(&r, NOTICE_PERMISSION, now, &held);
		}
	T_EQ(n, NOTICE_BURST_ALL);
	T_OK(notice_rate_take(&r, NOTICE_FAILED, now, &held));
	t_row("a year of silence is one burst");
	now += INT64_C(365) * 86400000;
	n = 0;
	for (int i = 0; i < 20; i++)
		n += notice_rate_take(&r, NOTICE_QUESTION, now, &held);
	T_EQ(n, NOTICE_BURST);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
		test_address(i);
	test_bodies();
	test_names();
	test_rate();
	return t_done();
}

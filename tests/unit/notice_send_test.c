/*
 * notice_send_test.c - notifications to real HTTPS servers: what arrives, what is tried again, what is given up, nothing that waits
 *
 * tests/data/https_server.py is the receiver. The queue's clock is the test's own; children and their deadlines are real.
 */
#include "lib/deploy/notice_send.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/http/remote.h"
#include "lib/net/stream.h"
#include "tests/t.h"
#include "tests/unit/https_kit.h"

#define SOON_MS 30000

static struct arena a = ARENA_INIT;
static struct loop loop;
static struct notice_sender sender;
static struct scope scope;
static struct config config;
static struct credentials cr;
static int64_t skipped_ms;

static const char *
url_of(const char *scheme, const char *name, const char *path)
{
	return arena_printf(&a, "%s://localhost:%u%s", scheme, port_of(name), path);
}

/* What came since the last look, a line each. */
static const char *
posted(void)
{
	AUTO(buf) struct buf body = BUF_INIT(65536);
	struct remote_answer got;
	struct err e = ERR_INIT;
	const struct remote_request r = { .url = url_of("https", "good", "/posted/"), .due_ms = clock_due_ms(SOON_MS) };

	T_CALL(remote_get(&a, &r, &body, &got, &e));
	return arena_str(&a, buf_str(&body));
}

/* ---- one to one ---- */

static const struct {
	const char *scheme, *server, *path;
	enum err_code code;
	bool allow_http, is_temporary;
	int due_ms;
	const char *says;
} posts[] = {
	{ "https", "good", "/post/200", ERR_NONE, false, false, 0, NULL },
	{ "https", "good", "/post/204", ERR_NONE, false, false, 0, NULL },
	{ "https", "good", "/post/404?token=secret", ERR_REFUSED, false, false, 0, "answers 404" },
	{ "https", "good", "/post/302", ERR_REFUSED, false, false, 0, "answers 302" },
	{ "https", "good", "/post/500", ERR_REFUSED, false, true, 0, "answers 500" },
	{ "https", "good", "/post/429", ERR_REFUSED, false, true, 0, "answers 429" },
	{ "https", "good", "/drop/secret", ERR_FAIL, false, true, 0, NULL },
	{ "https", "good", "/post/200/hold", ERR_TIMEOUT, false, true, 300, NULL },
	{ "https", "wrong", "/post/200/secret", ERR_TLS, false, false, 0, NULL },
	{ "https", "untrusted", "/post/200/secret", ERR_TLS, false, false, 0, NULL },
	{ "http", "plain", "/post/200/secret", ERR_REFUSED, false, false, 0, NULL },
	{ "http", "plain", "/post/200", ERR_NONE, true, false, 0, NULL },
};

static void
test_post(size_t i)
{
	const char *url = url_of(posts[i].scheme, posts[i].server, posts[i].path);
	const struct notice n = { .kind = NOTICE_TEST, .title = "title", .text = "text", .link = "", .instance = "default" };
	AUTO(credentials) struct credentials c;
	struct err e = ERR_INIT;
	bool is_temporary = false;

	t_row("post to %s, server %s%s", posts[i].path, posts[i].server, posts[i].allow_http ? ", http allowed" : "");
	credentials_init(&c);
	T_CALL(credentials_add_notify(&c, NOTICE_SLACK, NULL, str_of(url), &e));
	int64_t due_ms = clock_due_ms(posts[i].due_ms ? posts[i].due_ms : SOON_MS);
	int r = notice_post(&a, &c.notify[0], &n, posts[i].allow_http, due_ms, &is_temporary, &e);
	T_EQ(r, posts[i].code == ERR_NONE ? 0 : -1);
	if (r < 0) {
		T_EQ(e.code, posts[i].code);
		T_HAS(e.msg, posts[i].says ? posts[i].says : "localhost");
		T_OK(!strstr(e.msg, "secret"));
	}
	T_EQ(is_temporary, posts[i].is_temporary);
	const char *came = posted();
	if (r == 0 && strcmp(posts[i].server, "good") == 0)
		T_STR(came, arena_printf(&a, "%s application/json {\"text\":\"*title*\\ntext\"}", posts[i].path));
}

/* ---- the queue ---- */

static int64_t
skipping_clock(void)
{
	return clock_now_ms() + skipped_ms;
}

static void
begin(const char *const *addresses)
{
	struct err e = ERR_INIT;

	skipped_ms = 0;
	credentials_auto(&cr);
	for (; *addresses; addresses++)
		T_CALL(credentials_add_notify(&cr, NOTICE_SLACK, NULL, str_of(*addresses), &e));
	T_CALL(credentials_save(&scope, &cr, &e));
	if (!T_CALL(loop_init(&loop, &e)))
		exit(t_done());
	loop.clock = skipping_clock;
	T_CALL(notice_sender_open(&sender, &loop, &scope, &config, &e));
	posted();
}

static void
end(void)
{
	notice_sender_close(&sender);
	loop_auto(&loop);
}

static bool
send_one(enum notice_kind kind, const char *title)
{
	const struct notice n = { .kind = kind, .title = title, .text = "", .link = "" };

	return notice_send(&sender, &n);
}

/* Until the queue rests: empty, or pausing before another try. */
static void
settle(void)
{
	int64_t due_ms = clock_due_ms(SOON_MS);
	struct err e = ERR_INIT;

	while (sender.is_running && clock_now_ms() < due_ms)
		if (loop_step(&loop, skipping_clock() + 100, &e) < 0)
			break;
	T_OK(!sender.is_running);
}

static bool
is_pausing(void)
{
	return !sender.is_running && sender.n > 0;
}

static void
test_queue(void)
{
	const char *const two[] = { url_of("https", "good", "/post/200/a"), url_of("https", "good", "/post/200/b"), NULL };

	t_row("to every address, in order, each once");
	begin(two);
	T_OK(send_one(NOTICE_FAILED, "one"));
	T_OK(send_one(NOTICE_RECOVERED, "two"));
	T_OK(!notice_sender_is_idle(&sender));
	settle();
	T_OK(notice_sender_is_idle(&sender));
	T_STR(posted(), "/post/200/a application/json {\"text\":\"*one*\"}\n/post/200/b application/json {\"text\":\"*one*\"}\n"
	    "/post/200/a application/json {\"text\":\"*two*\"}\n/post/200/b application/json {\"text\":\"*two*\"}");
	T_EQ(sender.n_sent, 2);
	t_row("what is not wanted is not sent");
	T_OK(!send_one(NOTICE_FINISHED, "three"));
	T_OK(notice_sender_is_idle(&sender));
	t_row("too many are held back, and the next one says how many");
	for (int i = 0; i < 10; i++)
		(void)send_one(NOTICE_QUESTION, "ask");
	T_EQ(sender.n_held, 5);
	settle();
	posted();
	skipped_ms += NOTICE_REFILL_MS;
	T_OK(send_one(NOTICE_QUESTION, "ask"));
	settle();
	T_HAS(posted(), "(and 5 more before it)");
	end();
	t_row("no address: nothing happens");
	const char *const none[] = { NULL };
	begin(none);
	T_OK(send_one(NOTICE_FAILED, "one"));
	settle();
	T_OK(notice_sender_is_idle(&sender));
	end();
}

static void
test_again(void)
{
	const char *const mixed[] = {
		url_of("https", "good", "/post/200/a"), url_of("https", "good", "/post/503/b"), url_of("https", "good", "/post/404/c"), NULL,
	};

	t_row("tried again only where it failed for a time, and not for ever");
	begin(mixed);
	T_OK(send_one(NOTICE_FAILED, "one"));
	settle();
	T_HAS(posted(), "/post/404/c");
	for (int i = 1; i < NOTICE_TRIES; i++) {
		struct err e = ERR_INIT;

		T_OK(is_pausing());
		skipped_ms += 300000;
		T_OK(loop_step(&loop, skipping_clock(), &e) >= 0);
		settle();
		T_STR(posted(), "/post/503/b application/json {\"text\":\"*one*\"}");
	}
	T_OK(notice_sender_is_idle(&sender));
	T_EQ(sender.n_failed, 1);
	t_row("an address that does not answer holds up nobody else's");
	T_OK(send_one(NOTICE_FAILED, "one"));
	settle();
	posted();
	T_OK(is_pausing());
	T_OK(send_one(NOTICE_RECOVERED, "two"));
	settle();
	T_HAS(posted(), "/post/200/a application/json {\"text\":\"*two*\"}");
	T_EQ(sender.n, 2);
	end();
	begin(mixed);
	t_row("a full queue loses the agent's own, never what waits longest of the rest");
	T_OK(send_one(NOTICE_FAILED, "first"));
	settle();
	T_OK(is_pausing());
	for (int i = 0; i < 4; i++)
		(void)send_one(NOTICE_FAILED, "failed");
	for (int k = NOTICE_QUESTION; k <= NOTICE_PERMISSION; k++)
		for (int i = 0; i < NOTICE_BURST; i++)
			(void)send_one((enum notice_kind)k, "agent");
	for (int i = 0; i < NOTICE_BURST; i++)
		T_OK(send_one(NOTICE_RECOVERED, "recovered"));
	T_EQ(sender.n, NOTICE_QUEUE_MAX);
	T_STR(sender.queue[0].title, "first");
	unsigned n_weighty = 0;
	for (size_t i = 0; i < sender.n; i++)
		n_weighty += sender.queue[i].kind == NOTICE_FAILED || sender.queue[i].kind == NOTICE_RECOVERED;
	T_EQ(n_weighty, 1 + 4 + NOTICE_BURST);
	end();
}

static void
test_hang(void)
{
	const char *const mute[] = { url_of("https", "mute", "/x"), NULL };
	struct err e = ERR_INIT;
	pid_t pid;

	t_row("a child that hangs is killed at its deadline");
	begin(mute);
	T_OK(send_one(NOTICE_FAILED, "one"));
	pid = sender.child.pid;
	skipped_ms += NOTICE_KILL_MS;
	T_OK(loop_step(&loop, skipping_clock(), &e) >= 0);
	settle();
	T_EQ(kill(pid, 0), -1);
	T_OK(is_pausing());
	t_row("the end of the sender is the end of its child");
	skipped_ms += 300000;
	T_OK(loop_step(&loop, skipping_clock(), &e) >= 0);
	T_OK(sender.is_running);
	pid = sender.child.pid;
	end();
	T_EQ(kill(pid, 0), -1);
	t_row("a child keeps nothing of its parent's open");
	int ends[2];
	char c;
	T_CALL(fd_socketpair(ends, &e));
	begin(mute);
	T_OK(send_one(NOTICE_FAILED, "one"));
	close(ends[1]);
	T_EQ(fd_read(ends[0], &c, 1, clock_due_ms(SOON_MS), &e), 0);
	T_OK(sender.is_running);
	close(ends[0]);
	end();
}

static void
test_activity(void)
{
	static const struct {
		struct activity_event ev;
		const char *title, *text;	/* NULL: nothing to tell */
	} rows[] = {
		{ { ACTIVITY_FINISHED, "ses_1", "/home/opencode/workspace/shop", "Fix the login", "" }, "Finished: Fix the login", "in ~/workspace/shop" },
		{ { ACTIVITY_FINISHED, "ses_1", "/d", "Fix", "bad key" }, "Ended with an error: Fix", "bad key (/d)" },
		{ { ACTIVITY_QUESTION, "ses_1", "/d", "", "Which colour?" }, "Question: a session", "Which colour? (/d)" },
		{ { ACTIVITY_PERMISSION, "ses_1", "", "Fix", "bash: ls /" }, "Permission wanted: Fix", "bash: ls /" },
		{ { ACTIVITY_BUSY, "", "", "", "" }, NULL, NULL },
		{ { ACTIVITY_HEARTBEAT, "", "", "", "" }, NULL, NULL },
	};

	t_row("what opencode tells of a session");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct notice n = { .title = NULL };

		T_EQ(notice_of_activity(&a, &rows[i].ev, "https://x.example", &n), rows[i].title != NULL);
		T_STR(n.title, rows[i].title);
		T_STR(n.text, rows[i].text);
		if (rows[i].title)
			T_STR(n.link, rows[i].ev.directory[0] ? notice_link(&a, "https://x.example", rows[i].ev.directory, "ses_1") : "https://x.example");
	}
}

int
main(void)
{
	struct err e = ERR_INIT;

	signal(SIGPIPE, SIG_IGN);
	start_server();
	scope = (struct scope){
		.instance = "work", .config_path = arena_printf(&a, "%s/c/config.json", t_tmpdir()), .credentials_path = arena_printf(&a, "%s/c/credentials.json", t_tmpdir()),
		.state_dir = arena_printf(&a, "%s/s", t_tmpdir()),
	};
	credentials_init(&cr);
	T_CALL(config_load(&a, &scope, NULL, &config, &e));
	T_EQ(config.notify.events.n, 6);
	for (size_t i = 0; i < ARRAY_LEN(posts); i++)
		test_post(i);
	test_queue();
	test_again();
	test_hang();
	test_activity();
	credentials_auto(&cr);
	arena_fini(&a);
	stream_close(&server);
	return t_done();
}

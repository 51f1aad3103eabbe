/*
 * activity_test.c - opencode's event stream: recorded ones cut at every byte, what a peer could send instead, the sessions at work
 *
 * tests/data/opencode-1.18.33 has the recordings.
 */
#include "lib/deploy/activity.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/peer.h"
#include "tests/t.h"

#define HEAD_CHUNKED "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
#define HEAD_PLAIN "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
#define DUE_MS 20000

static const char *const kinds[] = {
	[ACTIVITY_HEARTBEAT] = "heartbeat", [ACTIVITY_BUSY] = "busy", [ACTIVITY_IDLE] = "idle", [ACTIVITY_FINISHED] = "finished",
	[ACTIVITY_QUESTION] = "question", [ACTIVITY_PERMISSION] = "permission",
};

/* One word an event, with what it tells: heartbeats left out, because how many there are depends on the reads. */
static void
tell(struct buf *log, const struct activity_event *ev)
{
	if (ev->kind == ACTIVITY_HEARTBEAT)
		return;
	buf_printf(log, "%s", kinds[ev->kind]);
	if (ev->session[0])
		buf_printf(log, "(%s|%s|%s|%s)", strlen(ev->session) > 4 ? "ses" : ev->session, ev->directory, ev->title, ev->text);
	buf_puts(log, " ");
}

/* Every event that is there: the last result of activity_step, 0 or -1. */
static int
drain(struct activity *a, struct buf *log, struct err *e)
{
	for (;;) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		struct activity_event ev;
		int r = activity_step(a, &scratch, &ev, e);

		if (r <= 0)
			return r;
		tell(log, &ev);
	}
}

/* An activity that reads from one end of a pair, its request sent. */
static void
begin(struct activity *a, int *ret_other)
{
	struct err e = ERR_INIT;
	int ends[2];

	activity_init(a);
	if (fd_socketpair(ends, &e) < 0 || fd_nonblock(ends[0], &e) < 0) {
		T_FAIL("%s", e.msg);
		exit(t_done());
	}
	a->stream.fd = ends[0];
	a->phase = 3;
	*ret_other = ends[1];
}

/* ---- recordings ---- */

#define WS "/home/opencode/workspace"
static const struct {
	const char *name, *want;
} recordings[] = {
	{ "answer", "busy idle finished(ses|" WS "|New session - 2026-11-22T22:49:11.125Z|) " },
	{ "question", "busy question(ses|" WS "|all done|Which colour?) idle finished(ses|" WS "|all done|) " },
	{ "permission", "busy permission(ses|" WS "|all done|bash: ls /) idle finished(ses|" WS "|all done|) " },
	{ "retry", "busy idle finished(ses|" WS "|New session - 2026-11-22T22:50:49.616Z|) " },
	{ "child", "busy idle finished(ses|" WS "|sub done|) " },
	{ "aborted", "busy idle busy idle " },
};

static bool
cut_at(struct str all, size_t at, const char *want)
{
	bool is_good = true;
	AUTO(buf) struct buf log = BUF_INIT(4096);
	struct activity a;
	struct err e = ERR_INIT;
	int other, r;

	begin(&a, &other);
	peer_put(other, all.p, at, at ? at : 1);
	r = drain(&a, &log, &e);
	if (r == 0) {
		peer_put(other, str_skip(all, at).p, all.n - at, all.n);
		r = drain(&a, &log, &e);
	}
	close(other);
	if (r == 0)
		r = drain(&a, &log, &e);
	if (r == 0 || e.code != ERR_EOF || strcmp(log.p, want) != 0)
		is_good = T_FAIL("cut at %zu: %d %s: %s", at, r, e.msg, log.p);
	activity_auto(&a);
	return is_good;
}

static void
test_recording(const char *name, const char *want)
{
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);
	char path[1024];
	struct err e = ERR_INIT;

	t_row("recorded: %s, cut at every byte", name);
	snprintf(path, sizeof path, "%s/tests/data/opencode-1.18.33/%s.http", getenv("T_ROOT") ? getenv("T_ROOT") : ".", name);
	if (!T_CALL(file_read(path, &text, &e)))
		return;
	for (size_t at = 0; at <= text.n && cut_at(buf_str(&text), at, want); at++)
		;
}

/* ---- streams that opencode does not send ---- */

#define IDLE_A "data: {\"payload\":{\"type\":\"session.idle\",\"properties\":{\"sessionID\":\"a\"}}}"
#define BUSY_A "data: {\"payload\":{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}}}"
static const struct {
	const char *name, *text, *want;
	enum err_code code;
} streams[] = {
	{ "no chunks", HEAD_PLAIN BUSY_A "\n\n", "busy ", ERR_EOF },
	{ "line ends of both systems and of none", HEAD_PLAIN BUSY_A "\r\r" IDLE_A "\r\n\r\n" BUSY_A "\n\n", "busy idle finished(a|||) busy ", ERR_EOF },
	{ "a byte order mark, comments, other fields", HEAD_PLAIN "\xef\xbb\xbf" "event: x\n" BUSY_A "\nid: 7\n: still here\nretry: 1\nnothing\n\n", "busy ", ERR_EOF },
	{ "no space behind the colon", HEAD_PLAIN "data:{\"payload\":{\"type\":\"session.status\",\n" "data:\"properties\":{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}}}\n\n",
	  "busy ", ERR_EOF },
	{ "a field with the name of data in front", HEAD_PLAIN "database: x\n" "dat: x\n" BUSY_A "\n\n", "busy ", ERR_EOF },
	{ "an event cut by the end", HEAD_PLAIN BUSY_A "\n", "", ERR_EOF },
	{ "the end of the chunks", HEAD_CHUNKED "0\r\n\r\n", "", ERR_EOF },
	{ "data without a word", HEAD_PLAIN "data\n\ndata:\n\n" "data: \n\n", "", ERR_EOF },
	{ "no JSON", HEAD_PLAIN "data: \"session.\n\n" BUSY_A "\n\n", "busy ", ERR_EOF },
	{ "JSON of other shapes", HEAD_PLAIN "data: [\"session.\"]\n\ndata: {\"payload\":\"session.idle\"}\n\ndata: {\"payload\":{\"type\":\"session.status\",\"properties\":7}}\n\n"
	  "data: {\"payload\":{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"a b\",\"status\":{\"type\":\"busy\"}}}}\n\n", "", ERR_EOF },
	{ "401", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "", ERR_PERM },
	{ "502", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "", ERR_UNHEALTHY },
	{ "a web page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "", ERR_PARSE },
	{ "not HTTP", "Welcome to the machine\r\n\r\n", "", ERR_PARSE },
	{ "junk for a chunk", HEAD_CHUNKED "xyz\r\n", "", ERR_PARSE },
	{ "nothing", "", "", ERR_EOF },
};

static void
test_stream(size_t i)
{
	struct str all = str_of(streams[i].text);

	t_row("stream: %s", streams[i].name);
	for (size_t at = 0; at <= all.n; at++) {
		AUTO(buf) struct buf log = BUF_INIT(4096);
		struct activity a;
		struct err e = ERR_INIT;
		int other, r;

		begin(&a, &other);
		peer_put(other, all.p, at, all.n + 1);
		r = drain(&a, &log, &e);
		if (r == 0) {
			peer_put(other, str_skip(all, at).p, all.n - at, all.n + 1);
			close(other);
			other = -1;
			r = drain(&a, &log, &e);
		}
		if (r == 0 || e.code != streams[i].code || strcmp(log.p, streams[i].want) != 0 || a.stream.fd != -1)
			T_FAIL("cut at %zu: %d %s: \"%s\"", at, r, e.msg, log.p);
		fd_auto(&other);
		activity_auto(&a);
	}
}

/* Any size of event and any number of them: the memory stays, and each call ends. */
static void
test_bounds(void)
{
	AUTO(buf) struct buf log = BUF_INIT(4096);
	static const struct peer_step endless[] = {
		{ PEER_SEND, HEAD_PLAIN "data: ", 0 }, { PEER_FILL, NULL, 8u << 20 }, { PEER_SEND, "\n\n" BUSY_A "\n\nx", 0 }, { PEER_FILL, NULL, 8u << 20 },
		{ PEER_SEND, "\n", 0 }, { PEER_FILL, NULL, 100 }, { PEER_SEND, ": x\n", 0 }, { PEER_END, NULL, 0 },
	};
	static const struct peer_step long_head[] = { { PEER_SEND, "HTTP/1.1 200 OK\r\nX: ", 0 }, { PEER_FILL, NULL, 1u << 20 }, { PEER_END, NULL, 0 } };
	struct activity a;
	struct err e = ERR_INIT;
	size_t most = 0;

	t_row("an event of 8 MiB is passed over, as are names of fields of that size");
	activity_init(&a);
	a.stream = peer_stream(endless);
	a.phase = 3;
	int r = 0;
	while (r == 0 && fd_wait(a.stream.fd, POLLIN, clock_due_ms(DUE_MS), &e) > 0) {
		r = drain(&a, &log, &e);
		size_t now = a.in.cap + a.sse.data.cap;
		most = now > most ? now : most;
	}
	T_ERR(ERR_EOF);
	T_STR(log.p, "busy ");
	T_OK(most < 2 * ACTIVITY_EVENT_MAX);
	T_EQ(a.n_busy, 1);
	t_row("a head without an end");
	signal(SIGPIPE, SIG_IGN);
	a.stream = peer_stream(long_head);
	a.phase = 3;
	for (r = 0; r == 0 && fd_wait(a.stream.fd, POLLIN, clock_due_ms(DUE_MS), &e) > 0;)
		r = drain(&a, &log, &e);
	T_OK(e.code == ERR_TOO_BIG || e.code == ERR_PARSE);
	activity_auto(&a);
}

/* opencode takes requests right after its start that it never answers; and a stream that beats no more is dead. */
static void
test_silence(void)
{
	AUTO(buf) struct buf log = BUF_INIT(4096);
	struct activity a;
	struct err e = ERR_INIT;
	int other;

	t_row("no answer");
	begin(&a, &other);
	a.due_ms = clock_due_ms(DUE_MS);
	T_EQ(drain(&a, &log, &e), 0);
	a.due_ms = clock_now_ms();
	T_FAILS(drain(&a, &log, &e), ERR_TIMEOUT);
	T_HAS(e.msg, "no answer");
	close(other);
	t_row("no heartbeat; what has come goes first");
	begin(&a, &other);
	a.due_ms = clock_now_ms();
	peer_put(other, HEAD_PLAIN BUSY_A "\n\n", strlen(HEAD_PLAIN BUSY_A "\n\n"), 4096);
	T_EQ(drain(&a, &log, &e), 0);
	T_STR(log.p, "busy ");
	T_OK(a.due_ms > clock_due_ms(ACTIVITY_SILENCE_MS / 2) && a.due_ms <= clock_due_ms(ACTIVITY_SILENCE_MS));
	a.due_ms = clock_now_ms();
	T_FAILS(drain(&a, &log, &e), ERR_TIMEOUT);
	T_HAS(e.msg, "no heartbeat");
	T_EQ(a.due_ms, CLOCK_NEVER);
	close(other);
}

/* ---- the sessions ---- */

static void
apply(struct activity *a, struct buf *log, const char *data)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct activity_event ev;
	size_t n = strlen(data);

	for (int r = activity_apply(a, &scratch, str_from(t_guard(data, n), n), &ev); r > 0; r = activity_more(a, &scratch, &ev))
		tell(log, &ev);
}

static void
status(struct activity *a, struct buf *log, const char *id, const char *type)
{
	char data[512];

	snprintf(data, sizeof data, "{\"directory\":\"/d\",\"payload\":{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"%s\",\"status\":{\"type\":\"%s\"}}}}", id, type);
	apply(a, log, data);
}

#define EVENT(type, properties) "{\"directory\":\"/d\",\"payload\":{\"type\":\"" type "\",\"properties\":" properties "}}"
static const struct {
	const char *name;
	const char *data[6];
	const char *want;
} sets[] = {
	{ "a session deleted at work", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"), EVENT("session.deleted", "{\"sessionID\":\"a\"}") },
	  "busy idle " },
	{ "an idle that nobody was busy for", { EVENT("session.idle", "{\"sessionID\":\"a\"}") }, "" },
	{ "a kind of status that is new is work", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"thinking\"}}") }, "busy " },
	{ "everything disposed of", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"), EVENT("global.disposed", "{}") }, "busy idle " },
	{ "another directory disposed of", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"),
	  EVENT("server.instance.disposed", "{\"directory\":\"/e\"}") }, "busy " },
	{ "a turn that fails says so", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"),
	  EVENT("session.error", "{\"sessionID\":\"a\",\"error\":{\"name\":\"ProviderAuthError\",\"data\":{\"message\":\"bad key\"}}}"), EVENT("session.idle", "{\"sessionID\":\"a\"}") },
	  "busy idle finished(a|/d||bad key) " },
	{ "a failure does not cling to the next turn", { EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"),
	  EVENT("session.error", "{\"sessionID\":\"a\",\"error\":{\"name\":\"MessageAbortedError\"}}"), EVENT("session.idle", "{\"sessionID\":\"a\"}"),
	  EVENT("session.status", "{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}"), EVENT("session.idle", "{\"sessionID\":\"a\"}") },
	  "busy idle busy idle finished(a|/d||) " },
	{ "a question told twice", { EVENT("question.asked", "{\"id\":\"q1\",\"sessionID\":\"a\",\"questions\":[{\"question\":\"Why?\"}]}"),
	  EVENT("question.v2.asked", "{\"id\":\"q1\",\"sessionID\":\"a\",\"questions\":[{\"question\":\"Why?\"}]}") }, "question(a|/d||Why?) " },
	{ "a question without words", { EVENT("question.asked", "{\"sessionID\":\"a\"}") }, "question(a|/d||) " },
	{ "permissions of all shapes", { EVENT("permission.v2.asked", "{\"id\":\"p1\",\"sessionID\":\"a\",\"action\":\"edit\",\"resources\":[\"src/x.c\"]}"),
	  EVENT("permission.asked", "{\"id\":\"p2\",\"sessionID\":\"a\",\"permission\":\"doom_loop\"}"), EVENT("permission.asked", "{\"sessionID\":\"a\"}") },
	  "permission(a|/d||edit: src/x.c) permission(a|/d||doom_loop) permission(a|/d||) " },
	{ "what is repeated for replicas", { "{\"payload\":{\"type\":\"sync\",\"syncEvent\":{\"type\":\"session.status\",\"data\":{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}}}}" }, "" },
	{ "an identifier that is none", { EVENT("session.status", "{\"sessionID\":\"../a\",\"status\":{\"type\":\"busy\"}}"), EVENT("question.asked", "{\"sessionID\":\"\"}") }, "" },
};

static void
test_sets(void)
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		AUTO(buf) struct buf log = BUF_INIT(4096);
		struct activity a;

		t_row("sessions: %s", sets[i].name);
		activity_init(&a);
		for (size_t k = 0; k < 6 && sets[i].data[k]; k++)
			apply(&a, &log, sets[i].data[k]);
		T_STR(log.p, sets[i].want);
		activity_auto(&a);
	}
}

static void
test_many(void)
{
	AUTO(buf) struct buf log = BUF_INIT(1u << 20);
	AUTO(arena) struct arena arena = ARENA_INIT;
	struct strlist list = { .v = NULL };
	struct activity a;
	char id[32];

	t_row("a thousand sessions that come and go");
	activity_init(&a);
	for (int i = 0; i < 1000; i++) {
		snprintf(id, sizeof id, "s%d", i);
		status(&a, &log, id, "busy");
		status(&a, &log, id, "idle");
	}
	T_EQ(a.n_busy, 0);
	T_OK(!activity_is_busy(&a));
	t_row("more at work at once than are kept");
	buf_reset(&log);
	for (int i = 0; i <= ACTIVITY_SESSIONS_MAX; i++) {
		snprintf(id, sizeof id, "b%d", i);
		status(&a, &log, id, i % 2 ? "busy" : "retry");
	}
	T_STR(log.p, "busy ");
	T_EQ(a.n_busy, ACTIVITY_SESSIONS_MAX);
	T_OK(a.is_overflown);
	activity_list(&a, &arena, &list);
	T_EQ(list.n, ACTIVITY_SESSIONS_MAX);
	T_HAS(list.v[0], " in /d)");
	for (int i = 0; i < ACTIVITY_SESSIONS_MAX; i++) {
		snprintf(id, sizeof id, "b%d", i);
		status(&a, &log, id, "idle");
	}
	T_OK(activity_is_busy(&a));
	activity_auto(&a);
}

static void
test_learned(void)
{
	AUTO(arena) struct arena arena = ARENA_INIT;
	AUTO(buf) struct buf log = BUF_INIT(4096);
	struct activity_event ev;
	struct activity a;

	activity_init(&a);
	status(&a, &log, "b3", "busy");
	status(&a, &log, "b4", "busy");
	buf_reset(&log);
	t_row("what a question for the truth corrects");
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("{\"b3\":{\"type\":\"busy\"},\"b4\":{\"type\":\"idle\"}}"), a.turn, &ev), 0);
	T_EQ(a.n_busy, 1);
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("<html>"), a.turn, &ev), -1);
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("[]"), a.turn, &ev), -1);
	T_EQ(activity_learn(&a, &arena, "/other", STR_LIT("{}"), a.turn, &ev), 0);
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("{}"), a.turn, &ev), 1);
	T_EQ(ev.kind, ACTIVITY_IDLE);
	T_EQ(activity_forget(&a, &ev), 0);
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("{\"x\":{\"type\":\"retry\"}}"), a.turn, &ev), 1);
	T_EQ(ev.kind, ACTIVITY_BUSY);
	T_EQ(activity_forget(&a, &ev), 1);
	T_EQ(ev.kind, ACTIVITY_IDLE);
	t_row("what was heard while the answer was on its way is newer");
	uint64_t asked = a.turn;
	status(&a, &log, "y", "busy");
	status(&a, &log, "z", "busy");
	status(&a, &log, "z", "idle");
	T_EQ(activity_learn(&a, &arena, "/d", STR_LIT("{\"x\":{\"type\":\"busy\"},\"z\":{\"type\":\"busy\"}}"), asked, &ev), 0);
	T_EQ(a.n_busy, 2);
	buf_reset(&log);
	status(&a, &log, "x", "idle");
	T_STR(log.p, "finished(x|/d||) ");
	status(&a, &log, "y", "idle");
	T_EQ(a.n_busy, 0);
	activity_auto(&a);
}

static void
test_long_texts(void)
{
	AUTO(buf) struct buf data = BUF_INIT(65536), log = BUF_INIT(65536);
	AUTO(arena) struct arena arena = ARENA_INIT;
	struct strlist list = { .v = NULL };
	struct activity a;

	t_row("texts are cut at a character");
	activity_init(&a);
	buf_puts(&data, "{\"directory\":\"/");
	for (int i = 0; i < 300; i++)
		buf_puts(&data, "\xc3\xa4");
	buf_puts(&data, "\",\"payload\":{\"type\":\"session.status\",\"properties\":{\"sessionID\":\"a\",\"status\":{\"type\":\"busy\"}}}}");
	apply(&a, &log, data.p);
	activity_list(&a, &arena, &list);
	if (T_EQ(list.n, 1))
		T_EQ(str_utf8_valid(str_of(list.v[0])), strlen(list.v[0]));
	T_EQ(strlen(a.sessions[0].directory), 255);
	activity_auto(&a);
}

/* ---- the connection ---- */

static int
listen_here(unsigned *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sa;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, n) < 0 || listen(fd, 4) < 0 || getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		exit(t_done());
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

static void
test_connect(void)
{
	AUTO(buf) struct buf log = BUF_INIT(4096);
	const struct str password = STR_LIT("correct horse battery");
	struct activity a;
	struct err e = ERR_INIT;
	char got[1024] = "";
	unsigned port;
	int server = listen_here(&port);

	t_row("asks with the password, without waiting");
	activity_init(&a);
	T_EQ(activity_wants(&a), 0);
	T_FAILS(activity_open(&a, "no.such.name", port, "opencode", password, &e), ERR_USAGE);
	T_CALL(activity_open(&a, "127.0.0.1", port, "opencode", password, &e));
	T_EQ(activity_wants(&a), POLLOUT);
	int peer = accept(server, NULL, NULL);
	while (activity_wants(&a) == POLLOUT && fd_wait(a.stream.fd, POLLOUT, clock_due_ms(DUE_MS), &e) > 0)
		T_EQ(drain(&a, &log, &e), 0);
	T_EQ(activity_wants(&a), POLLIN);
	T_EQ(a.request.cap, 0);
	T_OK(read(peer, got, sizeof got - 1) > 0);
	T_HAS(got, "GET /global/event HTTP/1.1\r\n");
	T_HAS(got, "Authorization: Basic b3BlbmNvZGU6Y29ycmVjdCBob3JzZSBiYXR0ZXJ5\r\n");
	peer_put(peer, HEAD_PLAIN BUSY_A "\n\n", strlen(HEAD_PLAIN BUSY_A "\n\n"), 7);
	close(peer);
	int r = 0;
	while (r == 0 && fd_wait(a.stream.fd, POLLIN, clock_due_ms(DUE_MS), &e) > 0)
		r = drain(&a, &log, &e);
	T_ERR(ERR_EOF);
	T_STR(log.p, "busy ");
	t_row("the sessions outlive the stream; a step on a closed one fails");
	T_EQ(activity_wants(&a), 0);
	T_EQ(a.n_busy, 1);
	T_FAILS(drain(&a, &log, &e), ERR_EOF);
	t_row("nobody listens");
	close(server);
	r = activity_open(&a, "127.0.0.1", port, "opencode", password, &e);
	while (r == 0 && fd_wait(a.stream.fd, activity_wants(&a), clock_due_ms(DUE_MS), &e) > 0)
		r = drain(&a, &log, &e);
	T_EQ(r, -1);
	T_EQ(e.sys, ECONNREFUSED);
	activity_auto(&a);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(recordings); i++)
		test_recording(recordings[i].name, recordings[i].want);
	for (size_t i = 0; i < ARRAY_LEN(streams); i++)
		test_stream(i);
	test_bounds();
	test_silence();
	test_sets();
	test_many();
	test_learned();
	test_long_texts();
	test_connect();
	return t_done();
}

/* logs_test.c - logs, exec and events as streams: cuts, surplus bytes, deadlines, on a scripted engine */
#include "tests/unit/scripted_engine.h"

#include "lib/engine/container.h"
#include "lib/engine/exec.h"

#define JSON(text) SEND(json_answer(text))
#define RAW "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
#define UPGRADED "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
#define FRAMES "\1\0\0\0\0\0\0\4out\n\2\0\0\0\0\0\0\4err\n"
#define BYTES(s) { PEER_SEND, (s), sizeof(s) - 1 }

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

static const char *
json_answer(const char *json)
{
	return arena_printf(&a, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(json), json);
}

static void
logs(void)
{
	static const struct {
		const char *name, *inspect;
		bool is_framed;
	} row[] = {
		{ "without a terminal", "{\"Id\":\"1\",\"Config\":{\"Tty\":false}}", true },
		{ "with a terminal", "{\"Id\":\"1\",\"Config\":{\"Tty\":true}}", false },
		{ "an engine that does not say", "{\"Id\":\"1\",\"Config\":null}", true },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
		const struct logs_spec s = { .tail = 5, .follow = true, .timestamps = true, .since_epoch_s = 7, .until_epoch_s = 9 };
		bool is_framed = !row[i].is_framed;
		struct str run;
		t_row("logs %s", row[i].name);
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, JSON(row[i].inspect), HOLD), SCRIPT(HEAD, SEND(CHUNKED), BYTES("10\r\n\1\0\0\0\0\0\0\10out"),
		    BYTES("put.\n\r\n0\r\n\r\n"))), &e));
		T_CALL(logs_open(&en, &a, "c", &s, &c, &is_framed, DUE, &e));
		T_EQ(is_framed, row[i].is_framed);
		size_t n = 0;
		while (http_recv_body(&c, &run, DUE, &e) > 0)
			n += run.n;
		T_EQ(n, 16);
		scripted_stop();
	}
	AUTO(engine) struct engine en = ENGINE_INIT;
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	bool is_framed;
	t_row("logs of a container that is not there, or whose driver has none");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND("HTTP/1.1 404 X\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}"),
	    HEAD, JSON(row[0].inspect), HOLD),
	    SCRIPT(HEAD, SEND("HTTP/1.1 501 X\r\nContent-Length: 74\r\n\r\n{\"message\":\"configured logging driver does not support reading and so on\"}"))), &e));
	T_FAILS(logs_open(&en, &a, "c", &(struct logs_spec){ .tail = -1 }, &c, &is_framed, DUE, &e), ERR_NOT_FOUND);
	T_FAILS(logs_open(&en, &a, "c", &(struct logs_spec){ .tail = -1 }, &c, &is_framed, DUE, &e), ERR_FAIL);
	T_HAS(e.msg, "does not support reading");
	scripted_stop();
}

static int
capture(const struct peer_step *stream_steps, const char *exit_json, struct buf *out, struct buf *err_out, int *ret_code)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	const struct exec_spec s = { .argv = (const char *const[]){ "x", NULL } };

	err_clear(&e);
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, JSON("{\"Id\":\"exec1\"}"), HEAD, JSON("{\"Running\":true,\"ExitCode\":null}"), HEAD, JSON(exit_json), HOLD),
	    stream_steps), &e));
	int rc = exec_capture(&en, &a, "c", &s, STR_NULL, out, err_out, clock_due_ms(2000), ret_code, &e);
	scripted_stop();
	return rc;
}

static void
execs(void)
{
	static const struct peer_step ways[][5] = {
		{ { PEER_HEAD, NULL, 0 }, BYTES(UPGRADED FRAMES), { PEER_END, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, BYTES(UPGRADED), BYTES(FRAMES), { PEER_END, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, BYTES(RAW FRAMES), { PEER_END, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, { PEER_DRIP, UPGRADED FRAMES, sizeof(UPGRADED FRAMES) - 1 }, { PEER_END, NULL, 0 } },
		{ { PEER_HEAD, NULL, 0 }, { PEER_DRIP, RAW FRAMES, sizeof(RAW FRAMES) - 1 }, { PEER_END, NULL, 0 } },
	};
	AUTO(buf) struct buf out = BUF_INIT(1000), err_out = BUF_INIT(1000);
	int code;

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		t_row("exec: 101 or 200, with the head or behind it: %zu", i);
		buf_reset(&out);
		buf_reset(&err_out);
		code = -1;
		T_CALL(capture(ways[i], "{\"Running\":false,\"ExitCode\":42}", &out, &err_out, &code));
		T_EQ(code, 42);
		T_VIEW(buf_str(&out), "out\n");
		T_VIEW(buf_str(&err_out), "err\n");
	}
	t_row("exec: cut inside a frame, and inside a frame's head");
	T_FAILS(capture(SCRIPT(HEAD, BYTES(UPGRADED "\1\0\0\0\0\0\0\4ou")), "{}", &out, NULL, &code), ERR_ENGINE);
	T_FAILS(capture(SCRIPT(HEAD, BYTES(UPGRADED "\1\0\0")), "{}", &out, NULL, &code), ERR_ENGINE);
	t_row("exec: the engine's own error stream; no frames at all; a frame of 4 GiB");
	T_FAILS(capture(SCRIPT(HEAD, BYTES(UPGRADED "\3\0\0\0\0\0\0\4oops")), "{}", &out, NULL, &code), ERR_ENGINE);
	T_FAILS(capture(SCRIPT(HEAD, BYTES(UPGRADED "no frames here")), "{}", &out, NULL, &code), ERR_PARSE);
	T_FAILS(capture(SCRIPT(HEAD, BYTES(UPGRADED "\1\0\0\0\377\377\377\377"), { PEER_FILL, NULL, 100000 }, HOLD), "{}", &out, NULL, &code), ERR_TOO_BIG);
	t_row("exec: an exit code that never comes");
	AUTO(engine) struct engine en = ENGINE_INIT;
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, JSON("{\"Running\":true,\"ExitCode\":null}"), HEAD, JSON("{\"Running\":true}"), HOLD)), &e));
	T_FAILS(exec_exit_code(&en, "exec1", clock_due_ms(1), &code, &e), ERR_TIMEOUT);
	scripted_stop();
}

#define EVENT(n) "{\"Action\":\"start\",\"n\":" #n "}"

static void
events(void)
{
	static const char *const names[] = { "start", "die", NULL };
	AUTO(engine) struct engine en = ENGINE_INIT;
	AUTO(events) struct events ev = EVENTS_INIT;
	const struct json *j;

	t_row("events: two in a run, one over two runs, a deadline between, the engine's end");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HOLD), SCRIPT(HEAD, SEND(CHUNKED "30\r\n" EVENT(1) EVENT(2) "\r\nc\r\n" "{\"Action\":\"s" "\r\n"),
	    HOLD)), &e));
	T_CALL(events_open(&en, &ev, "c", names, 1700000000000000007, DUE, &e));
	for (int i = 1; i <= 2; i++) {
		T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
		T_EQ(json_int(json_get(j, "n"), 0), i);
	}
	for (int i = 0; i < 3; i++)
		T_FAILS(events_next(&ev, &a, &j, clock_due_ms(20), &e), ERR_TIMEOUT);
	scripted_stop();
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 0);

	t_row("events: dripping, then a clean end");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HOLD), SCRIPT(HEAD, DRIP(CHUNKED "18\r\n" EVENT(1) "\r\n1\r\n\n\r\n18\r\n" EVENT(2) "\r\n0\r\n\r\n"))), &e));
	T_CALL(events_open(&en, &ev, NULL, NULL, 0, DUE, &e));
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	T_EQ(json_int(json_get(j, "n"), 0), 2);
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 0);
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 0);
	scripted_stop();

	t_row("events: no JSON");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HOLD), SCRIPT(HEAD, SEND(CHUNKED "4\r\noops\r\n"), HOLD)), &e));
	T_CALL(events_open(&en, &ev, NULL, NULL, 0, DUE, &e));
	T_FAILS(events_next(&ev, &a, &j, DUE, &e), ERR_PARSE);
	scripted_stop();
}

static void
inspects(void)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	struct container c;

	t_row("inspect: nulls, the year one, a health of none, an id without its kind");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, JSON("{\"Id\":\"1\",\"Name\":\"/c\",\"Image\":\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\","
	    "\"State\":{\"Status\":\"exited\",\"ExitCode\":137,\"OOMKilled\":true,\"Error\":\"boom\",\"StartedAt\":\"2026-11-22T19:08:46.123456789Z\","
	    "\"FinishedAt\":\"0001-01-01T00:00:00Z\",\"Health\":{\"Status\":\"none\",\"Log\":null}},\"Mounts\":null,\"RestartCount\":9007199254740993,"
	    "\"Config\":{\"Labels\":null,\"Env\":null}}"), HEAD, JSON("{\"Id\":\"1\"}"), HEAD, JSON("[]"), HOLD)), &e));
	T_CALL(container_inspect(&en, &a, "c", &c, &e));
	T_STR(c.name, "c");
	T_STR(c.image_id, "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	T_EQ(c.state, CONTAINER_EXITED);
	T_EQ(c.exit_code, 137);
	T_OK(c.is_oom_killed);
	T_STR(c.error, "boom");
	T_STR(c.health, "");
	T_EQ(c.started_epoch_s, 1795374526);
	T_EQ(c.finished_epoch_s, 0);
	T_EQ(c.restarts, 9007199254740993);
	T_OK(!container_label(&c, "x"));
	T_CALL(container_inspect(&en, &a, "c", &c, &e));
	T_EQ(c.state, CONTAINER_UNKNOWN);
	T_STR(c.name, "");
	T_FAILS(container_inspect(&en, &a, "c", &c, &e), ERR_ENGINE);
	scripted_stop();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	logs();
	execs();
	events();
	inspects();
	arena_fini(&a);
	return t_done();
}

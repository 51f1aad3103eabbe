#include "lib/engine/exec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

#define API_CONSOLE_SIZE 42		/* ConsoleSize in exec create and start */
#define POLL_FIRST_MS 5
#define POLL_MOST_MS 100
#define RESIZE_TRIES_MS 2000		/* the engine refuses until the process has started */
#define CAPTURE_RUN_BYTES 16384

static void
put_size(struct jsonw *w, const struct engine *en, const struct exec_spec *s)
{
	if (!s->has_tty || s->columns == 0 || s->rows == 0 || en->api_minor < API_CONSOLE_SIZE)
		return;
	jsonw_array(w, "ConsoleSize");
	jsonw_int(w, NULL, s->rows);
	jsonw_int(w, NULL, s->columns);
	jsonw_end(w);
}

static int
create(struct engine *en, struct arena *a, const char *container, const struct exec_spec *s, const char **ret_id, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf body = BUF_INIT(1u << 20);
	struct jsonw w = JSONW_INIT(&body, 0);
	const struct json *j = NULL;

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "AttachStdin", s->has_stdin);
	jsonw_bool(&w, "AttachStdout", true);
	jsonw_bool(&w, "AttachStderr", true);
	jsonw_bool(&w, "Tty", s->has_tty);
	jsonw_strings(&w, "Cmd", s->argv);
	jsonw_strings(&w, "Env", s->env);
	if (s->user)
		jsonw_str(&w, "User", s->user);
	if (s->workdir)
		jsonw_str(&w, "WorkingDir", s->workdir);
	put_size(&w, en, s);
	jsonw_end(&w);
	if (buf_check(&body, "the command", e) < 0)
		return -1;

	wire_path(&path, "/containers/", container, "/exec");
	if (engine_call(en, a, "POST", path.p, buf_str(&body), due_ms, &j, e) < 0) {
		if (e->http == 409 || (e->http != 0 && strstr(e->msg, "is paused")))
			e->code = ERR_NOT_RUNNING;
		return err_wrap(e, "run a command in container %.*s", WIRE_ID(container));
	}
	*ret_id = json_str(json_get(j, "Id"), NULL);
	return *ret_id ? 0 : err_set(e, ERR_ENGINE, "run a command in container %.*s: the engine's answer has no id", WIRE_ID(container));
}

/* Sleeps, unless the person stops it. */
static int
nap(int64_t ms, struct err *e)
{
	if (fd_wait_many(NULL, 0, clock_due_ms(ms), e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	err_clear(e);
	return 0;
}

/* Engines below 1.42 take the size only once the process runs; a size that never arrives is no reason to fail. */
static int
resize_started(struct engine *en, const char *id, const struct exec_spec *s, int64_t due_ms, struct err *e)
{
	int64_t until_ms = clock_due_ms(RESIZE_TRIES_MS);

	while (exec_resize(en, id, s->columns, s->rows, e) < 0) {
		if (e->http == 0)
			return -1;
		if (clock_now_ms() >= until_ms || clock_now_ms() >= due_ms)
			break;
		if (nap(POLL_FIRST_MS, e) < 0)
			return -1;
	}
	err_clear(e);
	return 0;
}

int
exec_open(struct engine *en, struct arena *a, const char *container, const struct exec_spec *s, struct http_conn *ret, const char **ret_exec_id,
    int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf body = BUF_INIT(1024);
	struct jsonw w = JSONW_INIT(&body, 0);
	const char *id = NULL;

	if (create(en, a, container, s, &id, due_ms, e) < 0)
		return -1;
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "Detach", false);
	jsonw_bool(&w, "Tty", s->has_tty);
	put_size(&w, en, s);
	jsonw_end(&w);
	wire_path(&path, "/exec/", id, "/start");
	const struct engine_stream_request r = {
		.method = "POST", .path = path.p, .body = buf_str(&body), .content_type = "application/json", .is_hijack = true,
	};
	/* 101, or 200 from an engine that takes the connection over without saying so. */
	if (engine_stream(en, &r, ret, due_ms, e) < 0) {
		if (e->http == 409)
			e->code = ERR_NOT_RUNNING;
		return err_wrap(e, "run a command in container %.*s", WIRE_ID(container));
	}
	bool needs_resize = s->has_tty && s->columns > 0 && s->rows > 0 && en->api_minor < API_CONSOLE_SIZE;
	if (needs_resize && resize_started(en, id, s, due_ms, e) < 0) {
		http_conn_fini(ret);
		return -1;
	}
	*ret_exec_id = id;
	return 0;
}

int
exec_resize(struct engine *en, const char *exec_id, unsigned columns, unsigned rows, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/exec/", exec_id, "/resize");
	buf_printf(&path, "?h=%u&w=%u", rows, columns);
	return wire_do(en, "POST", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), e) < 0 ? err_wrap(e, "resize the terminal") : 0;
}

int
exec_exit_code(struct engine *en, const char *exec_id, int64_t due_ms, int *ret_exit_code, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/exec/", exec_id, "/json");
	for (int64_t wait_ms = POLL_FIRST_MS;; wait_ms = wait_ms * 2 < POLL_MOST_MS ? wait_ms * 2 : POLL_MOST_MS) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const struct json *j = NULL;
		if (engine_call(en, &a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), &j, e) < 0)
			return err_wrap(e, "exit code of a command");
		const struct json *code = json_get(j, "ExitCode");
		if (!json_bool(json_get(j, "Running"), true) && json_is(code, JSON_NUMBER)) {
			*ret_exit_code = (int)json_int(code, 0);
			return 0;
		}
		if (clock_now_ms() >= due_ms)
			return err_set(e, ERR_TIMEOUT, "the command has not ended");
		if (nap(wait_ms, e) < 0)
			return -1;
	}
}

int
exec_is_running(struct engine *en, const char *exec_id, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct json *j = NULL;

	wire_path(&path, "/exec/", exec_id, "/json");
	if (engine_call(en, &a, "GET", path.p, STR_NULL, due_ms, &j, e) < 0)
		return err_wrap(e, "state of a command");
	return json_bool(json_get(j, "Running"), false);
}

/* ---- capture ---- */

struct capture {
	bool is_framed;
	struct demux demux;
	struct buf *out, *err_out;
};

static int
keep(struct capture *c, struct str in, struct err *e)
{
	struct str data;
	int stream, got;

	if (!c->is_framed) {
		buf_putstr(c->out, in);
		return buf_check(c->out, "the command's output", e);
	}
	while ((got = demux_next(&c->demux, &in, &stream, &data, e)) > 0) {
		if (stream == DEMUX_SYSTEM)
			return err_set(e, ERR_ENGINE, "the engine broke the stream off: " STR_FMT, STR_ARG(str_take(data, 200)));
		struct buf *to = stream == DEMUX_STDERR ? c->err_out : c->out;
		if (to)
			buf_putstr(to, data);
		if (to && buf_check(to, "the command's output", e) < 0)
			return -1;
	}
	return got;
}

/* Writes what the socket takes; at the end of the input tells the other side so. */
static int
feed(struct stream *s, struct str *in, bool *is_shut, struct err *e)
{
	if (in->n > 0) {
		ssize_t n = write(s->fd, in->p, in->n);
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			*in = STR_NULL;		/* the command does not read all of it: its own affair */
		else if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(e, "write to the command");
		else if (n > 0)
			*in = str_skip(*in, (size_t)n);
	}
	if (in->n == 0 && !*is_shut) {
		struct err ignored = ERR_INIT;
		*is_shut = true;
		(void)!stream_shutdown_write(s, &ignored);		/* gone already: its output is still to be read */
	}
	return 0;
}

/* Both directions at once: a command that talks before it has read everything must not stop us both. */
static int
pump(struct http_conn *conn, struct str in, bool has_stdin, struct capture *c, int64_t due_ms, struct err *e)
{
	bool is_shut = !has_stdin;
	char run[CAPTURE_RUN_BYTES];

	for (;;) {
		int got = fd_wait(conn->stream.fd, (short)(POLLIN | (is_shut ? 0 : POLLOUT)), due_ms, e);
		if (got < 0)
			return -1;
		if (!is_shut && (got & POLLOUT) && feed(&conn->stream, &in, &is_shut, e) < 0)
			return -1;
		if (!(got & (POLLIN | POLLHUP | POLLERR)))
			continue;
		ssize_t n = wire_read(conn, run, sizeof run, due_ms, e);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (keep(c, str_from(run, (size_t)n), e) < 0)
			return -1;
	}
}

int
exec_capture(struct engine *en, struct arena *a, const char *container, const struct exec_spec *s, struct str in, struct buf *out, struct buf *err_out,
    int64_t due_ms, int *ret_exit_code, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	struct capture c = { .is_framed = !s->has_tty, .out = out, .err_out = err_out };
	struct exec_spec spec = *s;
	const char *id = NULL;

	spec.has_stdin = spec.has_stdin || in.n > 0;
	if (exec_open(en, a, container, &spec, &conn, &id, due_ms, e) < 0)
		return -1;
	if (keep(&c, http_surplus(&conn), e) < 0 || pump(&conn, in, spec.has_stdin, &c, due_ms, e) < 0)
		return err_wrap(e, "output of a command in container %.*s", WIRE_ID(container));
	if (c.demux.head_n > 0 || c.demux.left > 0)
		return err_set(e, ERR_ENGINE, "the connection to the engine was lost in the middle of a command's output");
	return exec_exit_code(en, id, due_ms, ret_exit_code, e);
}

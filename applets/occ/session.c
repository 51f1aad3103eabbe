/*
 * session.c - the loop that carries a command's bytes, and how a command is told to end
 *
 * One buffer each way; a side is polled only when its bytes have a place to go, so that neither a slow terminal nor a command that does not
 * read can make memory grow or stop the other direction.
 */
#include "applets/occ/session.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "applets/occ/exec_fault.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/engine/exec.h"
#include "lib/term/raw.h"
#include "lib/term/sink.h"

#define IN_BYTES 16384
#define NET_BYTES 32768
#define UP_MAX (4 * IN_BYTES)		/* a tap gives back more than it was given at that moment */
#define END_MS 10000			/* between the end of the stream and the engine's knowledge of the exit code */
#define HANG_UP_MS 5000
#define MARK "OCC_SESSION"
/* Engines (20.10 and 28.5 alike) hold back the end of every other command in the container, health checks too, while one that has ended has output left
 * that nobody takes. Pipes and sockets between the command and us hold less than REST_BYTES: so much is taken in advance then. */
#define REST_BYTES ((size_t)2 << 20)
#define STALL_MS 500
#define ANSWER_MS 1000

struct pump {
	struct service *s;
	const struct session *x;
	const char *exec_id;
	struct http_conn *conn;
	struct demux demux;
	bool is_in_open, is_in_passed;		/* more to read; its end has been told */
	bool is_net_open, is_reader_gone;
	struct exec_fault fault;
	struct buf up;				/* for the command */
	struct str view;			/* from the engine, frames and all */
	struct str run;				/* payload on its way to run_fd */
	int run_fd;
	size_t limit[2];			/* of one write to output and standard error */
	int64_t stall_due_ms;			/* when to ask whether the command has ended; CLOCK_NEVER while output flows */
	char *rest;				/* REST_BYTES, once it has ended before its output was taken; else NULL */
	size_t rest_at, rest_end;
	int resize_fd;
	int64_t tap_due_ms;
	char in[IN_BYTES];
	char net[NET_BYTES];
};

void
session_init(struct session *x, const struct run *r, const char *const *argv)
{
	*x = (struct session){
		.prog = r->cli->prog,
		.argv = argv,
		.has_tty = r->term->is_in_tty && r->term->is_out_tty,
		.has_stdin = true,
		.in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO, .err_fd = STDERR_FILENO,
	};
}

static void
tap_input(struct pump *p, struct str data)
{
	p->tap_due_ms = p->x->tap->input(p->x->tap->ctx, data, &p->up);
}

/* ---- from the command -------------------------------------------------------------------------------------- */

static int
take_run(struct pump *p, int stream, struct str data, struct err *e)
{
	if (stream == DEMUX_SYSTEM)
		return err_set(e, ERR_ENGINE, "the engine ended the command: " STR_FMT, STR_ARG(str_trim(data)));
	if (exec_fault_take(&p->fault, data, p->s->engine.is_podman))
		return 0;
	if (p->x->tap) {
		p->x->tap->output(p->x->tap->ctx, data);
		tap_input(p, STR_NULL);
	}
	if (stream == DEMUX_STDERR && p->x->err_text) {
		buf_putstr(p->x->err_text, str_take(data, p->x->err_text->ceiling - p->x->err_text->n));
		return 0;
	}
	p->run = data;
	p->run_fd = stream == DEMUX_STDERR ? p->x->err_fd : p->x->out_fd;
	return 0;
}

/* True when there are bytes to look at. */
static bool
refill(struct pump *p)
{
	if (p->view.n == 0 && p->rest) {
		p->view = str_from(p->rest + p->rest_at, p->rest_end - p->rest_at);
		p->rest_at = p->rest_end;
	}
	return p->view.n > 0;
}

/* The next payload out of what was read. */
static int
next_run(struct pump *p, struct err *e)
{
	while (p->run.n == 0 && refill(p)) {
		int stream = DEMUX_STDOUT, got = 1;
		struct str data = p->view;

		if (p->x->has_tty)
			p->view = STR_NULL;
		else
			got = demux_next(&p->demux, &p->view, &stream, &data, e);
		if (got < 0 || (got > 0 && take_run(p, stream, data, e) < 0))
			return -1;
	}
	return 0;
}

static int
write_run(struct pump *p, struct err *e)
{
	ssize_t n = sink_some(p->run_fd, p->run, p->limit[p->run_fd == p->x->err_fd], e);

	if (n < 0 && (e->sys == EPIPE || e->sys == EIO || e->sys == ECONNRESET)) {
		err_clear(e);
		p->is_reader_gone = true;
		return 0;
	}
	if (n < 0)
		return -1;
	p->run = str_skip(p->run, (size_t)n);
	p->stall_due_ms = p->run.n > 0 ? clock_due_ms(STALL_MS) : CLOCK_NEVER;
	return 0;
}

/* Room for what comes from the engine; none while what came has no place to go. */
static struct str
net_room(struct pump *p)
{
	if (!p->rest)
		return p->run.n == 0 ? str_from(p->net, sizeof p->net) : STR_NULL;
	if (p->run.n == 0 && p->rest_at == p->rest_end)
		p->rest_at = p->rest_end = 0;
	return str_from(p->rest + p->rest_end, REST_BYTES - p->rest_end);
}

static int
read_net(struct pump *p, struct err *e)
{
	char *room = p->rest ? p->rest + p->rest_end : p->net;
	ssize_t n = stream_read(&p->conn->stream, room, net_room(p).n, 0, e);

	if (n < 0 && e->code == ERR_TIMEOUT) {
		err_clear(e);
		return 0;
	}
	/* A reset ends the stream as well; whether the command ended with it is asked of the engine. */
	if (n < 0 && e->sys != ECONNRESET)
		return err_wrap(e, "read the command's output");
	if (n < 0)
		err_clear(e);
	if (n <= 0)
		p->is_net_open = false;
	else if (p->rest)
		p->rest_end += (size_t)n;
	else
		p->view = str_from(p->net, (size_t)n);
	return 0;
}

/* ---- to the command ---------------------------------------------------------------------------------------- */

static int
read_in(struct pump *p, struct err *e)
{
	ssize_t n = read(p->x->in_fd, p->in, sizeof p->in);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* A terminal that hung up or a peer that reset is the end of the input. */
	if (n < 0 && errno != EIO && errno != ECONNRESET)
		return err_sys(e, "read standard input");
	if (n <= 0)
		p->is_in_open = false;
	else if (p->x->tap)
		tap_input(p, str_from(p->in, (size_t)n));
	else
		buf_put(&p->up, p->in, (size_t)n);
	return buf_check(&p->up, "input", e);
}

static int
write_up(struct pump *p, struct err *e)
{
	struct str part = buf_str(&p->up);
	ssize_t n = stream_write_some(&p->conn->stream, &part, 1, e);

	if (n < 0 && (e->sys == EPIPE || e->sys == ECONNRESET)) {
		/* The command reads no more; what it still says is carried to its end. */
		err_clear(e);
		p->is_in_open = false;
		p->is_in_passed = true;
		buf_reset(&p->up);
		return 0;
	}
	if (n < 0)
		return -1;
	buf_drop(&p->up, (size_t)n);
	return 0;
}

static int
pass_end(struct pump *p, struct err *e)
{
	if (p->is_in_open || p->is_in_passed || p->up.n > 0 || !p->x->has_stdin)
		return 0;
	p->is_in_passed = true;
	return stream_shutdown_write(&p->conn->stream, e);
}

static void
pass_size(struct pump *p)
{
	struct err ignored = ERR_INIT;
	unsigned columns, rows;

	term_size(&columns, &rows);
	if (exec_resize(&p->s->engine, p->exec_id, columns, rows, &ignored) < 0)
		log_line("the window's size could not be passed on: %s", ignored.msg);
}

/* ---- the loop ---------------------------------------------------------------------------------------------- */

enum { IN, NET, OUT, RESIZE, N_FDS };

/* A descriptor that nobody waits for is left out: poll would report its hang-up again and again. */
static void
want(struct pump *p, struct pollfd *fds)
{
	short net = (short)((p->is_net_open && net_room(p).n > 0 ? POLLIN : 0) | (p->up.n > 0 ? POLLOUT : 0));

	fds[IN] = (struct pollfd){ .fd = p->is_in_open && p->up.n == 0 ? p->x->in_fd : -1, .events = POLLIN };
	fds[NET] = (struct pollfd){ .fd = net ? p->conn->stream.fd : -1, .events = net };
	fds[OUT] = (struct pollfd){ .fd = p->run.n > 0 ? p->run_fd : -1, .events = POLLOUT };
	fds[RESIZE] = (struct pollfd){ .fd = p->resize_fd, .events = POLLIN };
}

static int
step(struct pump *p, const struct pollfd *fds, struct err *e)
{
	if (fds[RESIZE].revents && term_resized())
		pass_size(p);
	if (fds[OUT].revents && write_run(p, e) < 0)
		return -1;
	if ((fds[NET].revents & ~POLLOUT) && (fds[NET].events & POLLIN) && read_net(p, e) < 0)
		return -1;
	if ((fds[NET].revents & (POLLOUT | POLLERR | POLLHUP)) && p->up.n > 0 && write_up(p, e) < 0)
		return -1;
	if (fds[IN].revents && read_in(p, e) < 0)
		return -1;
	return 0;
}

/* Nobody takes the output. Should the command have ended meanwhile, the engine is relieved of what is left. An engine that does not say is taken for
 * one that waits for just that. */
static int
stalled(struct pump *p, struct err *e)
{
	int is_running = exec_is_running(&p->s->engine, p->exec_id, clock_due_ms(ANSWER_MS), e);

	if (is_running < 0 && e->code == ERR_INTERRUPTED)
		return -1;
	if (is_running == 0 || (is_running < 0 && e->code == ERR_TIMEOUT))
		p->rest = mem_new(REST_BYTES);
	p->stall_due_ms = clock_due_ms(STALL_MS);
	err_clear(e);
	return 0;
}

/* A time has come: the tap's, or the stall's. */
static int
timed_out(struct pump *p, struct err *e)
{
	int64_t now_ms = clock_now_ms();

	if (now_ms >= p->tap_due_ms)
		tap_input(p, STR_NULL);
	if (!p->rest && now_ms >= p->stall_due_ms)
		return stalled(p, e);
	return 0;
}

static int64_t
due_of(const struct pump *p)
{
	return !p->rest && p->stall_due_ms < p->tap_due_ms ? p->stall_due_ms : p->tap_due_ms;
}

/* Until the stream has ended and everything is written, or nobody reads it. */
static int
carry(struct pump *p, struct err *e)
{
	for (;;) {
		struct pollfd fds[N_FDS];

		if (next_run(p, e) < 0 || pass_end(p, e) < 0)
			return -1;
		if (p->is_reader_gone || (!p->is_net_open && p->run.n == 0))
			return 0;
		if (p->run.n > 0 && p->stall_due_ms == CLOCK_NEVER)
			p->stall_due_ms = clock_due_ms(STALL_MS);
		want(p, fds);
		if (fd_wait_many(fds, N_FDS, due_of(p), e) < 0) {
			if (e->code != ERR_TIMEOUT)
				return -1;
			err_clear(e);
			if (timed_out(p, e) < 0)
				return -1;
			continue;
		}
		if (step(p, fds, e) < 0)
			return -1;
	}
}

/* ---- the end of the command -------------------------------------------------------------------------------- */

/* A command started by exec has no parent in the container's process table and leads a session of its own; the mark in its environment
 * tells it from others of that kind. Its process group gets the signal, as it would from a terminal. */
static const char hang_up_script[] =
	"for d in /proc/[0-9]*; do\n"
	"	grep -qs '^PPid:[[:space:]]*0$' \"$d/status\" && grep -qsz \"^" MARK "=$1\" \"$d/environ\" || continue\n"
	"	kill -s \"$2\" -- \"-${d#/proc/}\" 2>/dev/null || kill -s \"$2\" \"${d#/proc/}\"\n"
	"done\n";

static const char *
signal_name(int signo)
{
	return signo == SIGTERM ? "TERM" : signo == SIGHUP ? "HUP" : signo == SIGPIPE ? "PIPE" : "INT";
}

void
session_hang_up(struct service *s, const struct container *c, const char *user, const char *mark_prefix, int signo)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);
	const char *argv[] = { "/bin/sh", "-c", hang_up_script, "sh", mark_prefix, signal_name(signo), NULL };
	struct exec_spec spec = { .argv = argv, .user = user };
	struct err ignored = ERR_INIT;
	int status = 0;

	cancel_hold();
	if (exec_capture(&s->engine, s->arena, c->id, &spec, STR_NULL, &out, NULL, clock_due_ms(HANG_UP_MS), &status, &ignored) < 0)
		log_line("the command could not be told to end: %s", ignored.msg);
	cancel_release();
}

/* Nothing that the command printed is lost when the engine's words were its own after all: its status tells. */
static int
tell_fault(struct pump *p, int *status, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(EXEC_FAULT_MAX + 256);
	bool is_told = *status != 0 && exec_fault_tell(&p->fault, p->x->prog, p->x->argv[0], p->x->workdir, status, &line);
	struct str text = is_told ? buf_str(&line) : buf_str(&p->fault.said);

	return sink_all(is_told ? p->x->err_fd : p->x->out_fd, text, e) < 0 ? -1 : 0;
}

static int
end_status(struct pump *p, const struct container *c, const char *mark, int carried, int *ret_status, struct err *e)
{
	int signo = p->is_reader_gone ? SIGPIPE : cancel_signal();

	if (carried < 0 && e->code != ERR_INTERRUPTED)
		return -1;
	if (carried == 0 && !p->is_reader_gone) {
		if (exec_exit_code(&p->s->engine, p->exec_id, clock_due_ms(END_MS), ret_status, e) < 0)
			return -1;
		return tell_fault(p, ret_status, e);
	}
	session_hang_up(p->s, c, p->x->user, mark, signo);
	err_clear(e);
	*ret_status = 128 + signo;
	return 0;
}

/* ---- opening ----------------------------------------------------------------------------------------------- */

static const char *const *
make_env(struct arena *a, const struct session *x, const char *mark)
{
	static const char *const kept[] = { "TERM=", "COLORTERM=" };
	const char *const *ours = occ_environment();
	struct strlist l = { 0 };

	strlist_add(a, &l, arena_printf(a, MARK "=%s", mark));
	for (size_t i = 0; x->has_tty && ours && ours[i]; i++) {
		for (size_t k = 0; k < ARRAY_LEN(kept); k++) {
			if (strncmp(ours[i], kept[k], strlen(kept[k])) == 0)
				strlist_add(a, &l, ours[i]);
		}
	}
	return l.v;
}

static void
pump_auto(struct pump *p)
{
	buf_wipe(&p->up);
	buf_fini(&p->fault.said);
	mem_free(p->rest);
	mem_wipe(p->in, sizeof p->in);		/* a password may have been typed */
}

static int
run_open(struct service *s, const struct container *c, const struct session *x, const char *mark, struct http_conn *conn,
    int *ret_status, struct err *e)
{
	AUTO(pump) struct pump p = { .s = s, .x = x, .conn = conn, .up = BUF_SECRET_INIT(UP_MAX), .fault = EXEC_FAULT_INIT, .resize_fd = -1,
		.is_in_open = x->has_stdin, .is_net_open = true, .tap_due_ms = CLOCK_NEVER,
		.stall_due_ms = CLOCK_NEVER };
	AUTO(term_raw) struct term_raw raw = { false };
	struct exec_spec spec = { .argv = x->argv, .env = make_env(s->arena, x, mark), .user = x->user, .workdir = x->workdir,
		.has_tty = x->has_tty, .has_stdin = x->has_stdin };

	if (x->has_tty) {
		term_size(&spec.columns, &spec.rows);
		p.resize_fd = term_resize_fd(e);
		if (p.resize_fd < 0)
			return -1;
	}
	if (exec_open(&s->engine, s->arena, c->id, &spec, conn, &p.exec_id, clock_due_ms(ENGINE_CALL_MS), e) < 0)
		return -1;
	p.view = http_surplus(conn);
	p.limit[0] = sink_limit(x->out_fd);
	p.limit[1] = sink_limit(x->err_fd);
	if (x->has_tty) {
		if (term_raw_on(&raw, e) < 0)
			return -1;
		pass_size(&p);		/* engines before API 1.42 do not take it with the start */
	}
	int carried = carry(&p, e);
	term_raw_auto(&raw);
	return end_status(&p, c, mark, carried, ret_status, e);
}

int
session_run(struct service *s, const struct container *c, const struct session *x, int *ret_status, struct err *e)
{
	AUTO(buf) struct buf mark = BUF_INIT(64);
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;

	if (!x->mark && (rand_hex(&mark, 8, e) < 0 || buf_check(&mark, "mark", e) < 0))
		return -1;
	return run_open(s, c, x, x->mark ? x->mark : mark.p, &conn, ret_status, e);
}

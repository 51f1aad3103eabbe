/* occ logs: what the service printed, as fast as the engine gives it */
#include <string.h>
#include <unistd.h>

#include "applets/occ/common.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/engine/exec.h"
#include "lib/term/sink.h"

#define GATHER_BYTES 65536
#define GATHER_MS 20		/* so long a line waits for company */

struct logs_opts {
	bool follow, timestamps;
	int64_t tail;
	const char *since, *until;
};

static const struct opt logs_opts[] = {
	FLAG(struct logs_opts, follow, 'f', "follow", "go on with what comes, until the container stops"),
	UINT(struct logs_opts, tail, 'n', "tail", "N", 0, INT32_MAX, "the last N lines only"),
	STR(struct logs_opts, since, 0, "since", "TIME", "from then on: 10m, 2026-11-01, 2026-11-01T10:00:00Z"),
	STR(struct logs_opts, until, 0, "until", "TIME", "up to then"),
	FLAG(struct logs_opts, timestamps, 't', "timestamps", "begin each line with its time"),
	OPT_LAST
};

/* The engine sends each line by itself, and one write for each would cost more than the rest: they are gathered for a moment nobody sees. */
struct gather {
	char *bytes;		/* GATHER_BYTES */
	size_t n;
	int64_t due_ms;		/* of the oldest byte in it; CLOCK_NEVER while empty */
	int fd;
	bool is_reader_gone;
};

static void
gather_auto(struct gather *g)
{
	mem_free(g->bytes);
}

static int
flush(struct gather *g, struct err *e)
{
	int got = sink_all(g->fd, str_from(g->bytes, g->n), e);

	g->n = 0;
	g->due_ms = CLOCK_NEVER;
	if (got < 0)
		return -1;
	/* Standard error that nobody reads is no reason to stop. */
	if (got > 0 && g->fd == STDOUT_FILENO)
		g->is_reader_gone = true;
	return 0;
}

/* Output and errors share a screen: what came first is written first. */
static int
put(struct gather *g, int fd, struct str data, struct err *e)
{
	if (g->fd != fd && g->n > 0 && flush(g, e) < 0)
		return -1;
	g->fd = fd;
	while (data.n > 0) {
		size_t n = data.n < GATHER_BYTES - g->n ? data.n : GATHER_BYTES - g->n;

		if (g->n == 0)
			g->due_ms = clock_due_ms(GATHER_MS);
		memcpy(g->bytes + g->n, data.p, n);
		g->n += n;
		data = str_skip(data, n);
		if (g->n == GATHER_BYTES && flush(g, e) < 0)
			return -1;
	}
	return 0;
}

static int
put_framed(struct gather *g, struct demux *d, struct str data, struct err *e)
{
	int stream, got;
	struct str run;

	while ((got = demux_next(d, &data, &stream, &run, e)) > 0) {
		if (stream == DEMUX_SYSTEM)
			return err_set(e, ERR_ENGINE, "the engine cannot read the log: " STR_FMT, STR_ARG(str_trim(run)));
		if (put(g, stream == DEMUX_STDERR ? STDERR_FILENO : STDOUT_FILENO, run, e) < 0)
			return -1;
	}
	return got;
}

/* Next bytes of the log; what was gathered is written when none come in time. As http_recv_body. */
static int
next(struct http_conn *conn, struct gather *g, struct str *ret, struct err *e)
{
	int got = http_recv_body(conn, ret, g->due_ms, e);

	if (got >= 0 || e->code != ERR_TIMEOUT)
		return got;
	err_clear(e);
	return flush(g, e) < 0 ? -1 : http_recv_body(conn, ret, CLOCK_NEVER, e);
}

static int
copy(struct http_conn *conn, bool is_framed, struct gather *g, struct err *e)
{
	struct demux d = { .left = 0 };
	struct str data;
	int got;

	while ((got = next(conn, g, &data, e)) > 0) {
		if ((is_framed ? put_framed(g, &d, data, e) : put(g, STDOUT_FILENO, data, e)) < 0)
			return -1;
		if (g->is_reader_gone)
			return 0;
	}
	if (got == 0)
		return flush(g, e);
	return got;
}

static int
make_spec(const struct logs_opts *o, struct logs_spec *ret, struct err *e)
{
	int64_t now_s = clock_epoch_s();

	*ret = (struct logs_spec){ .follow = o->follow, .timestamps = o->timestamps, .tail = o->tail };
	if (o->since && clock_parse_when(str_of(o->since), now_s, &ret->since_epoch_s, e) < 0) {
		e->code = ERR_USAGE;
		return err_wrap(e, "--since");
	}
	if (o->until && clock_parse_when(str_of(o->until), now_s, &ret->until_epoch_s, e) < 0) {
		e->code = ERR_USAGE;
		return err_wrap(e, "--until");
	}
	return 0;
}

/* Why following ended is told, so that silence and the end cannot be taken for one another. */
static void
tell_end(struct run *r, struct service *s)
{
	struct container c;
	struct err ignored = ERR_INIT;

	if (r->g->is_quiet)
		return;
	if (service_container(s, &c, &ignored) == 1 && c.state == CONTAINER_EXITED)
		term_warn(r->term, r->cli->prog, "the container has stopped (exit status %d)", c.exit_code);
	else
		term_warn(r->term, r->cli->prog, "the log ended: the container was stopped, restarted or removed");
}

static int
logs_run(struct run *r, struct err *e)
{
	const struct logs_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	AUTO(gather) struct gather g = { .bytes = mem_new(GATHER_BYTES), .due_ms = CLOCK_NEVER, .fd = STDOUT_FILENO };
	struct logs_spec spec;
	struct container c;
	bool is_framed = true;

	if (make_spec(o, &spec, e) < 0 || occ_connect(r, &s, e) < 0)
		return -1;
	int there = service_container(&s, &c, e);
	if (there < 0)
		return -1;
	if (there == 0) {
		err_set(e, ERR_NOT_RUNNING, "there is no log: %s has no container", s.names.container);
		return err_note(e, "try", "%s start", r->cli->prog);
	}
	if (logs_open(&s.engine, r->arena, c.id, &spec, &conn, &is_framed, clock_due_ms(ENGINE_CALL_MS), e) < 0)
		return -1;
	if (copy(&conn, is_framed, &g, e) < 0) {
		/* Ctrl-C is how a person ends a log: nothing to say about it. */
		return e->code == ERR_INTERRUPTED ? err_exit_status(ERR_INTERRUPTED) : -1;
	}
	if (o->follow && !o->until && !g.is_reader_gone)
		tell_end(r, &s);
	return 0;
}

static const char *const logs_examples[] = {
	"logs -f", "everything so far, then what comes",
	"logs -n 100 -t", "the last 100 lines with their times",
	"logs --since 2h --until 1h", "an hour of the past",
	NULL
};

CMD(occ_logs) = {
	.applet = "occ", .name = "logs", .group = "Access", .args = "", .args_min = 0, .args_max = 0,
	.brief = "show what the service printed",
	.about = "Of a stopped container, too. Output and errors go where they went in the container. Following ends when the container stops "
		"or is recreated.",
	.examples = logs_examples,
	.opts = logs_opts, .opts_bytes = sizeof(struct logs_opts),
	.run = logs_run,
};

/* pipe.c - create, attach, start; frames apart; wait, remove */
#include "lib/engine/pipe.h"

#include <errno.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/engine/wire.h"

#define START_MS 60000
#define NAME_HEX 6

/* ---- begin and end ---- */

static int
attach(struct pipe *p, const char *id, bool has_stdin, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, has_stdin ? "/attach?stream=1&stdin=1&stdout=1&stderr=1" : "/attach?stream=1&stdout=1&stderr=1");
	const struct engine_stream_request r = { .method = "POST", .path = path.p, .body = STR_LIT(""), .content_type = "text/plain", .is_hijack = true };
	return engine_stream(p->en, &r, &p->conn, clock_due_ms(START_MS), e) < 0 ? err_wrap(e, "attach to container %.*s", WIRE_ID(id)) : 0;
}

/* Attached before the start, so that no byte is missed. */
int
pipe_open(struct pipe *p, struct engine *en, struct arena *a, struct str body, bool has_stdin, struct err *e)
{
	AUTO(buf) struct buf name = BUF_INIT(sizeof p->name);
	const char *id;

	buf_puts(&name, "opencode-cloud-run-");
	if (rand_hex(&name, NAME_HEX, e) < 0)
		return -1;
	str_copy(p->name, sizeof p->name, name.p);
	p->en = en;
	p->run = mem_new(PIPE_RUN_BYTES);
	if (container_create(en, a, p->name, body, &id, e) < 0 || attach(p, id, has_stdin, e) < 0)
		return -1;
	p->rest = http_surplus(&p->conn);
	return container_start(en, id, clock_due_ms(START_MS), e);
}

/* Removed by its name, for the answer to its creation may never have come. */
void
pipe_auto(struct pipe *p)
{
	struct err cleanup = ERR_INIT;

	http_conn_fini(&p->conn);
	if (p->name[0]) {
		cancel_hold();
		if (container_remove(p->en, p->name, true, &cleanup) < 0)
			log_line("engine: %s is left behind: %s", p->name, cleanup.msg);
		cancel_release();
	}
	p->name[0] = '\0';
	mem_free(p->run);
	p->run = NULL;
	buf_fini(&p->said);
}

/* ---- output ---- */

/* Bytes of the connection into rest: 1, 0 at the end, -1. */
static int
refill(struct pipe *p, struct err *e)
{
	ssize_t n = wire_read(&p->conn, p->run, PIPE_RUN_BYTES, clock_due_ms(PIPE_PATIENCE_MS), e);

	if (n < 0)
		return -1;
	p->rest = str_from(p->run, (size_t)n);
	p->is_over = n == 0;
	if (p->is_over && (p->demux.head_n > 0 || p->demux.left > 0))
		return err_set(e, ERR_ENGINE, "the connection to the engine was lost in the middle of a container's output");
	return n > 0;
}

/* The next run of standard output in what has been read: 1, 0 when more has to be read, -1. */
static int
take(struct pipe *p, struct str *ret, struct err *e)
{
	int stream, got;

	while ((got = demux_next(&p->demux, &p->rest, &stream, ret, e)) > 0) {
		if (stream == DEMUX_SYSTEM)
			return err_set(e, ERR_ENGINE, "the engine broke the stream off: " STR_FMT, STR_ARG(str_take(*ret, 200)));
		if (stream == DEMUX_STDOUT && ret->n > 0)
			return 1;
		if (stream == DEMUX_STDERR)
			buf_putstr(&p->said, str_take(*ret, PIPE_SAID_MAX - p->said.n));
	}
	return got;
}

static ssize_t
read_output(void *ctx, void *to, size_t n, struct err *e)
{
	struct pipe *p = ctx;
	struct str have;
	int got;

	while ((got = take(p, &have, e)) == 0) {
		if (p->is_over)
			return 0;
		if (refill(p, e) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	struct str now = str_take(have, n);
	memcpy(to, now.p, now.n);
	/* What was not wanted yet goes back: it stands before rest, in the same frame. */
	p->rest = str_from(p->rest.p - (have.n - now.n), p->rest.n + (have.n - now.n));
	p->demux.left += (uint32_t)(have.n - now.n);
	return (ssize_t)now.n;
}

struct source
pipe_source(struct pipe *p)
{
	return (struct source){ .read = read_output, .ctx = p };
}

/* ---- input ---- */

static int
stopped_reading(struct pipe *p, struct err *e)
{
	return err_set(e, ERR_FAIL, "the container stopped reading%s" STR_FMT, p->said.n ? ": " : "", STR_ARG(str_trim(buf_str(&p->said))));
}

/* While it is written to it may speak: that is taken, or neither side would go on. */
static int
listen_too(struct pipe *p, struct err *e)
{
	struct str dropped;
	int got = refill(p, e);

	while (got > 0 && (got = take(p, &dropped, e)) > 0)
		;
	if (got < 0)
		return -1;
	return p->is_over ? stopped_reading(p, e) : 0;
}

static int
write_input(void *ctx, struct str data, struct err *e)
{
	struct pipe *p = ctx;

	while (data.n > 0) {
		int got = fd_wait(p->conn.stream.fd, POLLIN | POLLOUT, clock_due_ms(PIPE_PATIENCE_MS), e);

		if (got < 0)
			return -1;
		if ((got & (POLLIN | POLLHUP | POLLERR)) && listen_too(p, e) < 0)
			return -1;
		if (!(got & POLLOUT))
			continue;
		ssize_t n = stream_write_some(&p->conn.stream, &data, 1, e);
		if (n < 0)
			return e->sys == EPIPE || e->sys == ECONNRESET ? stopped_reading(p, e) : -1;
		data = str_skip(data, (size_t)n);
	}
	return 0;
}

struct sink
pipe_sink(struct pipe *p)
{
	return (struct sink){ .write = write_input, .ctx = p };
}

int
pipe_end(struct pipe *p, int *ret_exit_code, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct str dropped;
	int got = 1;

	(void)!stream_shutdown_write(&p->conn.stream, &ignored);
	while (!p->is_over && got > 0) {
		while ((got = take(p, &dropped, e)) > 0)
			;
		if (got == 0)
			got = refill(p, e);
	}
	if (got < 0 || container_wait(p->en, p->name, clock_due_ms(PIPE_PATIENCE_MS), ret_exit_code, e) < 0)
		return -1;
	return 0;
}

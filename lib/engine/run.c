/*
 * A throw-away container: its name is ours and drawn at random, so that it can be removed even when the answer to its creation never
 * came.
 */
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/rand.h"
#include "lib/engine/container.h"
#include "lib/engine/exec.h"
#include "lib/engine/wire.h"

/* Attached before the start, so that no byte is missed. */
static int
attach(struct engine *en, const char *id, struct http_conn *ret, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/attach?stream=1&stdout=1&stderr=1");
	const struct engine_stream_request r = {
		.method = "POST", .path = path.p, .body = STR_LIT(""), .content_type = "text/plain", .is_hijack = true,
	};
	return engine_stream(en, &r, ret, due_ms, e) < 0 ? err_wrap(e, "attach to container %.*s", WIRE_ID(id)) : 0;
}

/* Appends frames' payloads, or the bytes as they are. */
static int
append(struct demux *d, bool is_framed, struct str in, struct buf *out, struct err *e)
{
	struct str data;
	int stream, got = 0;

	if (!is_framed)
		buf_putstr(out, in);
	while (is_framed && (got = demux_next(d, &in, &stream, &data, e)) > 0)
		buf_putstr(out, data);
	return got < 0 ? -1 : buf_check(out, "the container's output", e);
}

static int
collect(struct http_conn *c, bool is_framed, struct buf *out, int64_t due_ms, struct err *e)
{
	struct demux d = { .left = 0 };
	char run[16384];

	if (append(&d, is_framed, http_surplus(c), out, e) < 0)
		return -1;
	for (;;) {
		ssize_t n = wire_read(c, run, sizeof run, due_ms, e);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		if (append(&d, is_framed, str_from(run, (size_t)n), out, e) < 0)
			return -1;
	}
}

static int
run_created(struct engine *en, struct arena *a, const char *id, struct buf *output, int64_t due_ms, int *ret_exit_code, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	struct container c;

	if (container_inspect(en, a, id, &c, e) < 0)
		return -1;
	if (attach(en, id, &conn, due_ms, e) < 0 || container_start(en, id, due_ms, e) < 0)
		return -1;
	if (collect(&conn, !c.has_tty, output, due_ms, e) < 0)
		return err_wrap(e, "output of a container");
	return container_wait(en, id, due_ms, ret_exit_code, e);
}

int
container_run(struct engine *en, struct arena *a, struct str body, struct buf *output, int64_t due_ms, int *ret_exit_code, struct err *e)
{
	AUTO(buf) struct buf name = BUF_INIT(64);
	struct err cleanup = ERR_INIT;
	const char *id;

	buf_puts(&name, "opencode-cloud-run-");
	if (rand_hex(&name, 6, e) < 0)
		return -1;
	int rc = container_create(en, a, name.p, body, &id, e);
	if (rc == 0)
		rc = run_created(en, a, id, output, due_ms, ret_exit_code, e);
	cancel_hold();
	if (container_remove(en, name.p, true, &cleanup) < 0)
		log_line("engine: %s is left behind: %s", name.p, cleanup.msg);
	cancel_release();
	return rc;
}

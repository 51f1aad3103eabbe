#include "lib/engine/container.h"
#include "lib/engine/exec.h"
#include "lib/engine/wire.h"

#define LOG_PAUSE_US 200

int
logs_open(struct engine *en, struct arena *a, const char *container, const struct logs_spec *s, struct http_conn *ret, bool *ret_framed,
    int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	struct container c;

	/* Below API 1.42 the content type does not tell a terminal's raw bytes from frames. */
	if (container_inspect(en, a, container, &c, e) < 0)
		return -1;
	wire_path(&path, "/containers/", container, "/logs?stdout=1&stderr=1");
	if (s->follow)
		buf_puts(&path, "&follow=1");
	if (s->timestamps)
		buf_puts(&path, "&timestamps=1");
	if (s->tail >= 0)
		buf_printf(&path, "&tail=%lld", (long long)s->tail);
	if (s->since_epoch_s > 0)
		buf_printf(&path, "&since=%lld", (long long)s->since_epoch_s);
	if (s->until_epoch_s > 0)
		buf_printf(&path, "&until=%lld", (long long)s->until_epoch_s);
	const struct engine_stream_request r = { .method = "GET", .path = path.p };
	if (engine_stream(en, &r, ret, due_ms, e) < 0)
		return err_wrap(e, "logs of container %.*s", WIRE_ID(container));
	/* The engine writes each line by itself: a reader that waits for every one of them costs the engine a wake-up a line. */
	ret->pause_us = LOG_PAUSE_US;
	*ret_framed = !c.has_tty;
	return 0;
}

#include "lib/engine/container.h"

#include <string.h>

#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

/* Podman filters by names of its own (seen on 4.3), although "died" then arrives as "die". */
static const struct {
	const char *docker, *podman;
} other_names[] = {
	{ "die", "died" },
	{ "destroy", "remove" },
};

static void
put_name(struct jsonw *w, const char *name, bool is_podman)
{
	jsonw_str(w, NULL, name);
	for (size_t i = 0; is_podman && i < sizeof other_names / sizeof other_names[0]; i++) {
		if (strcmp(name, other_names[i].docker) == 0)
			jsonw_str(w, NULL, other_names[i].podman);
	}
}

static void
put_filters(struct buf *path, const char *container, const char *const *names, bool is_podman)
{
	AUTO(buf) struct buf json = BUF_INIT(WIRE_PATH_MAX);
	struct jsonw w = JSONW_INIT(&json, 0);

	jsonw_object(&w, NULL);
	jsonw_array(&w, "type");
	jsonw_str(&w, NULL, "container");
	jsonw_end(&w);
	if (container) {
		jsonw_array(&w, "container");
		jsonw_str(&w, NULL, container);
		jsonw_end(&w);
	}
	if (names && *names) {
		jsonw_array(&w, "event");
		for (; *names; names++)
			put_name(&w, *names, is_podman);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	wire_query(path, "filters", buf_str(&json));
}

int
events_open(struct engine *en, struct events *ev, const char *container, const char *const *names, int64_t since_ns, int64_t due_ms,
    struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	events_auto(ev);
	buf_puts(&path, "/events");
	if (since_ns > 0)
		buf_printf(&path, "?since=%lld.%09lld", (long long)(since_ns / 1000000000), (long long)(since_ns % 1000000000));
	put_filters(&path, container, names, en->is_podman);
	const struct engine_stream_request r = { .method = "GET", .path = path.p };
	if (engine_stream(en, &r, &ev->conn, due_ms, e) < 0)
		return err_wrap(e, "follow the engine's events");
	return 0;
}

int
events_next(struct events *ev, struct arena *a, const struct json **ret, int64_t due_ms, struct err *e)
{
	for (;;) {
		struct str text, run;
		int got = json_stream_next(&ev->objects, &text, e);
		if (got < 0)
			return err_wrap(e, "follow the engine's events");
		if (got > 0) {
			*ret = json_parse(a, text, e);
			return *ret ? 1 : err_wrap(e, "follow the engine's events");
		}
		got = http_recv_body(&ev->conn, &run, due_ms, e);
		if (got < 0 && e->code == ERR_EOF) {
			err_clear(e);		/* an engine that dies says no last chunk */
			return 0;
		}
		if (got <= 0)
			return got;
		if (json_stream_put(&ev->objects, run, e) < 0)
			return -1;
	}
}

void
events_auto(struct events *ev)
{
	http_conn_fini(&ev->conn);
	json_stream_fini(&ev->objects);
}

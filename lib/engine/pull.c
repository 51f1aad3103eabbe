#include <string.h>

#include "lib/base/clock.h"
#include "lib/engine/image.h"
#include "lib/engine/progress.h"
#include "lib/engine/wire.h"

#define AUTH_MAX 65536

struct pull {
	const struct image_progress *progress;
	struct str domain;
	struct progress_layers layers;
	bool is_done;			/* the engine said the final word */
};

static int
each_object(void *ctx, const struct json *object, struct err *e)
{
	struct pull *p = ctx;
	uint64_t done = 0, total = 0;
	const char *said = progress_error(object);

	if (said)
		return progress_registry_fault(said, p->domain, e);
	const char *status = json_str(json_get(object, "status"), "");
	const char *id = json_str(json_get(object, "id"), "");
	p->is_done = p->is_done || str_has_prefix(str_of(status), "Status: ");
	bool is_layer = progress_layers_add(&p->layers, object, &done, &total);
	if (!p->progress || !p->progress->step || !*status)
		return 0;

	AUTO(buf) struct buf line = BUF_INIT(PROGRESS_LINE_MAX + 1);
	wire_clean(&line, str_of(id), 80);
	buf_puts(&line, *id ? ": " : "");
	wire_clean(&line, str_of(status), 200);
	p->progress->step(p->progress->ctx, buf_str(&line), is_layer ? done : 0, is_layer ? total : 0);
	return 0;
}

/* fromImage=...&tag=...: without a tag the engine would pull all of them. */
static void
put_query(struct buf *path, const struct image_ref *ref)
{
	AUTO(buf) struct buf name = BUF_INIT(WIRE_PATH_MAX);

	buf_printf(&name, STR_FMT "/" STR_FMT, STR_ARG(ref->domain), STR_ARG(ref->path));
	wire_query(path, "fromImage", buf_str(&name));
	wire_query(path, "tag", ref->digest.n ? ref->digest : ref->tag.n ? ref->tag : STR_LIT("latest"));
}

/* An image that was pulled for another platform is there, and does not run. */
static int
check_platform(struct engine *en, struct arena *a, const char *ref, struct err *e)
{
	const struct json *version = NULL;
	struct image im;

	if (image_inspect(en, a, ref, &im, e) < 0) {
		if (e->code == ERR_NOT_FOUND)
			(void)err_set(e, ERR_ENGINE, "the pull ended, and the image is not there");
		return -1;
	}
	if (engine_call(en, a, "GET", "/version", STR_NULL, clock_due_ms(ENGINE_CALL_MS), &version, e) < 0)
		return -1;
	const char *arch = json_str(json_get(version, "Arch"), "");
	if (!*arch || !*im.arch || strcmp(arch, im.arch) == 0)
		return 0;
	return err_set(e, ERR_IMAGE, "the image is made for %s/%s, the engine runs %s/%s", im.os, im.arch,
	    json_str(json_get(version, "Os"), "linux"), arch);
}

static int
pull(struct engine *en, struct arena *a, const char *ref, const struct image_ref *parsed, struct pull *p, int64_t due_ms, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf auth = BUF_SECRET_INIT(AUTH_MAX);

	if (registry_auth_put(a, &en->env, parsed->domain, &auth, e) < 0)
		return -1;
	buf_puts(&path, "/images/create");
	put_query(&path, parsed);
	const struct http_field field = { STR_LIT("X-Registry-Auth"), buf_str(&auth) };
	const struct engine_stream_request r = { .method = "POST", .path = path.p, .fields = &field, .n_fields = auth.n > 0 };
	if (engine_stream(en, &r, &conn, due_ms, e) < 0)
		return e->http ? progress_registry_fault(e->msg, parsed->domain, e) : -1;
	if (progress_read(en, &conn, each_object, p, "the pull", due_ms, e) < 0)
		return -1;
	/* Podman has no final word of its own; there the image's presence has to do. */
	if (!p->is_done && !en->is_podman)
		return err_set(e, ERR_ENGINE, "the connection to the engine was lost in the middle of the pull");
	return check_platform(en, a, ref, e);
}

int
image_pull(struct engine *en, struct arena *a, const char *ref, const struct image_progress *p, int64_t due_ms, struct err *e)
{
	struct image_ref parsed;

	if (image_ref_parse(str_of(ref), &parsed, e) < 0)
		return -1;
	struct pull state = { .progress = p, .domain = parsed.domain };
	return pull(en, a, ref, &parsed, &state, due_ms, e) < 0 ? err_wrap(e, "pull %s", ref) : 0;
}

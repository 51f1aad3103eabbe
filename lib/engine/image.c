#include "lib/engine/image.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/engine/wire.h"

int
image_inspect(struct engine *en, struct arena *a, const char *ref, struct image *ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	wire_path(&path, "/images/", ref, "/json");
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), &j, e) < 0)
		return err_wrap(e, "inspect image %s", ref);
	const char *id = json_str(json_get(j, "Id"), NULL);
	if (!id)
		return err_set(e, ERR_ENGINE, "inspect image %s: the engine's answer has no id", ref);
	int64_t size = json_int(json_get(j, "Size"), 0);
	*ret = (struct image){
		.id = strchr(id, ':') ? id : arena_printf(a, "sha256:%s", id),
		.os = json_str(json_get(j, "Os"), ""),
		.arch = json_str(json_get(j, "Architecture"), ""),
		.size_bytes = size > 0 ? (uint64_t)size : 0,
		.config = json_get(j, "Config"),
		.raw = j,
	};
	return 0;
}

const char *
image_label(const struct image *im, const char *name)
{
	return json_str(json_get(json_get(im->config, "Labels"), name), NULL);
}

int
image_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	buf_puts(&path, "/images/json");
	wire_filter(&path, "label", label);
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), ret, e) < 0)
		return err_wrap(e, "list images");
	return 0;
}

int
image_tag(struct engine *en, const char *id, const char *repo, const char *tag, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/images/", id, "/tag");
	wire_query(&path, "repo", str_of(repo));
	wire_query(&path, "tag", str_of(tag));
	if (wire_do(en, "POST", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), e) < 0)
		return err_wrap(e, "tag image %s as %s:%s", id, repo, tag);
	return 0;
}

int
image_remove(struct engine *en, const char *ref, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/images/", ref, "");
	if (wire_do(en, "DELETE", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), e) >= 0)
		return 0;
	if (e->code == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	return err_wrap(e, "remove image %s", ref);
}

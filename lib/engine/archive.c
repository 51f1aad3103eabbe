/*
 * Files into and out of a container. The content type is not decoration: without application/x-tar an engine answers 200 and
 * extracts nothing (seen on 20.10).
 */
#include "lib/base/clock.h"
#include "lib/engine/container.h"
#include "lib/engine/wire.h"

int
container_put_tar(struct engine *en, const char *id, const char *dir, struct str tar, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf answer = BUF_INIT(WIRE_REFUSAL_MAX);

	wire_path(&path, "/containers/", id, "/archive");
	wire_query(&path, "path", str_of(dir));
	const struct wire_request r = { .method = "PUT", .path = path.p, .body = tar, .content_type = "application/x-tar" };
	int status = wire_exchange(en, &r, &answer, clock_due_ms(ENGINE_CALL_MS), e);
	if (status < 0)
		return err_wrap(e, "put files into container %.*s at %s", WIRE_ID(id), dir);
	if (status != 200)
		return err_set(e, ERR_ENGINE, "put files into container %.*s at %s: HTTP status %d", WIRE_ID(id), dir, status);
	return 0;
}

int
container_get_tar(struct engine *en, const char *id, const char *path, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf target = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&target, "/containers/", id, "/archive");
	wire_query(&target, "path", str_of(path));
	const struct wire_request r = { .method = "GET", .path = target.p };
	if (wire_exchange(en, &r, out, clock_due_ms(ENGINE_CALL_MS), e) < 0)
		return err_wrap(e, "get %s from container %.*s", path, WIRE_ID(id));
	return 0;
}

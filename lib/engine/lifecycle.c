/*
 * What changes a container: create, start, stop, kill, remove and the like. Each is one call, and each treats the state it wants as
 * success when the container is in it already.
 */
#include "lib/engine/container.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

#define STOP_SPARE_MS 30000		/* for the engine's own part of a stop */
#define GONE_POLL_MS 100
#define PAUSE_TRIES 5

static int64_t
short_due(void)
{
	return clock_due_ms(ENGINE_CALL_MS);
}

static bool
says(const struct err *e, const char *text)
{
	return strstr(e->msg, text) != NULL;
}

/* What engines say when a container cannot be made or started, and what it means for a person. First match counts. */
static const struct {
	const char *text;
	enum err_code code;
	const char *remedy;
} causes[] = {
	{ "port is already allocated", ERR_ADDR_IN_USE, NULL },
	{ "address already in use", ERR_ADDR_IN_USE, NULL },
	{ "Ports are not available", ERR_ADDR_IN_USE, NULL },
	{ "cannot assign requested address", ERR_CONFIG, "the address to publish on has to be one of the engine's host" },
	{ "Mounts denied", ERR_CONFIG, "share that directory with the engine's virtual machine (Docker Desktop: Settings, Resources, File sharing)" },
	{ "is not shared from the host", ERR_CONFIG,
	    "share that directory with the engine's virtual machine (Docker Desktop: Settings, Resources, File sharing)" },
	{ "invalid mount config", ERR_CONFIG, "a mount's source has to exist on the engine's host" },
	{ "bind source path does not exist", ERR_CONFIG, "a mount's source has to exist on the engine's host" },
	{ "error mounting", ERR_CONFIG, "a directory cannot be mounted on a file, nor a file on a directory" },
};

static int
fault(struct err *e)
{
	for (size_t i = 0; e->http != 0 && i < sizeof causes / sizeof causes[0]; i++) {
		if (!says(e, causes[i].text))
			continue;
		e->code = causes[i].code;
		return causes[i].remedy ? err_note(e, "try", "%s", causes[i].remedy) : -1;
	}
	return -1;
}

int
container_create(struct engine *en, struct arena *a, const char *name, struct str body, const char **ret_id, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	buf_puts(&path, "/containers/create");
	wire_query(&path, "name", str_of(name));
	/* Waited for whatever happens: an engine goes on with it, and with the volumes in it, when nobody does. */
	cancel_hold();
	int status = engine_call(en, a, "POST", path.p, body, short_due(), &j, e);
	cancel_release();
	if (status < 0) {
		/* The only thing that is not found here is the image. */
		if (e->code == ERR_NOT_FOUND)
			e->code = ERR_IMAGE;
		(void)fault(e);
		return err_wrap(e, "create container %.*s", WIRE_ID(name));
	}
	const char *id = json_str(json_get(j, "Id"), NULL);
	if (!id)
		return err_set(e, ERR_ENGINE, "create container %.*s: the engine's answer has no id", WIRE_ID(name));
	for (JSON_EACH(w, json_get(j, "Warnings")))
		log_line("engine: warning: %s", json_str(w, ""));
	*ret_id = id;
	return 0;
}

int
container_start(struct engine *en, const char *id, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/start");
	if (wire_do(en, "POST", path.p, STR_NULL, due_ms, e) >= 0)
		return 0;		/* 304: it runs already */
	(void)fault(e);
	return err_wrap(e, "start container %.*s", WIRE_ID(id));
}

int
container_stop(struct engine *en, const char *id, unsigned grace_s, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/stop");
	buf_printf(&path, "?t=%u", grace_s);
	if (wire_do(en, "POST", path.p, STR_NULL, clock_due_ms((int64_t)grace_s * 1000 + STOP_SPARE_MS), e) < 0)
		return err_wrap(e, "stop container %.*s", WIRE_ID(id));
	return 0;			/* 304: it does not run */
}

int
container_pause(struct engine *en, const char *id, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/pause");
	for (int i = 0; i < PAUSE_TRIES; i++) {
		if (wire_do(en, "POST", path.p, STR_NULL, short_due(), e) >= 0)
			return 0;
		if (!says(e, "unable to freeze"))
			break;		/* else its processes were too busy: runc gives up after a second or so */
	}
	return err_wrap(e, "pause container %.*s", WIRE_ID(id));
}

int
container_unpause(struct engine *en, const char *id, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/unpause");
	if (wire_do(en, "POST", path.p, STR_NULL, short_due(), e) >= 0)
		return 0;
	if (says(e, "is not paused"))
		e->code = ERR_CONFLICT;
	return err_wrap(e, "resume container %.*s", WIRE_ID(id));
}

int
container_kill(struct engine *en, const char *id, const char *signal, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/kill");
	wire_query(&path, "signal", str_of(signal));
	if (wire_do(en, "POST", path.p, STR_NULL, short_due(), e) >= 0)
		return 0;
	if (says(e, "is not running") || says(e, "can only kill running"))
		e->code = ERR_NOT_RUNNING;
	return err_wrap(e, "kill container %.*s", WIRE_ID(id));
}

/* Somebody else is removing it: wait until it is gone. */
static int
wait_gone(struct engine *en, const char *id, int64_t due_ms, struct err *e)
{
	struct err ignored = ERR_INIT;

	for (;;) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct container c;
		if (container_inspect(en, &a, id, &c, e) < 0) {
			if (e->code != ERR_NOT_FOUND)
				return -1;
			err_clear(e);
			return 0;
		}
		if (clock_now_ms() >= due_ms)
			return err_set(e, ERR_TIMEOUT, "container %.*s is being removed and does not go away", WIRE_ID(id));
		if (fd_wait_many(NULL, 0, clock_due_ms(GONE_POLL_MS), &ignored) < 0 && ignored.code != ERR_TIMEOUT) {
			*e = ignored;
			return -1;
		}
	}
}

int
container_remove(struct engine *en, const char *id, bool force, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, force ? "?v=0&force=1" : "?v=0");
	if (wire_do(en, "DELETE", path.p, STR_NULL, short_due(), e) >= 0)
		return 0;
	if (e->code == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	if (e->code == ERR_CONFLICT && says(e, "already in progress"))
		return wait_gone(en, id, short_due(), e);
	return err_wrap(e, "remove container %.*s", WIRE_ID(id));
}

int
container_rename(struct engine *en, const char *id, const char *new_name, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, "/containers/", id, "/rename");
	wire_query(&path, "name", str_of(new_name));
	if (wire_do(en, "POST", path.p, STR_NULL, short_due(), e) < 0)
		return err_wrap(e, "rename container %.*s to %s", WIRE_ID(id), new_name);
	return 0;
}

int
container_set_restart_policy(struct engine *en, const char *id, const char *policy, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf body = BUF_INIT(1024);
	struct jsonw w = JSONW_INIT(&body, 0);

	jsonw_object(&w, NULL);
	jsonw_object(&w, "RestartPolicy");
	jsonw_str(&w, "Name", policy);
	jsonw_int(&w, "MaximumRetryCount", 0);
	jsonw_end(&w);
	jsonw_end(&w);
	wire_path(&path, "/containers/", id, "/update");
	if (wire_do(en, "POST", path.p, buf_str(&body), short_due(), e) >= 0)
		return 0;
	/* Podman before 5 has no such call, and its 404 does not mean the container. */
	if (en->is_podman && e->code == ERR_NOT_FOUND && !says(e, "no such container") && !says(e, "no container with")) {
		(void)err_set(e, ERR_FAIL, "this Podman cannot change a container's restart policy");
		e->http = 404;
	}
	return err_wrap(e, "change the restart policy of container %.*s", WIRE_ID(id));
}

int
container_wait(struct engine *en, const char *id, int64_t due_ms, int *ret_exit_code, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	wire_path(&path, "/containers/", id, "/wait");
	if (engine_call(en, &a, "POST", path.p, STR_NULL, due_ms, &j, e) < 0)
		return err_wrap(e, "wait for container %.*s", WIRE_ID(id));
	const struct json *code = json_get(j, "StatusCode");
	if (!json_is(code, JSON_NUMBER))
		return err_set(e, ERR_ENGINE, "wait for container %.*s: the engine's answer has no exit code", WIRE_ID(id));
	*ret_exit_code = (int)json_int(code, 0);
	return 0;
}

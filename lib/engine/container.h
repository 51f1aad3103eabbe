/*
 * container.h - containers of the engine: inspect, create, start, stop, remove, files, events
 */
#ifndef OCC_ENGINE_CONTAINER_H
#define OCC_ENGINE_CONTAINER_H

#include "lib/engine/engine.h"
#include "lib/engine/json_stream.h"

enum container_state {
	CONTAINER_CREATED, CONTAINER_RUNNING, CONTAINER_PAUSED, CONTAINER_RESTARTING, CONTAINER_REMOVING, CONTAINER_EXITED, CONTAINER_DEAD,
	CONTAINER_UNKNOWN
};

struct container {
	const char *id, *name;		/* name without slash */
	const char *image_id;		/* "sha256:..." */
	enum container_state state;
	int exit_code;
	bool is_oom_killed, has_tty;
	const char *error;		/* State.Error, "" if none */
	const char *health;		/* "healthy", "unhealthy", "starting", "" */
	int64_t started_epoch_s, finished_epoch_s;	/* 0: never */
	int64_t restarts;
	const struct json *labels;	/* Config.Labels */
	const struct json *raw;		/* the whole answer */
};

const char *container_state_name(enum container_state s);
const char *container_label(const struct container *c, const char *name);	/* NULL if absent */
const char *container_restart_policy(const struct container *c);	/* the engine's own for it; "no" for none */

int container_inspect(struct engine *en, struct arena *a, const char *name, struct container *ret, struct err *e) MUST_CHECK;
/* Containers (stopped ones too) with this label ("key" or "key=value"); *ret is the engine's array. */
int container_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e) MUST_CHECK;
/* body: JSON of POST /containers/create. ERR_CONFLICT when the name is taken. */
int container_create(struct engine *en, struct arena *a, const char *name, struct str body, const char **ret_id, struct err *e) MUST_CHECK;
/* A taken port is ERR_ADDR_IN_USE. Already running is success. */
int container_start(struct engine *en, const char *id, int64_t due_ms, struct err *e) MUST_CHECK;
/* SIGTERM, then SIGKILL after grace_s seconds. Not running is success. */
int container_stop(struct engine *en, const char *id, unsigned grace_s, struct err *e) MUST_CHECK;
int container_pause(struct engine *en, const char *id, struct err *e) MUST_CHECK;
int container_unpause(struct engine *en, const char *id, struct err *e) MUST_CHECK;
int container_kill(struct engine *en, const char *id, const char *signal, struct err *e) MUST_CHECK;
int container_remove(struct engine *en, const char *id, bool force, struct err *e) MUST_CHECK;	/* absent is success; volumes stay */
int container_rename(struct engine *en, const char *id, const char *new_name, struct err *e) MUST_CHECK;
int container_set_restart_policy(struct engine *en, const char *id, const char *policy, struct err *e) MUST_CHECK;
/* Blocks until it is not running; its exit code. */
int container_wait(struct engine *en, const char *id, int64_t due_ms, int *ret_exit_code, struct err *e) MUST_CHECK;

/* PUT archive: tar extracted at dir (which must exist in the image). GET archive into out. */
int container_put_tar(struct engine *en, const char *id, const char *dir, struct str tar, struct err *e) MUST_CHECK;
int container_get_tar(struct engine *en, const char *id, const char *path, struct buf *out, struct err *e) MUST_CHECK;

/* Creates a throw-away container from body, attaches, starts, collects its output (both streams), waits, removes it whatever happens. */
int container_run(struct engine *en, struct arena *a, struct str body, struct buf *output, int64_t due_ms, int *ret_exit_code,
    struct err *e) MUST_CHECK;

/* Events as JSON objects. Open gives a stream from since_ns on (0: now), filtered by the engine to one container's names of events.
 * Podman 4 says "remove" where Docker says "destroy". */
struct events {
	struct http_conn conn;
	struct json_stream objects;
};
#define EVENTS_INIT { .conn = HTTP_CONN_INIT, .objects = JSON_STREAM_INIT }
int events_open(struct engine *en, struct events *ev, const char *container, const char *const *names, int64_t since_ns, int64_t due_ms,
    struct err *e) MUST_CHECK;
/* 1 with the next event, 0 when the engine ended the stream, -1 (ERR_TIMEOUT at the deadline; the stream stays usable). */
int events_next(struct events *ev, struct arena *a, const struct json **ret, int64_t due_ms, struct err *e) MUST_CHECK;
void events_auto(struct events *ev);

#endif

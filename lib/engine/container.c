#include "lib/engine/container.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/engine/wire.h"

#define ID_HEX 64

static const char *const state_names[] = {
	[CONTAINER_CREATED] = "created", [CONTAINER_RUNNING] = "running", [CONTAINER_PAUSED] = "paused",
	[CONTAINER_RESTARTING] = "restarting", [CONTAINER_REMOVING] = "removing", [CONTAINER_EXITED] = "exited",
	[CONTAINER_DEAD] = "dead", [CONTAINER_UNKNOWN] = "unknown",
};

const char *
container_state_name(enum container_state s)
{
	return state_names[s <= CONTAINER_UNKNOWN ? s : CONTAINER_UNKNOWN];
}

static enum container_state
state_of(const char *text)
{
	for (enum container_state s = CONTAINER_CREATED; s < CONTAINER_UNKNOWN; s++) {
		if (strcmp(text, state_names[s]) == 0)
			return s;
	}
	/* Podman's own words */
	if (strcmp(text, "configured") == 0 || strcmp(text, "initialized") == 0)
		return CONTAINER_CREATED;
	if (strcmp(text, "stopped") == 0)
		return CONTAINER_EXITED;
	return strcmp(text, "stopping") == 0 ? CONTAINER_RUNNING : CONTAINER_UNKNOWN;
}

/* 0 for "never", whatever the engine writes for it. */
static int64_t
epoch_of(const struct json *j)
{
	struct err ignored = ERR_INIT;
	int64_t ns = 0;

	if (clock_parse_rfc3339(str_of(json_str(j, "")), &ns, &ignored) < 0 || ns < 0)
		return 0;
	return ns / 1000000000;
}

/* Some Podman versions leave "sha256:" out. */
static const char *
image_id_of(struct arena *a, const char *id)
{
	return strlen(id) == ID_HEX && !strchr(id, ':') ? arena_printf(a, "sha256:%s", id) : id;
}

static void
fill(struct arena *a, const struct json *j, struct container *ret)
{
	const struct json *state = json_get(j, "State");
	const char *name = json_str(json_get(j, "Name"), "");
	const char *health = json_str(json_path(state, "Health.Status"), "");

	*ret = (struct container){
		.id = json_str(json_get(j, "Id"), ""),
		.name = name[0] == '/' ? name + 1 : name,
		.image_id = image_id_of(a, json_str(json_get(j, "Image"), "")),
		.state = state_of(json_str(json_get(state, "Status"), "")),
		.exit_code = (int)json_int(json_get(state, "ExitCode"), 0),
		.is_oom_killed = json_bool(json_get(state, "OOMKilled"), false),
		.has_tty = json_bool(json_path(j, "Config.Tty"), false),
		.error = json_str(json_get(state, "Error"), ""),
		.health = strcmp(health, "none") == 0 ? "" : health,
		.started_epoch_s = epoch_of(json_get(state, "StartedAt")),
		.finished_epoch_s = epoch_of(json_get(state, "FinishedAt")),
		.restarts = json_int(json_get(j, "RestartCount"), 0),
		.labels = json_path(j, "Config.Labels"),
		.raw = j,
	};
}

const char *
container_label(const struct container *c, const char *name)
{
	return json_str(json_get(c->labels, name), NULL);
}

const char *
container_restart_policy(const struct container *c)
{
	const char *name = json_str(json_path(c->raw, "HostConfig.RestartPolicy.Name"), "");

	return name[0] ? name : "no";
}

int
container_inspect(struct engine *en, struct arena *a, const char *name, struct container *ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	wire_path(&path, "/containers/", name, "/json");
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), &j, e) < 0)
		return err_wrap(e, "inspect container %.*s", WIRE_ID(name));
	if (!json_is(json_get(j, "Id"), JSON_STRING))
		return err_set(e, ERR_ENGINE, "inspect container %.*s: the engine's answer has no id", WIRE_ID(name));
	fill(a, j, ret);
	return 0;
}

int
container_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	buf_puts(&path, "/containers/json?all=1");
	wire_filter(&path, "label", label);
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), ret, e) < 0)
		return err_wrap(e, "list containers");
	return 0;
}

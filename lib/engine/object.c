#include "lib/engine/object.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

/* Networks and volumes differ in these words only. */
struct kind {
	const char *word, *paths, *create;
};
static const struct kind network_kind = { "network", "/networks/", "/networks/create" };
static const struct kind volume_kind = { "volume", "/volumes/", "/volumes/create" };

static void
put_body(struct buf *body, const struct kind *k, const char *name, const char *const *labels)
{
	struct jsonw w = JSONW_INIT(body, 0);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "Name", name);
	jsonw_str(&w, "Driver", k == &network_kind ? "bridge" : "local");
	if (k == &network_kind)
		jsonw_bool(&w, "CheckDuplicate", true);		/* names are not unique below API 1.44 without it */
	jsonw_object(&w, "Labels");
	for (; labels && *labels; labels++) {
		const char *eq = strchr(*labels, '=');
		if (eq) {
			AUTO(buf) struct buf key = BUF_INIT(WIRE_PATH_MAX);
			buf_put(&key, *labels, (size_t)(eq - *labels));
			jsonw_str(&w, key.p, eq + 1);
		}
	}
	jsonw_end(&w);
	jsonw_end(&w);
}

static int
inspect(struct engine *en, struct arena *a, const struct kind *k, const char *name, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	wire_path(&path, k->paths, name, "");
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), &j, e) < 0)
		return err_wrap(e, "inspect %s %s", k->word, name);
	/* A network is also found by the beginning of its id. */
	if (strcmp(json_str(json_get(j, "Name"), ""), name) != 0 && strcmp(json_str(json_get(j, "Id"), ""), name) != 0)
		return err_set(e, ERR_NOT_FOUND, "no %s is called %s", k->word, name);
	*ret = j;
	return 0;
}

/* Every label of ours is there with our value. */
static int
check_labels(const struct json *object, const struct kind *k, const char *name, const char *const *labels, struct err *e)
{
	const struct json *there = json_get(object, "Labels");

	for (; labels && *labels; labels++) {
		struct str value = str_of(*labels), key = str_cut(&value, '=');
		const struct json *found = NULL;
		for (JSON_EACH(m, there)) {
			if (m->key && str_eq(m->key->text, key))
				found = m;
		}
		if (!found || !str_eq(found->text, value))
			return err_set(e, ERR_REFUSED, "%s %s exists and belongs to somebody else (label " STR_FMT " is %s)", k->word, name,
			    STR_ARG(key), found ? json_str(found, "") : "absent");
	}
	return 0;
}

static int
ensure(struct engine *en, struct arena *a, const struct kind *k, const char *name, const char *const *labels, bool *ret_created, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;
	bool is_created = false;

	if (inspect(en, a, k, name, &j, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		put_body(&body, k, name, labels);
		if (engine_call(en, a, "POST", k->create, buf_str(&body), clock_due_ms(ENGINE_CALL_MS), NULL, e) >= 0)
			is_created = true;
		else if (e->code != ERR_CONFLICT)
			return err_wrap(e, "create %s %s", k->word, name);
		/* Whoever was faster, or the engine that answers "created" for an old volume: look at what is there now. */
		err_clear(e);
		if (inspect(en, a, k, name, &j, e) < 0)
			return -1;
	}
	if (check_labels(j, k, name, labels, e) < 0)
		return -1;
	*ret_created = is_created;
	return 0;
}

static int
remove_object(struct engine *en, const struct kind *k, const char *name, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);

	wire_path(&path, k->paths, name, "");
	if (wire_do(en, "DELETE", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), e) >= 0)
		return 0;
	if (e->code == ERR_NOT_FOUND) {
		err_clear(e);
		return 0;
	}
	if (e->http == 403 || e->http == 409)
		e->code = ERR_CONFLICT;		/* in use */
	return err_wrap(e, "remove %s %s", k->word, name);
}

int
network_ensure(struct engine *en, struct arena *a, const char *name, const char *const *labels, bool *ret_created, struct err *e)
{
	return ensure(en, a, &network_kind, name, labels, ret_created, e);
}

int
network_inspect(struct engine *en, struct arena *a, const char *name, const struct json **ret, struct err *e)
{
	return inspect(en, a, &network_kind, name, ret, e);
}

int
network_remove(struct engine *en, const char *name, struct err *e)
{
	return remove_object(en, &network_kind, name, e);
}

int
volume_ensure(struct engine *en, struct arena *a, const char *name, const char *const *labels, bool *ret_created, struct err *e)
{
	return ensure(en, a, &volume_kind, name, labels, ret_created, e);
}

int
volume_inspect(struct engine *en, struct arena *a, const char *name, const struct json **ret, struct err *e)
{
	return inspect(en, a, &volume_kind, name, ret, e);
}

int
volume_remove(struct engine *en, const char *name, struct err *e)
{
	return remove_object(en, &volume_kind, name, e);
}

int
volume_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	const struct json *j = NULL;

	buf_puts(&path, "/volumes");
	wire_filter(&path, "label", label);
	if (engine_call(en, a, "GET", path.p, STR_NULL, clock_due_ms(ENGINE_CALL_MS), &j, e) < 0)
		return err_wrap(e, "list volumes");
	*ret = json_get(j, "Volumes");
	return 0;
}

/* occ list: every instance of this person and of the system, and what else on the engine is this program's */
#include <string.h>

#include "applets/occ/common.h"
#include "lib/deploy/edge.h"

#define ROWS_MAX 256

struct row {
	const char *instance, *scope, *state, *url, *image, *owner;	/* NULL where unknown */
};

struct table {
	struct row rows[ROWS_MAX];
	size_t n;
	const struct json *containers;	/* the engine's array; NULL: it did not answer */
	const char *engine_why;
	struct strlist seen;		/* ids of containers that belong to a row */
};

/* ---- what the engine has ----------------------------------------------------------------------------------- */

static const char *
label(const struct json *container, const char *name)
{
	return json_str(json_get(json_get(container, "Labels"), name), "");
}

/* The container of a deployment and instance; the scratch ones have no instance. */
static const struct json *
find_container(const struct table *t, const struct service *s)
{
	for (JSON_EACH(c, t->containers)) {
		const char *name = json_str(json_at(json_get(c, "Names"), 0), "");

		if (strcmp(label(c, LABEL_DEPLOYMENT), s->state.deployment) == 0 && name[0] == '/' && strcmp(name + 1, s->names.container) == 0)
			return c;
	}
	return NULL;
}

/* "Up 3 hours (healthy)" is for people; the state with the health is what is shown. */
static const char *
state_of(struct arena *a, const struct json *c)
{
	const char *state = json_str(json_get(c, "State"), "unknown");
	struct str status = str_of(json_str(json_get(c, "Status"), ""));

	if (strcmp(state, "running") != 0)
		return state;
	if (str_find(status, STR_LIT("(healthy)")) != STR_NONE)
		return "healthy";
	if (str_find(status, STR_LIT("(unhealthy)")) != STR_NONE)
		return "unhealthy";
	return arena_strdup(a, state);
}

static const char *
published_url(struct arena *a, const struct json *c)
{
	for (JSON_EACH(p, json_get(c, "Ports"))) {
		int64_t public = json_int(json_get(p, "PublicPort"), 0);
		const char *ip = json_str(json_get(p, "IP"), "");
		bool is_every = strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0 || !ip[0];

		if (json_int(json_get(p, "PrivatePort"), 0) == SERVICE_PORT && public > 0)
			return arena_printf(a, strchr(ip, ':') && !is_every ? "http://[%s]:%lld" : "http://%s:%lld", is_every ? "127.0.0.1" : ip,
			    (long long)public);
	}
	return NULL;
}

/* As service_url says it, of a container that is only listed. */
static const char *
url_of(struct arena *a, const struct service *s, const struct json *c)
{
	bool is_inner = strcmp(label(c, LABEL_PASSWORD), LABEL_PASSWORD_INNER) == 0;

	if (s->config.server.public_url[0] || (edge_is_on(&s->config) && is_inner))
		return service_url_at(a, &s->config, s->scope.kind, is_inner, NULL, 0);
	return c ? published_url(a, c) : NULL;
}

/* ---- what there are files for ------------------------------------------------------------------------------ */

static void
add_row(struct table *t, struct row row)
{
	if (t->n < ROWS_MAX)
		t->rows[t->n++] = row;
}

static void
add_instance(struct run *r, struct table *t, struct service *s, const struct json *c)
{
	struct row row = { .instance = s->scope.instance, .scope = s->scope.kind == SCOPE_SYSTEM ? "system" : "user" };

	row.state = !t->containers ? "engine unreachable" : c ? state_of(r->arena, c) : "not created";
	row.url = url_of(r->arena, s, c);
	row.image = c ? json_str(json_get(c, "Image"), NULL) : NULL;
	if (c)
		strlist_add(r->arena, &t->seen, json_str(json_get(c, "Id"), ""));
	add_row(t, row);
}

/* One broken configuration hides no other instance. */
static void
add_scope(struct run *r, struct table *t, const struct service_request *base, bool is_system)
{
	struct service_request rq = *base;
	struct strlist names = { 0 };
	struct err ignored = ERR_INIT;

	rq.scope.is_system = is_system;
	rq.scope.is_user = !is_system;
	rq.scope.config_file = NULL;
	if (scope_instances(r->arena, &rq.scope, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		struct service s;
		struct err broken = ERR_INIT;

		rq.scope.instance = names.v[i];
		if (service_open(&s, r->arena, &rq, &broken) == 0)
			add_instance(r, t, &s, t->containers ? find_container(t, &s) : NULL);
		else
			add_row(t, (struct row){ .instance = names.v[i], .scope = is_system ? "system" : "user",
			    .state = arena_printf(r->arena, "%s", broken.msg) });
	}
}

/* Containers of this program that no file here knows: another person's, or of files that are gone. */
static void
add_foreign(struct run *r, struct table *t)
{
	for (JSON_EACH(c, t->containers)) {
		const char *instance = label(c, LABEL_INSTANCE), *owner = label(c, LABEL_OWNER);

		if (!instance[0] || strlist_has(&t->seen, json_str(json_get(c, "Id"), "")))
			continue;
		add_row(t, (struct row){ .instance = instance, .scope = "foreign", .state = state_of(r->arena, c), .url = published_url(r->arena, c),
		    .image = json_str(json_get(c, "Image"), NULL), .owner = owner[0] ? owner : "unknown" });
	}
}

/* ---- showing ----------------------------------------------------------------------------------------------- */

static int
as_json(struct run *r, const struct table *t, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(1u << 20);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "engine_reachable", t->containers != NULL);
	jsonw_array(&w, "instances");
	for (size_t i = 0; i < t->n; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "instance", t->rows[i].instance);
		jsonw_str(&w, "scope", t->rows[i].scope);
		jsonw_str(&w, "state", t->rows[i].state);
		jsonw_str(&w, "url", t->rows[i].url);
		jsonw_str(&w, "image", t->rows[i].image);
		jsonw_str(&w, "owner", t->rows[i].owner);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	return occ_put_json(r, &w, "list", e);
}

static const char *
or_dash(const char *text)
{
	return text ? text : "-";
}

static void
as_table(struct run *r, const struct table *t)
{
	static const char *const heads[] = { "NAME", "STATE", "URL", "IMAGE", "SCOPE" };
	struct strlist cells = { 0 };

	for (size_t i = 0; i < 5; i++)
		strlist_add(r->arena, &cells, heads[i]);
	for (size_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i];

		strlist_add(r->arena, &cells, row->instance);
		strlist_add(r->arena, &cells, row->state);
		strlist_add(r->arena, &cells, or_dash(row->url));
		strlist_add(r->arena, &cells, or_dash(row->image));
		strlist_add(r->arena, &cells, row->owner ? arena_printf(r->arena, "%s: %s", row->scope, row->owner) : row->scope);
	}
	term_table(r->term, cells.v, 5, cells.n / 5);
}

static int
list_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct table *t = arena_zero(r->arena, sizeof *t);
	struct service_request rq;
	struct err down = ERR_INIT;

	if (occ_request(r, &rq, e) < 0)
		return -1;
	/* The engine of the instance asked for (the default one) is looked at, whatever else is wrong with that one. */
	if (service_open(&s, r->arena, &rq, &down) < 0) {
		s.config.engine.url = "";
		s.config.engine.location = "auto";
		err_clear(&down);
	}
	if (service_connect(&s, &down) < 0 || container_list(&s.engine, r->arena, LABEL_MANAGED "=" LABEL_MANAGED_VALUE,
	    &t->containers, &down) < 0)
		t->containers = NULL;
	if (down.code == ERR_INTERRUPTED) {
		*e = down;
		return -1;
	}
	if (!rq.scope.is_system)
		add_scope(r, t, &rq, false);
	if (!rq.scope.is_user)
		add_scope(r, t, &rq, true);
	add_foreign(r, t);
	if (r->g->wants_json)
		return as_json(r, t, e);
	if (t->n == 0)
		term_warn(r->term, r->cli->prog, "there is no instance yet; %s start makes one", r->cli->prog);
	else
		as_table(r, t);
	if (!t->containers)
		term_warn(r->term, r->cli->prog, "states are unknown: %s", down.msg);
	return 0;
}

static const char *const list_examples[] = {
	"list", "all instances, yours and the system's",
	"list --json", "the same for programs",
	NULL
};

CMD(occ_list) = {
	.applet = "occ", .name = "list", .group = "Access", .args = "", .args_min = 0, .args_max = 0, .has_json = true,
	.brief = "list all instances",
	.about = "Yours and the system's, and containers of this program on the engine that belong to somebody else. Works without the engine, too: "
		"then states are unknown.",
	.examples = list_examples,
	.run = list_run,
};

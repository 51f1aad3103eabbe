/* occ mount add, list, remove: directories of the host in the container */
#include "lib/deploy/mount.h"
#include "applets/occ/config_change.h"
#include "lib/base/path.h"
#include "lib/json/jsonw.h"

#define MOUNTS "container.mounts"

/* ---- add --------------------------------------------------------------------------------------------------- */

struct add_opts {
	bool no_test;
};

static const struct opt add_opts[] = {
	FLAG(struct add_opts, no_test, 0, "no-test", "save it without trying it in a scratch container"),
	OPT_LAST
};

/* An engine that does not answer is no reason not to save; a mount that does not work is. */
static int
try_it(struct run *r, struct service *s, const struct config_mount *m, struct err *e)
{
	struct err absent = ERR_INIT;
	const char *why = NULL;

	if (service_connect(s, &absent) < 0) {
		if (absent.code == ERR_INTERRUPTED) {
			*e = absent;
			return -1;
		}
		why = absent.msg;
	} else {
		term_progress(r->term, "Mount", "trying it in a scratch container");
		int got = mount_try(s, m, &why, e);
		term_progress_end(r->term);
		if (got != 0)
			return got < 0 ? -1 : 0;
	}
	term_warn(r->term, r->cli->prog, "the mount was not tried: %s", why);
	return 0;
}

static int
mount_add_run(struct run *r, struct err *e)
{
	const struct add_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct config_change change;
	struct config_mount m;
	const char *remark = NULL;
	bool is_changed;

	const char *element = mount_element(r->arena, r->argv[0], e);
	if (!element || config_mount_parse(str_of(element), &m, e) < 0)
		return -1;
	if (occ_open(r, &s, e) < 0 || mount_check(&s, &m, &remark, e) < 0)
		return -1;
	if (remark)
		term_warn(r->term, r->cli->prog, "%s", remark);
	if (!o->no_test && try_it(r, &s, &m, e) < 0)
		return -1;
	if (config_change_begin(r, MOUNTS, &change, e) < 0 || config_add(r->arena, &s.scope, MOUNTS, element, &is_changed, e) < 0)
		return -1;
	return config_change_report(r, &change, e);
}

/* ---- list -------------------------------------------------------------------------------------------------- */

static int
list_as_json(struct run *r, const struct config *c, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_array(&w, NULL);
	for (size_t i = 0; i < c->container.mounts.n; i++) {
		struct config_mount m;

		if (config_mount_parse(str_of(c->container.mounts.v[i]), &m, e) < 0)
			return -1;
		jsonw_object(&w, NULL);
		jsonw_text(&w, "host", m.host);
		jsonw_text(&w, "container", m.target);
		jsonw_bool(&w, "read_only", m.is_read_only);
		jsonw_end(&w);
	}
	return occ_put_json(r, &w, "list", e);
}

static int
mount_list_run(struct run *r, struct err *e)
{
	struct scope scope;
	struct config c;
	struct strlist cells = { 0 };

	if (occ_config(r, &scope, &c, e) < 0)
		return -1;
	if (r->g->wants_json)
		return list_as_json(r, &c, e);
	if (c.container.mounts.n == 0) {
		if (!r->g->is_quiet)
			term_warn(r->term, r->cli->prog, "no directory of the host is mounted; %s mount add HOST:CONTAINER adds one", r->cli->prog);
		return 0;
	}
	strlist_add(r->arena, &cells, "HOST");
	strlist_add(r->arena, &cells, "CONTAINER");
	strlist_add(r->arena, &cells, "ACCESS");
	for (size_t i = 0; i < c.container.mounts.n; i++) {
		struct config_mount m;

		if (config_mount_parse(str_of(c.container.mounts.v[i]), &m, e) < 0)
			return -1;
		strlist_add(r->arena, &cells, arena_str(r->arena, m.host));
		strlist_add(r->arena, &cells, arena_str(r->arena, m.target));
		strlist_add(r->arena, &cells, m.is_read_only ? "read only" : "read and write");
	}
	term_table(r->term, cells.v, 3, cells.n / 3);
	return 0;
}

/* ---- remove ------------------------------------------------------------------------------------------------ */

static bool
is_meant(const struct config_mount *m, const char *element, const char *typed, const char *absolute)
{
	struct str word = str_of(typed);

	while (word.n > 1 && word.p[word.n - 1] == '/')
		word.n--;
	return str_eq(word, m->target) || str_eq(word, m->host) || str_is(word, element) || (absolute && str_is(m->host, absolute));
}

/* The one element that a path names; ERR_NOT_FOUND, or ERR_CONFLICT when it names more. */
static const char *
find_mount(struct run *r, const struct config *c, const char *typed, struct err *e)
{
	AUTO(buf) struct buf all = BUF_INIT(ERR_NOTE_BYTES - 1);
	struct err ignored = ERR_INIT;
	const char *absolute = path_absolute(r->arena, typed, &ignored), *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->container.mounts.n; i++) {
		const char *element = c->container.mounts.v[i];
		struct config_mount m;

		if (config_mount_parse(str_of(element), &m, e) < 0)
			return NULL;
		buf_printf(&all, "%s%s", i ? ", " : "", element);
		if (is_meant(&m, element, typed, absolute)) {
			found = element;
			n++;
		}
	}
	if (n == 1)
		return found;
	if (n > 1)
		err_set(e, ERR_CONFLICT, "%s is mounted %zu times: name the directory in the container", typed, n);
	else
		err_set(e, ERR_NOT_FOUND, "%s is not mounted", typed);
	err_note(e, "mounts", "%s", all.n ? all.p : "none");
	return NULL;
}

static int
mount_remove_run(struct run *r, struct err *e)
{
	struct config_change change;
	struct scope scope;
	struct config c;
	bool is_changed;

	if (occ_config(r, &scope, &c, e) < 0)
		return -1;
	const char *element = find_mount(r, &c, r->argv[0], e);
	if (!element)
		return -1;
	if (config_change_begin(r, MOUNTS, &change, e) < 0 || config_remove(r->arena, &scope, MOUNTS, element, &is_changed, e) < 0)
		return -1;
	return config_change_report(r, &change, e);
}

/* ---- commands ---------------------------------------------------------------------------------------------- */

static const char *const add_examples[] = {
	"mount add ~/src/shop:/home/opencode/workspace/shop", "work on a directory of this machine",
	"mount add /srv/data:/data:ro", "to read only",
	NULL
};

CMD(occ_mount_add) = {
	.applet = "occ", .name = "mount add", .group = "Access", .args = "HOST:CONTAINER[:ro]", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "mount a directory of the host in the container",
	.about = "It is tried in a scratch container first, as the agent's user (uid 1000): a directory it cannot write to is refused with the remedy. "
		"The next start recreates the container with it; data stays.",
	.examples = add_examples,
	.opts = add_opts, .opts_bytes = sizeof(struct add_opts),
	.run = mount_add_run,
};

CMD(occ_mount_list) = {
	.applet = "occ", .name = "mount list", .group = "Access", .args = "", .args_min = 0, .args_max = 0, .has_json = true,
	.brief = "list the directories of the host in the container",
	.about = "As configured; `status` tells whether the container is in step. Home and workspace are volumes and not in this list.",
	.run = mount_list_run,
};

CMD(occ_mount_remove) = {
	.applet = "occ", .name = "mount remove", .group = "Access", .args = "PATH", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "take a directory of the host out of the container",
	.about = "PATH is its path in the container or on the host. Nothing in it is changed.",
	.run = mount_remove_run,
};

/* update_self.c - a later release of this program in its place, and the services that run it brought over */
#include "applets/occ/update_self.h"

#include <unistd.h>

#include "applets/occ/change.h"
#include "lib/base/clock.h"
#include "lib/deploy/self_update.h"
#include "lib/deploy/update_news.h"
#include "lib/proc/self.h"
#include "lib/proc/spawn.h"
#include "released.h"

#define MOVE_MS (3 * 60 * 1000)
#define SAID_MAX 65536

static int
open_request(struct run *r, const struct service *s, struct self_update *u, struct err *e)
{
	const char *base = s->config.update.releases;

	*u = (struct self_update){ .base = base[0] ? base : OCC_RELEASE_URL, .keys = OCC_RELEASE_KEYS, .path = self_path(r->arena, e), .version = r->argc > 0 ? r->argv[0] : NULL };
	if (!u->path)
		return -1;
	if (u->version && !release_is_version(str_of(u->version)))
		return err_set(e, ERR_USAGE, "'%.40s' is no version such as 0.2.0", u->version);
	if (u->base[0] && u->keys[0])
		return 0;
	err_set(e, ERR_REFUSED, u->base[0] ? "this build knows no key that releases are signed with" : "this build knows no address of releases");
	return err_note(e, "try", u->base[0] ? "make RELEASE_KEYS=FILE   (when it is built)" : "occ config set update.releases URL");
}

static int
put_json(struct run *r, const struct release *found, bool is_changed, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "program", r->cli->version);
	jsonw_str(&w, "newest", found->version);
	jsonw_bool(&w, "is_newer", update_compare(found->version, r->cli->version) > 0);
	jsonw_bool(&w, "changed", is_changed);
	return occ_put_json(r, &w, "the report", e);
}

/* ---- the services ---- */

/* The new program, whose business services are from now on: WORD... of this instance. What it says, and its status. */
static int
ask_new(const struct self_update *u, const struct service *s, const char *instance, const char *word, const char *option, struct buf *said, int *ret_status, struct err *e)
{
	const char *const argv[] = { u->path, "--quiet", "--instance", instance, s->scope.kind == SCOPE_SYSTEM ? "--system" : "--user", "service", word, option, NULL };

	return spawn_hear(argv, NULL, said, clock_due_ms(MOVE_MS), ret_status, e);
}

/* 1: a unit of ours keeps this instance running; 0, -1. */
static int
has_service(struct run *r, const struct self_update *u, const struct service *s, const char *instance, struct err *e)
{
	AUTO(buf) struct buf said = BUF_INIT(SAID_MAX);
	const struct json *j;
	int status;

	if (ask_new(u, s, instance, "status", "--json", &said, &status, e) < 0 || !(j = json_parse(r->arena, buf_str(&said), e)))
		return err_wrap(e, "ask for the service of %s", instance);
	return json_bool(json_get(j, "installed"), false);
}

static int
move_service(struct run *r, const struct self_update *u, const struct service *s, const char *instance, struct err *e)
{
	AUTO(buf) struct buf said = BUF_INIT(SAID_MAX);
	int status, has = has_service(r, u, s, instance, e);

	if (has <= 0)
		return has;
	if (ask_new(u, s, instance, "install", NULL, &said, &status, e) < 0)
		return -1;
	if (status != 0)
		return err_set(e, ERR_FAIL, "`service install` of %s ended with status %d: " STR_FMT, instance, status, STR_ARG(str_take(str_trim(buf_str(&said)), 300)));
	if (!r->g->wants_json)
		term_row(r->term, "Service", self_tells_replaced() ? "%s goes on with it; opencode was not touched" : "%s goes on with it from its next start", instance);
	return 0;
}

/* The watchdog and the edge are restarted; opencode is not touched. What fails is told: the program itself is in its place by now. */
static int
move_services(struct run *r, const struct self_update *u, const struct service *s, struct err *e)
{
	struct strlist names = { .v = NULL };
	size_t n_failed = 0;

	if (scope_instances(r->arena, &s->rq.scope, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct err why = ERR_INIT;

		if (move_service(r, u, s, names.v[i], &why) == 0)
			continue;
		n_failed++;
		term_warn(r->term, r->cli->prog, "the service goes on with the old program: %s", why.msg);
	}
	if (geteuid() == 0 && !r->g->wants_json)
		term_row(r->term, "Others", "who has a service of his own brings it over by: %s service install", r->cli->prog);
	if (n_failed == 0)
		return 0;
	err_set(e, ERR_FAIL, "the new program is there, and %zu service%s on with the old one", n_failed, n_failed == 1 ? " goes" : "s go");
	return err_note(e, "try", "occ service install");
}

/* ---- the way of it ---- */

static int
replace(struct run *r, const struct self_update *u, const struct service *s, const struct release *found, struct err *e)
{
	if (self_update_install(r->arena, u, found, e) < 0)
		return err_wrap(e, "update of this program to %s", found->version);
	if (!r->g->wants_json) {
		term_row(r->term, "Program", "opencode-cloud %s, before that %s, in %s", found->version, r->cli->version, u->path);
		term_row(r->term, "Back", "mv %s" SELF_UPDATE_PREVIOUS " %s", u->path, u->path);
	}
	if (move_services(r, u, s, e) < 0)
		return -1;
	return r->g->wants_json ? put_json(r, found, true, e) : 0;
}

/* A file is replaced, whoever's deployments there are: sudo needs no instance of root's for that. */
static int
open_scope(struct run *r, struct service *s, struct err *e)
{
	struct service_request rq;

	if (occ_request(r, &rq, e) < 0)
		return -1;
	rq.scope.sudo_user = NULL;
	return service_open(s, r->arena, &rq, e);
}

static void
tell(struct run *r, const struct self_update *u, const struct release *found, bool is_wanted)
{
	const char *prog = r->cli->prog, *now = r->cli->version;

	if (is_wanted)
		term_row(r->term, "Program", "opencode-cloud %s is there, this is %s: %s update --self%s%s", found->version, now, prog, u->version ? " " : "", u->version ? u->version : "");
	else if (u->version)
		term_row(r->term, "Program", "nothing to do: this is opencode-cloud %s", now);
	else
		term_row(r->term, "Program", "nothing to do: this is opencode-cloud %s, and %s is the newest release", now, found->version);
}

int
update_self_run(struct run *r, const struct update_self_opts *o, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct self_update u;
	struct release found;

	if (open_scope(r, &s, e) < 0 || open_request(r, &s, &u, e) < 0)
		return -1;
	if (!o->is_check && self_update_check_place(r->arena, u.path, u.version, e) < 0)
		return -1;
	if (self_update_find(r->arena, &u, &found, e) < 0)
		return -1;
	int order = update_compare(found.version, r->cli->version);
	bool is_wanted = order > 0 || (u.version && order < 0);
	if (o->is_check || o->is_dry_run || !is_wanted) {
		if (r->g->wants_json)
			return put_json(r, &found, false, e);
		tell(r, &u, &found, is_wanted);
		return 0;
	}
	const char *question = arena_printf(r->arena, "Replace opencode-cloud %s in %s by %s%s", r->cli->version, u.path, found.version, order < 0 ? ", which is OLDER" : "");
	return change_agree(r, o->is_yes, question, e) < 0 ? -1 : replace(r, &u, &s, &found, e);
}

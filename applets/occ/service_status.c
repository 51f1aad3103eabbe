/* service_status.c - whether the service manager keeps this instance running */
#include "applets/occ/service_show.h"

#include <string.h>

#include "lib/base/path.h"

/* The unit is read without the instance's state: a normal user may ask about the machine's. */
static int
open_service(struct run *r, struct service *s, struct err *e)
{
	*s = (struct service){ .arena = r->arena, .engine = ENGINE_INIT };
	return occ_request(r, &s->rq, e) < 0 ? -1 : occ_config(r, &s->scope, &s->config, e);
}

static void
put_unit(struct jsonw *w, const struct unit_piece *u, bool is_outdated)
{
	jsonw_str(w, "unit", u->name);
	jsonw_str(w, "path", u->found);
	jsonw_bool(w, "installed", u->installed && !u->is_foreign);
	jsonw_bool(w, "foreign", u->is_foreign);
	jsonw_bool(w, "enabled", u->is_enabled);
	jsonw_bool(w, "active", u->is_active);
	jsonw_bool(w, "outdated", is_outdated && !u->is_foreign);
	jsonw_str(w, "activity", u->activity);
	jsonw_str(w, "status", u->status);
}

/* Parts of the edge that are there, or should be. */
static bool
is_shown(const struct unit_piece *u)
{
	return u->text || (u->installed && !u->is_foreign);
}

static void
put_more(struct jsonw *w, const struct unit_state *st)
{
	jsonw_array(w, "more");
	for (int i = UNIT_WATCHDOG + 1; i < UNIT__PARTS; i++) {
		const struct unit_piece *u = &st->unit[i];

		if (!is_shown(u))
			continue;
		jsonw_object(w, NULL);
		put_unit(w, u, u->installed && (!u->text || strcmp(u->text, u->installed) != 0));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static int
as_json(struct run *r, const struct unit_state *st, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	put_unit(&w, &st->unit[UNIT_WATCHDOG], st->is_outdated);
	jsonw_str(&w, "run_as", st->in.user);
	if (st->in.kind == SCOPE_USER)
		jsonw_bool(&w, "linger", st->has_linger);
	put_more(&w, st);
	jsonw_str(&w, "manager_missing", st->no_manager);
	jsonw_str(&w, "install_refused", st->refusal.code ? st->refusal.msg : NULL);
	return occ_put_json(r, &w, "status", e);
}

static void
show_activity(struct run *r, const char *label, const struct unit_piece *u)
{
	term_row(r->term, label, "%s%s%s", u->activity[0] ? u->activity : "not running", u->status[0] ? ": " : "", u->status);
}

/* One row for the process, one for each of its ports. */
static void
show_edge(struct run *r, const struct unit_state *st)
{
	for (int i = UNIT__PARTS - 1; i > UNIT_WATCHDOG; i--) {
		const struct unit_piece *u = &st->unit[i];
		const char *label = i == UNIT_EDGE ? "Edge" : "Port";

		if (is_shown(u) && (u->is_foreign || !u->installed))
			term_row(r->term, label, u->is_foreign ? "%s was not made by this program for this" : "not installed yet: %s", u->is_foreign ? u->path : u->name);
		else if (is_shown(u) && !st->no_manager)
			show_activity(r, label, u);
	}
}

static void
show_unit(struct run *r, const struct unit_state *st)
{
	const char *prog = service_program(r, st), *when = st->in.kind == SCOPE_SYSTEM || st->has_linger ? "boot" : "your login";
	const struct unit_piece *u = &st->unit[UNIT_WATCHDOG];

	term_row(r->term, "Unit", "%s, %s%s", path_tilde(r->arena, u->found, st->in.home), u->is_enabled ? "enabled: starts at " : "not enabled",
	    u->is_enabled ? when : "");
	if (st->is_outdated)
		term_row(r->term, "Outdated", "it is not what this program would write, or runs another version: %s service install", prog);
	if (st->refusal.code)
		term_row(r->term, "Install", "would be refused now: %s", st->refusal.msg);
	if (st->in.user)
		term_row(r->term, "Runs as", "%s", st->in.user);
	if (st->in.kind == SCOPE_USER && st->in.manager == UNIT_SYSTEMD && !st->has_linger)
		term_row(r->term, "Linger", "off: it ends with your last session; sudo loginctl enable-linger %s", st->user_name);
	if (st->no_manager)
		term_row(r->term, "Manager", "%s", st->no_manager);
	else
		show_activity(r, "Service", u);
	show_edge(r, st);
}

static int
service_status_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct unit_options uo = { .is_now = false };
	struct unit_state st;
	const struct unit_piece *u = &st.unit[UNIT_WATCHDOG];

	if (open_service(r, &s, e) < 0 || service_look(r, &s, &uo, &st, e) < 0)
		return -1;
	if (r->g->wants_json) {
		if (as_json(r, &st, e) < 0)
			return -1;
	} else if (u->is_foreign) {
		term_row(r->term, "Unit", "%s was not made by this program", u->path);
	} else if (!u->installed) {
		term_row(r->term, "Unit", "none%s%s; %s service install --now makes one", st.no_manager ? ": " : "", st.no_manager ? st.no_manager : "",
		    service_program(r, &st));
	} else {
		show_unit(r, &st);
	}
	return unit_is_running(&st) ? 0 : err_exit_status(ERR_NOT_RUNNING);
}

CMD(occ_service_status) = {
	.applet = "occ", .name = "service status", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "whether the service is installed, enabled and running",
	.about = "Exit status 0 when it runs, with the edge where that is on; 6 when it does not or is not installed.",
	.run = service_status_run,
};

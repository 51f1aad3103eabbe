/* service_status.c - whether the service manager keeps this instance running */
#include "applets/occ/service_show.h"

#include "lib/base/path.h"

/* The unit is read without the instance's state: a normal user may ask about the machine's. */
static int
open_service(struct run *r, struct service *s, struct err *e)
{
	*s = (struct service){ .arena = r->arena, .engine = ENGINE_INIT };
	return occ_request(r, &s->rq, e) < 0 ? -1 : occ_config(r, &s->scope, &s->config, e);
}

static int
as_json(struct run *r, const struct unit_state *st, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "unit", st->name);
	jsonw_str(&w, "path", st->path);
	jsonw_bool(&w, "installed", st->installed && !st->is_foreign);
	jsonw_bool(&w, "foreign", st->is_foreign);
	jsonw_bool(&w, "enabled", st->is_enabled);
	jsonw_bool(&w, "active", st->is_active);
	jsonw_bool(&w, "outdated", st->is_outdated && !st->is_foreign);
	jsonw_str(&w, "activity", st->activity);
	jsonw_str(&w, "status", st->status);
	jsonw_str(&w, "run_as", st->in.user);
	if (st->in.kind == SCOPE_USER)
		jsonw_bool(&w, "linger", st->has_linger);
	jsonw_str(&w, "manager_missing", st->no_manager);
	jsonw_str(&w, "install_refused", st->refusal.code ? st->refusal.msg : NULL);
	return occ_put_json(r, &w, "status", e);
}

static void
show_unit(struct run *r, const struct unit_state *st)
{
	const char *prog = service_program(r, st), *when = st->in.kind == SCOPE_SYSTEM || st->has_linger ? "boot" : "your login";

	term_row(r->term, "Unit", "%s, %s%s", path_tilde(r->arena, st->path, st->in.home), st->is_enabled ? "enabled: starts at " : "not enabled",
	    st->is_enabled ? when : "");
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
		term_row(r->term, "Service", "%s%s%s", st->activity[0] ? st->activity : "not running", st->status[0] ? ": " : "", st->status);
}

static int
service_status_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct unit_options uo = { .is_now = false };
	struct unit_state st;

	if (open_service(r, &s, e) < 0 || service_look(r, &s, &uo, &st, e) < 0)
		return -1;
	if (r->g->wants_json) {
		if (as_json(r, &st, e) < 0)
			return -1;
	} else if (st.is_foreign) {
		term_row(r->term, "Unit", "%s was not made by this program", st.path);
	} else if (!st.installed) {
		term_row(r->term, "Unit", "none%s%s; %s service install --now makes one", st.no_manager ? ": " : "", st.no_manager ? st.no_manager : "",
		    service_program(r, &st));
	} else {
		show_unit(r, &st);
	}
	return st.is_active && st.installed && !st.is_foreign ? 0 : err_exit_status(ERR_NOT_RUNNING);
}

CMD(occ_service_status) = {
	.applet = "occ", .name = "service status", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "whether the service is installed, enabled and running",
	.about = "Exit status 0 when it runs, 6 when it does not or is not installed.",
	.run = service_status_run,
};

/* service_install.c - the service manager keeps this instance running from now on */
#include "applets/occ/service_show.h"

struct service_install_opts {
	bool now, dry_run;
	const char *run_as;
};

static const struct opt service_install_opts[] = {
	FLAG(struct service_install_opts, now, 0, "now", "start it as well"),
	STR(struct service_install_opts, run_as, 0, "run-as", "USER", "with --system: run as USER of the engine's group, not root"),
	FLAG(struct service_install_opts, dry_run, 'n', "dry-run", "print the unit and what would be done"),
	OPT_LAST,
};

/* What a person does next, or may wonder about. */
static void
tell_next(struct run *r, const struct service *s, const struct unit_state *st, bool is_now)
{
	const char *prog = service_program(r, st);

	if (r->g->wants_json || r->term->is_quiet)
		return;
	if (!unit_is_running(st) && !is_now)
		term_item(r->term, "Start it", "%s service install --now", prog);
	if (!s->state.is_desired_up)
		term_item(r->term, "Then", "%s start: until then there is nothing to keep running", prog);
}

static int
service_install_run(struct run *r, struct err *e)
{
	const struct service_install_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct unit_options uo = { .is_now = o->now, .run_as = o->run_as };
	struct unit_state st;
	struct unit_plan plan;

	if (occ_open(r, &s, e) < 0 || service_look(r, &s, &uo, &st, e) < 0 || unit_check_wish(&s, &st, e) < 0)
		return -1;
	unit_plan_install(r->arena, &st, o->now, &plan);
	if (o->dry_run)
		return service_show_plan(r, &st, true, &plan, e);
	if (unit_check_install(&s, &st, e) < 0 || unit_check_password(&s, &st, e) < 0)
		return -1;
	if (service_apply(r, &s, &st, &plan, arena_printf(r->arena, "Nothing to do: %s is installed%s.", st.unit[UNIT_WATCHDOG].name, unit_is_running(&st) ? " and runs" : ""), e) < 0)
		return -1;
	tell_next(r, &s, &st, o->now);
	return 0;
}

CMD(occ_service_install) = {
	.applet = "occ", .name = "service install", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "keep it running: after a crash, a hang and a reboot",
	.about = "Makes a unit of systemd (or launchd) that runs the watchdog for this instance: of your own service manager, or with --system of the "
		 "machine's. A program in a place that goes away (an npx cache, a temporary directory) is copied to a stable one first. What is as it should be is left alone.",
	.examples = (const char *const[]){ "service install --now", "install it and start it", "service install --dry-run", "only show the unit and the steps", NULL },
	.opts = service_install_opts, .opts_bytes = sizeof(struct service_install_opts), .run = service_install_run,
};

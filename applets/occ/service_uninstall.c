/* service_uninstall.c - takes away what install made; opencode goes on, data stays */
#include "applets/occ/service_show.h"

struct service_uninstall_opts {
	bool dry_run;
};

static const struct opt service_uninstall_opts[] = {
	FLAG(struct service_uninstall_opts, dry_run, 'n', "dry-run", "print what would be done"),
	OPT_LAST,
};

static int
service_uninstall_run(struct run *r, struct err *e)
{
	const struct service_uninstall_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct unit_options uo = { .is_now = false };
	struct unit_state st;
	struct unit_plan plan;

	if (occ_open(r, &s, e) < 0 || service_look(r, &s, &uo, &st, e) < 0)
		return -1;
	unit_plan_uninstall(r->arena, &st, &plan);
	if (o->dry_run)
		return service_show_plan(r, &st, false, &plan, e);
	/* Files can be taken away without a manager; a right to do so is needed. */
	if ((plan.n || unit_foreign(&st)) && unit_check(&s, &st, e) < 0)
		return -1;
	return service_apply(r, &s, &st, &plan, "Nothing to do: no service of this instance is installed.", e);
}

CMD(occ_service_uninstall) = {
	.applet = "occ", .name = "service uninstall", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "take the service away; opencode goes on, data stays",
	.about = "Removes what `service install` made: the unit, and the copy of the program and linger when no other instance needs them. opencode itself is not stopped: "
		 "the engine keeps it running from then on.",
	.opts = service_uninstall_opts, .opts_bytes = sizeof(struct service_uninstall_opts), .run = service_uninstall_run,
};

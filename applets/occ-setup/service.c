/* service.c - the service that starts it on boot, by the same look, plan and steps as `occ service install` */
#include "applets/occ-setup/setup.h"

#include "applets/occ/report.h"
#include "applets/occ/service_show.h"

void
setup_service_look(struct setup *s)
{
	struct unit_options uo = { .is_now = true };
	const struct unit_piece *u = &s->unit.unit[UNIT_WATCHDOG];
	struct err why = ERR_INIT;

	s->has_unit = service_look(s->r, &s->s, &uo, &s->unit, &why) == 0;
	s->no_service = !s->has_unit || unit_check_install(&s->s, &s->unit, &why) < 0 ? arena_strdup(s->r->arena, why.msg) : NULL;
	s->facts.has_manager = !s->no_service;
	s->facts.is_service_installed = s->has_unit && u->installed && !u->is_foreign;
	if (s->no_service)
		term_item(s->r->term, "service", "%s", s->no_service);
	else
		term_item(s->r->term, "service", "%s %s", u->name, s->facts.is_service_installed ? "is installed" : "can be installed");
}

void
setup_service_prepare(struct setup *s, const struct config *after)
{
	const struct config before = s->s.config;
	struct unit_options uo = { .is_now = true };
	struct err why = ERR_INIT;

	if (!s->has_unit)
		return;
	s->s.config = *after;
	s->has_unit = service_look(s->r, &s->s, &uo, &s->unit, &why) == 0;
	s->s.config = before;
}

bool
setup_service_plan(struct setup *s, struct unit_plan *ret)
{
	*ret = (struct unit_plan){ .n = 0 };
	if (s->changes.installs_service)
		unit_plan_install(s->r->arena, &s->unit, true, ret);
	else if (s->changes.removes_service)
		unit_plan_uninstall(s->r->arena, &s->unit, ret);
	return ret->n > 0;
}

int
setup_service_do(struct setup *s, struct err *e)
{
	const struct plan_report report = report_of(s->r);
	struct unit_options uo = { .is_now = true };
	struct unit_plan plan;
	int rc = 0;

	if (!s->changes.installs_service && !s->changes.removes_service)
		return 0;
	/* What was found before the start is old by now: the password, the files and their owner. */
	if (service_look(s->r, &s->s, &uo, &s->unit, e) < 0 || unit_check(&s->s, &s->unit, e) < 0)
		return -1;
	if (s->changes.installs_service && (unit_check_install(&s->s, &s->unit, e) < 0 || unit_check_password(&s->s, &s->unit, e) < 0))
		return -1;
	if (setup_service_plan(s, &plan))
		rc = unit_apply(&s->s, &s->unit, &plan, &report, e);
	term_progress_end(s->r->term);
	return rc;
}

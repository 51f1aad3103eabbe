/* stop.c - the service manager's ExecStop: was a stop asked for, and if so, opencode ends with it */
#include "applets/occ-watchdog/life.h"
#include "applets/occ/common.h"
#include "lib/base/log.h"
#include "lib/deploy/unit.h"

#define ASK_MS 5000
#define STOP_MS (60 * 1000)	/* the grace of a container, and the engine's own time */

static int
ask_down(const struct scope *s, struct arena *a, struct err *e)
{
	AUTO(control) struct control c = CONTROL_INIT;
	const struct control_request down = { .verb = CONTROL_DOWN, .why = "" };
	const struct json *answer;

	if (control_open(&c, &control_watchdog, s->control_path, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	if (control_ask(&c, a, &down, &answer, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	return control_wait_end(&c, clock_due_ms(STOP_MS), e);
}

int
watchdog_stop(struct run *r, struct err *e)
{
	struct scope s;
	bool is_stop;

	if (occ_scope(r, &s, e) < 0 || unit_stop_is_wanted(&s, NULL, &is_stop, e) < 0)
		return -1;
	if (is_stop)
		return ask_down(&s, r->arena, e);
	log_line("a restart or the machine's end: opencode is left to run");
	return 0;
}

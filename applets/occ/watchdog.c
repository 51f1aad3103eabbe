/* watchdog.c - the supervisor's words: it runs in the foreground, under a service manager */
#include "applets/occ-watchdog/life.h"

struct watchdog_opts {
	bool stop;
};

static const struct opt watchdog_opts[] = {
	FLAG(struct watchdog_opts, stop, 0, "stop", "for the service manager: end opencode if that was asked"),
	OPT_LAST,
};

static const char *const watchdog_examples[] = {
	"watchdog", "supervise here until Ctrl-C; usually: service install",
	NULL,
};

static int
run(struct run *r, struct err *e)
{
	const struct watchdog_opts *o = r->opts;

	return o->stop ? watchdog_stop(r, e) : watchdog_run(r, e);
}

CMD(occ_watchdog) = {
	.applet = "occ", .name = "watchdog", .group = "Program", .args = "", .args_max = 0,
	.brief = "keep the service running: what a service manager runs",
	.about = "Follows the engine's events, asks opencode how it is and brings it back after a crash or a hang, with growing pauses and an end, "
		 "and writes down what happened. It owns the restarts while it lives; when it ends, the engine's restart policy is set again. "
		 "With edge.mode on and no service manager around it, it runs the edge as well. Installed by occ service install.",
	.examples = watchdog_examples, .opts = watchdog_opts, .opts_bytes = sizeof(struct watchdog_opts), .run = run,
};

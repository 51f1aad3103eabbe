/* restart.c - stop and start, applying what the configuration says by now */
#include "applets/occ/common.h"
#include "applets/occ/report.h"

struct restart_opts {
	int64_t timeout_ms, wait_idle_ms;
	bool now;
};

static const struct opt restart_opts[] = {
	DURATION(struct restart_opts, timeout_ms, 't', "timeout", "DURATION", "how long to wait until it answers (2m)"),
	DURATION(struct restart_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct restart_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static int
restart_run(struct run *r, struct err *e)
{
	const struct restart_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct up_result result;
	struct up_options options = { .is_restart = true, .timeout_ms = o->timeout_ms, .report = report_of(r) };

	options.idle = report_idle(r, o->now, o->wait_idle_ms);
	if (occ_open(r, &s, e) < 0)
		return -1;
	int done = up_start(&s, &options, &result, e);
	term_progress_end(r->term);
	return done < 0 ? -1 : report_ready(r, &s, &result, e);
}

CMD(occ_restart) = {
	.applet = "occ", .name = "restart", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "stop and start the service",
	.about = "Applies new secrets and whatever changed in the configuration. A service that does not run is started.",
	.opts = restart_opts, .opts_bytes = sizeof(struct restart_opts), .run = restart_run,
};

/* stop.c - from whatever runs to nothing running; data stays */
#include "applets/occ/common.h"
#include "applets/occ/report.h"
#include "lib/deploy/bring_up.h"

struct stop_opts {
	bool remove, now;
	int64_t timeout_ms, wait_idle_ms;
};

static const struct opt stop_opts[] = {
	FLAG(struct stop_opts, remove, 0, "remove", "remove the container too; volumes stay"),
	DURATION(struct stop_opts, timeout_ms, 't', "timeout", "DURATION", "time to end by itself before it is killed (10s)"),
	DURATION(struct stop_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct stop_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static int
stop_run(struct run *r, struct err *e)
{
	const struct stop_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct up_idle idle = report_idle(r, o->now, o->wait_idle_ms);
	struct up_stopped done;
	unsigned grace_s = o->timeout_ms >= 0 ? (unsigned)(o->timeout_ms / 1000) : BRING_UP_GRACE_S;

	if (occ_open(r, &s, e) < 0)
		return -1;
	term_progress(r->term, "Container", "stopping");
	int rc = up_stop(&s, o->remove, grace_s, &idle, &done, e);
	term_progress_end(r->term);
	if (rc < 0)
		return -1;
	if (r->g->wants_json) {
		term_printf(r->term, "{\"changed\": %s, \"removed\": %s}\n", done.is_changed ? "true" : "false", done.is_removed ? "true" : "false");
		return 0;
	}
	if (!done.is_changed)
		term_row(r->term, "Container", "%s does not run: nothing to do", s.names.container);
	else
		term_row(r->term, "Container", "%s %s; volumes and settings stay", s.names.container, done.is_removed ? "removed" : "stopped");
	return 0;
}

CMD(occ_stop) = {
	.applet = "occ", .name = "stop", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "stop the service; data stays",
	.about = "The engine does not start it again, also not after a reboot, until `start`.",
	.opts = stop_opts, .opts_bytes = sizeof(struct stop_opts), .run = stop_run,
};

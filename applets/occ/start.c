/* start.c - from whatever is there to a running service that matches the configuration */
#include "applets/occ/browser.h"
#include "applets/occ/common.h"
#include "applets/occ/report.h"

struct start_opts {
	int64_t port, timeout_ms, wait_idle_ms;
	const char *bind, *adopt;
	bool open, dry_run, rebuild, pull, now;
};

static const struct opt start_opts[] = {
	UINT(struct start_opts, port, 'p', "port", "PORT", 1, 65535, "publish on this port of the host; saved as server.port"),
	STR(struct start_opts, bind, 0, "bind", "ADDRESS", "publish on this address; saved as server.bind"),
	FLAG(struct start_opts, open, 0, "open", "open it in the browser of this desktop when it is ready"),
	FLAG(struct start_opts, dry_run, 'n', "dry-run", "show what would be done, and why; change nothing"),
	FLAG(struct start_opts, rebuild, 0, "rebuild", "build the image anew, without the builder's cache"),
	FLAG(struct start_opts, pull, 0, "pull", "pull the image again, or the base of the one built here"),
	DURATION(struct start_opts, timeout_ms, 't', "timeout", "DURATION", "how long to wait until it answers (2m)"),
	DURATION(struct start_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct start_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	STR(struct start_opts, adopt, 0, "adopt", "ID", "take over the deployment with this id"),
	OPT_LAST,
};

static const char *const start_examples[] = {
	"start", "start it, or say that nothing is to do",
	"start --port 8080", "publish on port 8080 from now on",
	"start --dry-run", "show the steps without taking them",
	NULL,
};

/* No browser here is no failure of the start: the report says how to reach it. */
static int
open_it(struct run *r, const char *url, struct err *e)
{
	const char *why = NULL, *browser = browser_find(r->arena, &why);

	if (browser)
		return browser_open(browser, url, e);
	term_warn(r->term, r->cli->prog, "no browser was started: %s", why);
	return 0;
}

static int
start_run(struct run *r, struct err *e)
{
	const struct start_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct up_result result;
	struct up_options options = { .is_dry_run = o->dry_run, .is_rebuild = o->rebuild, .is_pull = o->pull, .timeout_ms = o->timeout_ms,
		.bind = o->bind, .port = o->port > 0 ? (unsigned)o->port : 0, .adopt = o->adopt, .report = report_of(r) };

	options.idle = report_idle(r, o->now, o->wait_idle_ms);
	if (occ_open(r, &s, e) < 0)
		return -1;
	int done = up_start(&s, &options, &result, e);
	term_progress_end(r->term);
	if (done < 0)
		return -1;
	if (o->dry_run)
		return report_plan(r, &result.plan, e);
	if (report_ready(r, &s, &result, e) < 0)
		return -1;
	return o->open ? open_it(r, service_url(&s, &result.container), e) : 0;
}

CMD(occ_start) = {
	.applet = "occ", .name = "start", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "start the service, building its image if needed",
	.about = "Brings the service to what the configuration says: builds or pulls the image when it is missing, creates or replaces the "
		 "container, and waits until opencode answers with the password and refuses without. A container that is replaced comes back "
		 "when the new one does not answer. Data lives in volumes and stays.",
	.examples = start_examples, .opts = start_opts, .opts_bytes = sizeof(struct start_opts), .run = start_run,
};

/* report.c - the end of a start, as DESIGN.md section 11 shows it */
#include "applets/occ/report.h"

#include <pwd.h>
#include <time.h>
#include <unistd.h>

#include "applets/occ/tls.h"
#include "lib/base/path.h"
#include "lib/deploy/control.h"
#include "lib/deploy/edge.h"
#include "lib/net/addr.h"

static void
show_row(void *ctx, const char *label, const char *text)
{
	struct run *r = ctx;

	term_progress_end(r->term);
	if (!r->g->wants_json)
		term_row(r->term, label, "%s", text);
}

static void
show_progress(void *ctx, const char *label, const char *text)
{
	struct run *r = ctx;

	term_progress(r->term, label, "%s", text);
}

struct plan_report
report_of(struct run *r)
{
	return (struct plan_report){ .row = show_row, .progress = show_progress, .ctx = r };
}

static int
ask_idle(void *ctx, const char *busy, struct err *e)
{
	struct run *r = ctx;
	AUTO(buf) struct buf question = BUF_INIT(4096);
	bool is_yes = false;

	term_progress_end(r->term);
	buf_printf(&question, "%s. Stop now? (no: wait for it)", busy);
	if (term_confirm(r->term, question.p, false, "--now", &is_yes, e) < 0)
		return -1;
	return is_yes;
}

struct up_idle
report_idle(struct run *r, bool now, int64_t wait_idle_ms)
{
	bool can_ask = r->term->is_in_tty && r->term->is_err_tty && !r->g->wants_json;

	return (struct up_idle){ .now = now, .wait_idle_ms = wait_idle_ms, .ask = can_ask ? ask_idle : NULL, .ctx = r };
}

static int
plan_as_json(struct run *r, const struct plan *p, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(1u << 20);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "reason", p->reason);
	jsonw_bool(&w, "then_plans_again", p->is_partial);
	jsonw_array(&w, "steps");
	for (size_t i = 0; i < p->n; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "step", plan_step_name(p->steps[i].kind));
		jsonw_str(&w, "object", p->steps[i].object);
		jsonw_str(&w, "why", p->steps[i].why);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	return occ_put_json(r, &w, "plan", e);
}

int
report_plan(struct run *r, const struct plan *p, struct err *e)
{
	if (r->g->wants_json)
		return plan_as_json(r, p, e);
	if (!p->n)
		term_printf(r->term, "Nothing to do.\n");
	for (size_t i = 0; i < p->n; i++)
		term_printf(r->term, "%zu. %s: %s (%s)\n", i + 1, plan_step_name(p->steps[i].kind), p->steps[i].object, p->steps[i].why);
	if (p->is_partial)
		term_printf(r->term, "Then it looks again: what follows depends on the outcome.\n");
	return 0;
}

static int
ready_as_json(struct run *r, struct service *s, const struct up_result *res, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "instance", s->scope.instance);
	jsonw_bool(&w, "changed", res->is_changed);
	jsonw_str(&w, "reason", res->plan.reason);
	jsonw_str(&w, "url", service_url(s, &res->container));
	jsonw_str(&w, "user", s->config.auth.username);
	jsonw_bool(&w, "password_is_new", res->is_password_new);
	jsonw_str(&w, "version", res->version);
	jsonw_int(&w, "ready_ms", res->ready_ms);
	jsonw_int(&w, "running_since", res->since_epoch_s);
	return occ_put_json(r, &w, "report", e);
}

/* Since when, on the clock of the person who reads it. */
static void
put_since(struct buf *out, int64_t epoch_s)
{
	time_t then = (time_t)epoch_s, now = time(NULL);
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&then, &tm))
		(void)strftime(text, sizeof text, now - then < 86400 ? "%H:%M" : "%Y-%m-%d %H:%M", &tm);
	buf_puts(out, text);
}

static void
show_nothing_to_do(struct run *r, struct service *s, const struct up_result *res)
{
	AUTO(buf) struct buf since = BUF_INIT(64);

	put_since(&since, res->since_epoch_s);
	if (!r->term->is_quiet)
		term_printf(r->term, "Nothing to do: running since %s, matches the configuration.\n", since.p);
	term_item(r->term, "URL", "%s", service_url(s, &res->container));
}

/* Where people connect to: the edge, or opencode's published port. */
static enum addr_scope
entry_scope(const struct service *s)
{
	return edge_is_on(&s->config) ? edge_scope(&s->config) : addr_scope_of(s->config.server.bind);
}

static const char *
reach_of(struct service *s)
{
	switch (entry_scope(s)) {
	case ADDR_LOOPBACK:
		return s->is_remote ? "(the engine's machine only)" : "(this machine only)";
	case ADDR_PRIVATE:
		return "(the networks that reach this address)";
	case ADDR_ANY:
	case ADDR_PUBLIC:
	case ADDR_INVALID:
		break;
	}
	return edge_is_tls(&s->config) ? "(TLS, from everywhere)" : "(plain HTTP, from everywhere)";
}

static int
show_password(struct run *r, struct service *s, struct err *e)
{
	AUTO(credentials) struct credentials cr;

	credentials_init(&cr);
	if (credentials_load(&s->scope, &cr, e) < 0)
		return -1;
	term_item(r->term, "Password", "%s   shown once; again: %s password show", cr.password.p, r->cli->prog);
	return 0;
}

const char *
report_tunnel(struct run *r, const struct service *s)
{
	unsigned port = edge_is_on(&s->config) ? edge_port(&s->config, s->scope.kind) : (unsigned)s->config.server.port;
	const struct passwd *pw = getpwuid(geteuid());
	const char *host = s->is_remote ? s->engine.at.ssh_host : addr_outward(r->arena);
	const char *user = s->is_remote && s->engine.at.ssh_user ? s->engine.at.ssh_user : pw ? pw->pw_name : "USER";

	if (entry_scope(s) != ADDR_LOOPBACK)
		return NULL;
	return arena_printf(r->arena, "ssh -N -L %u:127.0.0.1:%u %s@%s", port, port, user, host ? host : "HOST");
}

static void
show_ways(struct run *r, struct service *s)
{
	const char *tunnel = report_tunnel(r, s);
	bool serves;
	const char *edge = tls_line(r, &s->scope, &s->config, &serves);

	if (edge && !serves)
		term_item(r->term, "Edge", "%s", edge);
	if (tunnel)
		term_item(r->term, "From your laptop", "%s", tunnel);
	term_item(r->term, "Connect a model", "%s auth login   or   %s secret set ANTHROPIC_API_KEY", r->cli->prog, r->cli->prog);
	if (!s->is_remote && !control_watchdog_lives(s->scope.watchdog_lock_path))
		term_item(r->term, "Keep it running", "%s service install --now", r->cli->prog);
	if (s->config.container.sudo)
		term_item(r->term, "Isolation", "reduced: container.sudo lets the agent become root in its container");
}

static void
blank(struct run *r)
{
	if (!r->term->is_quiet)
		term_put(r->term, STR_LIT("\n"));
}

int
report_ready(struct run *r, struct service *s, const struct up_result *res, struct err *e)
{
	term_progress_end(r->term);
	if (r->g->wants_json)
		return ready_as_json(r, s, res, e);
	if (res->is_port_moved)
		term_row(r->term, "Port", "3000 is taken: %llu is used from now on (saved as server.port)",
		    (unsigned long long)s->config.server.port);
	else if (res->is_saved)
		term_row(r->term, "Saved", "in %s", path_tilde(r->arena, s->scope.config_path, s->scope.home));
	if (!res->is_changed) {
		show_nothing_to_do(r, s, res);
		return 0;
	}
	blank(r);
	term_item(r->term, "URL", "%s   %s", service_url(s, &res->container), reach_of(s));
	term_item(r->term, "User", "%s", s->config.auth.username);
	if (res->is_password_new) {
		if (show_password(r, s, e) < 0)
			return -1;
	} else {
		term_item(r->term, "Password", "%s password show", r->cli->prog);
	}
	blank(r);
	show_ways(r, s);
	return 0;
}

/* status.c - how the service is doing, for people, programs and exit codes */
#include <unistd.h>

#include "applets/occ/backup.h"
#include "applets/occ/tls.h"
#include "applets/occ/watch.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/status.h"
#include "lib/deploy/status_file.h"
#include "lib/deploy/update_news.h"

#define EXIT_NOT_RUNNING 6
#define EXIT_UNHEALTHY 7

struct status_opts {
	bool sessions, public_url;
};

static const struct opt status_opts[] = {
	FLAG(struct status_opts, sessions, 0, "sessions", "also ask opencode which sessions are busy"),
	FLAG(struct status_opts, public_url, 0, "public", "also ask server.public_url from here, certificate checked"),
	OPT_LAST,
};

static const char *const status_examples[] = {
	"status", "a short report; exit code 0 healthy, 6 not running, 7 unhealthy",
	"status -q", "the exit code alone, for scripts",
	"status --json", "the same for programs",
	NULL,
};

static int
exit_of(const struct status *st)
{
	switch (st->health) {
	case STATUS_HEALTHY:
		return 0;
	case STATUS_UNHEALTHY:
		return EXIT_UNHEALTHY;
	case STATUS_ABSENT:
	case STATUS_STOPPED:
		break;
	}
	return EXIT_NOT_RUNNING;
}

static void
put_health(struct run *r, const struct service *s, const struct status *st, struct buf *out)
{
	static const enum term_style styles[] = { [STATUS_ABSENT] = TERM_DIM, [STATUS_STOPPED] = TERM_YELLOW,
		[STATUS_HEALTHY] = TERM_GREEN, [STATUS_UNHEALTHY] = TERM_RED };
	const char *word = st->health == STATUS_ABSENT ? "not running" : status_health_name(st->health);

	buf_printf(out, "%s (%s)   ", s->names.container, s->scope.instance);
	term_paint(r->term, styles[st->health], str_of(word), out);
}

static void
show_head(struct run *r, struct service *s, const struct status *st)
{
	AUTO(buf) struct buf out = BUF_INIT(2048);

	put_health(r, s, st, &out);
	if (st->health == STATUS_HEALTHY || st->health == STATUS_UNHEALTHY) {
		buf_puts(&out, "   up ");
		num_put_duration(&out, (clock_epoch_s() - st->container.started_epoch_s) * 1000);
		buf_printf(&out, "   %s", st->url);
	}
	buf_putc(&out, '\n');
	term_put(r->term, buf_str(&out));
}

static void
show_container(struct run *r, const struct container *c)
{
	AUTO(buf) struct buf text = BUF_INIT(512);
	int64_t memory = json_int(json_path(c->raw, "HostConfig.Memory"), 0);

	buf_printf(&text, "%s", container_state_name(c->state));
	if (memory > 0) {
		buf_puts(&text, ", memory limit ");
		num_put_bytes(&text, (uint64_t)memory);
	}
	if (c->restarts)
		buf_printf(&text, ", restarts %lld", (long long)c->restarts);
	term_item(r->term, "container", "%s", text.p);
}

static void
show_config(struct run *r, struct service *s, const struct status *st)
{
	const char *path = path_tilde(r->arena, s->scope.config_path, s->scope.home);

	if (st->drift[0])
		term_item(r->term, "config", "%s; %s start applies it", st->drift, r->cli->prog);
	else
		term_item(r->term, "config", "in step with %s", path);
}

static void
show_edge(struct run *r, struct service *s)
{
	bool serves;
	const char *line = tls_line(r, &s->scope, &s->config, &serves);

	if (line)
		term_item(r->term, "edge", "%s", line);
}

static void
show_backup(struct run *r, struct service *s)
{
	struct backup_round last;

	backup_round_load(r->arena, &s->scope, &last);
	const char *line = backup_round_line(r->arena, &s->config, &last, clock_epoch_s());
	if (line)
		term_item(r->term, "backup", "%s", line);
}

/* "backup": {...}, with a schedule or after one was made by `backup run` */
static void
put_backup(struct run *r, struct service *s, struct jsonw *j)
{
	struct backup_round last;

	backup_round_load(r->arena, &s->scope, &last);
	const char *line = backup_round_line(r->arena, &s->config, &last, clock_epoch_s());
	if (!line)
		return;
	jsonw_object(j, "backup");
	backup_put_round(j, &last);
	jsonw_str(j, "failure", last.why[0] ? last.why : NULL);
	jsonw_end(j);
}

/* What the watchdog has heard; nobody is asked here. */
static const char *
news(struct run *r, struct service *s, const struct status *st)
{
	struct update_news n;

	update_news_load(r->arena, &s->scope, &n);
	return update_news_newer(&n, st->version ? st->version : "");
}

static void
show_news(struct run *r, struct service *s, const struct status *st)
{
	const char *newer = news(r, s, st);

	if (newer)
		term_item(r->term, "update", "opencode %s is there: %s update", newer, r->cli->prog);
}

static void
show(struct run *r, struct service *s, const struct status *st, const struct watch_report *w)
{
	show_head(r, s, st);
	if (st->version)
		term_item(r->term, "opencode", "%s%s%s", st->version, st->busy ? ", " : "", st->busy ? st->busy : "");
	if (st->trouble)
		term_item(r->term, "trouble", "%s", st->trouble);
	term_item(r->term, "engine", "%s %s, %s", s->engine.is_podman ? "Podman" : "Docker", s->engine.version, s->engine.at.origin);
	if (st->health == STATUS_ABSENT) {
		watch_show(r, s, w);
		term_item(r->term, "next", "%s start", r->cli->prog);
		return;
	}
	show_container(r, &st->container);
	if (json_at(json_path(st->container.raw, "HostConfig.CapAdd"), 0))
		term_item(r->term, "isolation", "reduced: container.sudo lets the agent become root in its container");
	show_edge(r, s);
	if (st->has_public)
		term_item(r->term, "public", "%s %s", s->config.server.public_url, st->public_trouble ? st->public_trouble : "answers");
	show_config(r, s, st);
	show_backup(r, s);
	show_news(r, s, st);
	watch_show(r, s, w);
	if (st->health != STATUS_HEALTHY)
		term_item(r->term, "next", "%s logs -n 50, then %s %s", r->cli->prog, r->cli->prog,
		    st->health == STATUS_STOPPED ? "start" : "restart");
}

/* "edge": {...}, with the edge on */
static void
put_edge(struct run *r, struct service *s, struct jsonw *j)
{
	bool serves;
	const char *line = tls_line(r, &s->scope, &s->config, &serves);

	if (!line)
		return;
	jsonw_object(j, "edge");
	jsonw_str(j, "mode", s->config.edge.mode);
	jsonw_bool(j, "serving", serves);
	jsonw_str(j, "text", line);
	jsonw_end(j);
}

static int
as_json(struct run *r, struct service *s, const struct status *st, const struct watch_report *w, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct jsonw j = JSONW_INIT(&out, 2);
	const struct container *c = &st->container;

	jsonw_object(&j, NULL);
	jsonw_str(&j, "instance", s->scope.instance);
	jsonw_str(&j, "health", status_health_name(st->health));
	jsonw_str(&j, "trouble", st->trouble);
	jsonw_str(&j, "url", st->url);
	jsonw_str(&j, "opencode", st->version);
	jsonw_str(&j, "busy", st->busy);
	jsonw_str(&j, "engine", s->engine.version);
	jsonw_str(&j, "engine_url", s->engine.at.url);
	jsonw_str(&j, "container", c->id);
	jsonw_str(&j, "container_state", c->id ? container_state_name(c->state) : NULL);
	jsonw_int(&j, "started_epoch_s", c->started_epoch_s);
	jsonw_int(&j, "restarts", c->restarts);
	jsonw_str(&j, "image_id", c->image_id);
	jsonw_bool(&j, "in_step", st->health != STATUS_ABSENT && !st->drift[0]);
	jsonw_str(&j, "drift", st->drift);
	if (st->has_public)
		jsonw_str(&j, "public_trouble", st->public_trouble);
	put_edge(r, s, &j);
	put_backup(r, s, &j);
	jsonw_str(&j, "newer", news(r, s, st));
	watch_put_json(w, &j);
	return occ_put_json(r, &j, "status", e);
}

/* A system instance asked for by somebody else than root: what the last command of root's wrote down. */
static int
show_file(struct run *r, const struct scope *scope, struct err *e)
{
	AUTO(buf) struct buf age = BUF_INIT(64);
	struct status_file f;

	if (status_file_load(r->arena, scope, &f, e) < 0)
		return err_note(e, "try", "sudo occ status");
	num_put_duration(&age, (clock_epoch_s() - f.written_epoch_s) * 1000);
	if (r->g->wants_json) {
		term_printf(r->term, "{\"instance\": \"%s\", \"health\": \"%s\", \"as_of_epoch_s\": %lld}\n", scope->instance,
		    f.is_up ? "up" : "stopped", (long long)f.written_epoch_s);
	} else if (!r->term->is_quiet) {
		term_printf(r->term, "%s (system)   %s as of %s ago   %s\n", scope->instance, f.is_up ? "up" : "stopped", age.p,
		    f.is_up ? f.url : "");
		term_item(r->term, "now", "sudo %s status asks the engine", r->cli->prog);
	}
	return f.is_up ? 0 : EXIT_NOT_RUNNING;
}

static int
status_run(struct run *r, struct err *e)
{
	const struct status_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	const struct status_wish wish = { .sessions = o && o->sessions, .public_url = o && o->public_url };
	struct scope scope;
	struct watch_report w;
	struct status st;

	if (occ_scope(r, &scope, e) < 0)
		return -1;
	if (scope.kind == SCOPE_SYSTEM && geteuid() != 0)
		return show_file(r, &scope, e);
	if (occ_open(r, &s, e) < 0 || status_get(&s, &wish, &st, e) < 0)
		return -1;
	watch_ask(r, &s, &st, &w);
	if (r->g->wants_json) {
		if (as_json(r, &s, &st, &w, e) < 0)
			return -1;
	} else if (!r->term->is_quiet) {
		show(r, &s, &st, &w);
	}
	return exit_of(&st);
}

CMD(occ_status) = {
	.applet = "occ", .name = "status", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "show how the service is doing",
	.about = "Asks the engine and opencode itself. Exit code 0 when healthy, 6 when not running, 7 when it runs and does not answer.",
	.examples = status_examples, .opts = status_opts, .opts_bytes = sizeof(struct status_opts), .run = status_run,
};

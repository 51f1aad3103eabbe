/* occ reset: the agent's work, or all of an instance, gone for good */
#include "lib/deploy/reset.h"

#include <string.h>

#include "applets/occ/common.h"
#include "applets/occ/report.h"
#include "applets/occ/service_show.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/restore.h"
#include "lib/deploy/spec.h"

#define OUT_MAX 65536

struct reset_opts {
	bool yes, no_backup, now, dry_run;
	int64_t wait_idle_ms;
};

static const struct opt reset_opts[] = {
	FLAG(struct reset_opts, dry_run, 'n', "dry-run", "show what would go; change nothing"),
	FLAG(struct reset_opts, no_backup, 0, "no-backup", "make no backup before"),
	FLAG(struct reset_opts, yes, 'y', "yes", "do not ask; a backup is made first unless --no-backup"),
	DURATION(struct reset_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct reset_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static const char *const reset_examples[] = {
	"reset data --dry-run", "what would go",
	"reset data", "sessions, home and workspace; settings and password stay",
	"reset all", "as if it had never been here; backups stay",
	NULL,
};

struct reset {
	struct run *r;
	struct service *s;
	bool is_all, has_backup;
	struct reset_plan plan;
	struct backup_result backup;
};

/* ---- telling and asking ---- */

static const char *
shown(const struct reset *x, const struct reset_item *item)
{
	bool is_path = item->kind == RESET_FILE || item->kind == RESET_DIR;

	return is_path ? path_tilde(x->r->arena, item->name, x->s->scope.home) : item->name;
}

static void
show(struct reset *x)
{
	struct run *r = x->r;

	if (r->term->is_quiet || r->g->wants_json)
		return;
	term_printf(r->term, "This goes, for good:\n");
	for (size_t i = 0; i < x->plan.n; i++)
		term_item(r->term, reset_kind_name(x->plan.items[i].kind), "%s   (%s)", shown(x, &x->plan.items[i]), x->plan.items[i].what);
	term_printf(r->term, "This stays: directories of this machine that are mounted%s, and the backups in %s\n",
	    x->is_all ? "" : ", configuration, password", path_tilde(r->arena, x->s->scope.backups_dir, x->s->scope.home));
}

static int
left(struct err *e)
{
	err_set(e, ERR_INTERRUPTED, "nothing was reset");
	return err_note(e, "changed", "nothing");
}

static int
agree(struct reset *x, struct err *e)
{
	const struct reset_opts *o = x->r->opts;
	bool is_yes = true;

	x->has_backup = x->plan.has_work && !o->no_backup;
	if (o->yes)
		return 0;
	if (x->has_backup && term_confirm(x->r->term, "Make a backup of it first, with the workspace", true, "--yes, or --yes --no-backup", &x->has_backup, e) < 0)
		return -1;
	const char *question = arena_printf(x->r->arena, "Remove these %zu things of the instance %s", x->plan.n, x->s->scope.instance);
	if (term_confirm(x->r->term, question, false, "--yes", &is_yes, e) < 0)
		return -1;
	return is_yes ? 0 : left(e);
}

/* ---- doing ---- */

/* A unit that is left would bring up what is not there any more. */
static int
check_service(struct reset *x, struct err *e)
{
	struct unit_options uo = { .is_now = false };
	struct unit_state st;
	struct err ignored = ERR_INIT;

	if (!x->is_all || service_look(x->r, x->s, &uo, &st, &ignored) < 0 || !st.unit[UNIT_WATCHDOG].installed || st.unit[UNIT_WATCHDOG].is_foreign)
		return 0;
	err_set(e, ERR_REFUSED, "it is installed as a service (%s)", st.unit[UNIT_WATCHDOG].name);
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "occ service uninstall   then again");
}

static int
back_up(struct reset *x, struct err *e)
{
	const struct backup_options o = { .has_workspace = true, .has_credentials = x->is_all, .program = x->r->cli->version, .to_fd = -1, .report = report_of(x->r) };

	struct spec_input spec;
	/* One that is missing keeps the other one from nothing. */
	int done = spec_input_of(x->s, &spec, e) < 0 || restore_ensure_volumes(x->s, &spec, e) < 0 || backup_create_locked(x->s, &o, &x->backup, e) < 0 ? -1 : 0;
	term_progress_end(x->r->term);
	if (done < 0) {
		err_wrap(e, "back it up first");
		return err_note(e, "changed", "opencode is stopped; occ start brings it back");
	}
	term_row(x->r->term, "Backup", "%s", path_tilde(x->r->arena, x->backup.path, x->s->scope.home));
	return 0;
}

static void
told(void *ctx, const struct reset_item *item)
{
	struct reset *x = ctx;

	term_row(x->r->term, "Removed", "%s %s", reset_kind_name(item->kind), shown(x, item));
}

static int
report(struct reset *x, struct err *e)
{
	const struct reset_opts *o = x->r->opts;
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	if (!x->r->g->wants_json)
		return 0;
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "changed", !o->dry_run && x->plan.n > 0);
	jsonw_str(&w, "backup", x->backup.path);
	jsonw_array(&w, "removed");
	for (size_t i = 0; i < x->plan.n; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "kind", reset_kind_name(x->plan.items[i].kind));
		jsonw_str(&w, "name", x->plan.items[i].name);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	return occ_put_json(x->r, &w, "the report", e);
}

static int
do_it(struct reset *x, struct err *e)
{
	const struct reset_opts *o = x->r->opts;
	struct up_idle idle = report_idle(x->r, o->now, o->wait_idle_ms);
	AUTO(file_lock) struct file_lock helpers = FILE_LOCK_INIT;
	struct up_stopped stopped;

	/* Before anything is stopped: a backup or a verification may be under way. */
	if (helper_lock(&helpers, x->s, "reset", e) < 0)
		return -1;
	int done = up_stop(x->s, false, BRING_UP_GRACE_S, &idle, &stopped, e);
	term_progress_end(x->r->term);
	if (done < 0 || (x->has_backup && back_up(x, e) < 0))
		return -1;
	/* Looked at again: what a replacement that was cut had left is gone by the stop. */
	if (reset_look(x->s, x->is_all, &x->plan, e) < 0 || reset_apply(x->s, &x->plan, told, x, e) < 0)
		return -1;
	return report(x, e);
}

static int
reset_run(struct run *r, struct err *e)
{
	const struct reset_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct reset x = { .r = r, .s = &s, .is_all = strcmp(r->argv[0], "all") == 0, .backup = { .path = NULL } };

	if (!x.is_all && strcmp(r->argv[0], "data") != 0) {
		err_set(e, ERR_USAGE, "'%.40s' is neither data nor all", r->argv[0]);
		return err_note(e, "try", "%s reset data", r->cli->prog);
	}
	if (occ_connect(r, &s, e) < 0 || check_service(&x, e) < 0 || reset_look(&s, x.is_all, &x.plan, e) < 0)
		return -1;
	if (x.plan.n == 0) {
		term_row(r->term, "Reset", "nothing to do: there is nothing of the instance %s", s.scope.instance);
		return report(&x, e);
	}
	show(&x);
	if (o->dry_run)
		return report(&x, e);
	return agree(&x, e) < 0 ? -1 : do_it(&x, e);
}

CMD(occ_reset) = {
	.applet = "occ", .name = "reset", .group = "Service", .args = "data|all", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "remove the agent's work, or all of an instance",
	.about = "`data`: the container and both volumes; configuration and password stay, and the next `start` begins anew. `all`: image, network, configuration, credentials and state "
		 "too. Says exactly what goes before it asks, and makes a backup first unless told not to. Backups are never removed by it.",
	.examples = reset_examples, .opts = reset_opts, .opts_bytes = sizeof(struct reset_opts), .run = reset_run,
};

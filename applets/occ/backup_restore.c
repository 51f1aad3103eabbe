/* occ backup restore: back to what a backup has */
#include "applets/occ/backup.h"
#include "applets/occ/backup_key.h"
#include "applets/occ/report.h"
#include "lib/base/path.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/restore.h"

struct restore_opts {
	bool settings, no_workspace, no_keep, now, yes;
	int64_t wait_idle_ms;
	struct backup_key_opts key;
};

static const struct opt restore_opts[] = {
	FLAG(struct restore_opts, settings, 0, "settings", "the configuration and the credentials in it too"),
	FLAG(struct restore_opts, no_workspace, 0, "no-workspace", "leave the workspace as it is"),
	FLAG(struct restore_opts, no_keep, 0, "no-keep", "make no backup of what is there: it is lost"),
	DURATION(struct restore_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct restore_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	BACKUP_KEY_OPTS(struct restore_opts, key),
	FLAG(struct restore_opts, yes, 'y', "yes", "do not ask"),
	OPT_LAST,
};

static const char *const restore_examples[] = {
	"backup restore latest", "back to the newest one",
	"backup restore FILE --settings", "on another machine: data, configuration, credentials",
	NULL,
};

static int
agree(struct run *r, struct service *s, const char *path, struct err *e)
{
	const struct restore_opts *o = r->opts;
	bool is_yes = o->yes;

	if (is_yes)
		return 0;
	const char *question = arena_printf(r->arena, "Put %s in the place of the agent's home of %s (%s)", path_base(path), s->scope.instance,
	    o->no_keep ? "what is there is LOST" : "what is there is backed up first");
	if (term_confirm(r->term, question, false, "--yes", &is_yes, e) < 0)
		return -1;
	if (is_yes)
		return 0;
	err_set(e, ERR_INTERRUPTED, "nothing was restored");
	return err_note(e, "changed", "nothing");
}

/* As it was: what ran runs again. */
static int
start_again(struct run *r, struct service *s, struct up_result *ret, struct err *e)
{
	struct up_options options = { .timeout_ms = -1, .report = report_of(r) };

	options.idle = report_idle(r, true, -1);
	int done = up_start(s, &options, ret, e);
	term_progress_end(r->term);
	return done < 0 ? err_note(e, "restored", "the data is back; only the start failed") : 0;
}

static int
report(struct run *r, const struct restore_result *res, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(1024), out = BUF_INIT(8192);
	struct jsonw w = JSONW_INIT(&out, 2);

	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		backup_put_json(&w, &res->backup);
		jsonw_str(&w, "before", res->before);
		jsonw_bool(&w, "settings", res->has_settings);
		jsonw_bool(&w, "started", res->was_up);
		return occ_put_json(r, &w, "the report", e);
	}
	backup_put_contents(&res->backup, &text);
	term_row(r->term, "Restored", "%s", text.p);
	if (res->backup.head.has_credentials && !res->has_settings)
		term_row(r->term, "Without", "the settings and credentials in it: --settings takes them too");
	if (res->before)
		term_row(r->term, "Before", "what was there: %s backup restore %s", r->cli->prog, path_base(res->before));
	if (!res->was_up)
		term_row(r->term, "Next", "%s start", r->cli->prog);
	return 0;
}

static int
backup_restore_run(struct run *r, struct err *e)
{
	const struct restore_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(backup_unlock) struct backup_unlock unlock = { .r = r };
	struct restore_options options = { .has_settings = o->settings, .has_workspace = !o->no_workspace, .keeps_nothing = o->no_keep, .program = r->cli->version, .grace_s = BRING_UP_GRACE_S,
		.report = report_of(r) };
	struct restore_result result;
	struct up_result up;
	const char *path;

	options.idle = report_idle(r, o->now, o->wait_idle_ms);
	options.keys = &unlock.keys.age;
	if (occ_open(r, &s, e) < 0 || backup_find(&s, r->argv[0], &path, e) < 0 || backup_unlock_open(&unlock, r, &s, &o->key, e) < 0 || agree(r, &s, path, e) < 0)
		return -1;
	int done = restore_run(&s, path, &options, &result, e);
	term_progress_end(r->term);
	if (done < 0)
		return -1;
	if (result.was_up) {
		AUTO(service) struct service again = { .engine = ENGINE_INIT };

		/* With the settings that are in force now. */
		if (occ_open(r, &again, e) < 0 || start_again(r, &again, &up, e) < 0)
			return -1;
	}
	return report(r, &result, e);
}

CMD(occ_backup_restore) = {
	.applet = "occ", .name = "backup restore", .group = "Service", .args = "FILE", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "put a backup back",
	.about = "FILE is a path, a name from `backup list`, or `latest`. All of it is read and compared before anything is changed, and what is there now is backed up first. Then "
		 "opencode is stopped, its home (and the workspace, if the backup has it) is replaced, and opencode is started again if it ran. On a machine without the instance it "
		 "is made; `start` follows.",
	.examples = restore_examples, .opts = restore_opts, .opts_bytes = sizeof(struct restore_opts), .run = backup_restore_run,
};

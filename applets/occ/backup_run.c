/* occ backup run, schedule: backups without a person */
#include "applets/occ/backup.h"
#include "applets/occ/report.h"
#include "lib/base/clock.h"
#include "lib/base/path.h"

/* ---- run ---- */

void
backup_put_round(struct jsonw *w, const struct backup_round *last)
{
	jsonw_str(w, "file", last->file);
	jsonw_int(w, "made_epoch_s", last->made_epoch_s);
	jsonw_int(w, "proved_epoch_s", last->proved_epoch_s);
	jsonw_bool(w, "on_the_disk_of_the_data", last->is_beside_data);
}

static int
put_json(struct run *r, const struct backup_round *last, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	backup_put_round(&w, last);
	return occ_put_json(r, &w, "the report", e);
}

static int
backup_run_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	const struct plan_report shown = report_of(r);
	struct backup_round last;

	if (occ_open(r, &s, e) < 0)
		return -1;
	int done = backup_round_run(&s, r->cli->version, &shown, &last, e);
	term_progress_end(r->term);
	if (done < 0)
		return -1;
	if (r->g->wants_json)
		return put_json(r, &last, e);
	const char *line = backup_round_line(r->arena, &s.config, &last, clock_epoch_s());
	term_row(r->term, "Backup", "%s: %s", path_tilde(r->arena, last.file, s.scope.home), line ? line : "");
	return 0;
}

CMD(occ_backup_run) = {
	.applet = "occ", .name = "backup run", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "one round of the schedule: create, copy away, prune, prove",
	.about = "Makes a backup, runs backup.after with the file's path in $OCC_BACKUP, removes all but the newest backup.keep, and every backup.verify_days proves the new one by "
		 "restoring it beside the service. The watchdog does this with backup.schedule; without a watchdog a timer of the system's may.",
	.run = backup_run_run,
};

/* ---- schedule ---- */

static const char *const schedule_examples[] = {
	"backup schedule daily", "a backup a day by the watchdog",
	"config set backup.after 'rclone copy \"$OCC_BACKUP\" remote:backups'", "and each copied away",
	"backup schedule", "when is the next one?",
	NULL,
};

static int
show_schedule(struct run *r, struct service *s, struct err *e)
{
	AUTO(buf) struct buf when = BUF_INIT(64), out = BUF_INIT(4096);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct backup_round last;

	backup_round_load(r->arena, &s->scope, &last);
	int64_t due = backup_round_due(&s->config, &last), now = clock_epoch_s();
	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "schedule", s->config.backup.schedule);
		jsonw_int(&w, "next_epoch_s", due == 0 ? 0 : due > now ? due : now);
		return occ_put_json(r, &w, "the schedule", e);
	}
	if (due > now)
		clock_put_rfc3339(&when, due);
	term_row(r->term, "Schedule", "%s%s%s", s->config.backup.schedule, due ? ", next " : "", due == 0 ? "" : due > now ? when.p : "as soon as the watchdog runs");
	return 0;
}

static int
backup_schedule_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };

	if (occ_open(r, &s, e) < 0)
		return -1;
	if (r->argc > 0) {
		if (config_set(r->arena, &s.scope, "backup.schedule", r->argv[0], e) < 0) {
			e->code = e->code == ERR_CONFIG ? ERR_USAGE : e->code;
			return -1;
		}
		AUTO(service) struct service now = { .engine = ENGINE_INIT };
		return occ_open(r, &now, e) < 0 ? -1 : show_schedule(r, &now, e);
	}
	return show_schedule(r, &s, e);
}

CMD(occ_backup_schedule) = {
	.applet = "occ", .name = "backup schedule", .group = "Service", .args = "[hourly|daily|weekly|off]", .args_max = 1, .has_json = true,
	.brief = "set or show how often the watchdog makes a backup",
	.about = "Without a word it tells when the next is due. A backup that fails is tried again an hour later and told of (notify); status shows the age of the last one and of the last one "
		 "that was proved.",
	.examples = schedule_examples, .run = backup_schedule_run,
};

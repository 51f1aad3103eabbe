/* backup_round.c - create, copy away, prune, prove; and the note of it */
#include "lib/deploy/backup_round.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/note_file.h"
#include "lib/json/jsonw.h"
#include "lib/proc/spawn.h"

#define NOTE "backups.json"
#define NOTE_FORMAT 1
#define NOTE_MAX 16384
#define HOUR_S 3600
#define DAY_S 86400
#define AFTER_MS (6 * 60 * 60 * 1000)

/* ---- the note ---- */

void
backup_round_load(struct arena *a, const struct scope *s, struct backup_round *ret)
{
	struct err ignored = ERR_INIT;
	const struct json *j;

	(void)!note_load(a, s, NOTE, NOTE_MAX, &j, &ignored);
	*ret = (struct backup_round){ .tried_epoch_s = note_epoch_s(j, "tried_epoch_s"), .made_epoch_s = note_epoch_s(j, "made_epoch_s"),
		.proved_epoch_s = note_epoch_s(j, "proved_epoch_s"), .file = json_str(json_get(j, "file"), ""), .why = json_str(json_get(j, "why"), ""),
		.is_beside_data = json_bool(json_get(j, "beside_data"), false) };
}

static int
save(const struct scope *s, const struct backup_round *r, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(NOTE_MAX);
	struct jsonw w = JSONW_INIT(&text, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", NOTE_FORMAT);
	jsonw_int(&w, "tried_epoch_s", r->tried_epoch_s);
	jsonw_int(&w, "made_epoch_s", r->made_epoch_s);
	jsonw_int(&w, "proved_epoch_s", r->proved_epoch_s);
	jsonw_str(&w, "file", r->file);
	jsonw_str(&w, "why", r->why);
	jsonw_bool(&w, "beside_data", r->is_beside_data);
	jsonw_end(&w);
	return note_save(s, NOTE, &text, e);
}

void
backup_round_proved(struct service *s)
{
	struct backup_round r;
	struct err e = ERR_INIT;

	backup_round_load(s->arena, &s->scope, &r);
	r.proved_epoch_s = clock_epoch_s();
	if (scope_prepare_state(&s->scope, &e) < 0 || save(&s->scope, &r, &e) < 0)
		log_line("that a backup was proved is not noted: %s", e.msg);
}

/* ---- decisions ---- */

static int64_t
period_s(const struct config *c)
{
	static const struct {
		const char *name;
		int64_t s;
	} periods[] = { { "hourly", HOUR_S }, { "daily", DAY_S }, { "weekly", 7 * DAY_S } };

	for (size_t i = 0; i < ARRAY_LEN(periods); i++) {
		if (strcmp(c->backup.schedule, periods[i].name) == 0)
			return periods[i].s;
	}
	return 0;
}

int64_t
backup_round_due(const struct config *c, const struct backup_round *last)
{
	int64_t s = period_s(c);

	if (s == 0)
		return 0;
	if (last->tried_epoch_s == 0)
		return 1;
	/* One that was made and not proved, or not copied away, is no reason for another one each hour. */
	return last->tried_epoch_s + (last->why[0] && last->made_epoch_s < last->tried_epoch_s ? HOUR_S : s);
}

static bool
is_proof_due(const struct config *c, const struct backup_round *last, int64_t now_epoch_s)
{
	return c->backup.verify_days > 0 && !backup_keys_are_elsewhere(c) && now_epoch_s - last->proved_epoch_s >= (int64_t)c->backup.verify_days * DAY_S;
}

static void
put_age(struct buf *out, int64_t then_epoch_s, int64_t now_epoch_s)
{
	num_put_duration(out, (now_epoch_s > then_epoch_s ? now_epoch_s - then_epoch_s : 0) * 1000);
}

const char *
backup_round_line(struct arena *a, const struct config *c, const struct backup_round *r, int64_t now_epoch_s)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);

	if (period_s(c) == 0 && r->made_epoch_s == 0)
		return NULL;
	if (r->made_epoch_s == 0) {
		buf_puts(&out, "none yet");
	} else {
		put_age(&out, r->made_epoch_s, now_epoch_s);
		buf_puts(&out, " old");
	}
	if (r->proved_epoch_s == 0) {
		buf_puts(&out, ", none proved yet");
	} else {
		buf_puts(&out, ", one proved ");
		put_age(&out, r->proved_epoch_s, now_epoch_s);
		buf_puts(&out, " ago");
	}
	if (backup_keys_are_elsewhere(c))
		buf_puts(&out, ", not proved by itself: the key is elsewhere (backup.identity)");
	if (r->made_epoch_s && r->is_beside_data)
		buf_puts(&out, ", on the disk that the data lies on");
	if (r->why[0])
		buf_printf(&out, "; the last try FAILED: %s", r->why);
	return arena_str(a, buf_str(&out));
}

/* ---- one round ---- */

/* The engine's own directory, as far as it can be looked at: volumes are below it as a rule. */
static bool
is_beside(struct service *s, const char *file)
{
	struct engine_info info;
	struct err ignored = ERR_INIT;
	struct stat a, b;

	if (s->is_remote || engine_info_get(&s->engine, s->arena, &info, &ignored) < 0 || !info.root_dir[0])
		return false;
	return stat(file, &a) == 0 && stat(info.root_dir, &b) == 0 && a.st_dev == b.st_dev;
}

/* Whoever may write the configuration may do all that this command can do: it is a person's own. */
static int
copy_away(struct service *s, const char *file, struct err *e)
{
	const char *const argv[] = { "/bin/sh", "-c", s->config.backup.after, NULL };
	const char *const env[] = { arena_printf(s->arena, "OCC_BACKUP=%s", file), NULL };
	const struct spawn spawn = { .argv = argv, .env = env, .in_fd = -1, .out_fd = -1, .err_fd = -1, .new_session = true };
	int status = 0;
	pid_t pid;

	if (!s->config.backup.after[0])
		return 0;
	if (spawn_start(&spawn, &pid, e) < 0 || spawn_wait(pid, clock_due_ms(AFTER_MS), &status, e) < 0)
		return err_wrap(e, "backup.after");
	if (status == 0)
		return 0;
	err_set(e, ERR_FAIL, "backup.after ended with status %d", status);
	return err_note(e, "restored", "the backup itself is there: %s", file);
}

static int
prove(struct service *s, const char *file, const struct plan_report *report, struct backup_round *r, struct err *e)
{
	AUTO(backup_keys) struct backup_keys keys = { .age = { .n = 0 } };
	struct restore_proof proof;

	if (!is_proof_due(&s->config, r, clock_epoch_s()))
		return 0;
	if (backup_keys_load(&keys, s->config.backup.identity, e) < 0 || restore_prove(s, file, &keys.age, report, &proof, e) < 0)
		return err_wrap(e, "prove the backup");
	r->proved_epoch_s = clock_epoch_s();
	return 0;
}

static int
run(struct service *s, const char *program, const struct plan_report *report, struct backup_round *r, struct err *e)
{
	const struct backup_options o = { .has_workspace = s->config.backup.workspace, .program = program, .to_fd = -1, .report = *report };
	struct strlist removed = { .v = NULL };
	struct backup_result made;

	if (backup_create(s, &o, &made, e) < 0)
		return -1;
	r->file = made.path;
	r->is_beside_data = is_beside(s, made.path);
	r->made_epoch_s = clock_epoch_s();
	if (copy_away(s, made.path, e) < 0 || prove(s, made.path, report, r, e) < 0)
		return -1;		/* the older ones stay */
	return backup_prune(s, (size_t)s->config.backup.keep, &removed, e);
}

int
backup_round_run(struct service *s, const char *program, const struct plan_report *report, struct backup_round *ret, struct err *e)
{
	struct err unsaved = ERR_INIT;
	struct backup_round before;

	if (scope_prepare_state(&s->scope, e) < 0)
		return -1;
	backup_round_load(s->arena, &s->scope, &before);
	*ret = before;
	ret->tried_epoch_s = clock_epoch_s();
	ret->why = "it was cut";	/* who kills it finds this */
	if (save(&s->scope, ret, e) < 0)
		return -1;
	int done = run(s, program, report, ret, e);
	bool is_made = ret->made_epoch_s > before.made_epoch_s;
	if (done < 0 && !is_made && (e->code == ERR_LOCKED || e->code == ERR_INTERRUPTED)) {
		if (save(&s->scope, &before, &unsaved) < 0)
			log_line("%s", unsaved.msg);
		return -1;
	}
	ret->why = done < 0 ? arena_strdup(s->arena, e->msg) : "";
	if (save(&s->scope, ret, done < 0 ? &unsaved : e) < 0)
		return -1;
	return done;
}

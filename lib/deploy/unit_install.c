/* unit_install.c - carries out a plan for an instance's units, step by step, each told when it is done */
#include "lib/deploy/unit_install.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/deploy/unit_mark.h"
#include "lib/deploy/unit_run.h"
#include "lib/deploy/unit_user.h"

#define COMMAND_MS 180000	/* a start waits for READY, a stop for the end: TimeoutStopSec and more */
#define MANAGER_MS 20000	/* from enable-linger to a manager that answers */
#define LOOK_MS 100
#define LOCK_MS 10000
#define OUT_BYTES_MAX (1u << 20)

struct work {
	struct service *s;
	const struct unit_state *st;
	const struct plan_report *report;
};

static void
tell(const struct work *w, const char *label, const char *text)
{
	if (label && w->report->row)
		w->report->row(w->report->ctx, label, text);
}

/* ---- steps ------------------------------------------------------------------------------------------------------ */

static int
do_command(const struct work *w, const struct unit_step *step, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUT_BYTES_MAX);

	if (unit_run(step->argv, &out, clock_due_ms(COMMAND_MS), e) == 0)
		return 0;
	if (w->st->in.manager == UNIT_SYSTEMD)
		err_note(e, "look", "journalctl %s-u %s -n 30", w->st->in.kind == SCOPE_USER ? "--user " : "", w->st->unit[step->part].name);
	return -1;
}

static int
do_try(const struct work *w, const struct unit_step *step, struct err *e)
{
	if (do_command(w, step, e) == 0)
		return 0;
	if (e->code == ERR_INTERRUPTED)
		return -1;
	tell(w, step->label, e->msg);
	err_clear(e);
	return 1;
}

/* A user's manager takes a moment to come up. */
static int
do_await(const struct work *w, const struct unit_step *step, struct err *e)
{
	int64_t due_ms = clock_due_ms(MANAGER_MS);

	for (;;) {
		AUTO(buf) struct buf out = BUF_INIT(OUT_BYTES_MAX);
		struct err last = ERR_INIT;

		if (unit_run(step->argv, &out, due_ms, &last) == 0)
			return 0;
		if (last.code == ERR_INTERRUPTED || clock_now_ms() >= due_ms) {
			*e = last;
			err_wrap(e, "the service manager of %s does not answer", w->st->user_name);
			return err_note(e, "try", "log in as %s (ssh, machinectl shell %s@) and again", w->st->user_name, w->st->user_name);
		}
		if (fd_wait_many(NULL, 0, clock_due_ms(LOOK_MS), &last) < 0 && last.code == ERR_INTERRUPTED) {
			*e = last;
			return -1;
		}
	}
}

/* Without linger the service ends with the last session. That is worth a warning, not a failure, where a manager answers now. */
static int
do_linger(const struct work *w, const struct unit_step *step, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *mark = w->st->linger_mark;
	bool is_enable = strcmp(step->argv[1], "enable-linger") == 0;
	AUTO(buf) struct buf out = BUF_INIT(OUT_BYTES_MAX);

	if (unit_run(step->argv, &out, clock_due_ms(COMMAND_MS), e) < 0) {
		if (e->code == ERR_INTERRUPTED || (is_enable && w->st->no_manager))
			return err_note(e, "try", "sudo loginctl %s %s", step->argv[1], w->st->user_name);
		tell(w, step->label, arena_printf(&a, "not %s: sudo loginctl %s %s   (%s)",
		    is_enable ? "enabled, so the service starts with your first session and ends with your last" : "disabled", step->argv[1], w->st->user_name, e->msg));
		err_clear(e);
		return 1;
	}
	if (!is_enable)
		return file_remove(mark, e);
	if (file_mkdirs(path_dir(&a, mark), 0700, e) < 0)
		return -1;
	return file_save(mark, STR_LIT("occ service install enabled linger; occ service uninstall disables it\n"), 0600, e);
}

static int
do_copy(const struct work *w, const struct unit_step *step, struct err *e)
{
	(void)w;
	return unit_mark_copy(step->object, e);
}

static int
do_write(const struct work *w, const struct unit_step *step, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	if (file_mkdirs(path_dir(&a, step->object), 0755, e) < 0)
		return -1;
	return file_save(step->object, str_of(w->st->unit[step->part].text), 0644, e);
}

static int
do_own(const struct work *w, const struct unit_step *step, struct err *e)
{
	struct unit_owner owner;

	(void)step;
	if (unit_user_find(w->st->in.user, w->st->in.engine_socket, &owner, e) < 0)
		return -1;
	return unit_owner_set(w->s, &owner, e);
}

static int
do_remove(const struct work *w, const struct unit_step *step, struct err *e)
{
	(void)w;
	return file_remove(step->object, e);
}

static int
do_uncopy(const struct work *w, const struct unit_step *step, struct err *e)
{
	(void)w;
	return unit_mark_remove(step->object, e);
}

/* 0 done, 1 not done and told where it matters, -1. */
static int (*const carry_out[])(const struct work *, const struct unit_step *, struct err *) = {
	[UNIT_STEP_COMMAND] = do_command, [UNIT_STEP_TRY] = do_try, [UNIT_STEP_AWAIT] = do_await, [UNIT_STEP_LINGER] = do_linger,
	[UNIT_STEP_COPY] = do_copy, [UNIT_STEP_WRITE] = do_write, [UNIT_STEP_OWN] = do_own, [UNIT_STEP_REMOVE] = do_remove,
	[UNIT_STEP_UNCOPY] = do_uncopy,
};

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* What a person types after it for the same instance of the machine. */
static const char *
program(const struct service *s)
{
	bool is_default = strcmp(s->scope.instance, SCOPE_DEFAULT_INSTANCE) == 0;

	return is_default ? "occ --system" : arena_printf(s->arena, "occ --system --instance %s", s->scope.instance);
}

int
unit_check(const struct service *s, const struct unit_state *st, struct err *e)
{
	const struct unit_piece *foreign = unit_foreign(st);

	if (s->scope.kind == SCOPE_SYSTEM && st->uid != 0) {
		err_set(e, ERR_PERM, "a service of the machine is installed and removed by root");
		return err_note(e, "try", "run it with sudo");
	}
	if (!foreign)
		return 0;
	err_set(e, ERR_REFUSED, "%s was not made by this program for this; it was not touched", foreign->path);
	return err_note(e, "try", "look at it, and move it away if nothing needs it");
}

/* Instances of the machine share directories (/run/opencode-cloud, /var/lib/opencode-cloud), which belong to one user. */
int
unit_check_wish(const struct service *s, const struct unit_state *st, struct err *e)
{
	const char *user = st->in.user ? st->in.user : "root";

	if (st->refusal.code) {
		*e = st->refusal;
		return -1;
	}
	if (!st->other_user || strcmp(st->other_user, user) == 0)
		return 0;
	err_set(e, ERR_REFUSED, "%s runs as %s: all instances of the machine run as one user, not this one as %s", st->other_name, st->other_user, user);
	return err_note(e, "try", "%s service install --run-as %s", program(s), st->other_user);
}

/* A user who is nowhere logged in gets a manager by enabling linger, which is part of the plan. */
int
unit_check_install(const struct service *s, const struct unit_state *st, struct err *e)
{
	bool can_linger = st->in.manager == UNIT_SYSTEMD && s->scope.kind == SCOPE_USER && !st->has_linger && file_exists("/run/systemd/system");

	if (unit_check(s, st, e) < 0 || unit_check_wish(s, st, e) < 0)
		return -1;
	if (!st->no_manager || can_linger)
		return 0;
	err_set(e, ERR_FAIL, "no service can be installed: %s", st->no_manager);
	return err_note(e, "try", "%s", st->cure);
}

int
unit_check_password(const struct service *s, const struct unit_state *st, struct err *e)
{
	if (!st->in.user || file_exists(s->scope.credentials_path))
		return 0;
	err_set(e, ERR_FAIL, "this instance has no password yet, which %s will have to read", st->in.user);
	return err_note(e, "try", "%s start, and then again", program(s));
}

/* What install made in passing. Directories that hold anything stay. */
static void
clear_up(const struct service *s, const char *lock_path)
{
	struct err ignored = ERR_INIT;

	if (file_remove(lock_path, &ignored) < 0)
		err_clear(&ignored);
	rmdir(path_dir(s->arena, s->scope.control_path));
	rmdir(s->scope.state_dir);
}

int
unit_apply(struct service *s, const struct unit_state *st, const struct unit_plan *p, const struct plan_report *report, struct err *e)
{
	const struct work w = { .s = s, .st = st, .report = report };
	const char *lock_path = path_join(s->arena, s->scope.state_dir, "service.lock");
	AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT;

	/* A lock of its own: the watchdog yields to whoever holds the instance's, and is what is started and ended here. */
	if (scope_prepare(&s->scope, e) < 0 || file_lock_open(&l, lock_path, clock_due_ms(LOCK_MS), e) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const struct unit_step *step = &p->steps[i];
		int done;

		if (step->label && report->progress)
			report->progress(report->ctx, step->label, step->argv ? "asking the service manager" : step->object);
		done = carry_out[step->kind](&w, step, e);
		if (done < 0)
			return p->is_removal ? err_note(e, "try", "service uninstall again: it goes on where it ended") : -1;
		if (done == 0)
			tell(&w, step->label, step->text);
	}
	if (p->is_removal)
		clear_up(s, lock_path);
	return 0;
}

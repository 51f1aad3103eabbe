/*
 * unit_install.h - the service of an instance: installed, asked for, taken away
 *
 * The effects around unit.h: a stable copy of the program, the unit's file, daemon-reload, enable, linger. unit_look finds what is there, a pure plan says what is
 * to be done and why, unit_apply does it; `--dry-run` shows the plan. Uninstall takes away what install made and nothing else. What other instances still need (the
 * copy, linger) stays.
 */
#ifndef OCC_DEPLOY_UNIT_INSTALL_H
#define OCC_DEPLOY_UNIT_INSTALL_H

#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"
#include "lib/deploy/unit.h"

struct unit_options {
	bool is_now;
	const char *run_as;		/* --run-as USER, or NULL: as installed, else root */
	const char *self;		/* path of this program, links resolved */
};

/* One unit of the set. A part that the set has not, and of which nothing is there, is all NULL, "" and false. */
struct unit_piece {
	const char *name, *path;
	const char *text;		/* what this program would write; NULL: not wanted (the edge is off) */
	const char *installed;		/* what is there; NULL: nothing */
	const char *found;		/* where that is: path, or where a package of the system has put it */
	bool is_packaged;		/* the latter: never written to or removed */
	bool is_foreign;		/* a file of somebody else under the unit's name */
	bool is_enabled, is_active;
	bool needs_reload;		/* the manager still has another text */
	bool is_stale;			/* runs a program that was replaced since */
	const char *activity;		/* "active (running)", "failed (exit-code)", "" */
	const char *status;		/* the service's own words: "supervising: up", "" */
};

/* What there is. Strings live in the service's arena. */
struct unit_state {
	struct unit_input in;		/* what would be written; part is the watchdog's */
	uid_t uid;			/* who asks */
	struct unit_piece unit[UNIT__PARTS];
	const char *no_manager;		/* why systemd or launchd cannot be used; NULL: it is there and answers */
	const char *cure;		/* of that */
	bool is_outdated;		/* an installed text differs from what would be written, is missing or too many, the copy is not this program, or one that was replaced runs */
	const char *user_name;		/* user scope: whose manager */
	bool has_linger, made_linger;	/* user scope: made by an install of ours */
	const char *linger_mark;	/* the file that says so */
	bool is_copy, is_copy_same;	/* the unit points to a copy of ours; it is this program, byte for byte */
	bool made_copy;			/* by an install of ours */
	bool is_shared;			/* another instance's unit points there, too */
	bool has_others;		/* another instance of this scope has a unit */
	const char *other_name, *other_user;	/* system scope: such a unit, and whom it runs as; NULL: none */
	bool needs_owner;		/* --run-as: files of the instance belong to another than the unit's user */
	const char *self;
	struct err refusal;		/* what keeps it from being installed as asked for; hinders nothing else */
};

int unit_look(struct service *s, const struct unit_options *o, struct unit_state *ret, struct err *e) MUST_CHECK;

enum unit_step_kind { UNIT_STEP_COMMAND, UNIT_STEP_TRY, UNIT_STEP_AWAIT, UNIT_STEP_LINGER, UNIT_STEP_COPY, UNIT_STEP_WRITE, UNIT_STEP_OWN, UNIT_STEP_REMOVE,
	UNIT_STEP_UNCOPY };

struct unit_step {
	enum unit_step_kind kind;
	const char *label, *text;		/* for people: "Unit", "written to /etc/..." */
	enum unit_part part;			/* which unit it is about */
	const char *object;			/* the file; NULL for a command */
	const char *const *argv;		/* COMMAND, TRY (may fail, which is told when it has a label), LINGER */
};

#define UNIT_STEPS_MAX 48

struct unit_plan {
	struct unit_step steps[UNIT_STEPS_MAX];
	size_t n;
	bool is_removal;
};

/* Pure, given what was found. */
bool unit_is_running(const struct unit_state *st);		/* every part that the set has is installed and active */
const struct unit_piece *unit_foreign(const struct unit_state *st);	/* a part that is wanted and another's file; NULL: none */
void unit_plan_install(struct arena *a, const struct unit_state *st, bool is_now, struct unit_plan *ret);
void unit_plan_uninstall(struct arena *a, const struct unit_state *st, struct unit_plan *ret);

/* Refusals before anything is done: a foreign file, no right to it. */
int unit_check(const struct service *s, const struct unit_state *st, struct err *e) MUST_CHECK;
/* Of an install as well: what cannot be as asked for; that, or no manager; no password for the unit's user, which only a start makes. */
int unit_check_wish(const struct service *s, const struct unit_state *st, struct err *e) MUST_CHECK;
int unit_check_install(const struct service *s, const struct unit_state *st, struct err *e) MUST_CHECK;
int unit_check_password(const struct service *s, const struct unit_state *st, struct err *e) MUST_CHECK;
int unit_apply(struct service *s, const struct unit_state *st, const struct unit_plan *p, const struct plan_report *report, struct err *e) MUST_CHECK;

#endif

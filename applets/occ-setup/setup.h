/*
 * setup.h - what the pages of a setup share: the run, what was found, what was answered
 *
 * A page is a list of questions, each of which goes to the next or back. Nothing is written before the summary's "do it"; questions only change the answers.
 */
#ifndef OCC_APPLETS_OCC_SETUP_SETUP_H
#define OCC_APPLETS_OCC_SETUP_SETUP_H

#include "applets/occ-setup/changes.h"
#include "applets/occ/common.h"
#include "lib/deploy/unit_install.h"
#include "lib/term/prompt.h"

struct setup_opts {
	const char *answers, *save_answers, *password_file;
	bool password_stdin, defaults, dry_run, yes, install_engine, now;
	int64_t wait_idle_ms;
};

struct setup {
	struct run *r;
	const struct setup_opts *o;
	struct service s;
	struct config file;		/* the file's own: what stands in the environment is not written into it */
	struct setup_facts facts;
	struct setup_answers answers;	/* as asked */
	struct setup_answers settled;	/* with what follows from them; by setup_prepare */
	struct setup_changes changes;
	struct plan plan;		/* of the start that will follow; n is 0 without an engine */
	bool has_plan;
	struct unit_state unit;		/* with has_unit */
	bool has_unit;
	const char *no_service;		/* why no service can be installed, or NULL */
	struct buf password;		/* typed, or read from where the options say */
	bool can_ask;			/* there is a terminal */
};

enum setup_move { SETUP_NEXT, SETUP_BACK, SETUP_QUIT };

struct setup_step {
	const char *heading;		/* of its page, before its first question; NULL: the same page goes on */
	bool (*applies)(const struct setup *s);	/* NULL: always */
	int (*ask)(struct setup *s, enum setup_move *ret, struct err *e);
};

/* The four questions and the summary; each list ends with a NULL .ask. */
extern const struct setup_step setup_reach[], setup_account[], setup_password[], setup_boot[], setup_summary[];

/* Asks them in order; 1 when it shall be done, 0 when the person left. */
int setup_ask(struct setup *s, bool begins_at_summary, struct err *e) MUST_CHECK;

/* One line as an answer: asks until it is right. The question shows the present answer. */
int setup_ask_text(struct setup *s, enum answer_id id, const char *question, enum setup_move *ret, struct err *e) MUST_CHECK;
enum setup_move setup_move_of(enum term_reply reply);

/* The list of advanced settings, until the person is done: 1; 0 when they leave the setup. */
int setup_advanced(struct setup *s, struct err *e) MUST_CHECK;

/* What this machine has, told as rows and kept in facts. Installs an engine where there is none and the person agrees. */
int setup_check(struct setup *s, struct err *e) MUST_CHECK;
int setup_engine(struct setup *s, struct err *e) MUST_CHECK;

/* The service manager: what is there, told as a row; the steps that the changes ask for (false: none); and doing them. */
void setup_service_look(struct setup *s);
bool setup_service_plan(struct setup *s, struct unit_plan *ret);
void setup_service_prepare(struct setup *s, const struct config *after);	/* looks again, as it will be: the edge's units */
int setup_service_do(struct setup *s, struct err *e) MUST_CHECK;

/* Fills settled, changes and plan from the answers, refusing what cannot work. */
int setup_prepare(struct setup *s, struct err *e) MUST_CHECK;
int setup_no_password(struct err *e);		/* ERR_USAGE: it should be given, and is not. Returns -1 */
void setup_show(struct setup *s);

/* Does it, and reports as `occ start` does. */
int setup_do(struct setup *s, struct err *e) MUST_CHECK;
/* `tailscale serve` for the service's port, and whether it does. The error holds what tailscale said. */
int setup_tailscale_serve(struct setup *s, struct err *e) MUST_CHECK;

#endif

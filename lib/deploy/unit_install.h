/*
 * unit_install.h - the service of an instance: installed, asked for, taken away
 *
 * The effects around unit.h: a stable copy of the program, the unit's file, daemon-reload, enable, linger. Every action is told before it is done, and `--dry-run`
 * only tells. Uninstall takes away what install made and nothing else.
 */
#ifndef OCC_DEPLOY_UNIT_INSTALL_H
#define OCC_DEPLOY_UNIT_INSTALL_H

#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"

struct unit_options {
	bool is_now, is_dry_run;
	const char *user;		/* --run-as */
	const char *self;		/* path of this program */
	struct plan_report report;
};

struct unit_state {
	bool has_manager;		/* systemd or launchd is there and answers */
	bool is_installed, is_enabled, is_active, is_outdated;	/* outdated: its text is not what this program would write */
	const char *name, *path;
	const char *status;		/* the manager's own words: "supervising: up", "" */
	bool has_linger;		/* user scope */
};

int unit_install(struct service *s, const struct unit_options *o, struct unit_state *ret, struct err *e) MUST_CHECK;
int unit_uninstall(struct service *s, const struct unit_options *o, bool *ret_done, struct err *e) MUST_CHECK;
int unit_state_get(struct service *s, struct unit_state *ret, struct err *e) MUST_CHECK;

#endif

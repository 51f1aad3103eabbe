/*
 * changes.h - pure: from the answers to what will be different, which is the summary and what is carried out
 */
#ifndef OCC_APPLETS_OCC_SETUP_CHANGES_H
#define OCC_APPLETS_OCC_SETUP_CHANGES_H

#include "applets/occ-setup/answers.h"

#define CHANGES_KEYS_MAX (ANSWER__N + 3)	/* and container.mounts, edge.mode, edge.names */

enum change_password { PASSWORD_STAYS, PASSWORD_FIRST, PASSWORD_FRESH, PASSWORD_TYPED };

struct setup_changes {
	/* Keys of the configuration, JSON before and after. */
	struct config_pair pairs[CHANGES_KEYS_MAX];
	const char *before[CHANGES_KEYS_MAX];
	bool was_default[CHANGES_KEYS_MAX];
	size_t n;
	enum change_password password;
	const char *git_name, *git_email;	/* NULL: as it is */
	bool makes_ssh_key, shows_ssh_key;
	bool serves_tailscale, leaves_tailscale;	/* leaves: what an earlier setup told Tailscale stays */
	bool installs_service, removes_service;
	const char *workspace;			/* directory of the host that becomes a mount, or NULL */
};

/* now is the file's configuration, without the environment; ans is settled. */
int changes_make(struct arena *a, const struct setup_answers *ans, const struct config *now, const struct setup_facts *f, struct setup_changes *ret,
    struct err *e) MUST_CHECK;

#endif

/*
 * recipe.h - how each system installs and starts an engine, with its own commands
 *
 * Pure: from the text of /etc/os-release to a row of a table. The command lines are plain words with single spaces, run without a shell; where root is needed
 * and this process is not, the caller puts `sudo` in front.
 */
#ifndef OCC_ENGINE_RECIPE_H
#define OCC_ENGINE_RECIPE_H

#include "lib/base/str.h"

#define RECIPE_COMMANDS_MAX 3

struct recipe {
	const char *id;				/* of os-release */
	const char *version;			/* VERSION_ID has to begin with it, or NULL */
	const char *packages;			/* the one command a person types: "apt-get install docker.io" */
	const char *install[RECIPE_COMMANDS_MAX];	/* the same, asking nothing; NULL behind the last */
	const char *start[RECIPE_COMMANDS_MAX];	/* with systemd, or where there is only one way */
	const char *start_plain[RECIPE_COMMANDS_MAX];	/* without systemd */
	bool is_users;				/* run as the person, never as root: Homebrew */
};

/* The row for ID, else for the first known word of ID_LIKE; NULL when none is known. */
const struct recipe *recipe_of(struct str os_release);
/* macOS has no os-release. */
const struct recipe *recipe_macos(void);
/* For this machine: reads /etc/os-release. NULL when its system is not known. */
const struct recipe *recipe_here(void);

#endif

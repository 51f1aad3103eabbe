/*
 * unit.h - pure: the text of a service manager's unit for one instance, and where it goes
 *
 * systemd system and user units, launchd daemons and agents. Same input, same bytes: a reinstall that changes nothing writes nothing. The first line names the program
 * and what it was made from, which is how uninstall knows its own.
 */
#ifndef OCC_DEPLOY_UNIT_H
#define OCC_DEPLOY_UNIT_H

#include "lib/base/buf.h"
#include "lib/deploy/scope.h"

enum unit_manager { UNIT_SYSTEMD, UNIT_LAUNCHD };

struct unit_input {
	enum unit_manager manager;
	enum scope_kind kind;
	const char *instance;
	const char *binary;		/* the stable copy, absolute */
	const char *user;		/* system scope: run as this user (in the engine's group), or NULL for root */
	const char *engine_group;	/* of the socket, for a user other than root; NULL: none */
	const char *engine_socket;	/* absolute path */
	const char *home, *config_dir, *state_dir;
	const char *log_path;		/* launchd */
};

const char *unit_name(struct arena *a, const struct unit_input *in);	/* "opencode-cloud.service", "opencode-cloud-work.service", "io.opencode-cloud.default.plist" */
const char *unit_path(struct arena *a, const struct unit_input *in);	/* where it is installed */
void unit_put(const struct unit_input *in, struct buf *out);

/* True for a file that unit_put of any version made. */
bool unit_is_ours(struct str text);

#endif

/*
 * unit.h - pure: the texts of a service manager's units for one instance, and where they go
 *
 * One unit runs the watchdog. With the edge on there are its own, and one for each of its ports: those stay when the edge or the watchdog is restarted, so that no
 * connection is refused. Under launchd the ports are in the edge's list.
 * systemd system and user units, launchd daemons and agents. Same input, same bytes: a reinstall that changes nothing writes nothing. A mark near the top names the
 * program and the instance, which is how install and uninstall know their own.
 */
#ifndef OCC_DEPLOY_UNIT_H
#define OCC_DEPLOY_UNIT_H

#include "lib/base/buf.h"
#include "lib/deploy/scope.h"

#define UNIT_TEXT_MAX 65536

enum unit_manager { UNIT_SYSTEMD, UNIT_LAUNCHD };

extern const enum unit_manager unit_manager_here;	/* of the system this program was built for */

enum unit_part { UNIT_WATCHDOG, UNIT_EDGE_SOCKET, UNIT_EDGE_REDIRECT, UNIT_EDGE, UNIT__PARTS };	/* in the order of their start */

/* What the edge's process finds its sockets by: FileDescriptorName=, the keys of launchd's Sockets. */
#define UNIT_SOCKET_HTTPS "https"
#define UNIT_SOCKET_HTTP "http"		/* mode plain */
#define UNIT_SOCKET_REDIRECT "redirect"

struct unit_input {
	enum unit_manager manager;
	enum unit_part part;		/* of the instance's set */
	enum scope_kind kind;
	const char *instance;
	const char *binary;		/* the stable copy, absolute */
	const char *user;		/* system scope: run as this user (in the engine's group), or NULL for root */
	const char *engine_socket;	/* absolute path */
	const char *home, *state_dir;
	bool has_edge, is_edge_tls;
	const char *edge_bind;		/* a literal address; "::" takes IPv4 as well */
	unsigned edge_port, edge_redirect_port;		/* redirect 0: none */
	const char *edge_certificate, *edge_key;	/* mode files: to be readable; or NULL */
	const char *xdg_config_home;	/* user scope: as set, or NULL */
	const char *const *environment;	/* "NAME=VALUE", NULL-terminated, or NULL: what finds the same files and the same engine again */
};

const char *unit_base(struct arena *a, const char *instance);		/* "opencode-cloud", "opencode-cloud-work" */
const char *unit_name(struct arena *a, const struct unit_input *in);	/* "opencode-cloud.service", "io.opencode-cloud.default.plist" */
const char *unit_dir(struct arena *a, const struct unit_input *in);
const char *unit_path(struct arena *a, const struct unit_input *in);	/* where it is installed */
const char *unit_packaged_path(struct arena *a, const struct unit_input *in);	/* where a package of the system puts its own; NULL: it has none */
void unit_put_packaged(struct buf *out);			/* what the .deb has there: the default instance's watchdog */
bool unit_is_wanted(const struct unit_input *in);		/* does the set have this part? */
void unit_put(const struct unit_input *in, struct buf *out);

/* ERR_CONFIG for what would end a line of the text, or what the manager takes for no program's path. Such an input is never put. */
int unit_input_check(const struct unit_input *in, struct err *e) MUST_CHECK;

/* True for a file that unit_put of any version made. */
bool unit_is_ours(struct str text);
/* False when its mark names another instance or part: the edge of `x` and the watchdog of `x-edge` have one file name. */
bool unit_is_for(const struct unit_input *in, struct str text);

/* What an installed text says, as far as the next one keeps it; NULL where it does not. In the arena. */
struct unit_said {
	const char *user, *docker_host;
};
void unit_read(struct arena *a, enum unit_manager m, struct str text, struct unit_said *ret);

/* Pure: a table of commands, as data. argv, NULL-terminated; NULL: this manager needs none for it. */
enum unit_verb { UNIT_RELOAD, UNIT_ENABLE, UNIT_DISABLE, UNIT_START, UNIT_RESTART, UNIT_STOP, UNIT_FORGET, UNIT_SHOW, UNIT_PING };
const char *const *unit_command(struct arena *a, const struct unit_input *in, uid_t uid, enum unit_verb v);

/* Pure: is the program at this path (links resolved) where it stays, so that a unit may point to it? system: also only root's own places. */
bool unit_is_stable_place(const char *path, enum scope_kind kind, const char *home);
const char *unit_stable_place(struct arena *a, enum scope_kind kind, const char *home);		/* where it is copied to otherwise */
/* Pure: what kind of place that goes away it is ("an npx cache", "a temporary directory"), for people. */
const char *unit_place_kind(const char *path);

/* Pure, of the text of `systemctl list-jobs`: is this unit being stopped by somebody who wants it stopped, and not restarted, nor with the whole machine, nor with its
 * user's session? */
bool unit_jobs_want_stop(struct str jobs, const char *unit);

/* The same, asked of systemd: for the unit's ExecStop. unit NULL: the instance's own. false also while the unit is being uninstalled (its file is gone), and under
 * launchd, which has no such thing. */
int unit_stop_is_wanted(const struct scope *s, const char *unit, bool *ret, struct err *e) MUST_CHECK;

/* Pure: what the manager says of a unit (`systemctl show`, `launchctl print`). Strings live in the arena. */
struct unit_shown {
	bool is_loaded, is_enabled, is_active, needs_reload;
	const char *activity;		/* "active (running)", "failed (exit-code)"; "" when there is nothing to end */
	const char *status;		/* the service's own words */
	int64_t pid;			/* of its main process; 0: none, or not told */
};
void unit_read_shown(struct arena *a, enum unit_manager m, struct str text, struct unit_shown *ret);

#endif

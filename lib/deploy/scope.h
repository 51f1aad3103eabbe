/*
 * scope.h - whose deployment this is, and where its files are
 *
 * One resolver for every command (DESIGN.md section 4): --system or --user; else system when /etc/opencode-cloud holds the instance; else
 * user. Named instances have their own files. Looks at the file system, changes nothing but in scope_prepare.
 */
#ifndef OCC_DEPLOY_SCOPE_H
#define OCC_DEPLOY_SCOPE_H

#include <sys/types.h>

#include "lib/base/arena.h"

#define SCOPE_DEFAULT_INSTANCE "default"

enum scope_kind { SCOPE_USER, SCOPE_SYSTEM };

struct scope_request {
	const char *instance;		/* NULL: default */
	const char *config_file;	/* --config, or NULL */
	bool is_system, is_user;
	uid_t uid;			/* effective */
	const char *root;		/* prefix of /etc, /var, /run; "" but in tests */
	const char *home, *xdg_config_home, *xdg_state_home, *xdg_data_home, *xdg_runtime_dir;	/* NULL where unset; home from path_home */
	const char *sudo_user;		/* SUDO_USER */
	const char *sudo_home;		/* that user's home from the password database */
};

struct scope {
	enum scope_kind kind;
	const char *instance;
	const char *config_path;	/* .../config.json, or .../instances/NAME/config.json */
	const char *credentials_path;
	const char *state_dir;		/* 0700 */
	const char *state_path;		/* state_dir/state.json */
	const char *lock_path;
	const char *control_path;	/* the watchdog's socket: /run/opencode-cloud, or XDG_RUNTIME_DIR (/run/user/UID), else in state_dir */
	const char *ladder_path;	/* state_dir/ladder: the watchdog's memory */
	const char *incidents_path;	/* state_dir/incidents */
	const char *backups_dir;	/* of all instances of this scope; made by the first backup, 0700 */
	const char *watchdog_lock_path;	/* held by the watchdog while it lives: the owner of restarts */
	const char *status_path;	/* system scope: the 0644 status file; else NULL */
	const char *home;		/* for showing paths with ~ */
};

/* ERR_USAGE for an instance name outside [a-z0-9][a-z0-9-]{0,31} or both --system and --user; ERR_PERM (exit 5, "run with sudo") is given by
 * scope_prepare, not here; ERR_REFUSED under sudo with only the invoking user's configuration present (both choices named). */
int scope_resolve(struct arena *a, const struct scope_request *rq, struct scope *ret, struct err *e) MUST_CHECK;

/* Makes the directories (configuration 0755 system / 0700 user, state 0700), before the first write. */
int scope_prepare(const struct scope *s, struct err *e) MUST_CHECK;
/* The state's only: the watchdog's unit may not write into the configuration. */
int scope_prepare_state(const struct scope *s, struct err *e) MUST_CHECK;

/* Names of all instances that have a configuration, credentials or state in this scope kind. */
int scope_instances(struct arena *a, const struct scope_request *rq, struct strlist *ret, struct err *e) MUST_CHECK;

#endif

/* scope.c - the one resolver of whose deployment is meant, and where its files are */
#include "lib/deploy/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/path.h"

#define PROGRAM "opencode-cloud"
#define INSTANCE_BYTES_MAX 32

/* Configuration and state directories of one kind, without the instance. */
struct bases {
	const char *config, *state, *data;
};

static bool
is_instance_name(struct str name)
{
	if (name.n == 0 || name.n > INSTANCE_BYTES_MAX || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static const char *
instance_of(const struct scope_request *rq)
{
	return rq->instance ? rq->instance : SCOPE_DEFAULT_INSTANCE;
}

/* A relative or empty XDG variable counts as unset (XDG Base Directory Specification). */
static const char *
xdg_or(struct arena *a, const char *xdg, const char *home, const char *below_home)
{
	if (xdg && xdg[0] == '/')
		return path_join(a, xdg, PROGRAM);
	return path_join(a, path_join(a, home, below_home), PROGRAM);
}

static int
bases_of(struct arena *a, const struct scope_request *rq, enum scope_kind kind, struct bases *ret, struct err *e)
{
	const char *root = rq->root ? rq->root : "";

	if (kind == SCOPE_SYSTEM) {
		ret->config = arena_printf(a, "%s/etc/" PROGRAM, root);
		ret->state = arena_printf(a, "%s/var/lib/" PROGRAM, root);
		ret->data = ret->state;
		return 0;
	}
	if (!rq->home)
		return err_set(e, ERR_FAIL, "no home directory to keep the configuration in: set HOME, or use --system");
	ret->config = xdg_or(a, rq->xdg_config_home, rq->home, ".config");
	ret->state = xdg_or(a, rq->xdg_state_home, rq->home, ".local/state");
	ret->data = xdg_or(a, rq->xdg_data_home, rq->home, ".local/share");
	return 0;
}

static const char *
instance_dir(struct arena *a, const char *base, const char *instance)
{
	if (strcmp(instance, SCOPE_DEFAULT_INSTANCE) == 0)
		return base;
	return arena_printf(a, "%s/instances/%s", base, instance);
}

static bool
has_file(struct arena *a, const char *dir, const char *name)
{
	return file_exists(path_join(a, dir, name));
}

/* Whether a configuration directory holds an instance: its configuration, or only credentials (no key was ever changed). */
static bool
holds_instance(struct arena *a, const char *dir)
{
	return has_file(a, dir, "config.json") || has_file(a, dir, "credentials.json");
}

static bool
bases_hold(struct arena *a, const struct scope_request *rq, enum scope_kind kind)
{
	struct err ignored = ERR_INIT;
	struct bases b = { NULL, NULL, NULL };

	return bases_of(a, rq, kind, &b, &ignored) == 0 && holds_instance(a, instance_dir(a, b.config, instance_of(rq)));
}

/* Under sudo the files that are meant may be the invoking user's. Only when nothing else can be meant is it an error to guess. */
static int
check_sudo(struct arena *a, const struct scope_request *rq, struct err *e)
{
	const char *theirs;

	if (rq->uid != 0 || !rq->sudo_user || strcmp(rq->sudo_user, "root") == 0 || !rq->sudo_home)
		return 0;
	if (bases_hold(a, rq, SCOPE_USER))
		return 0;
	theirs = instance_dir(a, path_join(a, rq->sudo_home, ".config/" PROGRAM), instance_of(rq));
	if (!holds_instance(a, theirs))
		return 0;
	err_set(e, ERR_REFUSED, "called with sudo, but the only deployment here is the one of %s (%s)", rq->sudo_user, theirs);
	err_note(e, "either", "without sudo: works on the deployment of %s", rq->sudo_user);
	return err_note(e, "or", "occ --system: makes a deployment of this machine (occ --user: one of root's own)");
}

static int
kind_of(struct arena *a, const struct scope_request *rq, enum scope_kind *ret, struct err *e)
{
	if (rq->is_system && rq->is_user)
		return err_set(e, ERR_USAGE, "--system and --user exclude each other");
	if (rq->is_system || rq->is_user) {
		*ret = rq->is_system ? SCOPE_SYSTEM : SCOPE_USER;
		return 0;
	}
	if (bases_hold(a, rq, SCOPE_SYSTEM)) {
		*ret = SCOPE_SYSTEM;
		return 0;
	}
	*ret = SCOPE_USER;
	return check_sudo(a, rq, e);
}

/* A directory that the system empties at boot, else the state's: a command without the session's environment has to find the same one. */
static const char *
control_path_of(struct arena *a, const struct scope_request *rq, const struct scope *s)
{
	const char *root = rq->root ? rq->root : "", *dir = NULL, *user_dir;
	const char *name = arena_printf(a, "%s.sock", s->instance);

	if (s->kind == SCOPE_SYSTEM)
		return path_join(a, arena_printf(a, "%s/run/" PROGRAM, root), name);
	user_dir = arena_printf(a, "%s/run/user/%lu", root, (unsigned long)rq->uid);
	if (file_exists(user_dir))
		dir = user_dir;
	else if (rq->xdg_runtime_dir && rq->xdg_runtime_dir[0] == '/')
		dir = rq->xdg_runtime_dir;
	return dir ? path_join(a, path_join(a, dir, PROGRAM), name) : path_join(a, s->state_dir, "control.sock");
}

int
scope_resolve(struct arena *a, const struct scope_request *rq, struct scope *ret, struct err *e)
{
	const char *instance = instance_of(rq), *config_dir;
	enum scope_kind kind = SCOPE_USER;
	struct bases b = { NULL, NULL, NULL };

	if (!is_instance_name(str_of(instance)))
		return err_set(e, ERR_USAGE, "instance name '%.64s' has to be of a-z, 0-9 and -, at most %d characters, not starting with -",
			       instance, INSTANCE_BYTES_MAX);
	if (kind_of(a, rq, &kind, e) < 0 || bases_of(a, rq, kind, &b, e) < 0)
		return -1;
	config_dir = instance_dir(a, b.config, instance);
	*ret = (struct scope){ .kind = kind, .instance = arena_strdup(a, instance), .home = rq->home };
	ret->config_path = rq->config_file ? rq->config_file : path_join(a, config_dir, "config.json");
	ret->credentials_path = path_join(a, config_dir, "credentials.json");
	ret->state_dir = instance_dir(a, b.state, instance);
	ret->state_path = path_join(a, ret->state_dir, "state.json");
	ret->backups_dir = path_join(a, b.data, "backups");
	ret->lock_path = path_join(a, ret->state_dir, "lock");
	ret->ladder_path = path_join(a, ret->state_dir, "ladder");
	ret->incidents_path = path_join(a, ret->state_dir, "incidents");
	ret->watchdog_lock_path = path_join(a, ret->state_dir, "watchdog.lock");
	ret->control_path = control_path_of(a, rq, ret);
	if (kind == SCOPE_SYSTEM)
		ret->status_path = path_join(a, ret->state_dir, "status.json");
	return 0;
}

/* ---- making the directories ---- */

static int
deny(const struct scope *s, const char *dir, struct err *e)
{
	if (s->kind == SCOPE_USER) {
		err_set(e, ERR_PERM, "%s is not writable for you", dir);
		return err_note(e, "try", "ls -ld %s   (whose is it?)", dir);
	}
	err_set(e, ERR_PERM, "the instance %s belongs to the machine (%s): changing it needs root", s->instance, dir);
	err_note(e, "try", "run it with sudo");
	return err_note(e, "or", "occ --user: a deployment of your own");
}

static int
prepare_dir(const struct scope *s, const char *dir, mode_t mode, struct err *e)
{
	if (file_mkdirs(dir, mode, e) < 0)
		return e->code == ERR_PERM ? deny(s, dir, e) : -1;
	if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	return errno == EACCES ? deny(s, dir, e) : err_sys(e, "write in %s", dir);
}

/* The machine's state directory lets others pass to the status file, but not look around. */
int
scope_prepare_state(const struct scope *s, struct err *e)
{
	return prepare_dir(s, s->state_dir, s->kind == SCOPE_SYSTEM ? 0711 : 0700, e);
}

int
scope_prepare(const struct scope *s, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	if (prepare_dir(s, path_dir(&a, s->credentials_path), s->kind == SCOPE_SYSTEM ? 0755 : 0700, e) < 0)
		return -1;
	return scope_prepare_state(s, e);
}

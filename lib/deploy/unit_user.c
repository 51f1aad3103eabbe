/* unit_user.c - the user that a system unit runs as, and whose the instance's files are then */
#include "lib/deploy/unit_user.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/groups.h"

#define LOCK_MS 10000
#define GROUPS_MAX 256
#define ENGINE_GROUP "docker"

static bool
is_member(const struct passwd *pw, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;

	if (pw->pw_gid == gid || groups_of(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return pw->pw_gid == gid;
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return false;
}

/* Without a socket (the engine does not run) the usual group stands for it. */
static int
check_socket(const struct passwd *pw, const char *socket, struct err *e)
{
	const struct group *gr;
	struct stat st;
	bool has_socket = socket && stat(socket, &st) == 0;

	gr = has_socket ? getgrgid(st.st_gid) : getgrnam(ENGINE_GROUP);
	if (has_socket && st.st_uid == pw->pw_uid)
		return 0;
	if (!has_socket && !gr) {
		err_set(e, ERR_REFUSED, "no engine runs here, and there is no group " ENGINE_GROUP ": whether %s may use it is not known", pw->pw_name);
		return err_note(e, "try", "start the engine first");
	}
	if (is_member(pw, has_socket ? st.st_gid : gr->gr_gid))
		return 0;
	err_set(e, ERR_REFUSED, "%s may not use the engine at %s: not in the group %s", pw->pw_name, has_socket ? socket : "its socket", gr ? gr->gr_name : "of it");
	return gr ? err_note(e, "try", "usermod -aG %s %s   (which makes it as powerful as root)", gr->gr_name, pw->pw_name) : -1;
}

int
unit_user_find(const char *user, const char *engine_socket, struct unit_owner *ret, struct err *e)
{
	const struct passwd *pw;

	*ret = (struct unit_owner){ .uid = 0, .gid = 0 };
	if (!user)
		return 0;
	pw = getpwnam(user);
	if (!pw) {
		err_set(e, ERR_USAGE, "--run-as %.64s: there is no such user in /etc/passwd", user);
		return err_note(e, "try", "useradd --system --groups " ENGINE_GROUP " %.64s", user);
	}
	ret->uid = pw->pw_uid;
	ret->gid = pw->pw_gid;
	return check_socket(pw, engine_socket, e);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* What the watchdog and root's commands both read and write, beside the directory and the credentials. */
static const char *const below_state[] = { "state.json", "lock", "watchdog.lock", "ladder", "incidents", "status.json", "service.log",
	"helper.lock", "update.json", "restore.json", "history.json", "backups.json" };

static const char *
owned(struct arena *a, const struct scope *s, size_t i)
{
	if (i == 0)
		return s->state_dir;
	if (i == 1)
		return s->credentials_path;
	if (i == 2)
		return s->backups_dir;
	return i - 3 < ARRAY_LEN(below_state) ? path_join(a, s->state_dir, below_state[i - 3]) : NULL;
}

bool
unit_owner_differs(const struct service *s, const struct unit_owner *o)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *path;
	struct stat st;

	for (size_t i = 0; (path = owned(&a, &s->scope, i)); i++)
		if (lstat(path, &st) == 0 && st.st_uid != o->uid)
			return true;
	return o->uid != 0 && (lstat(s->scope.state_path, &st) < 0 || lstat(s->scope.lock_path, &st) < 0);
}

/* The descriptor is what is given away: a link put in the name's place is not followed. */
static int
give(const char *path, const struct unit_owner *o, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fchown(fd, o->uid, o->gid) < 0)
		return err_sys(e, "give %s to user id %ju", path, (uintmax_t)o->uid);
	return 0;
}

/* The backups that are there: the schedule reads and removes them. */
static int
give_backups(const struct scope *s, const struct unit_owner *o, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	DIR *d = opendir(s->backups_dir);
	struct dirent *entry;
	int r = 0;

	while (d && r == 0 && (entry = readdir(d)))
		r = entry->d_type == DT_REG ? give(path_join(&a, s->backups_dir, entry->d_name), o, e) : 0;
	if (d)
		closedir(d);
	return r;
}

int
unit_owner_set(const struct service *s, const struct unit_owner *o, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *path;

	if (scope_prepare(&s->scope, e) < 0)
		return -1;
	if (o->uid != 0) {
		AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT;

		if (state_lock(&l, &s->scope, "service install", clock_due_ms(LOCK_MS), e) < 0 || state_save(&s->scope, &s->state, e) < 0)
			return -1;
	}
	for (size_t i = 0; (path = owned(&a, &s->scope, i)); i++)
		if (give(path, o, e) < 0)
			return -1;
	return give_backups(&s->scope, o, e);
}

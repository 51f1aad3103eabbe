/* unit_run.c - the service manager's own commands, run and listened to */
#include "lib/deploy/unit_run.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/proc/spawn.h"

#define SAID_MAX 300		/* of a failed command's words, in the error */

/* A session's variables may be missing (su, cron, ssh without pam) or another user's (su without -l): the user's own runtime directory is where the system makes it. */
static const char *const *
environment(struct arena *a)
{
	const char *dir = arena_printf(a, "/run/user/%lu", (unsigned long)geteuid());
	struct strlist l = { 0 };

	strlist_add(a, &l, "SYSTEMD_COLORS=0");
	strlist_add(a, &l, "SYSTEMD_PAGER=");
	strlist_add(a, &l, "SYSTEMD_URLIFY=0");
	strlist_add(a, &l, "LC_ALL=C");
	if (file_exists(dir)) {
		strlist_add(a, &l, arena_printf(a, "XDG_RUNTIME_DIR=%s", dir));
		strlist_add(a, &l, arena_printf(a, "DBUS_SESSION_BUS_ADDRESS=unix:path=%s/bus", dir));
	}
	return l.v;
}

static const char *
command_line(struct arena *a, const char *const *argv)
{
	AUTO(buf) struct buf b = BUF_INIT(4096);

	for (size_t i = 0; argv[i]; i++)
		buf_printf(&b, "%s%s", i ? " " : "", argv[i]);
	return arena_str(a, buf_str(&b));
}

/* The last line that says something; the one before it, too, where there is room. */
static int
failed(struct arena *a, const char *const *argv, struct str said, int status, struct err *e)
{
	struct str text = str_trim(said);
	size_t from = text.n > SAID_MAX ? text.n - SAID_MAX : 0;
	char *one_line = arena_str(a, str_skip(text, from));

	for (char *p = one_line; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	if (!one_line[0])
		return err_set(e, ERR_FAIL, "%s: ended with status %d", command_line(a, argv), status);
	return err_set(e, ERR_FAIL, "%s: %s", command_line(a, argv), one_line);
}

int
unit_run(const char *const *argv, struct buf *out, int64_t due_ms, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	int status = 0;

	if (spawn_hear(argv, environment(&a), out, due_ms, &status, e) < 0)
		return e->code == ERR_NOT_FOUND ? -1 : err_wrap(e, "%s", command_line(&a, argv));
	return status == 0 ? 0 : failed(&a, argv, buf_str(out), status, e);
}

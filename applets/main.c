/* Which applet is meant: by the name the program was called by, else by the first word. The only place that ends the process. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/applet.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/proc/spawn.h"

#define PROGRAM "opencode-cloud"

/* The first one is meant when neither name nor word says another. */
static const struct applet applets[] = {
	{ .name = "occ", .subcommand = NULL, .main = occ_main },
	{ .name = "occ-setup", .subcommand = "setup", .main = occ_command_main },
	{ .name = "occ-watchdog", .subcommand = "watchdog", .main = occ_command_main },
	{ .name = "occ-tls", .subcommand = "tls", .main = occ_tls_main },
};

static const struct applet *
find_applet(const char *word)
{
	for (size_t i = 0; word && i < ARRAY_LEN(applets); i++) {
		const char *sub = applets[i].subcommand;

		if (strcmp(applets[i].name, word) == 0 || (sub && strcmp(sub, word) == 0))
			return &applets[i];
	}
	return NULL;
}

/* ---- names ----------------------------------------------------------------------------------------------- */

#define CALLED_AS "OCC_CALLED_AS"

/* What a launcher says is typed to call this program, or NULL; see applet.h. Nothing but these is believed, for hints are copied into shells. */
static const char *
called_as(void)
{
	static const char *const names[] = { "occ", PROGRAM, "npx " PROGRAM, "bunx " PROGRAM, "pnpm dlx " PROGRAM };
	const char *said = getenv(CALLED_AS), *found = NULL;

	for (size_t i = 0; said && i < ARRAY_LEN(names); i++) {
		if (strcmp(said, names[i]) == 0)
			found = names[i];
	}
	if (said)
		unsetenv(CALLED_AS);
	return found;
}

/* ---- links --------------------------------------------------------------------------------------------- */

/* Where this program is, links resolved. In the arena. */
static const char *
own_path(struct arena *a, const char *argv0, struct err *e)
{
	const char *found = strchr(argv0, '/') ? argv0 : spawn_find(a, argv0);
	char real[PATH_MAX];

	if (!found) {
		err_set(e, ERR_NOT_FOUND, "%s is not in PATH", argv0);
		return NULL;
	}
	if (!realpath(found, real)) {
		err_sys(e, "find this program at %s", found);
		return NULL;
	}
	return arena_strdup(a, real);
}

static const char *
kind_of_file(struct arena *a, const char *path, mode_t mode)
{
	char target[PATH_MAX];
	ssize_t n;

	if (S_ISREG(mode))
		return "a file of another program";
	if (S_ISDIR(mode))
		return "a directory";
	n = S_ISLNK(mode) ? readlink(path, target, sizeof target) : -1;
	if (n < 0)
		return "no regular file";
	return arena_printf(a, "a link to " STR_FMT, STR_ARG(str_from(target, (size_t)n)));
}

/* 0 when path already leads to this program; else what stands there is left alone. */
static int
check_present(struct arena *a, const char *path, const char *self, const char *argv0, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) < 0)
		return err_sys(e, "%s", path);
	if (S_ISLNK(st.st_mode) && realpath(path, real) && strcmp(real, self) == 0)
		return 0;
	err_set(e, ERR_REFUSED, "%s is %s; it was not touched", path, kind_of_file(a, path, st.st_mode));
	err_note(e, "try", "%s --install-links DIR   (another directory that comes first in PATH)", argv0);
	return err_note(e, "or", "rm %s   (if nothing needs it)", path);
}

/* A link beside the program is relative, so that both can be moved; elsewhere it is absolute. */
static int
make_link(struct arena *a, const char *dir, const char *name, const char *self, const char *argv0, struct err *e)
{
	const char *path = path_join(a, dir, name);
	char real_dir[PATH_MAX];
	const char *target = self;

	if (!realpath(dir, real_dir))
		return err_sys(e, "make links in %s", dir);
	if (strcmp(real_dir, path_dir(a, self)) == 0)
		target = path_base(self);
	if (symlink(target, path) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(e, "make the link %s", path);
	return check_present(a, path, self, argv0, e);
}

static int
install_links(struct arena *a, struct term *t, const char *dir, const char *argv0, struct err *e)
{
	const char *self = own_path(a, argv0, e);

	if (!self)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(applets); i++) {
		if (make_link(a, dir, applets[i].name, self, argv0, e) < 0)
			return -1;
		term_printf(t, "%s -> %s\n", path_join(a, dir, applets[i].name), self);
	}
	return 0;
}

/* ---- options of the program itself --------------------------------------------------------------------- */

static int
links_main(const char *prog, int argc, char **argv)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct term t;
	const char *word = argv[1] + sizeof "--install-links" - 1;
	const char *dir = *word == '=' ? word + 1 : argc > 2 ? argv[2] : NULL;
	int rc;

	term_init(&t, false, false);
	if (dir && dir[0] && argc == (*word == '=' ? 2 : 3))
		rc = install_links(&a, &t, dir, argv[0], &e);
	else
		rc = err_set(&e, ERR_USAGE, "--install-links takes one directory");
	if (rc == 0)
		return 0;
	term_error(&t, prog, &e);
	return err_exit_status(e.code);
}

static int
list_main(void)
{
	struct term t;

	term_init(&t, false, false);
	for (size_t i = 0; i < ARRAY_LEN(applets); i++)
		term_printf(&t, "%s\n", applets[i].name);
	return t.write_errno ? 1 : 0;
}

int
main(int argc, char **argv)
{
	static char nameless[] = PROGRAM;
	char *no_words[] = { nameless, NULL };

	/* execve(2) allows an empty argv. */
	if (argc < 1) {
		argv = no_words;
		argc = 1;
	}
	const char *launched = called_as(), *prog = path_base(argv[0]);
	const struct applet *called = find_applet(prog);

	if (!called && launched) {
		prog = launched;
		called = find_applet(prog);
	}
	if (!called && argc > 1) {
		if (strcmp(argv[1], "--list") == 0)
			return list_main();
		if (strncmp(argv[1], "--install-links", sizeof "--install-links" - 1) == 0)
			return links_main(prog, argc, argv);
	}
	/* `opencode-cloud occ start`, and `occ tls` for an applet that has a word of its own. */
	const struct applet *named = argc > 1 ? find_applet(argv[1]) : NULL;

	if (named && named != called)
		return named->main(named, prog, argc - 1, argv + 1);
	if (!called)
		called = &applets[0];
	return called->main(called, prog, argc, argv);
}

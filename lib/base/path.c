/* path.c - joining, splitting and showing path names; where home is */
#include "lib/base/path.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/buf.h"

#define PATH_BYTES_MAX ((size_t)64 << 10)

/* An absolute name wins over dir, as openat(2) has it. */
const char *
path_join(struct arena *a, const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (name[0] == '/' || n == 0)
		return arena_strdup(a, name);
	return arena_printf(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

const char *
path_dir(struct arena *a, const char *path)
{
	struct str s = str_of(path);
	size_t slash;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	slash = str_rfind_char(s, '/');
	if (slash == STR_NONE)
		return arena_strdup(a, ".");
	s.n = slash;
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return arena_str(a, s.n > 0 ? s : STR_LIT("/"));
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Next component between slashes, "." left out; false at the end. */
static bool
component(struct str *rest, struct str *ret)
{
	while (rest->n > 0) {
		*ret = str_cut(rest, '/');
		if (ret->n > 0 && !str_is(*ret, "."))
			return true;
	}
	return false;
}

/* Working directory, of whatever length. */
static char *
working_dir(struct arena *a, struct err *e)
{
	AUTO(buf) struct buf b = BUF_INIT(PATH_BYTES_MAX);

	for (size_t size = 256; size <= PATH_BYTES_MAX; size *= 2) {
		char *room = buf_room(&b, size);

		if (room && getcwd(room, size))
			return arena_strdup(a, room);
		if (room && errno != ERANGE)
			break;
	}
	err_sys(e, "working directory");
	return NULL;
}

const char *
path_absolute(struct arena *a, const char *path, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(2 * PATH_BYTES_MAX);
	const char *base = "/";
	struct str rest = str_of(path), part;

	if (rest.n == 0) {
		err_set(e, ERR_FAIL, "an empty path");
		return NULL;
	}
	if (str_is(rest, "~") || str_has_prefix(rest, "~/")) {
		base = path_home(a, e);
		rest = str_skip(rest, 1);
	} else if (path[0] != '/') {
		base = working_dir(a, e);
	}
	if (!base)
		return NULL;
	/* ".." stays: behind a symlink only the kernel knows where it leads. */
	for (struct str head = str_of(base); component(&head, &part);) {
		buf_putc(&out, '/');
		buf_putstr(&out, part);
	}
	while (component(&rest, &part)) {
		buf_putc(&out, '/');
		buf_putstr(&out, part);
	}
	if (buf_check(&out, "path", e) < 0)
		return NULL;
	return out.n > 0 ? arena_str(a, buf_str(&out)) : "/";
}

/* What is left of path below dir; STR_NULL when it is not below it. Neither ends in a slash, but for "/" itself. */
static struct str
below(const char *path, const char *dir)
{
	struct str p = str_of(path), d = str_trim_char(str_of(dir), '/');

	if (p.n == 0 || p.p[0] != '/' || dir[0] != '/')
		return STR_NULL;
	p = str_skip(p, 1);
	if (d.n == 0)
		return p;
	if (!str_eq(str_take(p, d.n), d) || (p.n > d.n && p.p[d.n] != '/'))
		return STR_NULL;
	return str_skip(p, d.n);
}

const char *
path_tilde(struct arena *a, const char *path, const char *home)
{
	struct str rest;

	if (!home || str_trim_char(str_of(home), '/').n == 0)
		return arena_strdup(a, path);
	rest = below(path, home);
	return rest.p ? arena_printf(a, "~" STR_FMT, STR_ARG(rest)) : arena_strdup(a, path);
}

bool
path_is_within(const char *path, const char *dir)
{
	struct str rest = below(path, dir), part;

	if (!rest.p)
		return false;
	while (component(&rest, &part))
		if (str_is(part, ".."))
			return false;	/* it may climb out again */
	return true;
}

const char *
path_home(struct arena *a, struct err *e)
{
	const char *home = getenv("HOME");
	struct passwd *pw;

	if (home && home[0] == '/')
		return arena_strdup(a, home);
	pw = getpwuid(getuid());
	if (!pw || !pw->pw_dir || pw->pw_dir[0] != '/') {
		err_set(e, ERR_FAIL, "no home directory: HOME is not set, and the password database has none for user id %ju",
			(uintmax_t)getuid());
		return NULL;
	}
	return arena_strdup(a, pw->pw_dir);
}

/* self_linux.c - /proc/self/exe: a link to the file that runs, readable also when the file has lost its name */
#ifdef __linux__

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/proc/self.h"

#define SELF "/proc/self/exe"
#define GONE " (deleted)"

const char *
self_path(struct arena *a, struct err *e)
{
	char path[PATH_MAX];
	ssize_t n = readlink(SELF, path, sizeof path);
	struct str s;

	if (n <= 0 || (size_t)n == sizeof path) {
		err_sys(e, "find this program: " SELF);
		return NULL;
	}
	s = str_from(path, (size_t)n);
	if (str_has_suffix(s, GONE))
		s = str_take(s, s.n - (sizeof GONE - 1));
	return arena_str(a, s);
}

const char *
self_open_path(struct arena *a, struct err *e)
{
	(void)a;
	(void)e;
	return SELF;
}

bool
self_tells_replaced(void)
{
	return true;
}

bool
self_is_replaced(pid_t pid, const char *path)
{
	char exe[64], runs[PATH_MAX];
	struct str s;

	snprintf(exe, sizeof exe, "/proc/%ld/exe", (long)pid);
	ssize_t n = readlink(exe, runs, sizeof runs);
	if (n <= 0)
		return false;
	/* Another program altogether is somebody's wish, not an old one of ours. */
	s = str_from(runs, (size_t)n);
	return str_has_suffix(s, GONE) && str_is(str_take(s, s.n - (sizeof GONE - 1)), path);
}

#endif

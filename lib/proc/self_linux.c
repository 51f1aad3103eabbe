/* self_linux.c - /proc/self/exe: a link to the file that runs, readable also when the file has lost its name */
#ifdef __linux__

#include <limits.h>
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

#endif

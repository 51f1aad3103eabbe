/* self_other.c - macOS: the dynamic linker knows the path the program was started by */
#ifndef __linux__

#include <limits.h>
#include <mach-o/dyld.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/proc/self.h"

const char *
self_path(struct arena *a, struct err *e)
{
	char started[PATH_MAX], real[PATH_MAX];
	uint32_t n = sizeof started;

	if (_NSGetExecutablePath(started, &n) != 0) {
		err_set(e, ERR_TOO_BIG, "the path of this program is longer than %d bytes", PATH_MAX);
		return NULL;
	}
	if (!realpath(started, real)) {
		err_sys(e, "find this program at %s", started);
		return NULL;
	}
	return arena_strdup(a, real);
}

const char *
self_open_path(struct arena *a, struct err *e)
{
	return self_path(a, e);
}

bool
self_tells_replaced(void)
{
	return false;
}

bool
self_is_replaced(pid_t pid, const char *path)
{
	(void)pid;
	(void)path;
	return false;
}

#endif

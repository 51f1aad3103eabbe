/* mtime_linux.c - POSIX's own member */
#ifdef __linux__

#include <sys/stat.h>

#include "lib/base/file.h"

int64_t
file_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

#endif

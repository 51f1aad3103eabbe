/* mtime_other.c - macOS calls it by its own name */
#ifndef __linux__

#include <sys/stat.h>

#include "lib/base/file.h"

int64_t
file_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtimespec.tv_sec * 1000000000 + st->st_mtimespec.tv_nsec;
}

#endif

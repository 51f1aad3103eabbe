/* memory_other.c - containers run in a machine of the engine's own: nothing to read here */
#ifndef __linux__

#include "lib/deploy/memory.h"

bool
memory_of_group(const char *dir, uint64_t *ret_bytes)
{
	(void)dir;
	(void)ret_bytes;
	return false;
}

bool
memory_of_container(const char *id, int64_t pid, uint64_t *ret_bytes)
{
	(void)id;
	(void)pid;
	(void)ret_bytes;
	return false;
}

#endif

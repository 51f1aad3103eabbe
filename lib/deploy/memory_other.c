/* memory_other.c - containers run in a machine of the engine's own: nothing to read here */
#ifndef __linux__

#include "lib/deploy/memory.h"

bool
memory_of_pid(int64_t pid, uint64_t *ret_bytes)
{
	(void)pid;
	(void)ret_bytes;
	return false;
}

#endif

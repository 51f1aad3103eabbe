/*
 * wait_other.c - systems without pidfd: there is no descriptor, the waiter polls waitpid with growing pauses
 */
#ifndef __linux__

#include "lib/proc/wait.h"

int
wait_fd(pid_t pid)
{
	(void)pid;
	return -1;
}

#endif

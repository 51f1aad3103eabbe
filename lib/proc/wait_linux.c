/*
 * wait_linux.c - a child's end as a descriptor: pidfd_open(2), which closes on exec by itself
 */
#ifdef __linux__

#include "lib/proc/wait.h"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434		/* the same number on every architecture since Linux 5.3 */
#endif

int
wait_fd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

#endif

/*
 * wait.h - a descriptor that tells of a child's end, where the system has one
 *
 * wait_linux.c has it (pidfd_open, Linux 5.3); wait_other.c and older kernels answer -1, and the waiter looks at the child with
 * growing pauses instead.
 */
#ifndef OCC_PROC_WAIT_H
#define OCC_PROC_WAIT_H

#include <sys/types.h>

/* Readable when the child has ended; O_CLOEXEC, the caller closes it. -1 where there is none. */
int wait_fd(pid_t pid);

#endif

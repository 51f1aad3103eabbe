/*
 * sandbox.h - a process that speaks with the network takes its rights away from itself
 *
 * Called once, when every descriptor that has to be opened is open, in a process of one thread, after TLS has been seeded. From then on it can accept, read, write, wait and
 * connect to the given ports; it has no file system, no other programs, no other processes. There is no way back. Linux: credentials(7), capabilities(7), landlock(7), seccomp(2);
 * elsewhere only the limits and the user. What a kernel or the service manager does not give is no error but said in the result, for people to see.
 */
#ifndef OCC_PROC_SANDBOX_H
#define OCC_PROC_SANDBOX_H

#include <sys/types.h>

#include "lib/base/buf.h"

#define SANDBOX_PORTS_MAX 32
#define SANDBOX_LACKS_BYTES 192

struct sandbox_want {
	bool has_user;			/* as root: become this user, with its group only */
	uid_t uid;
	gid_t gid;
	unsigned connect_ports[SANDBOX_PORTS_MAX];	/* TCP ports that may be connected to; none: no outgoing connection */
	size_t n_connect_ports;
	bool is_lenient;		/* what is forbidden fails with EPERM; else it ends the process with SIGSYS */
};

/* What is in force, as the kernel says afterwards. No pointer in it: it may be sent as it is. */
struct sandbox_state {
	bool no_new_privs;		/* exec gives no rights (prctl(2)) */
	bool no_dump;			/* no core, no ptrace by others of the same user */
	bool no_capabilities;		/* effective, permitted, inheritable, ambient, bounding */
	bool no_fork;			/* RLIMIT_NPROC; root is exempt from it, not from seccomp */
	bool has_seccomp;
	unsigned landlock_abi;		/* 0: none */
	bool no_files;			/* Landlock */
	bool has_ports;			/* Landlock, ABI 4: connect_ports only, no bind */
	uid_t uid;
	uint64_t n_files_max;		/* descriptors: the soft limit, raised to the hard one */
	char lacks[SANDBOX_LACKS_BYTES];	/* "Landlock: not in this kernel; ...", "" */
};

/* 0, or -1: a right that could have been taken away was not, and the process must not go on. */
int sandbox_enter(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e) MUST_CHECK;

/* Pure, for people: "seccomp, no files, ports 3000 only, no capabilities, no core; lacks ...". */
void sandbox_put(const struct sandbox_state *s, struct buf *out);

#endif

/*
 * sandbox_seccomp.c - a list of the system calls that are left: seccomp(2)
 *
 * The table becomes a program of classic BPF: each row compares the number, then its arguments, and lets through; what no row lets through ends the process. Rows come in
 * the order in which a proxy needs them; the kernel remembers those without conditions (since 5.11) and asks the program no more. Calls that musl makes, and those of
 * lib/loop, lib/net and mbedTLS.
 */
#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/proc/sandbox_own.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0u
#endif

/* The sanitizers' own calls (a thread that looks for leaks, files under /proc) are many and change: an instrumented build has no filter, and says so. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_INSTRUMENTED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_INSTRUMENTED true
#endif
#endif
#ifndef IS_INSTRUMENTED
#define IS_INSTRUMENTED false
#endif

#define CHECKS_MAX 3
#define PROGRAM_MAX 1024

/* (lower half of the argument & mask) == value. An int's upper half is not defined (the kernel ignores it); of a pointer it has to be 0 as well. */
struct check {
	unsigned char arg;
	bool is_pointer;
	uint32_t mask, value;
};

struct rule {
	unsigned short nr;
	unsigned char n;
	struct check check[CHECKS_MAX];
};

#define CALL(name) { .nr = SYS_##name }
#define CALL1(name, ...) { .nr = SYS_##name, .n = 1, .check = { __VA_ARGS__ } }
#define CALL2(name, ...) { .nr = SYS_##name, .n = 2, .check = { __VA_ARGS__ } }
#define CALL3(name, ...) { .nr = SYS_##name, .n = 3, .check = { __VA_ARGS__ } }
#define INT(arg, value) { (arg), false, UINT32_MAX, (value) }
#define WITHOUT(arg, bits) { (arg), false, (bits), 0 }
/* Only streams of TCP itself: MPTCP, SCTP and datagrams would go round what Landlock says of ports. Two checks, the third is the family. */
#define STREAM { 1, false, ~(uint32_t)(SOCK_NONBLOCK | SOCK_CLOEXEC), SOCK_STREAM }
#define OPTION(level, name) CALL2(setsockopt, INT(1, level), INT(2, name))

static const struct rule rules[] = {
	/* what goes on all the time */
	CALL(epoll_pwait), CALL(read), CALL(write), CALL(recvfrom), CALL(recvmsg), CALL(readv), CALL(writev), CALL(epoll_ctl), CALL(close), CALL(accept4),
#ifdef SYS_epoll_wait
	CALL(epoll_wait),
#endif
	/* MSG_FASTOPEN connects without connect(2), which Landlock once did not see */
	CALL1(sendto, WITHOUT(3, MSG_FASTOPEN)), CALL1(sendmsg, WITHOUT(2, MSG_FASTOPEN)),
	CALL(clock_gettime), CALL(gettimeofday), CALL(getrandom), CALL(futex),
#ifdef SYS_time
	CALL(time),
#endif
	/* memory, and no code in it */
	CALL1(mmap, WITHOUT(2, PROT_EXEC)), CALL1(mprotect, WITHOUT(2, PROT_EXEC)), CALL(munmap), CALL(mremap), CALL(madvise), CALL(brk),
	/* connections */
	CALL3(socket, INT(0, AF_INET), STREAM, INT(2, 0)), CALL3(socket, INT(0, AF_INET6), STREAM, INT(2, 0)),
	CALL3(socket, INT(0, AF_INET), STREAM, INT(2, IPPROTO_TCP)), CALL3(socket, INT(0, AF_INET6), STREAM, INT(2, IPPROTO_TCP)),
	CALL(connect), CALL(shutdown), CALL(getsockopt), CALL(getsockname), CALL(getpeername),
	OPTION(IPPROTO_TCP, TCP_NODELAY), OPTION(IPPROTO_TCP, TCP_CORK), OPTION(IPPROTO_TCP, TCP_QUICKACK), OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
	OPTION(IPPROTO_TCP, TCP_KEEPIDLE), OPTION(IPPROTO_TCP, TCP_KEEPINTVL), OPTION(IPPROTO_TCP, TCP_KEEPCNT), OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT),
	OPTION(SOL_SOCKET, SO_KEEPALIVE), OPTION(SOL_SOCKET, SO_LINGER), OPTION(SOL_SOCKET, SO_SNDBUF), OPTION(SOL_SOCKET, SO_RCVBUF),
	/* waiting */
	CALL(ppoll), CALL(nanosleep), CALL(clock_nanosleep), CALL(sched_yield), CALL(epoll_create1), CALL(pipe2), CALL(eventfd2),
#ifdef SYS_poll
	CALL(poll), CALL(pipe),
#endif
	/* signals; abort(3) sends itself one */
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack), CALL(signalfd4), CALL(restart_syscall),
	CALL1(tkill, INT(1, SIGABRT)), CALL1(tgkill, INT(2, SIGABRT)),
	/* about itself and its descriptors */
	CALL(exit), CALL(exit_group), CALL(getpid), CALL(gettid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid), CALL(getrusage), CALL(fstat), CALL(lseek),
	CALL1(fcntl, INT(1, F_GETFD)), CALL1(fcntl, INT(1, F_SETFD)), CALL1(fcntl, INT(1, F_GETFL)), CALL1(fcntl, INT(1, F_SETFL)),
	CALL1(fcntl, INT(1, F_DUPFD_CLOEXEC)),
	CALL1(ioctl, INT(1, FIONREAD)), CALL1(ioctl, INT(1, FIONBIO)), CALL1(ioctl, INT(1, TIOCGWINSZ)),	/* stdio asks the last one */
	CALL2(prlimit64, INT(0, 0), { 2, true, UINT32_MAX, 0 }),	/* of its own, to read them */
};

/* ---- the program ---- */

struct program {
	struct sock_filter at[PROGRAM_MAX];
	unsigned short n;
};

static void
put(struct program *p, unsigned short code, uint32_t k, unsigned char jt, unsigned char jf)
{
	if (p->n == PROGRAM_MAX)
		BUG("the list of system calls is longer than its program may be");
	p->at[p->n++] = (struct sock_filter){ .code = code, .jt = jt, .jf = jf, .k = k };
}

static void
put_load(struct program *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* Half of an argument (both processors are little-endian: the lower one comes first). A failed comparison is mended by put_rule, which knows how far to jump. */
static void
put_half(struct program *p, unsigned arg, unsigned half, uint32_t mask, uint32_t value)
{
	put_load(p, offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t) + half * sizeof(uint32_t));
	if (mask != UINT32_MAX)
		put(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0);
}

/* Finds the number in the accumulator, and leaves it there when it does not let the call through. */
static void
put_rule(struct program *p, const struct rule *r)
{
	unsigned short from = p->n, out;

	put(p, BPF_JMP | BPF_JEQ | BPF_K, r->nr, 0, 0);
	for (unsigned i = 0; i < r->n; i++) {
		const struct check *c = &r->check[i];

		put_half(p, c->arg, 0, c->mask, c->value);
		if (c->is_pointer)
			put_half(p, c->arg, 1, UINT32_MAX, 0);
	}
	put(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	out = p->n;
	if (r->n > 0)
		put_load(p, offsetof(struct seccomp_data, nr));
	for (unsigned short i = from; i < out; i++)
		if (p->at[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
			p->at[i].jf = (unsigned char)(out - i - 1);
}

/* Another architecture's numbers mean other calls; x32's have a bit that no row has. */
static void
put_program(struct program *p, uint32_t otherwise)
{
	put_load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put(p, BPF_RET | BPF_K, otherwise, 0, 0);
	put_load(p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		put_rule(p, &rules[i]);
	put(p, BPF_RET | BPF_K, otherwise, 0, 0);
}

int
sandbox_seccomp(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog = { .filter = p.at };
	/* Before 4.14 an action that the kernel does not know ends the thread, which is all there is of us. */
	uint32_t otherwise = w->is_lenient ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_KILL_PROCESS;

	if (IS_INSTRUMENTED || ARCH == 0u) {
		sandbox_lack(ret, "seccomp: %s", IS_INSTRUMENTED ? "not in an instrumented build" : "no list of calls for this processor");
		return 0;
	}
	put_program(&p, otherwise);
	prog.len = p.n;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0) {
		ret->has_seccomp = true;
		return 0;
	}
	if (errno != EINVAL)
		return err_sys(e, "seccomp");
	sandbox_lack(ret, "seccomp: not in this kernel");
	return 0;
}

#endif

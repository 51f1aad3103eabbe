/*
 * sandbox_test.c - a process without rights, each row in a child of its own: what it needs still works, everything else ends it
 *
 * Where the kernel has no Landlock, or the build no seccomp (an instrumented one), a row says so, and the rest is held to all the same.
 */
#include "lib/proc/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <psa/crypto.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/loop/loop.h"
#include "lib/net/listen.h"
#include "lib/net/stream.h"
#include "lib/proc/sandbox_own.h"
#include "tests/t.h"

#define WAIT_MS 20000
#define NOBODY 65534
#define BAD 9			/* a child's exit status: not even begun */
#define MPTCP 262
#define IO_URING_SETUP 425	/* the same number everywhere; older headers lack it */
#define X32 0x40000000

static struct sandbox_state found;	/* what a child of ours had, as the kernel has it here */
static struct {
	int listen_fd, other_fd;
	unsigned port, other_port;
} rig;

static struct sandbox_want
want_of(bool is_lenient)
{
	return (struct sandbox_want){ .has_user = getuid() == 0, .uid = NOBODY, .gid = NOBODY, .connect_ports = { rig.port }, .n_connect_ports = 1,
		.is_lenient = is_lenient };
}

static int
status_of(int (*run)(const void *), const void *arg)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(arg));
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

/* ---- what is in force ---- */

static int
tell_state(const void *arg)
{
	const struct sandbox_want w = want_of(false);
	struct sandbox_state s;
	struct err e = ERR_INIT;
	const int *fd = arg;

	return sandbox_enter(&w, &s, &e) < 0 || write(*fd, &s, sizeof s) != sizeof s ? BAD : 0;
}

/* Why there may be none. qemu-user, which runs the builds for other processors, says the same as a kernel without it (prctl(2), PR_GET_SECCOMP). */
static const char *
without_seccomp(void)
{
	return prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) < 0 && errno == EINVAL ? "seccomp: not in this kernel" : "seccomp: not in an instrumented build";
}

static void
test_state(void)
{
	int fds[2];
	struct err e = ERR_INIT;

	t_row("what is in force");
	T_CALL(fd_pipe(fds, &e));
	T_EQ(status_of(tell_state, &fds[1]), 0);
	T_EQ(read(fds[0], &found, sizeof found), (ssize_t)sizeof found);
	close(fds[0]);
	close(fds[1]);
	T_OK(found.no_new_privs && found.no_dump && found.no_capabilities && found.no_fork);
	T_OK(found.has_seccomp || strstr(found.lacks, without_seccomp()));
	T_EQ(found.uid, getuid() == 0 ? NOBODY : getuid());
	T_OK(found.n_files_max > 0);
	T_EQ(found.no_files, found.landlock_abi > 0);
	T_EQ(found.has_ports, found.landlock_abi >= 4);
	t_row("Landlock %u%s%s", found.landlock_abi, found.lacks[0] ? "; lacks " : "", found.lacks);
	T_OK(found.landlock_abi > 0 || strstr(found.lacks, "Landlock: "));
}

/* ---- the user, capabilities, limits ---- */

static bool
status_says(const char *line)
{
	AUTO(fd) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[4096] = "";

	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strstr(text, line);
}

static int
drop(const void *arg)
{
	static const char *const lines[] = { "CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapAmb:\t0000000000000000",
		"NoNewPrivs:\t1" };
	const struct sandbox_want w = want_of(false);
	bool is_root = getuid() == 0;
	struct sandbox_state s = { .landlock_abi = 0 };
	struct err e = ERR_INIT;

	(void)arg;
	if (sandbox_drop(&w, &s, &e) < 0)
		return BAD;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (!status_says(lines[i]))
			return (int)i + 1;
	if (is_root && (!status_says("CapBnd:\t0000000000000000") || !status_says("Uid:\t65534\t65534\t65534\t65534") || !status_says("Gid:\t65534\t65534\t65534\t65534") ||
	    getgroups(0, NULL) != 0 || setuid(0) == 0))
		return 10;
	return s.no_capabilities ? 0 : 11;
}

static int
limits(const void *arg)
{
	static const int zero[] = { RLIMIT_CORE, RLIMIT_NPROC };
	const struct sandbox_want w = want_of(false);
	struct sandbox_state s;
	struct rlimit r;
	struct err e = ERR_INIT;

	(void)arg;
	if (sandbox_enter(&w, &s, &e) < 0)
		return BAD;
	for (size_t i = 0; i < ARRAY_LEN(zero); i++)
		if (getrlimit(zero[i], &r) < 0 || r.rlim_cur != 0 || r.rlim_max != 0)
			return 1;
	return getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur != r.rlim_max || r.rlim_cur != s.n_files_max ? 2 : 0;
}

static int
ports_beyond(const void *arg)
{
	const struct sandbox_want w = { .has_user = false };
	struct sandbox_state s;
	struct err e = ERR_INIT;
	AUTO(stream) struct stream conn = STREAM_INIT;

	(void)arg;
	if (sandbox_enter(&w, &s, &e) < 0)
		return BAD;
	return stream_tcp(&conn, "127.0.0.1", rig.port, clock_due_ms(WAIT_MS), &e) < 0 && e.code == ERR_PERM ? 0 : 1;
}

/* ---- Landlock alone ---- */

static int
landlock(const void *arg)
{
	const struct sandbox_want w = want_of(false);
	struct sandbox_state s = { .landlock_abi = 0 };
	struct listen_want any = { .host = "127.0.0.1" };
	AUTO(stream) struct stream one = STREAM_INIT, other = STREAM_INIT;
	struct err e = ERR_INIT;

	(void)arg;
	if (sandbox_drop(&w, &s, &e) < 0 || sandbox_landlock(&w, &s, &e) < 0)
		return BAD;
	if (s.no_files && (open("/", O_RDONLY) >= 0 || errno != EACCES))
		return 1;
	if (s.has_ports && (listen_tcp(&any, &e) >= 0 || stream_tcp(&other, "127.0.0.1", rig.other_port, clock_due_ms(WAIT_MS), &e) >= 0 || e.code != ERR_PERM))
		return 2;
	return stream_tcp(&one, "127.0.0.1", rig.port, clock_due_ms(WAIT_MS), &e) < 0 ? 3 : 0;
}

/* ---- what still works ---- */

static int
serve(struct err *e)
{
	AUTO(stream) struct stream s = STREAM_INIT;
	struct listen_peer peer;
	char byte = 0;

	if (stream_tcp_begin(&s, "127.0.0.1", rig.port, e) < 0 || fd_wait(s.fd, POLLOUT, clock_due_ms(WAIT_MS), e) < 0 || stream_tcp_begun(&s, e) != 1 ||
	    fd_wait(rig.listen_fd, POLLIN, clock_due_ms(WAIT_MS), e) < 0)
		return 1;
	AUTO(fd) int got = listen_accept(rig.listen_fd, &peer, e);
	if (got < 0 || fd_write_all(got, STR_LIT("x"), clock_due_ms(WAIT_MS), e) < 0 || stream_read(&s, &byte, 1, clock_due_ms(WAIT_MS), e) != 1 || byte != 'x')
		return 2;
	return stream_shutdown_write(&s, e) < 0 || fd_read(got, &byte, 1, clock_due_ms(WAIT_MS), e) != 0 ? 3 : 0;
}

static void
end_loop(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	loop_end(w->loop);
}

static void
no_signal(struct loop_signals *s, int signo, int64_t now_ms)
{
	(void)s;
	(void)signo;
	(void)now_ms;
}

static int
wait_in_loop(struct err *e)
{
	AUTO(loop) struct loop l = { .n = 0 };
	struct watch timer = WATCH_INIT;
	struct loop_signals signals = { .fire = no_signal };
	sigset_t set;

	timer.fire = end_loop;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (loop_init(&l, e) < 0 || loop_signals(&l, &signals, &set, e) < 0)
		return 1;
	loop_timer(&l, &timer, clock_now_ms());
	return loop_run(&l, e) < 0 ? 2 : 0;
}

static int
use_memory(struct err *e)
{
	static const size_t sizes[] = { 64, 70000, 8u << 20 };
	unsigned char random[16];

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		char *p = malloc(sizes[i]);
		char *more = p ? realloc(p, sizes[i] * 2) : NULL;

		if (!more) {
			free(p);
			return 1;
		}
		memset(more, 1, sizes[i] * 2);
		free(more);
	}
	return rand_bytes(random, sizeof random, e) < 0 || clock_epoch_s() == 0 ? 2 : 0;
}

/* Its generator takes a new seed after 10,000 draws: from the kernel, not from a file. */
static int
draw(struct err *e)
{
	unsigned char random[16];

	(void)e;
	for (int i = 0; i < 20001; i++)
		if (psa_generate_random(random, sizeof random) != PSA_SUCCESS)
			return 1;
	return 0;
}

/* A message with a descriptor in it, as the keeper may send one. */
static int
pass_fd(struct err *e)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	char byte = 'x';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };

	(void)e;
	memcpy(CMSG_DATA(&control.head), &rig.listen_fd, sizeof(int));
	return sendmsg(rig.other_fd, &m, MSG_NOSIGNAL) == 1 ? 0 : 1;
}

static const struct {
	const char *name;
	int (*run)(struct err *e);
} works[] = { { "connects, accepts, reads, writes", serve }, { "waits in a loop, with signals", wait_in_loop }, { "memory, random bytes, the time", use_memory },
	{ "the TLS library's random numbers, past their seed", draw }, { "sends a descriptor", pass_fd } };

static int
work(const void *arg)
{
	const size_t *i = arg;
	const struct listen_want any = { .host = "127.0.0.1" };
	struct sandbox_state s;
	struct err e = ERR_INIT;
	int pair[2];

	/* A listener of its own: nobody has called on it yet. */
	rig.listen_fd = listen_tcp(&any, &e);
	if (rig.listen_fd < 0 || listen_port(rig.listen_fd, &rig.port, &e) < 0 || fd_socketpair(pair, &e) < 0 || psa_crypto_init() != PSA_SUCCESS)
		return BAD;
	rig.other_fd = pair[0];
	const struct sandbox_want w = want_of(false);
	return sandbox_enter(&w, &s, &e) < 0 ? BAD : works[*i].run(&e);
}

static int
end_itself(const void *arg)
{
	const struct sandbox_want w = want_of(false);
	struct sandbox_state s;
	struct err e = ERR_INIT;

	(void)arg;
	if (sandbox_enter(&w, &s, &e) < 0)
		return BAD;
	abort();
}

/* ---- what ends it ---- */

static const char *const no_words[] = { "/bin/true", NULL };
static char zeroes[256];

/* Made by number, so that no wrapper of the library comes between. */
static const struct forbidden {
	const char *name;
	long nr, arg[6];
} forbidden[] = {
	{ "openat", SYS_openat, { AT_FDCWD, (long)"/", O_RDONLY } },
	{ "execve", SYS_execve, { (long)"/bin/true", (long)no_words, (long)&no_words[1] } },
	{ "execveat", SYS_execveat, { AT_FDCWD, (long)"/bin/true", (long)no_words, (long)&no_words[1], 0 } },
	{ "clone", SYS_clone, { SIGCHLD } },
	{ "clone3", 435, { (long)zeroes, 64 } },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME } },
	{ "kill", SYS_kill, { 1, 0 } },
	{ "tgkill with another signal", SYS_tgkill, { 1, 1, SIGTERM } },
	{ "prctl", SYS_prctl, { 0 } },
	{ "setresuid", SYS_setresuid, { -1, -1, -1 } },
	{ "setrlimit", SYS_prlimit64, { 0, RLIMIT_CORE, (long)zeroes, 0 } },
	{ "another's limits", SYS_prlimit64, { 1, RLIMIT_CORE, 0, (long)zeroes } },
	{ "a unix socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 } },
	{ "a netlink socket", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
	{ "a datagram", SYS_socket, { AF_INET, SOCK_DGRAM, 0 } },
	{ "a raw socket", SYS_socket, { AF_INET6, SOCK_RAW | SOCK_CLOEXEC, 1 } },
	{ "multipath TCP", SYS_socket, { AF_INET, SOCK_STREAM, MPTCP } },
	{ "a socket pair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, (long)zeroes } },
	{ "bind", SYS_bind, { 0, (long)zeroes, 0 } },
	{ "listen", SYS_listen, { 0, 1 } },
	{ "connecting by sendto", SYS_sendto, { -1, (long)zeroes, 1, 0x20000000, 0, 0 } },
	{ "connecting by sendmsg", SYS_sendmsg, { -1, (long)zeroes, 0x20000000 } },
	{ "a socket option of another kind", SYS_setsockopt, { -1, SOL_SOCKET, 26, (long)zeroes, 4 } },
	{ "memory with code", SYS_mmap, { 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 } },
	{ "memory made code", SYS_mprotect, { 0, 0, PROT_EXEC } },
	{ "memfd_create", SYS_memfd_create, { (long)"x", 0 } },
	{ "a descriptor's owner", SYS_fcntl, { 0, F_SETOWN, 1 } },
	{ "typing for a terminal", SYS_ioctl, { 0, TIOCSTI, (long)zeroes } },
	{ "another's memory", SYS_process_vm_readv, { 1, 0, 0, 0, 0, 0 } },
	{ "io_uring", IO_URING_SETUP, { 1, (long)zeroes } },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, (long)"/nowhere", 0 } },
	{ "mount", SYS_mount, { 0, 0, 0, 0, 0 } },
	{ "unshare", SYS_unshare, { CLONE_NEWUSER } },
	{ "seccomp again", SYS_seccomp, { 0, 0, 0 } },
	{ "a number that does not exist", 4000, { 0 } },
	{ "read as x32 has it", SYS_read | X32, { 0, 0, 0 } },
};

static bool is_lenient;

static int
call(const void *arg)
{
	const struct forbidden *f = arg;
	const struct sandbox_want w = want_of(is_lenient);
	struct sandbox_state s;
	struct err e = ERR_INIT;

	if (sandbox_enter(&w, &s, &e) < 0)
		return BAD;
	errno = 0;
	return syscall(f->nr, f->arg[0], f->arg[1], f->arg[2], f->arg[3], f->arg[4], f->arg[5]) == -1 && errno == EPERM ? 0 : 1;
}

static void
test_forbidden(void)
{
	if (!found.has_seccomp) {
		t_row("what ends the process is for a release build on a kernel with seccomp to show");
		T_HAS(found.lacks, without_seccomp());
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
		int status;

		t_row("ends it: %s", forbidden[i].name);
		is_lenient = false;
		status = status_of(call, &forbidden[i]);
		T_OK(WIFSIGNALED(status));
		T_EQ(WTERMSIG(status), SIGSYS);
		is_lenient = true;
		T_EQ(status_of(call, &forbidden[i]), 0);
	}
}

/* ---- words ---- */

static void
test_words(void)
{
	static const struct {
		struct sandbox_state s;
		const char *want;
	} row[] = {
		{ { .uid = 0 }, "" },
		{ { .uid = 0, .lacks = "x" }, "lacks x" },
		{ { .has_seccomp = true, .no_files = true, .has_ports = true, .no_capabilities = true, .no_new_privs = true, .no_dump = true, .no_fork = true, .uid = 1 },
		  "seccomp, no files, no ports but opencode's, no capabilities, no new privileges, no core, no children, not root" },
		{ { .has_seccomp = true, .uid = 0, .lacks = "a; b" }, "seccomp; lacks a; b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(buf) struct buf out = BUF_INIT(1024);

		t_row("words: %s", row[i].want);
		sandbox_put(&row[i].s, &out);
		T_STR(out.p, row[i].want);
	}
	struct sandbox_state s = { .uid = 0 };
	char word[SANDBOX_LACKS_BYTES];

	t_row("what it lacks, as far as there is room");
	memset(word, 'x', sizeof word);
	word[sizeof word - 5] = '\0';
	sandbox_lack(&s, "a");
	sandbox_lack(&s, "b");
	sandbox_lack(&s, "%s", word);
	T_STR(s.lacks, "a; b");
}

int
main(void)
{
	const struct listen_want any = { .host = "127.0.0.1" };
	struct err e = ERR_INIT;

	t_row("listeners to go to");
	AUTO(fd) int one = listen_tcp(&any, &e);
	AUTO(fd) int two = listen_tcp(&any, &e);
	T_OK(one >= 0 && two >= 0 && listen_port(one, &rig.port, &e) == 0 && listen_port(two, &rig.other_port, &e) == 0);
	rig.listen_fd = one;
	test_state();
	t_row("no capability and no way back%s", getuid() == 0 ? ", root no more" : "");
	T_EQ(status_of(drop, NULL), 0);
	t_row("limits");
	T_EQ(status_of(limits, NULL), 0);
	t_row("Landlock by itself%s", found.has_ports ? ": files and ports" : found.no_files ? ": files" : ": not here");
	T_EQ(status_of(landlock, NULL), 0);
	t_row("without a port no connection goes out%s", found.has_ports ? "" : ", where Landlock holds ports: not here");
	T_EQ(status_of(ports_beyond, NULL), found.has_ports ? 0 : 1 << 8);
	for (size_t i = 0; i < ARRAY_LEN(works); i++) {
		t_row("still %s", works[i].name);
		T_EQ(status_of(work, &i), 0);
	}
	t_row("abort still is one");
	int status = status_of(end_itself, NULL);
	T_OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	test_forbidden();
	test_words();
	return t_done();
}

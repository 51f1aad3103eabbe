/*
 * spawn_test.c - real children: exits, signals, environment, descriptors, deadlines, cancellation, no zombies
 */
/* ldflags: -Wl,--wrap=wait_fd */
#include "lib/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/proc/wait.h"
#include "tests/t.h"

#define SOON_MS 20000
#define SH(script) ((const char *const[]){ "sh", "-c", (script), NULL })

/* The second round plays a kernel without pidfd, or another system. */
static bool has_no_pidfd;
int __real_wait_fd(pid_t pid);
int __wrap_wait_fd(pid_t pid);

int
__wrap_wait_fd(pid_t pid)
{
	return has_no_pidfd ? -1 : __real_wait_fd(pid);
}

static const char *
round_name(void)
{
	return has_no_pidfd ? ", without pidfd" : "";
}

static int64_t
soon(void)
{
	return clock_due_ms(SOON_MS);
}

/* No child is left, not even a dead one. */
static void
check_reaped(void)
{
	T_EQ(waitpid(-1, NULL, WNOHANG), -1);
	T_EQ(errno, ECHILD);
}

static const struct {
	const char *script, *in, *out;
	int status;
} runs[] = {
	{ "exit 0", "", "", 0 },
	{ "exit 7", "", "", 7 },
	{ "kill -TERM $$", "", "", 128 + SIGTERM },
	{ "kill -KILL $$", "", "", 128 + SIGKILL },
	{ "cat", "one message each way", "one message each way", 0 },
	{ "echo done; exec >&-; exit 3", "", "done\n", 3 },
	{ "exec <&-; echo deaf", "input that nobody reads", "deaf\n", 0 },
	{ "read a; echo \"[$a]\"; echo 'to the log' >&2", "x\ny\n", "[x]\n", 0 },
	{ "echo unfinished >&2; printf '%s' end >&2", "", "", 0 },
	/* Leaves somebody behind who holds its output. */
	{ "sleep 30 & echo $! >&2; echo early", "", "early\n", 0 },
};

static char last_log[256];

static void
keep_log(void *ctx, const char *line)
{
	(void)ctx;
	snprintf(last_log, sizeof last_log, "%s", line);
}

static void
test_runs(void)
{
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		AUTO(buf) struct buf out = BUF_INIT(4096);
		struct err e = ERR_INIT;
		int status = -1;

		t_row("run: %s%s", runs[i].script, round_name());
		int64_t start = clock_now_ms();
		T_CALL(spawn_run(SH(runs[i].script), str_of(runs[i].in), &out, soon(), &status, &e));
		T_EQ(status, runs[i].status);
		T_STR(out.p, runs[i].out);
		T_OK(clock_now_ms() - start < SOON_MS);
		check_reaped();
	}
	/* The last row's log names the one left behind. */
	const char *pid = strrchr(last_log, ' ');
	if (T_OK(pid != NULL) && pid)
		kill((pid_t)strtol(pid, NULL, 10), SIGKILL);
}

static void
test_big_both_ways(void)
{
	size_t n = 4u << 20;
	AUTO(buf) struct buf out = BUF_INIT(n);
	struct err e = ERR_INIT;
	char *big = mem_new(n);
	int status = -1;

	t_row("4 MiB through a child in both directions%s", round_name());
	memset(big, 'z', n);
	T_CALL(spawn_run((const char *const[]){ "cat", NULL }, str_from(big, n), &out, soon(), &status, &e));
	T_EQ(out.n, n);
	T_EQ(status, 0);
	T_OK(out.n == n && memcmp(out.p, big, n) == 0);
	mem_free(big);

	AUTO(buf) struct buf small = BUF_INIT(1000);
	t_row("output beyond the ceiling ends the child%s", round_name());
	T_FAILS(spawn_run((const char *const[]){ "yes", NULL }, STR_NULL, &small, soon(), &status, &e), ERR_TOO_BIG);
	check_reaped();
}

static void
test_hear(void)
{
	AUTO(buf) struct buf out = BUF_INIT(100);
	struct err e = ERR_INIT;
	int status = -1;

	t_row("both streams, and the environment%s", round_name());
	T_CALL(spawn_hear(SH("echo out; echo $OCC_B >&2; exit 6"), (const char *const[]){ "OCC_B=errors", NULL }, &out, soon(), &status, &e));
	T_STR(out.p, "out\nerrors\n");
	T_EQ(status, 6);
	t_row("what was said up to the deadline%s", round_name());
	buf_reset(&out);
	T_FAILS(spawn_hear(SH("echo first; sleep 30"), NULL, &out, clock_due_ms(500), &status, &e), ERR_TIMEOUT);
	T_STR(out.p, "first\n");
	t_row("more than the ceiling%s", round_name());
	buf_reset(&out);
	T_FAILS(spawn_hear((const char *const[]){ "yes", NULL }, NULL, &out, soon(), &status, &e), ERR_TOO_BIG);
	t_row("no such program%s", round_name());
	T_FAILS(spawn_hear((const char *const[]){ "occ-no-such-program", NULL }, NULL, &out, soon(), &status, &e), ERR_NOT_FOUND);
	check_reaped();
}

static void
test_no_program(void)
{
	AUTO(buf) struct buf out = BUF_INIT(64);
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	int status;

	t_row("no such program, and one that may not be run");
	T_FAILS(spawn_run((const char *const[]){ "occ-no-such-program", NULL }, STR_NULL, &out, soon(), &status, &e), ERR_NOT_FOUND);
	T_HAS(e.msg, "occ-no-such-program");
	const char *file = arena_printf(&a, "%s/plain", t_tmpdir());
	int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	T_OK(fd >= 0);
	close(fd);
	T_FAILS(spawn_run((const char *const[]){ file, NULL }, STR_NULL, &out, soon(), &status, &e), ERR_PERM);
	check_reaped();
}

static void
test_environment(void)
{
	const char *const env[] = { "OCC_B=new", "OCC_C=c=c", NULL };
	struct err e = ERR_INIT;
	int fds[2], status;
	pid_t pid;

	t_row("environment: ours, with extra ones in the place of those of the same name");
	T_EQ(setenv("OCC_A", "a", 1), 0);
	T_EQ(setenv("OCC_B", "old", 1), 0);
	T_EQ(setenv("OCC_BB", "bb", 1), 0);
	T_CALL(fd_pipe(fds, &e));
	struct spawn s = { .argv = SH("echo $OCC_A $OCC_B $OCC_BB $OCC_C; env | grep -c ^OCC_B="), .env = env, .in_fd = -1,
		.out_fd = fds[1], .err_fd = -1 };
	T_CALL(spawn_start(&s, &pid, &e));
	close(fds[1]);
	AUTO(buf) struct buf out = BUF_INIT(256);
	T_CALL(fd_read_all(fds[0], &out, soon(), &e));
	close(fds[0]);
	T_CALL(spawn_wait(pid, soon(), &status, &e));
	T_STR(out.p, "a new bb c=c\n1\n");
	check_reaped();
}

/* Descriptors of ours are closed in the child, 0 and 1 without one of ours are /dev/null, signals are as new. */
static void
test_clean_child(void)
{
	AUTO(buf) struct buf out = BUF_INIT(1024);
	struct err e = ERR_INIT;
	int fds[2], extra[2], status = -1;
	sigset_t blocked, before;
	pid_t pid;

	t_row("a child starts clean");
	T_CALL(fd_pipe(extra, &e));
	T_CALL(fd_pipe(fds, &e));
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	struct spawn s = { .argv = SH("sed -n 's/^Sig\\(Blk\\|Ign\\):\t//p' /proc/self/status; readlink /proc/self/fd/0"),
		.in_fd = -1, .out_fd = fds[1], .err_fd = -1 };
	T_CALL(spawn_start(&s, &pid, &e));
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fds[1]);
	T_CALL(fd_read_all(fds[0], &out, soon(), &e));
	T_CALL(spawn_wait(pid, soon(), &status, &e));
	T_EQ(status, 0);
	/* Signals 32 and 33 belong to the C library, which keeps them out of everybody's sets. */
	unsigned long long normal = 0x7fffffff, got_blocked = 1, got_ignored = 1;
	char null[32] = "";
	T_EQ(sscanf(out.p, "%llx %llx %31s", &got_blocked, &got_ignored, null), 3);
	T_EQ(got_blocked & normal, 0);
	T_EQ(got_ignored & normal, 0);
	T_STR(null, "/dev/null");
	close(fds[0]);

	t_row("close-on-exec descriptors do not reach the child");
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *look = arena_printf(&a, "test ! -e /proc/$$/fd/%d && test ! -e /proc/$$/fd/%d", extra[0], extra[1]);
	buf_reset(&out);
	T_CALL(spawn_run(SH(look), STR_NULL, &out, soon(), &status, &e));
	T_EQ(status, 0);
	close(extra[0]);
	close(extra[1]);
}

/* in and out crossed with the numbers they are to become. */
static void
test_crossed(void)
{
	AUTO(buf) struct buf out = BUF_INIT(64);
	struct err e = ERR_INIT;
	int in[2], fds[2], keep0 = fcntl(0, F_DUPFD_CLOEXEC, 10), keep1 = fcntl(1, F_DUPFD_CLOEXEC, 10), status = -1;
	pid_t pid = -1;

	t_row("descriptors 0 and 1 exchanged");
	fflush(stdout);
	T_CALL(fd_pipe(in, &e));
	T_CALL(fd_pipe(fds, &e));
	dup2(in[0], 1);
	dup2(fds[1], 0);
	struct spawn s = { .argv = (const char *const[]){ "cat", NULL }, .in_fd = 1, .out_fd = 0, .err_fd = -1 };
	int got = spawn_start(&s, &pid, &e);
	dup2(keep0, 0);
	dup2(keep1, 1);
	close(keep0);
	close(keep1);
	close(in[0]);
	close(fds[1]);
	T_EQ(got, 0);
	T_CALL(fd_write_all(in[1], STR_LIT("crossed"), soon(), &e));
	close(in[1]);
	T_CALL(fd_read_all(fds[0], &out, soon(), &e));
	close(fds[0]);
	T_CALL(spawn_wait(pid, soon(), &status, &e));
	T_STR(out.p, "crossed");
	T_EQ(status, 0);
}

/* Seven files as the child's 3 to 9 in reverse, so that some numbers are each other's; under another name than the program's own. */
static void
test_given(void)
{
	AUTO(buf) struct buf out = BUF_INIT(64);
	struct err e = ERR_INIT;
	char path[512];
	int fds[7], pipe_fds[2], status = -1;
	pid_t pid = -1;

	t_row("further descriptors in another order; a name that is not the file's");
	for (int i = 0; i < 7; i++) {
		snprintf(path, sizeof path, "%s/given-%d", t_tmpdir(), i);
		int fd = fds[6 - i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		T_CALL(fd_write_all(fd, str_from(&"abcdefg"[i], 1), soon(), &e));
		lseek(fd, 0, SEEK_SET);
	}
	T_CALL(fd_pipe(pipe_fds, &e));
	const char *script = "echo $0; cat <&3; cat <&4; cat <&5; cat <&6; cat <&7; cat <&8; cat <&9";
	struct spawn s = { .argv = (const char *const[]){ "a-name", "-c", script, NULL }, .file = "sh", .in_fd = -1, .out_fd = pipe_fds[1], .err_fd = -1,
		.fds = fds, .n_fds = 7 };
	T_CALL(spawn_start(&s, &pid, &e));
	close(pipe_fds[1]);
	for (int i = 0; i < 7; i++)
		close(fds[i]);
	T_CALL(fd_read_all(pipe_fds[0], &out, soon(), &e));
	close(pipe_fds[0]);
	T_CALL(spawn_wait(pid, soon(), &status, &e));
	T_STR(out.p, "a-name\ngfedcba");
	T_EQ(status, 0);
}

static void
test_deadline(void)
{
	static const struct {
		const char *name, *script;
		bool new_session;
	} rows[] = {
		{ "a child that hears TERM", "sleep 30", false },
		{ "a child that is deaf to TERM is killed", "trap '' TERM; echo ready; while :; do sleep 1; done", false },
		{ "a session with a child of its own", "sleep 30 & echo ready; wait", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		int fds[2], status;
		char c;
		pid_t pid;

		t_row("deadline: %s%s", rows[i].name, round_name());
		T_CALL(fd_pipe(fds, &e));
		struct spawn s = { .argv = SH(rows[i].script), .in_fd = -1, .out_fd = fds[1], .err_fd = -1,
			.new_session = rows[i].new_session };
		T_CALL(spawn_start(&s, &pid, &e));
		close(fds[1]);
		if (i > 0)
			T_EQ(fd_read(fds[0], &c, 1, soon(), &e), 1);	/* its trap or child is there */
		if (rows[i].new_session)
			T_EQ(getpgid(pid), pid);
		T_FAILS(spawn_wait(pid, clock_due_ms(20), &status, &e), ERR_TIMEOUT);
		check_reaped();
		/* The end of the pipe says that nobody of the session is left. */
		AUTO(buf) struct buf rest = BUF_INIT(64);
		if (rows[i].new_session)
			T_CALL(fd_read_all(fds[0], &rest, soon(), &e));
		close(fds[0]);
	}

	struct err e = ERR_INIT;
	AUTO(buf) struct buf out = BUF_INIT(64);
	int status;

	t_row("deadline of a run%s", round_name());
	T_FAILS(spawn_run(SH("echo first; sleep 30"), STR_NULL, &out, clock_due_ms(50), &status, &e), ERR_TIMEOUT);
	T_HAS(e.msg, "sh: ");
	check_reaped();
}

/* What the keys of the terminal send is for the parent; the child may still be ended. */
static void
test_shielded(void)
{
	static const struct {
		const char *script;
		bool is_shielded;
		int want;
	} rows[] = {
		{ "kill -INT $$; exit 7", false, 128 + SIGINT },
		{ "kill -INT $$; kill -QUIT $$; kill -HUP $$; exit 7", true, 7 },
		{ "kill -TERM $$; exit 7", true, 128 + SIGTERM },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		struct spawn s = { .argv = SH(rows[i].script), .in_fd = -1, .out_fd = -1, .err_fd = -1, .is_shielded = rows[i].is_shielded };
		int status;
		pid_t pid;

		t_row("%s: %s%s", rows[i].is_shielded ? "shielded" : "open", rows[i].script, round_name());
		T_CALL(spawn_start(&s, &pid, &e));
		T_CALL(spawn_wait(pid, soon(), &status, &e));
		T_EQ(status, rows[i].want);
	}
}

static void
test_find(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = t_tmpdir();
	char *path = arena_strdup(&a, getenv("PATH") ? getenv("PATH") : "");

	t_row("programs in PATH");
	const char *plain = arena_printf(&a, "%s/findme", dir), *sub = arena_printf(&a, "%s/sub", dir);
	const char *good = arena_printf(&a, "%s/sub/findme", dir);
	T_EQ(mkdir(sub, 0700), 0);
	close(open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	close(open(good, O_CREAT | O_WRONLY | O_CLOEXEC, 0700));
	setenv("PATH", arena_printf(&a, "/nonexistent::%s:%s", dir, sub), 1);
	T_STR(spawn_find(&a, "findme"), good);		/* not the one that may not be run */
	T_STR(spawn_find(&a, "sub"), NULL);		/* a directory */
	T_STR(spawn_find(&a, "absent"), NULL);
	T_STR(spawn_find(&a, good), good);
	T_STR(spawn_find(&a, plain), NULL);
	unsetenv("PATH");
	T_STR(spawn_find(&a, "findme"), NULL);
	setenv("PATH", path, 1);
}

/* Last: a cancelled process stays cancelled. */
static void
test_cancel(void)
{
	AUTO(buf) struct buf out = BUF_INIT(64);
	struct err e = ERR_INIT;
	int status;

	t_row("a signal while a child runs ends it");
	T_FAILS(spawn_run(SH("kill -INT $PPID; exec sleep 30"), STR_NULL, &out, soon(), &status, &e), ERR_INTERRUPTED);
	check_reaped();
	T_EQ(cancel_signal(), SIGINT);
}

int
main(void)
{
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	log_set_sink(keep_log, NULL);
	for (int i = 0; i < 2; i++) {
		has_no_pidfd = i == 1;
		test_runs();
		test_big_both_ways();
		test_hear();
		test_deadline();
	test_shielded();
	}
	has_no_pidfd = false;
	test_no_program();
	test_environment();
	test_clean_child();
	test_crossed();
	test_given();
	test_find();
	test_cancel();
	return t_done();
}

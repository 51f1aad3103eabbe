/* file_test.c - reading, private files, saving, directories, locks */
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static struct arena arena;

static const char *
in_tmp(const char *name)
{
	return arena_printf(&arena, "%s/%s", t_tmpdir(), name);
}

static void
put(const char *path, const char *text, mode_t mode)
{
	AUTO(fd) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	T_EQ(write(fd, text, strlen(text)), strlen(text));
	T_EQ(fchmod(fd, mode), 0);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 ? 0 : st.st_mode & 07777;
}

static const char *
content(const char *path)
{
	struct buf b = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	const char *text;

	T_CALL(file_read(path, &b, &e));
	text = arena_str(&arena, buf_str(&b));
	buf_fini(&b);
	return text;
}

static void
test_read(void)
{
	struct err e = ERR_INIT;
	AUTO(buf) struct buf b = BUF_INIT(5), proc = BUF_INIT(4096);

	put(in_tmp("five"), "12345", 0644);
	put(in_tmp("six"), "123456", 0644);
	t_row("a file as long as the ceiling");
	T_CALL(file_read(in_tmp("five"), &b, &e));
	T_STR(b.p, "12345");
	t_row("one byte more");
	buf_reset(&b);
	T_FAILS(file_read(in_tmp("six"), &b, &e), ERR_TOO_BIG);
	T_HAS(e.msg, "six: ");
	t_row("absent, also below a file");
	buf_reset(&b);
	T_FAILS(file_read(in_tmp("none"), &b, &e), ERR_NOT_FOUND);
	T_FAILS(file_read(in_tmp("five/none"), &b, &e), ERR_NOT_FOUND);
	t_row("directories and pipes are no files");
	T_FAILS(file_read(t_tmpdir(), &b, &e), ERR_FAIL);
	T_EQ(mkfifo(in_tmp("fifo"), 0600), 0);
	T_FAILS(file_read(in_tmp("fifo"), &b, &e), ERR_FAIL);
	T_HAS(e.msg, "not a regular file");
	t_row("a file that tells no size");
	T_CALL(file_read("/proc/self/status", &proc, &e));
	T_HAS(proc.p, "Name:");
	t_row("existence");
	T_OK(file_exists(in_tmp("five")) && file_exists(t_tmpdir()));
	T_OK(!file_exists(in_tmp("none")));
	t_row("removal, twice");
	T_CALL(file_remove(in_tmp("fifo"), &e));
	T_CALL(file_remove(in_tmp("fifo"), &e));
	T_FAILS(file_remove(t_tmpdir(), &e), e.code);
}

static const struct {
	mode_t file, dir;
	enum err_code code;
	const char *cure;
} private_row[] = {
	{ 0600, 0700, ERR_NONE, "" },
	{ 0400, 0755, ERR_NONE, "" },
	{ 0640, 0700, ERR_REFUSED, "chmod 600 " },
	{ 0604, 0700, ERR_REFUSED, "chmod 600 " },
	{ 0610, 0700, ERR_REFUSED, "chmod 600 " },
	{ 0600, 0770, ERR_REFUSED, "chmod 700 " },
	{ 0600, 01777, ERR_REFUSED, "chmod 700 " },
};

static void
test_private(void)
{
	struct err e = ERR_INIT;
	const char *dir = in_tmp("private"), *path = in_tmp("private/credentials.json");

	T_EQ(mkdir(dir, 0700), 0);
	for (size_t i = 0; i < ARRAY_LEN(private_row); i++) {
		AUTO(buf) struct buf b = BUF_SECRET_INIT(64);

		t_row("private file %04o in %04o", (unsigned)private_row[i].file, (unsigned)private_row[i].dir);
		put(path, "secret", private_row[i].file);
		T_EQ(chmod(dir, private_row[i].dir), 0);
		if (private_row[i].code == ERR_NONE) {
			T_CALL(file_read_private(path, &b, &e));
			T_STR(b.p, "secret");
			continue;
		}
		T_FAILS(file_read_private(path, &b, &e), private_row[i].code);
		T_EQ(b.n, 0);
		T_EQ(e.n_notes, 1);
		T_STR(e.notes[0].label, "try");
		T_HAS(e.notes[0].text, private_row[i].cure);
		T_EQ(chmod(path, 0600), 0);
	}
	AUTO(buf) struct buf b = BUF_SECRET_INIT(64);

	T_EQ(chmod(dir, 0700), 0);
	t_row("a link to a private file is refused");
	T_EQ(symlink("credentials.json", in_tmp("private/link")), 0);
	T_FAILS(file_read_private(in_tmp("private/link"), &b, &e), ERR_REFUSED);
	t_row("an absent one is absent");
	T_FAILS(file_read_private(in_tmp("private/none"), &b, &e), ERR_NOT_FOUND);
	t_row("another user's file is refused, by name and with a cure");
	if (geteuid() == 0) {
		T_EQ(chown(dir, 12345, 12345), 0);
		T_FAILS(file_read_private(path, &b, &e), ERR_REFUSED);
		T_HAS(e.msg, "belongs to user id 12345");
		T_HAS(e.notes[0].text, "chown 0 ");
		T_EQ(chown(path, 12345, 12345), 0);
		T_FAILS(file_read_private(path, &b, &e), ERR_REFUSED);
		T_EQ(chown(dir, 0, 0), 0);
	}
}

static void
test_save(void)
{
	struct err e = ERR_INIT;
	const char *path = in_tmp("save/config.json");
	struct stat st;

	T_CALL(file_mkdirs(in_tmp("save/links"), 0700, &e));
	t_row("a new file, and its replacement, with their modes whatever the umask");
	umask(077);
	T_CALL(file_save(path, STR_LIT("one"), 0644, &e));
	T_STR(content(path), "one");
	T_EQ(mode_of(path), 0644);
	umask(0);
	T_CALL(file_save(path, STR_LIT("two"), 0600, &e));
	T_STR(content(path), "two");
	T_EQ(mode_of(path), 0600);
	umask(022);
	t_row("nothing at all can be saved");
	T_CALL(file_save(path, STR_NULL, 0600, &e));
	T_STR(content(path), "");
	t_row("a link stays a link, relative or absolute");
	T_EQ(symlink("../config.json", in_tmp("save/links/rel")), 0);
	T_EQ(symlink(path, in_tmp("save/links/abs")), 0);
	T_CALL(file_save(in_tmp("save/links/rel"), STR_LIT("by rel"), 0600, &e));
	T_STR(content(path), "by rel");
	T_CALL(file_save(in_tmp("save/links/abs"), STR_LIT("by abs"), 0600, &e));
	T_STR(content(path), "by abs");
	T_OK(lstat(in_tmp("save/links/rel"), &st) == 0 && S_ISLNK(st.st_mode));
	t_row("a dangling link gets its target");
	T_EQ(symlink("../made", in_tmp("save/links/dangling")), 0);
	T_CALL(file_save(in_tmp("save/links/dangling"), STR_LIT("made"), 0600, &e));
	T_STR(content(in_tmp("save/made")), "made");
	t_row("root leaves a file with its owner");
	if (geteuid() == 0) {
		T_EQ(chown(path, 1234, 2345), 0);
		T_CALL(file_save(path, STR_LIT("theirs"), 0640, &e));
		T_EQ(stat(path, &st), 0);
		T_OK(st.st_uid == 1234 && st.st_gid == 2345);
		T_EQ(mode_of(path), 0640);
	}
	t_row("and what it makes anew in somebody's directory is theirs");
	if (geteuid() == 0) {
		T_EQ(mkdir(in_tmp("save/theirs"), 0700), 0);
		T_EQ(chown(in_tmp("save/theirs"), 1234, 2345), 0);
		T_CALL(file_save(in_tmp("save/theirs/new"), STR_LIT("theirs"), 0600, &e));
		T_EQ(stat(in_tmp("save/theirs/new"), &st), 0);
		T_OK(st.st_uid == 1234 && st.st_gid == 2345);
	}
	t_row("a directory in the way is left alone");
	T_FAILS(file_save(in_tmp("save/links"), STR_LIT("x"), 0600, &e), ERR_SYS);
	T_FAILS(file_save(in_tmp("none/x"), STR_LIT("x"), 0600, &e), ERR_SYS);
	T_HAS(e.msg, "No such file or directory");
	t_row("a name of 255 bytes");
	T_CALL(file_save(in_tmp(arena_printf(&arena, "save/%0255d", 1)), STR_LIT("long"), 0600, &e));
}

static void
test_save_new(void)
{
	const char *path = in_tmp("new");
	AUTO(buf) struct buf b = BUF_INIT(64);
	struct err e = ERR_INIT;
	struct stat st;

	t_row("a new file, and never in the place of another");
	T_CALL(file_save_new(path, STR_LIT("one"), 0600, &e));
	T_OK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	T_FAILS(file_save_new(path, STR_LIT("two"), 0600, &e), ERR_SYS);
	T_EQ(e.sys, EEXIST);
	T_CALL(file_read(path, &b, &e));
	T_STR(b.p, "one");
}

static void
test_dirs(void)
{
	struct err e = ERR_INIT;
	uint64_t n = 0;

	t_row("missing parents are made, each with the mode");
	umask(077);
	T_CALL(file_mkdirs(in_tmp("d/e//f/"), 0755, &e));
	umask(022);
	T_EQ(mode_of(in_tmp("d")), 0755);
	T_EQ(mode_of(in_tmp("d/e/f")), 0755);
	T_CALL(file_mkdirs(in_tmp("d/e"), 0700, &e));
	T_EQ(mode_of(in_tmp("d/e")), 0755);
	T_CALL(file_mkdirs("/", 0755, &e));
	t_row("a file in the way is an error");
	put(in_tmp("d/file"), "", 0600);
	T_FAILS(file_mkdirs(in_tmp("d/file"), 0755, &e), ERR_SYS);
	T_FAILS(file_mkdirs(in_tmp("d/file/g"), 0755, &e), ERR_SYS);
	T_HAS(e.msg, "Not a directory");
	T_FAILS(file_mkdirs("", 0755, &e), ERR_SYS);
	t_row("free space");
	T_CALL(file_free_bytes(t_tmpdir(), &n, &e));
	T_OK(n > 0);
	T_FAILS(file_free_bytes(in_tmp("none"), &n, &e), ERR_NOT_FOUND);
}

/* A child that holds the lock until its pipe closes. */
static pid_t
holder(const char *path, int *ret_fd)
{
	struct err e = ERR_INIT;
	int fds[2], ready[2];
	char c;

	T_CALL(fd_pipe(fds, &e));
	T_CALL(fd_pipe(ready, &e));
	pid_t pid = fork();
	if (pid == 0) {
		struct file_lock l = FILE_LOCK_INIT;

		close(fds[1]);
		if (file_lock_open(&l, path, CLOCK_NEVER, &e) < 0 || file_lock_record(&l, STR_LIT("a much longer record"), &e) < 0 ||
		    file_lock_record(&l, STR_LIT("pid 1, occ update\n"), &e) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(fds[0], &c, 1) != 0);
	}
	close(fds[0]);
	close(ready[1]);
	T_EQ(read(ready[0], &c, 1), 1);
	close(ready[0]);
	*ret_fd = fds[1];
	return pid;
}

static void
test_lock(void)
{
	AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT;
	struct err e = ERR_INIT;
	const char *path = in_tmp("instance.lock");
	int fd, status;
	pid_t pid;

	t_row("a lock, its record, its release");
	T_CALL(file_lock_open(&l, path, 0, &e));
	T_CALL(file_lock_record(&l, STR_LIT("mine"), &e));
	T_STR(content(path), "mine");
	T_EQ(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
	file_lock_auto(&l);
	T_EQ(l.fd, -1);
	T_STR(content(path), "");
	file_lock_auto(&l);

	pid = holder(path, &fd);
	t_row("taken: told at once, or at the deadline, with the holder's record");
	T_FAILS(file_lock_open(&l, path, 0, &e), ERR_LOCKED);
	T_EQ(e.n_notes, 1);
	T_STR(e.notes[0].text, "pid 1, occ update");
	int64_t due = clock_due_ms(120);
	T_FAILS(file_lock_open(&l, path, due, &e), ERR_LOCKED);
	T_OK(clock_now_ms() >= due);
	t_row("a killed holder leaves it free");
	T_EQ(kill(pid, SIGKILL), 0);
	T_CALL(file_lock_open(&l, path, clock_due_ms(20000), &e));
	T_EQ(waitpid(pid, &status, 0), pid);
	file_lock_auto(&l);
	close(fd);

	t_row("whoever waits gets it when the holder ends, even if the file was removed meanwhile");
	pid = holder(path, &fd);
	T_EQ(unlink(path), 0);
	T_CALL(file_lock_open(&l, path, 0, &e));
	T_OK(file_exists(path));
	close(fd);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
	T_FAILS(file_lock_open(&(struct file_lock)FILE_LOCK_INIT, in_tmp("none/l"), 0, &e), ERR_SYS);
}

int
main(void)
{
	test_read();
	test_private();
	test_save();
	test_save_new();
	test_dirs();
	test_lock();
	arena_fini(&arena);
	return t_done();
}

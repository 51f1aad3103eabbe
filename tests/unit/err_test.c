/* err_test.c - messages, wrapping, cutting, notes, exit statuses */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/base/err.h"
#include "tests/t.h"

static const struct {
	enum err_code code;
	int status;
} status_row[] = {
	{ ERR_NONE, 0 },
	{ ERR_FAIL, 1 },
	{ ERR_SYS, 1 },
	{ ERR_USAGE, 2 },
	{ ERR_CONFIG, 3 },
	{ ERR_ENGINE, 4 },
	{ ERR_PERM, 5 },
	{ ERR_NOT_RUNNING, 6 },
	{ ERR_UNHEALTHY, 7 },
	{ ERR_ADDR_IN_USE, 8 },
	{ ERR_IMAGE, 9 },
	{ ERR_LOCKED, 12 },
	{ ERR_TLS, 13 },
	{ ERR_REFUSED, 14 },
	{ ERR_TIMEOUT, 15 },
	{ ERR_INTERRUPTED, 130 },
	{ ERR_TOO_BIG, 1 },
	{ ERR_PARSE, 1 },
	{ ERR_NOT_FOUND, 1 },
	{ ERR_CONFLICT, 1 },
	{ ERR_EOF, 1 },
	{ ERR_ROLLED_BACK, 10 },
	{ ERR_ROLLBACK_FAILED, 11 },
};

/* Every status that a code can end in has its row for the manual, and no row is there that none ends in. */
static void
test_status(void)
{
	bool used[256] = { false };

	for (size_t i = 0; i < sizeof status_row / sizeof status_row[0]; i++) {
		t_row("code %d exits with %d", (int)status_row[i].code, status_row[i].status);
		T_EQ(status_row[i].code, i);
		T_EQ(err_exit_status(status_row[i].code), status_row[i].status);
		used[status_row[i].status] = true;
	}
	t_row("exit rows are exactly the statuses in use, in order");
	T_EQ(sizeof status_row / sizeof status_row[0], ERR__N);
	int before = -1;
	for (const struct err_exit_row *r = err_exit_rows; r->text; r++) {
		T_OK(r->status > before);
		T_OK(used[r->status]);
		used[r->status] = false;
		before = r->status;
	}
	for (int i = 0; i < 256; i++)
		T_OK(!used[i]);
	t_row("a code out of range is 1");
	T_EQ(err_exit_status((enum err_code)999), 1);
}

static void
test_set(void)
{
	struct err e = ERR_INIT;

	t_row("set replaces everything");
	err_set(&e, ERR_FAIL, "first");
	err_note(&e, "try", "x");
	e.http = 404;
	T_EQ(err_set(&e, ERR_PARSE, "bad %s %d", "byte", 7), -1);
	T_STR(e.msg, "bad byte 7");
	T_ERR(ERR_PARSE);
	T_EQ(e.n_notes, 0);
	T_EQ(e.http, 0);

	t_row("an argument may be the message itself");
	err_set(&e, ERR_FAIL, "inner");
	err_set(&e, ERR_ENGINE, "outer (%s)", e.msg);
	T_STR(e.msg, "outer (inner)");
	err_wrap(&e, "twice %s", e.msg);
	T_STR(e.msg, "twice outer (inner): outer (inner)");

	t_row("control characters do not get through");
	err_set(&e, ERR_FAIL, "a\nb\tc\x1b[31md\x7f");
	T_STR(e.msg, "a?b c?[31md?");

	t_row("clear");
	err_clear(&e);
	T_ERR(ERR_NONE);
	T_STR(e.msg, "");
}

static const struct {
	int sys;
	enum err_code code;
	int kept;
} sys_row[] = {
	{ ENOENT, ERR_SYS, ENOENT },
	{ EACCES, ERR_PERM, 0 },
	{ EPERM, ERR_PERM, 0 },
	{ ETIMEDOUT, ERR_TIMEOUT, 0 },
	{ ENOSPC, ERR_SYS, ENOSPC },
};

static void
test_sys(void)
{
	struct err e = ERR_INIT;
	char want[256];

	for (size_t i = 0; i < sizeof sys_row / sizeof sys_row[0]; i++) {
		t_row("errno %d", sys_row[i].sys);
		errno = sys_row[i].sys;
		T_EQ(err_sys(&e, "open %s", "/x"), -1);
		T_EQ(errno, sys_row[i].sys);
		T_ERR(sys_row[i].code);
		T_EQ(e.sys, sys_row[i].kept);
		snprintf(want, sizeof want, "open /x: %s", strerror(sys_row[i].sys));
		T_STR(e.msg, want);
	}
}

static void
test_cut(void)
{
	struct err e = ERR_INIT;
	char longer[2 * ERR_MSG_BYTES];

	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	t_row("a long message is cut and says so");
	err_set(&e, ERR_FAIL, "%s", longer);
	T_EQ(strlen(e.msg), ERR_MSG_BYTES - 1);
	T_HAS(e.msg, "xxx...");
	t_row("wrapping a full message keeps it whole");
	err_wrap(&e, "outer");
	T_EQ(strlen(e.msg), ERR_MSG_BYTES - 1);
	T_EQ(e.msg[0], 'x');
	t_row("a prefix that does not fit is cut, not the cause");
	err_set(&e, ERR_FAIL, "the cause");
	err_wrap(&e, "%s", longer);
	T_EQ(strlen(e.msg), ERR_MSG_BYTES - 1);
	T_HAS(e.msg, "xxx...: the cause");
	t_row("so it is with errno's text");
	errno = ENOSPC;
	err_sys(&e, "%s", longer);
	T_HAS(e.msg, strerror(ENOSPC));
	t_row("a cut does not split a character");
	for (size_t i = 0; i + 2 < sizeof longer; i += 2)
		memcpy(longer + i, "\xc3\xa4", 2);
	longer[sizeof longer - 2] = '\0';
	for (size_t shift = 0; shift < 2; shift++) {
		err_set(&e, ERR_FAIL, "%s%s", shift ? "a" : "", longer);
		T_HAS(e.msg, "\xc3\xa4...");
		T_OK(!strstr(e.msg, "\xc3."));
	}
}

static void
test_notes(void)
{
	struct err e = ERR_INIT;
	char longer[2 * ERR_NOTE_BYTES];

	t_row("notes are kept up to the limit and survive wrapping");
	err_set(&e, ERR_FAIL, "x");
	for (int i = 0; i < ERR_NOTES_MAX + 2; i++)
		T_EQ(err_note(&e, "try", "note %d", i), -1);
	err_wrap(&e, "y");
	T_EQ(e.n_notes, ERR_NOTES_MAX);
	T_STR(e.notes[0].text, "note 0");
	T_STR(e.notes[ERR_NOTES_MAX - 1].text, "note 3");
	T_STR(e.notes[0].label, "try");
	t_row("a long note and a long label are cut");
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	err_set(&e, ERR_FAIL, "x");
	err_note(&e, "a label of some length", "%s", longer);
	T_EQ(strlen(e.notes[0].text), ERR_NOTE_BYTES - 1);
	T_EQ(strlen(e.notes[0].label), sizeof e.notes[0].label - 1);
}

static void
test_bug(void)
{
	int fds[2], status;
	char said[256] = "";

	t_row("a bug names its place and aborts");
	T_EQ(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		dup2(fds[1], 2);
		err_bug("lib/x.c", 12, "broken");
	}
	close(fds[1]);
	T_OK(read(fds[0], said, sizeof said - 1) > 0);
	T_STR(said, "bug at lib/x.c:12: broken\n");
	T_EQ(waitpid(pid, &status, 0), pid);
	T_OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	close(fds[0]);
}

int
main(void)
{
	test_status();
	test_set();
	test_sys();
	test_cut();
	test_notes();
	test_bug();
	return t_done();
}

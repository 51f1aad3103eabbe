#include "tests/unit/pty.h"

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/term/raw.h"

static struct child child;

/* Waits for a key in raw mode; what happened is told after the mode was undone. */
static int
wait_for_key(char *key, struct err *e)
{
	AUTO(term_raw) struct term_raw raw = { .is_on = false };

	if (term_raw_on(&raw, e) < 0)
		return -1;
	if (write(1, "ready\n", 6) != 6 || fd_wait(0, POLLIN, clock_due_ms(CHILD_DUE_MS), e) < 0)
		return -1;
	return read(0, key, 1) == 1 ? 0 : err_sys(e, "read");
}

static void
body_key(void)
{
	struct err e = ERR_INIT;
	char key = '?';
	int rc;

	if (cancel_install(&e) < 0)
		_exit(9);
	rc = wait_for_key(&key, &e);
	printf("<%d %d %d>\n", rc, (int)e.code, key);
	fflush(stdout);
	/* The terminal is looked at while it is still open. */
	while (read(0, &key, 1) == 1 && key != 'q')
		;
}

static void
body_resize(void)
{
	struct err e = ERR_INIT;
	unsigned columns, rows;
	int fd = term_resize_fd(&e);

	if (fd < 0 || term_resize_fd(&e) != fd || term_resized())
		_exit(9);
	term_size(&columns, &rows);
	printf("<%u %u>\n", columns, rows);
	fflush(stdout);
	if (fd_wait(fd, POLLIN, clock_due_ms(CHILD_DUE_MS), &e) < 0 || !term_resized() || term_resized())
		_exit(8);
	term_size(&columns, &rows);
	printf("<%u %u>\n", columns, rows);
	fflush(stdout);
}

static void
body_no_terminal(void)
{
	AUTO(term_raw) struct term_raw raw = { .is_on = false };
	struct err e = ERR_INIT;
	unsigned columns, rows;

	if (term_raw_on(&raw, &e) < 0 || raw.is_on)
		_exit(9);
	term_size(&columns, &rows);
	printf("<%u %u>\n", columns, rows);
	fflush(stdout);
}

static void
expect_restored(const char *what)
{
	child_expect(&child, what);
	T_OK(child_has_mode(&child, ECHO | ICANON | ISIG));
	child_type(&child, "q\n");
	T_EQ(child_end(&child), 0);
}

int
main(void)
{
	struct winsize size = { .ws_col = 101, .ws_row = 33 };

	t_row("raw: a key without a line feed, no echo; then undone");
	child_spawn(&child, true, 80, body_key);
	child_expect(&child, "ready");
	T_OK(!child_has_mode(&child, ECHO) && !child_has_mode(&child, ICANON));
	child_type(&child, "k");
	expect_restored("<0 0 107>");

	t_row("raw: Ctrl-C is a key");
	child_spawn(&child, true, 80, body_key);
	child_expect(&child, "ready");
	child_type(&child, "\003");
	expect_restored("<0 0 3>");

	static const int signals[] = { SIGTERM, SIGHUP, SIGINT };

	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		t_row("raw: undone when signal %d ends the wait", signals[i]);
		child_spawn(&child, true, 80, body_key);
		child_expect(&child, "ready");
		kill(child.pid, signals[i]);
		expect_restored("<-1 15 63>");
	}

	t_row("window size, and its change");
	child_spawn(&child, true, 80, body_resize);
	child_expect(&child, "<80 24>");
	T_OK(ioctl(child.fd, TIOCSWINSZ, &size) == 0);
	T_EQ(child_end(&child), 0);
	T_HAS(child.text, "<101 33>");

	t_row("no terminal: nothing happens, 80x24");
	T_EQ(child_run(&child, false, 0, body_no_terminal), 0);
	T_HAS(child.text, "<80 24>");
	return t_done();
}

#include "lib/term/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/fd.h"

/* The terminal is the process's own, and a signal handler takes no argument: hence the static state. */
static struct termios saved;
static int resize_pipe[2] = { -1, -1 };

/* ---- raw mode ------------------------------------------------------------------------------------------ */

int
term_raw_on(struct term_raw *r, struct err *e)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO))
		return 0;
	if (tcgetattr(STDIN_FILENO, &saved) < 0)
		return err_sys(e, "read the terminal's settings");
	raw = saved;
	cfmakeraw(&raw);
	/* Not FLUSH: what was typed ahead belongs to the program. */
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return err_sys(e, "put the terminal into raw mode");
	r->is_on = true;
	return 0;
}

void
term_raw_auto(struct term_raw *r)
{
	int keep = errno;

	if (r->is_on)
		(void)!tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	r->is_on = false;
	errno = keep;
}

/* ---- window size --------------------------------------------------------------------------------------- */

void
term_size(unsigned *ret_columns, unsigned *ret_rows)
{
	static const int fds[] = { STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO };

	*ret_columns = 80;
	*ret_rows = 24;
	for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		struct winsize w;

		if (ioctl(fds[i], TIOCGWINSZ, &w) < 0 || w.ws_col == 0 || w.ws_row == 0)
			continue;
		*ret_columns = w.ws_col;
		*ret_rows = w.ws_row;
		return;
	}
}

/* The pipe is not blocking: when it is full there is something to read in it already. */
static void
on_resize(int sig)
{
	int keep = errno;

	(void)sig;
	(void)!write(resize_pipe[1], "w", 1);
	errno = keep;
}

int
term_resize_fd(struct err *e)
{
	struct sigaction act = { .sa_handler = on_resize, .sa_flags = SA_RESTART };

	if (resize_pipe[0] >= 0)
		return resize_pipe[0];
	if (fd_pipe(resize_pipe, e) < 0)
		return -1;
	if (fd_nonblock(resize_pipe[0], e) < 0 || fd_nonblock(resize_pipe[1], e) < 0)
		return -1;
	sigemptyset(&act.sa_mask);
	if (sigaction(SIGWINCH, &act, NULL) < 0)
		return err_sys(e, "watch the window's size");
	return resize_pipe[0];
}

bool
term_resized(void)
{
	char drain[64];
	bool is_resized = false;

	while (resize_pipe[0] >= 0 && read(resize_pipe[0], drain, sizeof drain) > 0)
		is_resized = true;
	return is_resized;
}

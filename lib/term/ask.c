/* Questions: asked on standard error, answered on standard input, both a terminal. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/term/clean.h"
#include "lib/term/out.h"

#define ANSWER_MAX 4096		/* what a terminal's line editor holds (N_TTY) */
#define TRIES 3

static int
need_terminal(const struct term *t, const char *question, const char *instead, struct err *e)
{
	if (t->is_in_tty && t->is_err_tty)
		return 0;
	err_set(e, ERR_USAGE, "there is no terminal to ask on: %s", question);
	if (instead)
		err_note(e, "try", "%s", instead);
	return -1;
}

static void
ask(struct term *t, const char *question, const char *choices)
{
	AUTO(buf) struct buf line = BUF_INIT(OUT_LINE_MAX);

	term_progress_end(t);
	buf_puts(&line, out_style(t->has_err_colour, TERM_BOLD));
	clean_put(&line, str_of(question));
	buf_puts(&line, out_plain(t->has_err_colour, TERM_BOLD));
	buf_printf(&line, "%s%s ", choices[0] ? " " : "", choices);
	out_err(buf_str(&line));
}

/* Spaces at the ends may belong to a password. */
static struct str
without_end(struct str line)
{
	return str_trim_char(str_trim_char(line, '\n'), '\r');
}

/* One line without its line feed. The terminal hands over whole lines; a person may take as long as he likes, and Ctrl-C ends it. */
static int
read_line(struct buf *answer, struct err *e)
{
	char line[ANSWER_MAX];
	ssize_t n;

	do {
		if (fd_wait(STDIN_FILENO, POLLIN, CLOCK_NEVER, e) < 0)
			return -1;
		n = read(STDIN_FILENO, line, sizeof line);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return err_sys(e, "read the answer");
	if (n == 0)
		return err_set(e, ERR_INTERRUPTED, "no answer");
	buf_putstr(answer, without_end(str_from(line, (size_t)n)));
	mem_wipe(line, sizeof line);
	return buf_check(answer, "the answer", e);
}

int
term_confirm(struct term *t, const char *question, bool dflt, const char *instead, bool *ret, struct err *e)
{
	if (need_terminal(t, question, instead, e) < 0)
		return -1;
	for (int i = 0; i < TRIES; i++) {
		AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MAX);
		struct str s;

		ask(t, question, dflt ? "[Y/n]" : "[y/N]");
		if (read_line(&answer, e) < 0)
			return -1;
		s = str_trim(buf_str(&answer));
		if (s.n == 0 || str_ieq(s, STR_LIT("y")) || str_ieq(s, STR_LIT("yes"))) {
			*ret = s.n == 0 ? dflt : true;
			return 0;
		}
		if (str_ieq(s, STR_LIT("n")) || str_ieq(s, STR_LIT("no"))) {
			*ret = false;
			return 0;
		}
		out_err(STR_LIT("Please answer y or n.\n"));
	}
	err_set(e, ERR_USAGE, "no clear answer to: %s", question);
	return instead ? err_note(e, "try", "%s", instead) : -1;
}

int
term_ask(struct term *t, const char *question, const char *instead, struct buf *answer, struct err *e)
{
	if (need_terminal(t, question, instead, e) < 0)
		return -1;
	ask(t, question, "");
	return read_line(answer, e);
}

/* Echo off, as it was again at every way out: Ctrl-C comes back from read_line as an error. */
struct echo_off {
	bool is_off;
	struct termios saved;
};

static void
echo_off_auto(struct echo_off *o)
{
	if (o->is_off)
		(void)!tcsetattr(STDIN_FILENO, TCSAFLUSH, &o->saved);
}

static int
echo_off_on(struct echo_off *o, struct err *e)
{
	struct termios hidden;

	if (tcgetattr(STDIN_FILENO, &o->saved) < 0)
		return err_sys(e, "turn off the terminal's echo");
	hidden = o->saved;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ECHONL | ICANON | ISIG;
	/* A stopped program would leave the shell without echo. */
	hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) < 0)
		return err_sys(e, "turn off the terminal's echo");
	o->is_off = true;
	return 0;
}

int
term_ask_secret(struct term *t, const char *question, const char *instead, struct buf *answer, struct err *e)
{
	AUTO(echo_off) struct echo_off echo = { .is_off = false };

	if (need_terminal(t, question, instead, e) < 0)
		return -1;
	/* Before the question is shown: what is typed at once must not show either. */
	if (echo_off_on(&echo, e) < 0)
		return -1;
	ask(t, question, "");
	if (read_line(answer, e) == 0)
		return 0;
	out_err(STR_LIT("\n"));
	return -1;
}

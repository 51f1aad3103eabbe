#include "tests/unit/pty.h"

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/term/clean.h"
#include "lib/term/term.h"

static struct child child;

/* ---- bodies: what a command would do ------------------------------------------------------------------- */

static void
report(struct term *t)
{
	static const char *const cells[] = { "NAME", "STATE", "PORT", "default", "up", "3000", "a\033[2Jb", "", "x" };
	struct err e = ERR_INIT;

	term_row(t, "Engine", "Docker %s", "28.5.2");
	term_item(t, "URL", "http://127.0.0.1:%d", 3000);
	term_item(t, "From your laptop", "ssh -N");
	term_printf(t, "%s\n", "a result");
	term_table(t, cells, 3, 3);
	term_warn(t, "occ", "name \033]0;pwned\007 %s", "ends");
	err_set(&e, ERR_ADDR_IN_USE, "port %d is taken", 3000);
	err_note(&e, "wanted by", "server.port");
	err_note(&e, "try", "occ start --port 3001");
	term_error(t, "occ", &e);
}

static void
body_report(void)
{
	struct term t;

	term_init(&t, false, false);
	report(&t);
}

static void
body_report_no_colour(void)
{
	struct term t;

	term_init(&t, true, false);
	report(&t);
}

static void
body_report_quiet(void)
{
	struct term t;

	term_init(&t, false, true);
	report(&t);
	term_progress(&t, "Image", "building");
}

static void
body_progress(void)
{
	struct term t;

	term_init(&t, false, false);
	term_progress(&t, "Image", "one");
	for (int i = 0; i < 1000; i++)
		term_progress(&t, "Image", "step %d", i);
	term_progress(&t, "Ready", "two, and a text that is longer than a narrow screen is wide");
	term_row(&t, "Ready", "done");
	term_progress_end(&t);
}

static void
body_called(void)
{
	struct term t;
	struct err e = ERR_INIT;

	term_init(&t, true, false);
	err_set(&e, ERR_NOT_RUNNING, "nothing runs");
	err_note(&e, "try", "occ start, or `occ restart`; docker rm focc x");
	term_error(&t, "npx opencode-cloud", &e);
}

static void
say(int rc, const struct err *e, const char *got)
{
	printf("<%d %d %s>\n", rc, (int)e->code, rc < 0 ? e->msg : got);
	fflush(stdout);
}

static void
body_confirm(void)
{
	struct term t;
	struct err e = ERR_INIT;
	bool yes = false;
	int rc;

	term_init(&t, true, false);
	if (cancel_install(&e) < 0)
		_exit(9);
	rc = term_confirm(&t, "Stop it?", true, "--yes", &yes, &e);
	say(rc, &e, yes ? "yes" : "no");
}

static void
body_ask(void)
{
	AUTO(buf) struct buf answer = BUF_INIT(64);
	struct term t;
	struct err e = ERR_INIT;
	int rc;

	term_init(&t, true, false);
	if (cancel_install(&e) < 0)
		_exit(9);
	rc = term_ask(&t, "Name:", "--name NAME", &answer, &e);
	say(rc, &e, answer.p);
}

static void
body_secret(void)
{
	AUTO(buf) struct buf answer = BUF_INIT(64);
	struct term t;
	struct err e = ERR_INIT;
	int rc;

	term_init(&t, true, false);
	if (cancel_install(&e) < 0)
		_exit(9);
	rc = term_ask_secret(&t, "Password:", "--stdin", &answer, &e);
	printf("<%d %d %zu>\n", rc, (int)e.code, answer.n);
	fflush(stdout);
	_exit(rc == 0 && strcmp(answer.p, " s3cret ") != 0);
}

static void
body_full(void)
{
	struct term t;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	dup2(full, 1);
	term_init(&t, false, false);
	term_printf(&t, "lost\n");
	term_printf(&t, "lost\n");
	_exit(t.write_errno == ENOSPC ? 0 : 1);
}

static void
body_no_reader(void)
{
	struct term t;
	struct err e = ERR_INIT;
	int ends[2];

	if (cancel_install(&e) < 0 || pipe(ends) < 0)
		_exit(9);
	dup2(ends[1], 1);
	close(ends[0]);
	term_init(&t, false, false);
	term_printf(&t, "lost\n");
	_exit(t.write_errno == EPIPE ? 0 : 1);
}

static void
body_width(void)
{
	struct term t;

	term_init(&t, false, false);
	printf("<%u>\n", t.width);
	fflush(stdout);
}

static void
body_qr(void)
{
	struct term t;
	struct err e = ERR_INIT;
	int rc;

	term_init(&t, false, false);
	rc = term_qr(&t, STR_LIT("http://192.168.1.2:3000"), &e);
	say(rc, &e, "drawn");
}

/* ---- tests --------------------------------------------------------------------------------------------- */

static void
test_plain(void)
{
	t_row("a report into a pipe");
	T_EQ(child_run(&child, false, 0, body_report), 0);
	T_STR(child.text,
	    "Engine     Docker 28.5.2\n"
	    "  URL         http://127.0.0.1:3000\n"
	    "  From your laptop   ssh -N\n"
	    "a result\n"
	    "NAME      STATE   PORT\n"
	    "default   up      3000\n"
	    "a?[2Jb            x\n"
	    "occ: name ?]0;pwned? ends\n"
	    "occ: port 3000 is taken\n"
	    "  wanted by   server.port\n"
	    "  try         occ start --port 3001\n");

	t_row("errors name commands as the program was called");
	T_EQ(child_run(&child, false, 0, body_called), 0);
	T_HAS(child.text, "  try         npx opencode-cloud start, or `npx opencode-cloud restart`; docker rm focc x\n");

	t_row("quiet: results and errors only");
	T_EQ(child_run(&child, false, 0, body_report_quiet), 0);
	T_OK(strncmp(child.text, "a result\nNAME", 13) == 0);
	T_HAS(child.text, "occ: port 3000 is taken\n");
	T_OK(!strstr(child.text, "building"));

	t_row("progress into a pipe: a line for each label");
	T_EQ(child_run(&child, false, 0, body_progress), 0);
	T_STR(child.text,
	    "Image      one\n"
	    "Ready      two, and a text that is longer than a narrow screen is wide\n"
	    "Ready      done\n");
}

static void
test_terminal(void)
{
	t_row("colours on a terminal");
	setenv("TERM", "xterm", 1);
	T_EQ(child_run(&child, true, 80, body_report), 0);
	T_HAS(child.text, "\033[1mEngine\033[0m     Docker 28.5.2\r\n");
	T_HAS(child.text, "\033[1;31mocc:\033[0m port 3000");
	T_HAS(child.text, "a?[2Jb");

	t_row("none with --no-color, NO_COLOR, TERM=dumb");
	T_EQ(child_run(&child, true, 80, body_report_no_colour), 0);
	T_OK(!strchr(child.text, '\033'));
	setenv("NO_COLOR", "1", 1);
	T_EQ(child_run(&child, true, 80, body_report), 0);
	T_OK(!strchr(child.text, '\033'));
	setenv("NO_COLOR", "", 1);
	T_EQ(child_run(&child, true, 80, body_report), 0);
	T_OK(strchr(child.text, '\033') != NULL);
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	T_EQ(child_run(&child, true, 80, body_report), 0);
	T_OK(!strchr(child.text, '\033'));
	T_EQ(child_run(&child, true, 80, body_progress), 0);
	T_OK(!strchr(child.text, '\033'));
	setenv("TERM", "xterm", 1);

	t_row("progress is redrawn, cut to the width, and gone before a row");
	T_EQ(child_run(&child, true, 40, body_progress), 0);
	T_OK(strncmp(child.text, "\rImage      one\033[K\r", 18) == 0);
	T_HAS(child.text, "\rReady      two, and a text that is long\033[K\r\033[K\033[1mReady\033[0m      done\r\n");
	T_OK(child.n < 4000);		/* 1000 calls, at most a few drawings */
}

static void
test_width(void)
{
	t_row("width: of the terminal, else COLUMNS, else 80");
	setenv("COLUMNS", "55", 1);
	child_run(&child, true, 133, body_width);
	T_HAS(child.text, "<133>");
	child_run(&child, false, 0, body_width);
	T_HAS(child.text, "<55>");
	setenv("COLUMNS", "many", 1);
	child_run(&child, false, 0, body_width);
	T_HAS(child.text, "<80>");
	unsetenv("COLUMNS");
	child_run(&child, false, 0, body_width);
	T_HAS(child.text, "<80>");
}

static const struct {
	const char *type[4];
	const char *want;
} confirms[] = {
	{ { "y\n" }, "<0 0 yes>" },
	{ { "YES\n" }, "<0 0 yes>" },
	{ { "\n" }, "<0 0 yes>" },
	{ { "  \n" }, "<0 0 yes>" },
	{ { "n\n" }, "<0 0 no>" },
	{ { "No\n" }, "<0 0 no>" },
	{ { "what\n", "n\n" }, "<0 0 no>" },
	{ { "what\n", "yess\n", "maybe\n" }, "<-1 3 no clear answer to: Stop it?>" },
	{ { "\004" }, "<-1 15 no answer>" },
	{ { "\003" }, "<-1 15 " },
};

static void
test_confirm(void)
{
	for (size_t i = 0; i < ARRAY_LEN(confirms); i++) {
		t_row("confirm, answered %zu: %s", i, confirms[i].want);
		child_spawn(&child, true, 80, body_confirm);
		for (size_t k = 0; k < 4 && confirms[i].type[k]; k++) {
			/* The question anew each time: what came before is forgotten. */
			child_expect(&child, "Stop it? [Y/n] ");
			child.n = 0;
			child.text[0] = '\0';
			child_type(&child, confirms[i].type[k]);
		}
		T_EQ(child_end(&child), 0);
		T_HAS(child.text, confirms[i].want);
	}
	t_row("no terminal, no question");
	T_EQ(child_run(&child, false, 0, body_confirm), 0);
	T_STR(child.text, "<-1 3 there is no terminal to ask on: Stop it?>\n");
}

static void
test_ask(void)
{
	t_row("an answer without its line feed");
	child_spawn(&child, true, 80, body_ask);
	child_expect(&child, "Name: ");
	child_type(&child, "shop 1\n");
	T_EQ(child_end(&child), 0);
	T_HAS(child.text, "<0 0 shop 1>");

	t_row("an answer beyond the ceiling");
	child_spawn(&child, true, 80, body_ask);
	child_expect(&child, "Name: ");
	child_type(&child, "0123456789012345678901234567890123456789012345678901234567890123456789\n");
	T_EQ(child_end(&child), 0);
	T_HAS(child.text, "<-1 16 ");

	t_row("a secret is not shown, kept to the last space, and echo returns");
	child_spawn(&child, true, 80, body_secret);
	child_expect(&child, "Password: ");
	T_OK(!child_has_mode(&child, ECHO));
	child_type(&child, " s3cret \n");
	child_expect(&child, "<0 0 8>");
	T_OK(child_has_mode(&child, ECHO | ICANON));
	T_EQ(child_end(&child), 0);
	T_OK(!strstr(child.text, "s3cret"));

	t_row("Ctrl-C at a secret: an error, and echo returns");
	child_spawn(&child, true, 80, body_secret);
	child_expect(&child, "Password: ");
	child_type(&child, "half\003");
	child_expect(&child, "<-1 15 0>");
	T_OK(child_has_mode(&child, ECHO | ICANON));
	T_EQ(child_end(&child), 0);
	T_OK(!strstr(child.text, "half"));

	t_row("SIGTERM at a secret: an error, and echo returns");
	child_spawn(&child, true, 80, body_secret);
	child_expect(&child, "Password: ");
	kill(child.pid, SIGTERM);
	child_expect(&child, "<-1 15 0>");
	T_OK(child_has_mode(&child, ECHO | ICANON));
	T_EQ(child_end(&child), 0);
}

static void
test_failed_write(void)
{
	t_row("a full disk is remembered");
	T_EQ(child_run(&child, false, 0, body_full), 0);
	t_row("so is a reader that went away");
	T_EQ(child_run(&child, false, 0, body_no_reader), 0);
}

static const struct {
	const char *in, *out;
	size_t columns;
} cleans[] = {
	{ "", "", 0 },
	{ "plain text", "plain text", 10 },
	{ "a\nb\r\tc", "a b  c", 6 },
	{ "\033[31mred\033[0m", "?[31mred?[0m", 12 },
	{ "\a\b\x7f\x01", "????", 4 },
	{ "Gr\xC3\xBC\xC3\x9F", "Gr\xC3\xBC\xC3\x9F", 4 },
	{ "\xC2\x9B" "31m", "?31m", 4 },		/* U+009B: CSI in one character */
	{ "\xC2\xA0", "\xC2\xA0", 1 },
	{ "a\xE2\x80\xAE" "b\xE2\x81\xA6" "c", "a?b?c", 5 },
	{ "\xE2\x80\x94", "\xE2\x80\x94", 1 },
	{ "\xFF\xC3", "??", 2 },			/* no UTF-8 */
	{ "\xC0\x80", "??", 2 },
	{ "\xED\xA0\x80x", "???x", 4 },
	{ "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 1 },
};

static void
test_clean(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cleans); i++) {
		AUTO(buf) struct buf out = BUF_INIT(100);
		size_t n = strlen(cleans[i].in);

		t_row("clean %zu: %s", i, cleans[i].out);
		clean_put(&out, str_from(t_guard(cleans[i].in, n), n));
		T_STR(out.p, cleans[i].out);
		T_EQ(clean_columns(buf_str(&out)), cleans[i].columns);
	}
	t_row("cut by columns, not bytes");
	T_VIEW(clean_cut(str_of("\xC3\xBC\xC3\x9F" "ab"), 3), "\xC3\xBC\xC3\x9F" "a");
	T_VIEW(clean_cut(str_of("ab"), 3), "ab");
	T_VIEW(clean_cut(str_of("ab"), 0), "");
}

static void
test_qr(void)
{
	t_row("a QR code on a terminal: black on white");
	T_EQ(child_run(&child, true, 80, body_qr), 0);
	T_HAS(child.text, "\033[38;5;16;48;5;231m ");
	T_HAS(child.text, "<0 0 drawn>");
	t_row("into a pipe: blocks for the light modules");
	T_EQ(child_run(&child, false, 0, body_qr), 0);
	T_OK(strncmp(child.text, "\xE2\x96\x88\xE2\x96\x88", 6) == 0);
	T_OK(!strchr(child.text, '\033'));
	t_row("not into a terminal that is too narrow");
	T_EQ(child_run(&child, true, 30, body_qr), 0);
	T_HAS(child.text, "<-1 16 a QR code of 33 columns does not fit into a terminal of 30>");
}

int
main(void)
{
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	test_clean();
	test_plain();
	test_terminal();
	test_width();
	test_confirm();
	test_ask();
	test_failed_write();
	test_qr();
	return t_done();
}

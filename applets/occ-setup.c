/*
 * occ-setup.c - checks, four questions, a summary, and then everything is done
 *
 * One command of occ's table, so that parser, help, manual and completion come from the same kind of declaration; the applet is that command under its own
 * name.
 */
#include "applets/occ-setup/setup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "applets/occ/secret_input.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"

#define READ_MS 10000
#define PASSWORD_BYTES_MAX 2048		/* credentials.c has the real limit */

static const struct opt setup_opts[] = {
	STR(struct setup_opts, answers, 0, "answers", "FILE", "take the answers from a file and go to the summary"),
	STR(struct setup_opts, save_answers, 0, "save-answers", "FILE", "write the answers into a file, never the password"),
	FLAG(struct setup_opts, defaults, 0, "defaults", "take what exists, else the defaults, without questions"),
	STR(struct setup_opts, password_file, 0, "password-file", "FILE", "read the password from a file"),
	FLAG(struct setup_opts, password_stdin, 0, "password-stdin", "read the password from standard input"),
	FLAG(struct setup_opts, install_engine, 0, "install-engine", "install an engine where there is none, without asking"),
	FLAG(struct setup_opts, dry_run, 'n', "dry-run", "show the summary; change nothing"),
	FLAG(struct setup_opts, yes, 'y', "yes", "do not ask whether to do it"),
	DURATION(struct setup_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct setup_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static const char *const setup_examples[] = {
	"setup", "four questions, a summary, then it runs",
	"setup --defaults --yes", "no question at all",
	"setup --dry-run --save-answers FILE", "write the answers down; change nothing",
	"setup --answers FILE --install-engine", "the same on another machine",
	NULL,
};

/* ---- before the first question ---- */

/* What is asked about stands on standard output: on a terminal, or in a pipe, whose reader may show it. */
static bool
out_is_seen(void)
{
	struct stat st;

	return isatty(STDOUT_FILENO) || (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)));
}

static bool
would_ask(const struct setup *s)
{
	return !((s->o->answers || s->o->defaults) && (s->o->yes || s->o->dry_run));
}

static int
check_options(const struct run *r, struct setup *s, struct err *e)
{
	const struct setup_opts *o = s->o;
	bool is_hidden = s->can_ask && !out_is_seen();

	if (o->password_file && o->password_stdin)
		return err_set(e, ERR_USAGE, "--password-stdin and --password-file exclude each other");
	s->can_ask = s->can_ask && !is_hidden;
	if (is_hidden && would_ask(s)) {
		err_set(e, ERR_USAGE, "standard output is redirected: the summary would be agreed to unseen");
		err_note(e, "try", "%s setup | tee FILE", r->cli->prog);
		return err_note(e, "or", "%s setup --defaults --yes, or with --dry-run", r->cli->prog);
	}
	if (s->can_ask || o->answers || o->defaults)
		return 0;
	err_set(e, ERR_USAGE, "there is no terminal to ask on, and the answers are missing");
	err_note(e, "try", "%s setup --answers FILE   (`--dry-run --defaults --save-answers FILE` makes one)", r->cli->prog);
	return err_note(e, "or", "%s setup --defaults", r->cli->prog);
}

static int
read_password(struct setup *s, struct err *e)
{
	const struct secret_input in = { .is_stdin = s->o->password_stdin, .file = s->o->password_file, .what = "password", .is_twice = true };
	AUTO(credentials) struct credentials scratch;

	credentials_init(&scratch);
	if (!in.is_stdin && !in.file)
		return 0;
	if (secret_input_read(s->r, &in, &s->password, e) < 0)
		return -1;
	if (s->password.n == 0)
		return err_set(e, ERR_USAGE, "the password is empty");
	return credentials_set_password(&scratch, buf_str(&s->password), e);
}

/* A pipe is fine, too: --answers <(make-answers). One that nobody writes to is empty, and does not hang. */
static int
read_file(const char *path, struct buf *text, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, "--answers: open %s", path);
	return fd_read_all(fd, text, clock_due_ms(READ_MS), e) < 0 ? err_wrap(e, "--answers: %s", path) : 0;
}

static int
parse_answers(struct setup *s, const struct setup_facts *f, struct str text, struct err *e)
{
	answers_init(s->r->arena, &s->file, f, &s->answers);
	return s->o->answers ? answers_parse(s->r->arena, text, s->o->answers, &s->answers, e) : 0;
}

/* What is wrong with the answers whatever this machine has is said before it is looked at, and before an engine is installed on it. */
static int
foresee(struct setup *s, struct str text, struct err *e)
{
	const struct setup_facts kind = { .has_tailscale = true, .tailscale_name = "a.ts.net", .has_password = true, .has_manager = true };

	if (parse_answers(s, &kind, text, e) < 0)
		return -1;
	if (s->can_ask && !s->o->yes)
		return 0;
	if (answer_is(&s->answers, ANSWER_PASSWORD, PASSWORD_GIVEN) && s->password.n == 0)
		return setup_no_password(e);
	s->settled = s->answers;
	return answers_settle(s->r->arena, &s->settled, &kind, e);
}

static int
save_answers(struct setup *s, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(ANSWERS_BYTES_MAX);

	if (!s->o->save_answers)
		return 0;
	answers_put(&s->settled, &text);
	if (buf_check(&text, "the answers", e) < 0 || file_save(s->o->save_answers, buf_str(&text), 0644, e) < 0)
		return err_wrap(e, "--save-answers");
	term_row(s->r->term, "Answers", "saved in %s", s->o->save_answers);
	return 0;
}

/* ---- the way of it ---- */

static int
left(struct err *e)
{
	err_set(e, ERR_INTERRUPTED, "the setup was left");
	return err_note(e, "changed", "nothing");
}

/* The summary without a question, and what it would refuse. */
static int
summarize(struct setup *s, struct err *e)
{
	if (setup_prepare(s, e) < 0)
		return -1;
	if (!s->r->term->is_quiet) {
		term_printf(s->r->term, "\nSummary\n");
		setup_show(s);
	}
	return 1;
}

static int
run_setup(struct setup *s, struct err *e)
{
	bool has_answers = s->o->answers || s->o->defaults;
	bool asks = s->can_ask && would_ask(s);
	AUTO(buf) struct buf text = BUF_INIT(ANSWERS_BYTES_MAX);
	int wanted;

	if (s->o->answers && read_file(s->o->answers, &text, e) < 0)
		return -1;
	if (read_password(s, e) < 0 || foresee(s, buf_str(&text), e) < 0 || setup_check(s, e) < 0 || parse_answers(s, &s->facts, buf_str(&text), e) < 0)
		return -1;
	if (s->password.n > 0 && answer_set(s->r->arena, &s->answers, ANSWER_PASSWORD, PASSWORD_GIVEN, e) < 0)
		return -1;
	if (asks && !has_answers)
		term_printf(s->r->term, "\nEnter takes what stands in [ ]; b goes back, q ends without changing anything.\n");
	wanted = asks ? setup_ask(s, has_answers, e) : summarize(s, e);
	if (wanted < 0)
		return -1;
	if (wanted == 0)
		return left(e);
	if (save_answers(s, e) < 0)
		return -1;
	if (s->o->dry_run) {
		term_row(s->r->term, "Dry run", "nothing was changed");
		return 0;
	}
	if (!s->r->term->is_quiet)
		term_printf(s->r->term, "\n");
	return setup_do(s, e);
}

static int
setup_run(struct run *r, struct err *e)
{
	struct setup s = { .r = r, .o = r->opts, .s = { .engine = ENGINE_INIT }, .password = BUF_SECRET_INIT(PASSWORD_BYTES_MAX),
		.can_ask = r->term->is_in_tty && r->term->is_err_tty };
	int rc;

	if (check_options(r, &s, e) < 0)
		return -1;
	rc = occ_open(r, &s.s, e);
	if (rc == 0)
		rc = config_load(r->arena, &s.s.scope, NULL, &s.file, e);
	if (rc == 0)
		rc = run_setup(&s, e);
	buf_wipe(&s.password);
	service_auto(&s.s);
	return rc;
}

CMD(occ_setup) = {
	.applet = "occ", .name = "setup", .group = "Service", .args = "", .args_max = 0,
	.brief = "set everything up: checks, four questions, a summary",
	.about = "Looks at this machine, asks how the service is reached, its name and address, the password and whether it starts on boot, shows exactly what "
		 "will be changed and run, and then does it. What exists already is the answer proposed. Before the summary is agreed to, nothing is changed, "
		 "and b, q and Ctrl-C leave everything as it was. Without a terminal the answers come from a file or are the defaults.",
	.examples = setup_examples, .opts = setup_opts, .opts_bytes = sizeof(struct setup_opts), .run = setup_run,
};

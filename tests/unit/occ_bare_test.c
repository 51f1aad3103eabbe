/* `occ` without a command: when it offers to start, and what follows. The two commands are the test's own. */
#include "tests/unit/pty.h"

#include "applets/applet.h"
#include "lib/base/cancel.h"
#include "lib/base/mem.h"

static struct child child;

/* What the row under test wants of the status command, and how occ was called; set before the child is made. */
static int status_rc;
static bool is_error, is_quiet;

static int
run_status(struct run *r, struct err *e)
{
	term_printf(r->term, "status\n");
	return is_error ? err_set(e, ERR_NOT_RUNNING, "it does not run") : status_rc;
}

static int
run_start(struct run *r, struct err *e)
{
	const int64_t *port = r->opts;

	(void)e;
	term_printf(r->term, "start, port %lld\n", (long long)*port);
	return 0;
}

struct start_opts {
	int64_t port;
};

static const struct opt start_opts[] = {
	UINT(struct start_opts, port, 'p', "port", "PORT", 1, 65535, "publish on this port"),
	OPT_LAST
};
static const struct cmd status_cmd = { .applet = "occ", .name = "status", .args = "", .run = run_status };
static const struct cmd start_cmd = {
	.applet = "occ", .name = "start", .args = "", .opts = start_opts, .opts_bytes = sizeof(struct start_opts),
	.run = run_start,
};
static const struct cmd *const cmds[] = { &start_cmd, &status_cmd, NULL };

static void
body(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct cli c = { .applet = "occ", .prog = "occ", .cmds = cmds };
	struct globals g = { .is_quiet = is_quiet };
	struct term t;
	struct err e = ERR_INIT;
	struct run r = { .cli = &c, .g = &g, .cmd = &status_cmd, .arena = &a, .term = &t };
	int rc;

	term_init(&t, true, false);
	if (cancel_install(&e) < 0)
		_exit(9);
	rc = occ_bare(&r, &e);
	_exit(rc < 0 ? err_exit_status(e.code) : rc);
}

static const struct {
	const char *name;
	bool tty;
	int status_rc;
	bool is_error, is_quiet;
	const char *type;		/* NULL: no question is expected */
	int want;
	bool is_started;
} rows[] = {
	{ "running: no question", true, 0, false, false, NULL, 0, false },
	{ "unhealthy: no question", true, 7, false, false, NULL, 7, false },
	{ "not running, yes", true, 6, false, false, "y\n", 0, true },
	{ "not running, Enter", true, 6, false, false, "\n", 0, true },
	{ "not running, no", true, 6, false, false, "n\n", 6, false },
	{ "not running as an error, yes", true, 0, true, false, "y\n", 0, true },
	{ "not running as an error, no", true, 0, true, false, "n\n", 6, false },
	{ "not running, Ctrl-C", true, 6, false, false, "\003", 130, false },
	{ "not running, quiet", true, 6, false, true, NULL, 6, false },
	{ "not running, no terminal", false, 6, false, false, NULL, 6, false },
	{ "not running as an error, no terminal", false, 0, true, false, NULL, 6, false },
};

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("%s", rows[i].name);
		status_rc = rows[i].status_rc;
		is_error = rows[i].is_error;
		is_quiet = rows[i].is_quiet;
		child_spawn(&child, rows[i].tty, 80, body);
		if (rows[i].type && child_expect(&child, "Start it now? [Y/n] "))
			child_type(&child, rows[i].type);
		T_EQ(child_end(&child), rows[i].want);
		T_OK(strncmp(child.text, "status", 6) == 0);
		T_EQ(strstr(child.text, "Start it now?") != NULL, rows[i].type != NULL);
		T_EQ(strstr(child.text, "start, port -1") != NULL, rows[i].is_started);
	}
	return t_done();
}

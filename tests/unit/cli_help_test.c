#include "tests/t.h"

#include "lib/base/mem.h"
#include "tests/unit/cli_table.h"

static const unsigned widths[] = { 0, 1, 40, 41, 60, 72, 79, 80, 81, 120, 200, 1000 };

/* No line is wider than the screen, but for what must not be broken: a usage or example line. */
static void
check_lines(struct str text, unsigned width)
{
	struct str line;

	if (width < 40)
		width = 40;
	while (str_line(&text, &line)) {
		if (line.n > width && !str_has_prefix(line, "Usage:") && !str_has_prefix(line, "  occ ") &&
		    !str_has_prefix(line, "More about one:"))
			T_FAIL("%zu columns: \"" STR_FMT "\"", line.n, STR_ARG(line));
		if (line.n > 0 && line.p[line.n - 1] == ' ')
			T_FAIL("space at the end: \"" STR_FMT "\"", STR_ARG(line));
	}
}

static void
test_widths(void)
{
	for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
		AUTO(buf) struct buf out = BUF_INIT(1 << 20);
		struct err e = ERR_INIT;

		t_row("every text at width %u", widths[w]);
		cli_help_overview(&sample, widths[w], &out);
		check_lines(buf_str(&out), widths[w]);
		for (size_t i = 0; sample_cmds[i]; i++) {
			buf_reset(&out);
			cli_help_command(&sample, sample_cmds[i], widths[w], &out);
			check_lines(buf_str(&out), widths[w]);
			T_HAS(out.p, sample_cmds[i]->name);
		}
		buf_reset(&out);
		T_OK(cli_help_group(&sample, "config", widths[w], &out));
		check_lines(buf_str(&out), widths[w]);
		T_CALL(buf_check(&out, "help", &e));
	}
}

static void
test_command(void)
{
	AUTO(buf) struct buf out = BUF_INIT(1 << 16);

	t_row("help of a command");
	cli_help_command(&sample, &sample_start, 80, &out);
	T_STR(out.p,
	    "Usage: occ start [OPTIONS]\n"
	    "\n"
	    "Start the service.\n"
	    "\n"
	    "The first paragraph is long enough to be wrapped on a narrow screen.\n"
	    "\n"
	    "A second paragraph.\n"
	    "\n"
	    "Options:\n"
	    "  -p, --port PORT       publish on this port\n"
	    "      --timeout TIME    give up after this\n"
	    "  -d, --dir DIR         work in this directory\n"
	    "      --only KEY        only this key: it's [not] \\ easy\n"
	    "  -e, --env NAME=VALUE  set a variable (repeatable)\n"
	    "  -n, --dry-run         only say what would be done\n"
	    "  -f, --follow          go on\n"
	    "\n"
	    "Options of every command:\n"
	    "      --instance NAME   act on this instance\n"
	    "  -c, --config FILE     the configuration file\n"
	    "  -q, --quiet           say less\n"
	    "  -h, --help            show this help\n"
	    "\n"
	    "Examples:\n"
	    "  occ start --port 3001                 on another port\n"
	    "  occ start --dry-run --timeout 10m --env A=B\n"
	    "                                        a long one\n"
	    "\n"
	    "Exit status: occ help exit-status\n");

	t_row("--json stands where it is understood");
	T_OK(!strstr(out.p, "--json"));
	buf_reset(&out);
	cli_help_command(&sample, &sample_status, 80, &out);
	T_HAS(out.p, "\n      --json ");
}

static void
test_overview(void)
{
	AUTO(buf) struct buf out = BUF_INIT(1 << 16);

	t_row("overview: groups in order, a group's commands in one line");
	cli_help_overview(&sample, 80, &out);
	T_STR(out.p,
	    "a sample\n"
	    "Usage: occ COMMAND [OPTIONS]\n"
	    "Service\n"
	    "  start       start the service\n"
	    "  status      show how it is\n"
	    "Access\n"
	    "  cp          copy files\n"
	    "  exec        run a command\n"
	    "Settings\n"
	    "  config      get, set\n"
	    "  mount       show or add a mount\n"
	    "Other\n"
	    "  completion  print a script\n"
	    "More about one: occ COMMAND --help\n");

	t_row("help of a group");
	buf_reset(&out);
	T_OK(cli_help_group(&sample, "config", 80, &out));
	T_STR(out.p,
	    "Usage: occ config COMMAND [OPTIONS]\n"
	    "\n"
	    "  config get KEY        print a value\n"
	    "  config set KEY VALUE  change a value\n"
	    "\n"
	    "More about one: occ config COMMAND --help\n");

	t_row("no group");
	buf_reset(&out);
	T_OK(!cli_help_group(&sample, "start", 80, &out));
	T_OK(!cli_help_group(&sample, "conf", 80, &out));
	T_EQ(out.n, 0);
}

int
main(void)
{
	test_command();
	test_overview();
	test_widths();
	return t_done();
}

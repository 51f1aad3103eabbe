/* occ help: the overview, one command's help, or the exit status table */
#include "applets/applet.h"

#include <string.h>

static void
put_exit_status(struct buf *out)
{
	for (const struct err_exit_row *row = err_exit_rows; row->text; row++)
		buf_printf(out, "%4d  %s\n", row->status, row->text);
}

/* Parsed as the command line would be, so that an unknown word gets the same suggestion. */
static int
put_command(struct run *r, struct buf *out, struct err *e)
{
	static char program[] = "occ", ask[] = "--help";
	struct globals g;
	struct cli_parsed parsed;
	char *argv[] = { program, ask, r->argv[0], r->argc > 1 ? r->argv[1] : NULL, NULL };

	cli_defaults(r->cli->globals, &g);
	if (cli_parse(r->cli, r->arena, r->argc > 1 ? 4 : 3, argv, &g, &parsed, e) < 0)
		return -1;
	if (parsed.cmd)
		cli_help_command(r->cli, parsed.cmd, r->term->width, out);
	else
		cli_help_group(r->cli, parsed.group, r->term->width, out);
	return 0;
}

static int
help_run(struct run *r, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(OCC_TEXT_MAX);

	if (r->argc == 0)
		cli_help_overview(r->cli, r->term->width, &text);
	else if (r->argc == 1 && strcmp(r->argv[0], "exit-status") == 0)
		put_exit_status(&text);
	else if (put_command(r, &text, e) < 0)
		return -1;
	term_put(r->term, buf_str(&text));
	return 0;
}

static const char *const help_examples[] = {
	"help config set", "one command",
	"help exit-status", "what each exit status means",
	NULL
};

CMD(occ_help) = {
	.applet = "occ", .name = "help", .group = "Program", .args = "[TOPIC...]", .args_min = 0, .args_max = 2,
	.brief = "show how commands are used",
	.about = "Without a topic: all commands. With one: a command, as COMMAND --help does, or exit-status.",
	.examples = help_examples,
	.run = help_run,
};

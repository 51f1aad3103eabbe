#include "lib/cli/layout.h"
#include "lib/cli/table.h"

#define LINE_BYTES 1024		/* one left column or one joined line */

/* What one text is written with. */
struct page {
	struct buf *out;
	unsigned width;
	unsigned col;			/* where the right column begins */
};

/* ---- pieces -------------------------------------------------------------------------------------------- */

/* "-p, --port PORT"; without a letter the name still stands in its column. */
static void
put_option_left(struct buf *out, const struct opt *o)
{
	if (o->letter)
		buf_printf(out, "-%c, ", o->letter);
	else
		buf_puts(out, "    ");
	buf_printf(out, "--%s", o->name);
	if (o->metavar)
		buf_printf(out, " %s", o->metavar);
}

static unsigned
options_column(const struct cmd *cmd, const struct opt *opts, unsigned widest)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		AUTO(buf) struct buf left = BUF_INIT(LINE_BYTES);

		put_option_left(&left, o);
		if (opt_applies(cmd, o) && left.n > widest)
			widest = (unsigned)left.n;
	}
	return widest;
}

static void
put_options(const struct page *p, const struct cmd *cmd, const struct opt *opts, const char *heading)
{
	if (!opts || opts->kind == OPT_END)
		return;
	buf_printf(p->out, "\n%s:\n", heading);
	for (const struct opt *o = opts; o->kind != OPT_END; o++) {
		AUTO(buf) struct buf left = BUF_INIT(LINE_BYTES);
		AUTO(buf) struct buf right = BUF_INIT(LINE_BYTES);

		if (!opt_applies(cmd, o))
			continue;
		put_option_left(&left, o);
		buf_printf(&right, "%s%s", o->help, o->kind == OPT_LIST ? " (repeatable)" : "");
		layout_pair(p->out, buf_str(&left), buf_str(&right), 2, p->col, p->width);
	}
}

static unsigned
column(unsigned widest, unsigned width)
{
	unsigned most = width * 2 / 5;

	return widest + 4 < most ? widest + 4 : most;
}

static void
put_examples(const struct page *p, const struct cli *c, const struct cmd *cmd)
{
	if (!cmd->examples)
		return;
	buf_puts(p->out, "\nExamples:\n");
	for (const char *const *x = cmd->examples; x[0]; x += 2) {
		AUTO(buf) struct buf line = BUF_INIT(LINE_BYTES);

		buf_printf(&line, "%s %s", c->prog, x[0]);
		layout_pair(p->out, buf_str(&line), str_of(x[1]), 2, p->width < 72 ? 6 : 40, p->width);
	}
}

/* ---- one command --------------------------------------------------------------------------------------- */

/* The commands that begin with the word, but for the one that is it. */
static void
put_members(struct page *p, const struct cli *c, struct str word, const struct cmd *but)
{
	size_t widest = 0;

	for (size_t i = 0; c->cmds[i]; i++) {
		size_t n = str_of(c->cmds[i]->name).n + 1 + str_of(c->cmds[i]->args).n;

		if (str_eq(table_first(c->cmds[i]), word) && c->cmds[i] != but && n > widest)
			widest = n;
	}
	p->col = column((unsigned)widest, p->width);
	for (size_t i = 0; c->cmds[i]; i++) {
		const struct cmd *cmd = c->cmds[i];
		AUTO(buf) struct buf left = BUF_INIT(LINE_BYTES);

		if (cmd == but || !str_eq(table_first(cmd), word))
			continue;
		buf_printf(&left, "%s%s%s", cmd->name, cmd->args[0] ? " " : "", cmd->args);
		layout_pair(p->out, buf_str(&left), str_of(cmd->brief), 2, p->col, p->width);
	}
}

void
cli_help_command(const struct cli *c, const struct cmd *cmd, unsigned width, struct buf *out)
{
	struct page p = { .out = out, .width = layout_width(width) };
	AUTO(buf) struct buf brief = BUF_INIT(LINE_BYTES);
	unsigned widest = options_column(cmd, c->globals, options_column(cmd, cmd->opts, 0));

	p.col = column(widest, p.width);
	buf_printf(out, "Usage: %s %s [OPTIONS]%s%s\n\n", c->prog, cmd->name, cmd->args[0] ? " " : "", cmd->args);
	layout_sentence(&brief, cmd->brief);
	layout_wrap(out, buf_str(&brief), 0, p.width);
	if (cmd->about && cmd->about[0]) {
		buf_putc(out, '\n');
		layout_wrap(out, str_of(cmd->about), 0, p.width);
	}
	if (table_is_group(c, str_of(cmd->name))) {
		struct page more = p;
		buf_puts(out, "\nCommands:\n");
		put_members(&more, c, str_of(cmd->name), cmd);
	}
	put_options(&p, cmd, cmd->opts, "Options");
	put_options(&p, cmd, c->globals, "Options of every command");
	put_examples(&p, c, cmd);
	buf_printf(out, "\nExit status: %s help exit-status\n", c->prog);
}

bool
cli_help_group(const struct cli *c, const char *word, unsigned width, struct buf *out)
{
	struct page p = { .out = out, .width = layout_width(width) };

	if (!table_is_group(c, str_of(word)))
		return false;
	buf_printf(out, "Usage: %s %s COMMAND [OPTIONS]\n\n", c->prog, word);
	put_members(&p, c, str_of(word), NULL);
	buf_printf(out, "\nMore about one: %s %s COMMAND --help\n", c->prog, word);
	return true;
}

/* ---- all of them --------------------------------------------------------------------------------------- */

/* Has the group's line been written with an earlier command of the table? */
static bool
is_listed(const struct cli *c, const struct cmd *cmd)
{
	for (size_t i = 0; c->cmds[i] != cmd; i++) {
		if (str_eq(table_first(c->cmds[i]), table_first(cmd)))
			return true;
	}
	return false;
}

static void
put_overview_line(const struct cli *c, const struct cmd *cmd, bool is_new_group, void *ctx)
{
	const struct page *p = ctx;

	if (is_new_group)
		buf_printf(p->out, "%s\n", cmd->group);
	if (table_rest(cmd).n == 0) {
		layout_pair(p->out, str_of(cmd->name), str_of(cmd->brief), 2, p->col, p->width);
		return;
	}
	if (is_listed(c, cmd))
		return;
	AUTO(buf) struct buf right = BUF_INIT(LINE_BYTES);

	table_second_words(c, table_first(cmd), ", ", &right);
	layout_pair(p->out, table_first(cmd), buf_str(&right), 2, p->col, p->width);
}

void
cli_help_overview(const struct cli *c, unsigned width, struct buf *out)
{
	struct page p = { .out = out, .width = layout_width(width) };
	size_t widest = 0;

	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_first(c->cmds[i]).n > widest)
			widest = table_first(c->cmds[i]).n;
	}
	p.col = column((unsigned)widest, p.width);
	layout_wrap(out, str_of(c->summary), 0, p.width);
	buf_printf(out, "Usage: %s COMMAND [OPTIONS]\n", c->prog);
	table_each_by_group(c, put_overview_line, &p);
	buf_printf(out, "More about one: %s COMMAND --help\n", c->prog);
}

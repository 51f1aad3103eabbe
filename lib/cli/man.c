/* The manual page, in man(7): see groff_man(7) for the macros. */
#include "lib/cli/dump.h"
#include "lib/cli/layout.h"

static void
put_upper(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_putc(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text);
}

/* '-' as the character that is typed, a leading dot or quote as no request. */
static void
put_roff(struct buf *out, const char *text)
{
	bool at_start = true, was_stop = false;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			buf_puts(out, "\\&");
		if (*text == '-')
			buf_puts(out, "\\-");
		else if (*text == '\\')
			buf_puts(out, "\\e");
		else if (*text == '\n')
			buf_puts(out, "\n.PP\n");
		else if (*text == ' ' && was_stop)
			buf_putc(out, '\n');		/* a sentence begins on a line of its own */
		else
			buf_putc(out, *text);
		at_start = *text == '\n' || (*text == ' ' && was_stop);
		was_stop = *text == '.';
	}
}

static void
put_options(const struct cmd *cmd, const struct opt *opts, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (!opt_applies(cmd, o))
			continue;
		buf_puts(out, ".TP\n");
		if (o->letter)
			buf_printf(out, "\\fB\\-%c\\fR, ", o->letter);
		buf_puts(out, "\\fB\\-\\-");
		put_roff(out, o->name);
		buf_puts(out, "\\fR");
		if (o->metavar) {
			buf_puts(out, " \\fI");
			put_roff(out, o->metavar);
			buf_puts(out, "\\fR");
		}
		buf_putc(out, '\n');
		put_roff(out, o->help);
		if (o->kind == OPT_UINT)
			buf_printf(out, "; %llu to %llu", (unsigned long long)o->min, (unsigned long long)o->max);
		buf_printf(out, "%s\n", o->kind == OPT_LIST ? "; may be repeated" : "");
	}
}

static void
put_examples(const struct cli *c, const struct cmd *cmd, struct buf *out)
{
	if (cmd->examples)
		buf_puts(out, ".PP\nExamples:\n");
	for (const char *const *x = cmd->examples; x && x[0]; x += 2) {
		buf_puts(out, ".TP\n");
		put_roff(out, c->applet);
		buf_putc(out, ' ');
		put_roff(out, x[0]);
		buf_putc(out, '\n');
		put_roff(out, x[1]);
		buf_putc(out, '\n');
	}
}

static void
put_command(const struct cli *c, const struct cmd *cmd, bool is_new_group, void *ctx)
{
	AUTO(buf) struct buf brief = BUF_INIT(1024);
	struct buf *out = ctx;

	if (is_new_group) {
		buf_puts(out, ".SH \"");
		put_upper(out, cmd->group);
		buf_puts(out, " COMMANDS\"\n");
	}
	buf_puts(out, ".SS \"");
	put_roff(out, c->applet);
	buf_putc(out, ' ');
	put_roff(out, cmd->name);
	buf_puts(out, cmd->args[0] ? " " : "");
	put_roff(out, cmd->args);
	buf_puts(out, "\"\n");
	layout_sentence(&brief, cmd->brief);
	put_roff(out, brief.p);
	buf_putc(out, '\n');
	if (cmd->about && cmd->about[0]) {
		buf_puts(out, ".PP\n");
		put_roff(out, cmd->about);
		buf_putc(out, '\n');
	}
	put_options(cmd, cmd->opts, out);
	put_examples(c, cmd, out);
}

static void
put_head(const struct cli *c, struct buf *out)
{
	buf_puts(out, ".TH \"");
	put_upper(out, c->applet);
	/* No date: the same sources give the same page. */
	buf_printf(out, "\" \"1\" \"\" \"opencode\\-cloud %s\" \"opencode\\-cloud\"\n", c->version);
	buf_printf(out, ".SH NAME\n%s \\- ", c->applet);
	put_roff(out, c->summary);
	buf_puts(out, "\n.SH SYNOPSIS\n");
	buf_printf(out, "\\fB%s\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n", c->applet);
	buf_puts(out, ".SH DESCRIPTION\n"
	    "Commands are one or two words.\n"
	    "Options stand anywhere behind the command; those of every command before it as well.\n"
	    "\\fB\\-\\-\\fR ends the options.\n"
	    "Without a command the state of the service is shown.\n");
}

void
dump_man(const struct cli *c, struct buf *out)
{
	put_head(c, out);
	buf_puts(out, ".SH OPTIONS\nEvery command takes these.\n");
	put_options(NULL, c->globals, out);
	table_each_by_group(c, put_command, out);
	buf_puts(out, ".SH \"EXIT STATUS\"\n");
	for (const struct err_exit_row *row = err_exit_rows; row->text; row++) {
		buf_printf(out, ".TP\n%d\n", row->status);
		put_roff(out, row->text);
		buf_putc(out, '\n');
	}
}

/*
 * The fish script: one function that finds the command in the words typed so far, and a `complete` line for each word and
 * option.
 */
#include "lib/cli/dump.h"

/* ---- where the cursor is ------------------------------------------------------------------------------- */

/* "start/--port start/-p": options that take the next word; those of every command have no command before the slash. */
static void
put_valued(const char *name, const struct opt *opts, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (o->kind == OPT_FLAG)
			continue;
		buf_printf(out, " '%s/--%s'", name, o->name);
		if (o->letter)
			buf_printf(out, " '%s/-%c'", name, o->letter);
	}
}

static void
put_lists(const struct cli *c, struct buf *out)
{
	buf_puts(out, "set -g __occ_valued");
	put_valued("", c->globals, out);
	for (size_t i = 0; c->cmds[i]; i++)
		put_valued(c->cmds[i]->name, c->cmds[i]->opts, out);
	buf_puts(out, "\nset -g __occ_groups");
	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_is_new_word(c, i) && table_is_group(c, table_first(c->cmds[i])))
			buf_printf(out, " " STR_FMT, STR_ARG(table_first(c->cmds[i])));
	}
	buf_puts(out, "\nset -g __occ_no_json");
	for (size_t i = 0; c->cmds[i]; i++) {
		if (!c->cmds[i]->has_json)
			buf_printf(out, " '%s'", c->cmds[i]->name);
	}
	/* The operands of these are another program's command line. */
	buf_puts(out, "\nset -g __occ_foreign");
	for (size_t i = 0; c->cmds[i]; i++) {
		if (c->cmds[i]->is_passthrough)
			buf_printf(out, " '%s'", c->cmds[i]->name);
	}
	buf_putc(out, '\n');
}

static const char walk[] =
"# Prints the command typed so far, and how many operands follow it.\n"
"function __occ_where\n"
"\tset -l words (commandline -opc)\n"
"\tset -e words[1]\n"
"\tset -l cmd ''\n"
"\tset -l n 0\n"
"\tset -l skip 0\n"
"\tfor w in $words\n"
"\t\tif test $skip = 1\n"
"\t\t\tset skip 0\n"
"\t\telse if string match -q -- '-*' $w\n"
"\t\t\tif contains -- \"$cmd/$w\" $__occ_valued; or contains -- \"/$w\" $__occ_valued\n"
"\t\t\t\tset skip 1\n"
"\t\t\tend\n"
"\t\telse if test -z \"$cmd\"\n"
"\t\t\tset cmd $w\n"
"\t\telse if contains -- \"$cmd\" $__occ_groups\n"
"\t\t\tset cmd \"$cmd $w\"\n"
"\t\telse\n"
"\t\t\tset n (math $n + 1)\n"
"\t\tend\n"
"\tend\n"
"\techo \"$cmd\"\n"
"\techo $n\n"
"end\n"
"function __occ_in\n"
"\tset -l where (__occ_where)\n"
"\ttest \"$where[1]\" = \"$argv[1]\"; and __occ_open\n"
"end\n"
"function __occ_at\n"
"\tset -l where (__occ_where)\n"
"\ttest \"$where[1]\" = \"$argv[1]\"; and test \"$where[2]\" -ge \"$argv[2]\"; and test \"$where[2]\" -le \"$argv[3]\"\n"
"end\n"
"function __occ_open\n"
"\tset -l where (__occ_where)\n"
"\tnot contains -- \"$where[1]\" $__occ_foreign; or test \"$where[2]\" = 0\n"
"end\n"
"function __occ_has_json\n"
"\tset -l where (__occ_where)\n"
"\t__occ_open; and not contains -- \"$where[1]\" $__occ_no_json\n"
"end\n"
"complete -c occ -f\n";

/* ---- lines --------------------------------------------------------------------------------------------- */

static void
put_text(const char *text, struct buf *out)
{
	for (; *text; text++)
		buf_printf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
}

static void
put_value(const struct cli *c, struct str metavar, struct buf *out)
{
	switch (value_kind(c, metavar)) {
	case VALUE_NONE:
		buf_puts(out, " -x");
		break;
	case VALUE_FILE:
		buf_puts(out, " -r -F");
		break;
	case VALUE_DIR:
		buf_puts(out, " -x -a '(__fish_complete_directories)'");
		break;
	case VALUE_WORDS:
		buf_puts(out, " -x -a '");
		value_words(c, metavar, out);
		buf_puts(out, "'");
		break;
	}
}

/* condition: where the options hold. */
static void
put_options(const struct cli *c, const struct opt *opts, const char *condition, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		bool is_json = opts == c->globals && str_is(str_of(o->name), "json");

		buf_printf(out, "complete -c occ%s", is_json ? " -n __occ_has_json" : condition);
		if (o->letter)
			buf_printf(out, " -s %c", o->letter);
		buf_printf(out, " -l %s", o->name);
		if (o->kind != OPT_FLAG)
			put_value(c, str_of(o->metavar), out);
		buf_puts(out, " -d '");
		put_text(o->help, out);
		buf_puts(out, "'\n");
	}
}

static void
put_operands(const struct cli *c, const struct cmd *cmd, struct buf *out)
{
	unsigned n = dump_n_operands(cmd);

	for (unsigned k = 0; k < n; k++) {
		struct str operand = table_operand(cmd, k);
		bool repeats = k + 1 == n && table_operand(cmd, n).n > 0;

		if (value_kind(c, operand) == VALUE_NONE)
			continue;
		buf_printf(out, "complete -c occ -n '__occ_at \"%s\" %u %u'", cmd->name, k, repeats ? 999 : k);
		put_value(c, operand, out);
		buf_putc(out, '\n');
	}
}

static void
put_command(const struct cli *c, size_t i, struct buf *out)
{
	const struct cmd *cmd = c->cmds[i];
	struct str first = table_first(cmd), rest = table_rest(cmd);
	AUTO(buf) struct buf condition = BUF_INIT(256);

	if (rest.n > 0 && table_is_new_word(c, i)) {
		buf_printf(out, "complete -c occ -n '__occ_in \"\"' -a " STR_FMT " -d '", STR_ARG(first));
		table_second_words(c, first, ", ", out);
		buf_puts(out, "'\n");
	}
	if (rest.n > 0)
		buf_printf(out, "complete -c occ -n '__occ_in " STR_FMT "' -a " STR_FMT " -d '", STR_ARG(first), STR_ARG(rest));
	else
		buf_printf(out, "complete -c occ -n '__occ_in \"\"' -a " STR_FMT " -d '", STR_ARG(first));
	put_text(cmd->brief, out);
	buf_puts(out, "'\n");
	buf_printf(&condition, " -n '__occ_in \"%s\"'", cmd->name);
	put_options(c, cmd->opts, condition.p, out);
	put_operands(c, cmd, out);
}

void
dump_fish(const struct cli *c, struct buf *out)
{
	buf_printf(out, "# fish completion of %s %s\n", c->applet, c->version);
	put_lists(c, out);
	buf_puts(out, walk);
	put_options(c, c->globals, " -n __occ_open", out);
	for (size_t i = 0; c->cmds[i]; i++)
		put_command(c, i, out);
	buf_puts(out, "complete -c opencode-cloud -w occ\n");
}

/*
 * The zsh script: one _arguments call for each command. It works from $fpath (as _occ) and when it is sourced.
 */
#include "lib/cli/dump.h"

/* Text inside '...[text]...:' of an _arguments specification. */
static void
put_spec_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_puts(out, "'\\''");
		else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			buf_printf(out, "\\%c", *text);
		else
			buf_putc(out, *text);
	}
}

/* ":KEY:(a b)", with the quotes around it left to the caller. */
static void
put_action(const struct cli *c, struct str metavar, struct buf *out)
{
	AUTO(buf) struct buf name = BUF_INIT(128);

	buf_putstr(&name, metavar);
	buf_putc(out, ':');
	put_spec_text(out, name.p);
	switch (value_kind(c, metavar)) {
	case VALUE_NONE:
		buf_puts(out, ": ");
		break;
	case VALUE_FILE:
		buf_puts(out, ":_files");
		break;
	case VALUE_DIR:
		buf_puts(out, ":_files -/");
		break;
	case VALUE_WORDS:
		buf_puts(out, ":(");
		value_words(c, metavar, out);
		buf_puts(out, ")");
		break;
	}
}

/* '(-p --port)'{-p+,--port=}'[help]:PORT: ' */
static void
put_option(const struct cli *c, const struct opt *o, struct buf *out)
{
	bool has_value = o->kind != OPT_FLAG;

	buf_puts(out, "\t\t");
	if (o->kind == OPT_LIST)
		buf_puts(out, "'*'");
	else if (o->letter)
		buf_printf(out, "'(-%c --%s)'", o->letter, o->name);
	if (o->letter)
		buf_printf(out, "{-%c%s,--%s%s}", o->letter, has_value ? "+" : "", o->name, has_value ? "=" : "");
	else
		buf_printf(out, "--%s%s", o->name, has_value ? "=" : "");
	buf_puts(out, "'[");
	put_spec_text(out, o->help);
	buf_putc(out, ']');
	if (has_value)
		put_action(c, str_of(o->metavar), out);
	buf_puts(out, "'\n");
}

static void
put_options(const struct cli *c, const struct cmd *cmd, const struct opt *opts, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (opt_applies(cmd, o))
			put_option(c, o, out);
	}
}

static void
put_operands(const struct cli *c, const struct cmd *cmd, struct buf *out)
{
	unsigned n = dump_n_operands(cmd);

	if (cmd->is_passthrough) {
		buf_puts(out, "\t\t'*:: : '\n");
		return;
	}
	for (unsigned k = 0; k < n; k++) {
		bool repeats = k + 1 == n && table_operand(cmd, n).n > 0;

		buf_puts(out, "\t\t'");
		if (repeats)
			buf_putc(out, '*');
		else
			buf_printf(out, "%u", k + 1);
		put_action(c, table_operand(cmd, k), out);
		buf_puts(out, "'\n");
	}
}

/* _occ_cmd_config_set: function names have no spaces. */
static void
put_function(const char *name, struct buf *out)
{
	buf_puts(out, "_occ_cmd_");
	for (; *name; name++)
		buf_putc(out, *name == ' ' || *name == '-' ? '_' : *name);
}

static void
put_command(const struct cli *c, const struct cmd *cmd, struct buf *out)
{
	put_function(cmd->name, out);
	buf_puts(out, "() {\n\tlocal -a specs=(\n");
	put_options(c, cmd, cmd->opts, out);
	put_options(c, cmd, c->globals, out);
	put_operands(c, cmd, out);
	buf_puts(out, "\t)\n\t_arguments -s -S $specs\n}\n");
}

/* ---- choosing a word ----------------------------------------------------------------------------------- */

/* 'start:start the service' of _describe; rest is true for the second words of a group. */
static void
put_described(const struct cli *c, const struct cmd *cmd, bool rest, struct buf *out)
{
	struct str word = rest ? table_rest(cmd) : table_first(cmd);
	bool is_group = !rest && table_rest(cmd).n > 0;

	buf_printf(out, "\t\t'" STR_FMT ":", STR_ARG(word));
	if (is_group)
		table_second_words(c, word, ", ", out);
	else
		dump_quoted(str_of(cmd->brief), "'\\''", out);
	buf_puts(out, "'\n");
}

/* A function that completes one word out of a list, and behind it hands over to that word's own function. */
static void
put_chooser_head(const struct cli *c, const char *function, struct buf *out)
{
	buf_printf(out, "%s() {\n"
	    "\tlocal curcontext=\"$curcontext\" context state state_descr line ret=1\n"
	    "\ttypeset -A opt_args\n"
	    "\tlocal -a specs=(\n", function);
	put_options(c, NULL, c->globals, out);
	buf_puts(out, "\t)\n\tlocal -a words_here=(\n");
}

static void
put_chooser_tail(struct buf *out)
{
	buf_puts(out, "\t)\n"
	    "\t_arguments -C -s -S $specs '1: :->word' '*:: :->rest' && ret=0\n"
	    "\tcase $state in\n"
	    "\tword) _describe -t commands command words_here && ret=0 ;;\n"
	    "\trest)\n"
	    "\t\tcase $words[1] in\n");
}

static void
put_hand_over(struct str word, const char *function_of, struct buf *out)
{
	buf_printf(out, "\t\t" STR_FMT ") ", STR_ARG(word));
	put_function(function_of, out);
	buf_puts(out, " && ret=0 ;;\n");
}

static void
put_group(const struct cli *c, struct str first, struct buf *out)
{
	AUTO(buf) struct buf function = BUF_INIT(256);
	AUTO(buf) struct buf word = BUF_INIT(256);

	buf_putstr(&word, first);
	put_function(word.p, &function);
	put_chooser_head(c, function.p, out);
	for (size_t i = 0; c->cmds[i]; i++) {
		if (str_eq(table_first(c->cmds[i]), first) && table_rest(c->cmds[i]).n > 0)
			put_described(c, c->cmds[i], true, out);
	}
	put_chooser_tail(out);
	for (size_t i = 0; c->cmds[i]; i++) {
		if (str_eq(table_first(c->cmds[i]), first) && table_rest(c->cmds[i]).n > 0)
			put_hand_over(table_rest(c->cmds[i]), c->cmds[i]->name, out);
	}
	buf_puts(out, "\t\tesac ;;\n\tesac\n\treturn ret\n}\n");
}

static void
put_main(const struct cli *c, struct buf *out)
{
	put_chooser_head(c, "_occ", out);
	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_is_new_word(c, i))
			put_described(c, c->cmds[i], false, out);
	}
	put_chooser_tail(out);
	for (size_t i = 0; c->cmds[i]; i++) {
		AUTO(buf) struct buf word = BUF_INIT(256);

		buf_putstr(&word, table_first(c->cmds[i]));
		if (table_is_new_word(c, i))
			put_hand_over(buf_str(&word), word.p, out);
	}
	buf_puts(out, "\t\tesac ;;\n\tesac\n\treturn ret\n}\n");
}

void
dump_zsh(const struct cli *c, struct buf *out)
{
	buf_printf(out, "#compdef occ opencode-cloud\n# zsh completion of %s %s\n", c->applet, c->version);
	for (size_t i = 0; c->cmds[i]; i++)
		put_command(c, c->cmds[i], out);
	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_is_new_word(c, i) && table_is_group(c, table_first(c->cmds[i])))
			put_group(c, table_first(c->cmds[i]), out);
	}
	put_main(c, out);
	buf_puts(out, "if [[ $funcstack[1] == _occ ]]; then _occ \"$@\"; else compdef _occ occ opencode-cloud; fi\n");
}

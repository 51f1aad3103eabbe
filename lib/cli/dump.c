#include "lib/cli/dump.h"

#include "lib/base/mem.h"

/* ---- values -------------------------------------------------------------------------------------------- */

/* A NUL-terminated copy for the words callback; metavars are short. */
#define METAVAR_BYTES 64

static const char *const *
words_of(const struct cli *c, struct str metavar)
{
	AUTO(buf) struct buf name = BUF_INIT(METAVAR_BYTES);

	buf_putstr(&name, metavar);
	return c->words ? c->words(name.p) : NULL;
}

enum value_kind
value_kind(const struct cli *c, struct str metavar)
{
	if (metavar.n == 0)
		return VALUE_NONE;
	if (str_is(metavar, "FILE"))
		return VALUE_FILE;
	if (str_is(metavar, "DIR"))
		return VALUE_DIR;
	if (str_is(metavar, "TOPIC") || str_find_char(metavar, '|') != STR_NONE)
		return VALUE_WORDS;
	return words_of(c, metavar) ? VALUE_WORDS : VALUE_NONE;
}

void
value_words(const struct cli *c, struct str metavar, struct buf *out)
{
	const char *const *words = words_of(c, metavar);
	const char *space = "";

	if (str_is(metavar, "TOPIC")) {
		dump_first_words(c, out);
		buf_puts(out, " exit-status");
		return;
	}
	for (; words && *words; words++) {
		buf_printf(out, "%s%s", space, *words);
		space = " ";
	}
	while (!words && metavar.n > 0) {
		struct str word = str_cut(&metavar, '|');

		buf_printf(out, "%s" STR_FMT, space, STR_ARG(word));
		space = " ";
	}
}

/* ---- words --------------------------------------------------------------------------------------------- */

void
dump_first_words(const struct cli *c, struct buf *out)
{
	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_is_new_word(c, i))
			buf_printf(out, "%s" STR_FMT, i ? " " : "", STR_ARG(table_first(c->cmds[i])));
	}
}

void
dump_quoted(struct str text, const char *quote_as, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			buf_puts(out, quote_as);
		else
			buf_putc(out, text.p[i]);
	}
}

unsigned
dump_n_operands(const struct cmd *cmd)
{
	struct str rest = str_of(cmd->args);
	unsigned n = 0;

	while (rest.n > 0) {
		str_cut(&rest, ' ');
		n++;
	}
	return n;
}

/* ---- README -------------------------------------------------------------------------------------------- */

/* A bar would end the cell. */
static void
put_md(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_printf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

static void
put_md_row(const struct cli *c, const struct cmd *cmd, bool is_new_group, void *ctx)
{
	struct buf *out = ctx;

	if (is_new_group)
		buf_printf(out, "| **%s** | |\n", cmd->group);
	buf_printf(out, "| `%s %s%s", c->applet, cmd->name, cmd->args[0] ? " " : "");
	put_md(out, cmd->args);
	buf_puts(out, "` | ");
	put_md(out, cmd->brief);
	buf_puts(out, " |\n");
}

void
dump_md_commands(const struct cli *c, struct buf *out)
{
	buf_puts(out, "| command | what it does |\n|---|---|\n");
	table_each_by_group(c, put_md_row, out);
}

/* ---- by name ------------------------------------------------------------------------------------------- */

static const struct {
	const char *kind;
	void (*dump)(const struct cli *c, struct buf *out);
} dumps[] = {
	{ "man", dump_man },
	{ "bash", dump_bash },
	{ "zsh", dump_zsh },
	{ "fish", dump_fish },
	{ "md-commands", dump_md_commands },
};

int
cli_dump(const struct cli *c, const char *kind, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(dumps); i++) {
		if (!str_is(str_of(kind), dumps[i].kind))
			continue;
		dumps[i].dump(c, out);
		return buf_check(out, kind, e);
	}
	return err_set(e, ERR_USAGE, "there is no dump \"%s\"", kind);
}

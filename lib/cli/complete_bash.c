/*
 * The bash script: tables of the command line as case statements, and one function that walks the words. It runs on
 * bash 3.2 (macOS) and needs no bash-completion package.
 */
#include "lib/cli/dump.h"

/* What _occ_value and _occ_operand answer: "=a b c" are the words themselves. */
static void
put_kind(const struct cli *c, struct str metavar, struct buf *out)
{
	switch (value_kind(c, metavar)) {
	case VALUE_NONE:
		buf_puts(out, "NONE");
		break;
	case VALUE_FILE:
	case VALUE_DIR:
		buf_putstr(out, metavar);
		break;
	case VALUE_WORDS:
		/* Long lists (the configuration's keys) stand once, in _occ_words. */
		if (str_find_char(metavar, '|') == STR_NONE) {
			buf_putstr(out, metavar);
			break;
		}
		buf_putc(out, '=');
		value_words(c, metavar, out);
		break;
	}
}

/* ---- tables -------------------------------------------------------------------------------------------- */

static void
put_word_list(const struct cli *c, struct str metavar, struct buf *done, struct buf *out)
{
	AUTO(buf) struct buf mark = BUF_INIT(128);

	buf_printf(&mark, " " STR_FMT " ", STR_ARG(metavar));
	if (value_kind(c, metavar) != VALUE_WORDS || str_find_char(metavar, '|') != STR_NONE)
		return;
	if (str_find(buf_str(done), buf_str(&mark)) != STR_NONE)
		return;
	buf_putstr(done, buf_str(&mark));
	buf_printf(out, "\t" STR_FMT ") REPLY='", STR_ARG(metavar));
	value_words(c, metavar, out);
	buf_puts(out, "' ;;\n");
}

static void
put_words(const struct cli *c, struct buf *out)
{
	AUTO(buf) struct buf done = BUF_INIT(4096);

	buf_puts(out, "_occ_words() {\n\tcase $1 in\n\t=*) REPLY=${1#=} ;;\n");
	for (const struct opt *o = c->globals; o->kind != OPT_END; o++)
		put_word_list(c, str_of(o->metavar), &done, out);
	for (size_t i = 0; c->cmds[i]; i++) {
		for (const struct opt *o = c->cmds[i]->opts; o && o->kind != OPT_END; o++)
			put_word_list(c, str_of(o->metavar), &done, out);
		for (unsigned k = 0; k < dump_n_operands(c->cmds[i]); k++)
			put_word_list(c, table_operand(c->cmds[i], k), &done, out);
	}
	buf_puts(out, "\t*) REPLY= ;;\n\tesac\n}\n");
}

static void
put_value_rows(const struct cli *c, const char *name, const struct opt *opts, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (o->kind == OPT_FLAG)
			continue;
		buf_printf(out, "\t%s%s%s/--%s", name ? "'" : "*", name ? name : "", name ? "'" : "", o->name);
		if (o->letter)
			buf_printf(out, "|%s%s%s/-%c", name ? "'" : "*", name ? name : "", name ? "'" : "", o->letter);
		buf_puts(out, ") REPLY='");
		put_kind(c, str_of(o->metavar), out);
		buf_puts(out, "' ;;\n");
	}
}

static void
put_values(const struct cli *c, struct buf *out)
{
	buf_puts(out, "_occ_value() {\n\tcase $1/$2 in\n");
	for (size_t i = 0; c->cmds[i]; i++)
		put_value_rows(c, c->cmds[i]->name, c->cmds[i]->opts, out);
	put_value_rows(c, NULL, c->globals, out);
	buf_puts(out, "\t*) REPLY= ;;\n\tesac\n}\n");
}

static void
put_option_names(const struct cmd *cmd, const struct opt *opts, struct buf *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (opt_applies(cmd, o))
			buf_printf(out, "--%s ", o->name);
	}
}

static void
put_options(const struct cli *c, struct buf *out)
{
	buf_puts(out, "_occ_options() {\n\tcase $1 in\n");
	for (size_t i = 0; c->cmds[i]; i++) {
		buf_printf(out, "\t'%s') REPLY='", c->cmds[i]->name);
		put_option_names(c->cmds[i], c->cmds[i]->opts, out);
		put_option_names(c->cmds[i], c->globals, out);
		buf_puts(out, "' ;;\n");
	}
	buf_puts(out, "\t*) REPLY='");
	put_option_names(NULL, c->globals, out);
	buf_puts(out, "' ;;\n\tesac\n}\n");
}

static void
put_operands(const struct cli *c, struct buf *out)
{
	buf_puts(out, "_occ_operand() {\n\tcase $1/$2 in\n");
	for (size_t i = 0; c->cmds[i]; i++) {
		const struct cmd *cmd = c->cmds[i];
		unsigned n = dump_n_operands(cmd);

		for (unsigned k = 0; k < n; k++) {
			bool repeats = k + 1 == n && table_operand(cmd, n).n > 0;

			buf_printf(out, "\t'%s'/", cmd->name);
			if (repeats)
				buf_puts(out, "*");
			else
				buf_printf(out, "%u", k + 1);
			buf_puts(out, ") REPLY='");
			put_kind(c, table_operand(cmd, k), out);
			buf_puts(out, "' ;;\n");
		}
	}
	buf_puts(out, "\t*) REPLY=NONE ;;\n\tesac\n}\n");
}

static void
put_next_words(const struct cli *c, struct buf *out)
{
	buf_puts(out, "# The second words behind a first one; empty when the first is a command by itself.\n"
	    "_occ_next() {\n\tcase $1 in\n");
	for (size_t i = 0; c->cmds[i]; i++) {
		struct str first = table_first(c->cmds[i]);

		if (!table_is_new_word(c, i) || !table_is_group(c, first))
			continue;
		buf_printf(out, "\t" STR_FMT ") REPLY='", STR_ARG(first));
		table_second_words(c, first, " ", out);
		buf_puts(out, "' ;;\n");
	}
	buf_puts(out, "\t'') REPLY='");
	dump_first_words(c, out);
	buf_puts(out, "' ;;\n\t*) REPLY= ;;\n\tesac\n}\n");
}

/* Commands whose operands are another program's command line. */
static void
put_passthrough(const struct cli *c, struct buf *out)
{
	buf_puts(out, "_occ_is_foreign() {\n\tcase $1 in\n");
	for (size_t i = 0; c->cmds[i]; i++) {
		if (c->cmds[i]->is_passthrough)
			buf_printf(out, "\t'%s') return 0 ;;\n", c->cmds[i]->name);
	}
	buf_puts(out, "\tesac\n\treturn 1\n}\n");
}

/* ---- the walk ------------------------------------------------------------------------------------------ */

static const char walk[] =
"_occ_offer() {\n"
"\tlocal word kind=-W list=$1\n"
"\tCOMPREPLY=()\n"
"\tcase $2 in FILE) kind=-f ;; DIR) kind=-d ;; esac\n"
"\tif [ $kind = -W ]; then\n"
"\t\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -W \"$list\" -- \"$3\")\n"
"\telse\n"
"\t\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen $kind -- \"$3\")\n"
"\t\tcompopt -o filenames 2>/dev/null\n"
"\tfi\n"
"}\n"
"_occ() {\n"
"\tlocal REPLY= cmd= want= ended= word cur=${COMP_WORDS[COMP_CWORD]}\n"
"\tlocal -i i n=0\n"
"\tfor (( i = 1; i < COMP_CWORD; i++ )); do\n"
"\t\tword=${COMP_WORDS[i]}\n"
"\t\t# \"--name=value\" arrives as three words.\n"
"\t\tif [ \"$word\" = = ]; then continue; fi\n"
"\t\tif [ -n \"$want\" ]; then want=; continue; fi\n"
"\t\tif [ -z \"$ended\" ] && [ \"$word\" = -- ]; then ended=1; continue; fi\n"
"\t\tif [ -z \"$ended\" ] && [ \"${word:0:1}\" = - ]; then _occ_value \"$cmd\" \"$word\"; want=$REPLY; continue; fi\n"
"\t\t_occ_next \"$cmd\"\n"
"\t\tif [ -n \"$REPLY\" ]; then cmd=\"${cmd:+$cmd }$word\"; continue; fi\n"
"\t\tn+=1\n"
"\t\tif _occ_is_foreign \"$cmd\"; then ended=1; fi\n"
"\tdone\n"
"\tif [ \"$cur\" = = ]; then cur=; fi\n"
"\tif [ -z \"$want\" ]; then\n"
"\t\tif [ -z \"$ended\" ] && [ \"${cur:0:1}\" = - ]; then _occ_options \"$cmd\"; _occ_offer \"$REPLY\" '' \"$cur\"; return; fi\n"
"\t\t_occ_next \"$cmd\"\n"
"\t\tif [ -n \"$REPLY\" ]; then _occ_offer \"$REPLY\" '' \"$cur\"; return; fi\n"
"\t\t_occ_operand \"$cmd\" \"$(( n + 1 ))\"; want=$REPLY\n"
"\tfi\n"
"\t_occ_words \"$want\"\n"
"\t_occ_offer \"$REPLY\" \"$want\" \"$cur\"\n"
"}\n"
"complete -F _occ occ opencode-cloud\n";

void
dump_bash(const struct cli *c, struct buf *out)
{
	buf_printf(out, "# bash completion of %s %s\n", c->applet, c->version);
	put_words(c, out);
	put_values(c, out);
	put_options(c, out);
	put_operands(c, out);
	put_next_words(c, out);
	put_passthrough(c, out);
	buf_puts(out, walk);
}

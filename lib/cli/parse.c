#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/cli/suggest.h"

/* What has been understood of argv so far. */
struct parser {
	const struct cli *c;
	struct arena *arena;
	int argc;
	char **argv;
	int at;				/* the word being read */
	void *globals;
	struct cli_parsed *out;		/* out->argv has room for all of argv */
	struct str group;		/* first word of a command of two, until the second is seen */
	bool options_ended;
	bool wants_json;
};

/* An option met on the command line, and where its value goes. */
struct match {
	const struct opt *opt;
	void *base;
	struct str shown;		/* "--port", "-p": for messages */
};

/* ---- values -------------------------------------------------------------------------------------------- */

void
cli_defaults(const struct opt *opts, void *out)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		void *field = (char *)out + o->offset;

		switch (o->kind) {
		case OPT_END:
			break;
		case OPT_FLAG:
			*(bool *)field = false;
			break;
		case OPT_STR:
			*(const char **)field = NULL;
			break;
		case OPT_UINT:
		case OPT_DURATION:
			*(int64_t *)field = -1;
			break;
		case OPT_LIST:
			*(struct strlist *)field = (struct strlist){ .v = NULL };
			break;
		}
	}
}

static int
note_help(const struct parser *p, struct err *e)
{
	const struct cmd *cmd = p->out->cmd;

	return err_note(e, "try", "%s %s%s--help", p->c->prog, cmd ? cmd->name : "", cmd ? " " : "");
}

static int
bad_number(const struct parser *p, const struct match *m, const char *value, struct err *e)
{
	err_set(e, ERR_USAGE, "option " STR_FMT " takes a number from %llu to %llu, not \"%s\"", STR_ARG(m->shown),
	    (unsigned long long)m->opt->min, (unsigned long long)m->opt->max, value);
	return note_help(p, e);
}

static int
bad_duration(const struct parser *p, const struct match *m, const char *value, struct err *e)
{
	err_set(e, ERR_USAGE, "option " STR_FMT " takes a time such as 90, 90s, 5m or 1h30m, not \"%s\"",
	    STR_ARG(m->shown), value);
	return note_help(p, e);
}

static int
store(struct parser *p, const struct match *m, const char *value, struct err *e)
{
	void *field = (char *)m->base + m->opt->offset;
	struct err why = ERR_INIT;
	uint64_t number;

	switch (m->opt->kind) {
	case OPT_STR:
		*(const char **)field = value;
		return 0;
	case OPT_LIST:
		strlist_add(p->arena, field, value);
		return 0;
	case OPT_UINT:
		if (num_u64(str_of(value), m->opt->min, m->opt->max, &number, &why) < 0 || number > INT64_MAX)
			return bad_number(p, m, value, e);
		*(int64_t *)field = (int64_t)number;
		return 0;
	case OPT_DURATION:
		if (num_duration_ms(str_of(value), field, &why) < 0)
			return bad_duration(p, m, value, e);
		return 0;
	case OPT_END:
	case OPT_FLAG:
		break;
	}
	BUG("an option of this kind takes no value");
}

static void
raise_flag(struct parser *p, const struct match *m)
{
	*(bool *)((char *)m->base + m->opt->offset) = true;
	if (m->base != p->globals)
		return;
	if (str_is(str_of(m->opt->name), "help"))
		p->out->wants_help = true;
	if (str_is(str_of(m->opt->name), "json"))
		p->wants_json = true;
}

/* The next word is the value; one that looks like an option means that the value was forgotten. */
static int
store_next(struct parser *p, const struct match *m, struct err *e)
{
	const char *next = p->at + 1 < p->argc ? p->argv[p->at + 1] : NULL;

	if (!next) {
		err_set(e, ERR_USAGE, "option " STR_FMT " needs a value: %s", STR_ARG(m->shown), m->opt->metavar);
		return note_help(p, e);
	}
	if (next[0] == '-' && next[1]) {
		err_set(e, ERR_USAGE, "option " STR_FMT " needs a value, and \"%s\" looks like an option", STR_ARG(m->shown), next);
		return err_note(e, "try", "--%s=%s   (if it is meant as the value)", m->opt->name, next);
	}
	p->at++;
	return store(p, m, next, e);
}

/* ---- options ------------------------------------------------------------------------------------------- */

static void
choose_command(struct parser *p, const struct cmd *cmd)
{
	p->out->cmd = cmd;
	p->group = STR_NULL;
	if (cmd->opts_bytes == 0)
		return;
	p->out->opts = arena_zero(p->arena, cmd->opts_bytes);
	cli_defaults(cmd->opts, p->out->opts);
}

/* A group's word may be a command as well: it is one when no second word of the group follows. */
static bool
settle_group(struct parser *p)
{
	const struct cmd *cmd = p->group.n ? table_find(p->c, p->group, STR_NULL) : NULL;

	if (cmd)
		choose_command(p, cmd);
	return cmd != NULL;
}

/* Options of the command first, then those of every command. */
static bool
find_option(struct parser *p, struct str name, char letter, struct match *m)
{
	const struct cmd *cmd = p->out->cmd;
	const struct opt *own = cmd ? cmd->opts : NULL;

	m->base = p->out->opts;
	m->opt = letter ? opt_by_letter(own, letter) : opt_by_name(own, name);
	if (m->opt)
		return true;
	m->base = p->globals;
	m->opt = letter ? opt_by_letter(p->c->globals, letter) : opt_by_name(p->c->globals, name);
	if (m->opt)
		return true;
	return settle_group(p) && find_option(p, name, letter, m);
}

/* The option is not known here: of the command, or of the one that follows it. */
static int
unknown_option(const struct parser *p, struct str shown, struct err *e)
{
	const struct cmd *meant = NULL;

	for (int i = p->at + 1; i < p->argc && !meant; i++) {
		meant = table_find(p->c, str_of(p->argv[i]), STR_NULL);
		if (!meant && i + 1 < p->argc)
			meant = table_find(p->c, str_of(p->argv[i]), str_of(p->argv[i + 1]));
	}
	return suggest_option(p->c, p->out->cmd, meant, shown, e);
}

static int
read_long(struct parser *p, struct err *e)
{
	const char *word = p->argv[p->at];
	struct str rest = str_of(word + 2);
	bool has_value = str_find_char(rest, '=') != STR_NONE;
	struct str name = str_cut(&rest, '=');
	struct match m = { .shown = str_from(word, name.n + 2) };

	if (!find_option(p, name, '\0', &m))
		return unknown_option(p, m.shown, e);
	if (m.opt->kind != OPT_FLAG)
		return has_value ? store(p, &m, rest.p, e) : store_next(p, &m, e);
	if (has_value) {
		err_set(e, ERR_USAGE, "option " STR_FMT " takes no value", STR_ARG(m.shown));
		return note_help(p, e);
	}
	raise_flag(p, &m);
	return 0;
}

/* "-f", "-fn5", "-n 5": letters of flags, the last may take a value. */
static int
read_letters(struct parser *p, struct err *e)
{
	for (const char *s = p->argv[p->at] + 1; *s; s++) {
		char shown[] = { '-', *s, '\0' };
		struct match m = { .shown = str_of(shown) };

		if (!find_option(p, STR_NULL, *s, &m))
			return unknown_option(p, m.shown, e);
		if (m.opt->kind == OPT_FLAG) {
			raise_flag(p, &m);
			continue;
		}
		return s[1] ? store(p, &m, s + 1, e) : store_next(p, &m, e);
	}
	return 0;
}

/* ---- words --------------------------------------------------------------------------------------------- */

static void
take_operand(struct parser *p, char *word)
{
	p->out->argv[p->out->argc++] = word;
	if (p->out->cmd->is_passthrough)
		p->options_ended = true;
}

static int
take_first_word(struct parser *p, char *word, struct err *e)
{
	struct str first = str_of(word);
	const struct cmd *cmd = table_find(p->c, first, STR_NULL);

	if (str_find_char(first, ' ') != STR_NONE)
		return suggest_command(p->c, STR_NULL, first, e);
	if (table_is_group(p->c, first))
		p->group = first;
	else if (cmd)
		choose_command(p, cmd);
	else
		return suggest_command(p->c, STR_NULL, first, e);
	return 0;
}

static int
take_word(struct parser *p, char *word, struct err *e)
{
	if (p->group.n > 0) {
		struct str group = p->group;
		const struct cmd *cmd = table_find(p->c, group, str_of(word));

		if (cmd) {
			choose_command(p, cmd);
			return 0;
		}
		if (!settle_group(p))
			return suggest_command(p->c, group, str_of(word), e);
	}
	if (!p->out->cmd)
		return take_first_word(p, word, e);
	take_operand(p, word);
	return 0;
}

/* Operands are counted, not quoted: one of them may be a secret that does not belong there. */
static int
check_operands(const struct parser *p, struct err *e)
{
	const struct cmd *cmd = p->out->cmd;
	int n = p->out->argc;

	if (n >= cmd->args_min && (cmd->args_max < 0 || n <= cmd->args_max))
		return 0;
	if (cmd->args_max == 0)
		err_set(e, ERR_USAGE, "%s takes no arguments, and %d %s given", cmd->name, n, n == 1 ? "was" : "were");
	else
		err_set(e, ERR_USAGE, "%s needs %s, and %d argument%s given", cmd->name, cmd->args, n,
		    n == 1 ? " was" : "s were");
	return note_help(p, e);
}

static int
finish(struct parser *p, struct err *e)
{
	settle_group(p);
	p->out->argv[p->out->argc] = NULL;
	if (p->group.n > 0)
		p->out->group = arena_str(p->arena, p->group);
	if (!p->out->cmd || p->out->wants_help)
		return 0;
	if (p->wants_json && !p->out->cmd->has_json) {
		err_set(e, ERR_USAGE, "%s has no --json output", p->out->cmd->name);
		return note_help(p, e);
	}
	return check_operands(p, e);
}

int
cli_parse(const struct cli *c, struct arena *a, int argc, char **argv, void *globals_out, struct cli_parsed *ret,
    struct err *e)
{
	struct parser p = { .c = c, .arena = a, .argc = argc, .argv = argv, .globals = globals_out, .out = ret };

	*ret = (struct cli_parsed){ .cmd = NULL };
	ret->argv = arena_zero(a, ((size_t)argc + 1) * sizeof *ret->argv);
	for (p.at = 1; p.at < argc; p.at++) {
		char *word = argv[p.at];
		bool is_option = !p.options_ended && word[0] == '-' && word[1];
		int rc;

		if (is_option && str_is(str_of(word), "--")) {
			p.options_ended = true;
			continue;
		}
		if (!is_option)
			rc = take_word(&p, word, e);
		else if (word[1] == '-')
			rc = read_long(&p, e);
		else
			rc = read_letters(&p, e);
		if (rc < 0)
			return -1;
	}
	return finish(&p, e);
}

#include "lib/cli/table.h"

#include "lib/base/mem.h"

struct str
table_first(const struct cmd *cmd)
{
	struct str rest = str_of(cmd->name);

	return str_cut(&rest, ' ');
}

struct str
table_rest(const struct cmd *cmd)
{
	struct str rest = str_of(cmd->name);

	str_cut(&rest, ' ');
	return rest;
}

const struct cmd *
table_find(const struct cli *c, struct str first, struct str rest)
{
	for (size_t i = 0; c->cmds[i]; i++) {
		const struct cmd *cmd = c->cmds[i];

		if (str_eq(table_first(cmd), first) && str_eq(table_rest(cmd), rest))
			return cmd;
	}
	return NULL;
}

bool
table_is_group(const struct cli *c, struct str first)
{
	for (size_t i = 0; c->cmds[i]; i++) {
		if (table_rest(c->cmds[i]).n > 0 && str_eq(table_first(c->cmds[i]), first))
			return true;
	}
	return false;
}

bool
table_is_new_word(const struct cli *c, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (str_eq(table_first(c->cmds[k]), table_first(c->cmds[i])))
			return false;
	}
	return true;
}

void
table_second_words(const struct cli *c, struct str first, const char *between, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; c->cmds[i]; i++) {
		if (!str_eq(table_first(c->cmds[i]), first) || table_rest(c->cmds[i]).n == 0)
			continue;
		buf_printf(out, "%s" STR_FMT, comma, STR_ARG(table_rest(c->cmds[i])));
		comma = between;
	}
}

const struct opt *
opt_by_name(const struct opt *opts, struct str name)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (str_is(name, o->name))
			return o;
	}
	return NULL;
}

const struct opt *
opt_by_letter(const struct opt *opts, char letter)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (o->letter && o->letter == letter)
			return o;
	}
	return NULL;
}

bool
opt_applies(const struct cmd *cmd, const struct opt *o)
{
	return !cmd || cmd->has_json || !str_is(str_of(o->name), "json");
}

struct str
table_operand(const struct cmd *cmd, unsigned i)
{
	struct str rest = str_of(cmd->args);
	struct str word = STR_NULL;

	for (unsigned k = 0; k <= i; k++) {
		bool repeats = str_has_suffix(str_trim_char(word, ']'), "...");

		if (rest.n == 0 && !repeats)
			return STR_NULL;
		if (rest.n > 0)
			word = str_cut(&rest, ' ');
	}
	word = str_trim_char(str_trim_char(word, '['), ']');
	if (str_has_suffix(word, "..."))
		word = str_take(word, word.n - 3);
	/* "PORT[:PORT]" and "DIR:PATH" complete as what comes first. */
	word = str_cut(&word, '[');
	return str_cut(&word, ':');
}

/* Order of the overview; other groups follow in the order of the table. */
static const char *const group_order[] = { "Service", "Access", "Settings", "Program" };

static void
visit_group(const struct cli *c, const char *group, table_visit *visit, void *ctx)
{
	bool is_new = true;

	for (size_t i = 0; c->cmds[i]; i++) {
		if (!str_is(str_of(c->cmds[i]->group), group))
			continue;
		visit(c, c->cmds[i], is_new, ctx);
		is_new = false;
	}
}

void
table_each_by_group(const struct cli *c, table_visit *visit, void *ctx)
{
	for (size_t i = 0; i < ARRAY_LEN(group_order); i++)
		visit_group(c, group_order[i], visit, ctx);
	for (size_t i = 0; c->cmds[i]; i++) {
		bool is_seen = false;

		for (size_t k = 0; k < ARRAY_LEN(group_order); k++)
			is_seen |= str_is(str_of(c->cmds[i]->group), group_order[k]);
		for (size_t k = 0; k < i; k++)
			is_seen |= str_eq(str_of(c->cmds[k]->group), str_of(c->cmds[i]->group));
		if (!is_seen)
			visit_group(c, c->cmds[i]->group, visit, ctx);
	}
}

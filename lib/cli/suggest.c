#include "lib/cli/suggest.h"

#define NEAR_MAX 3		/* "try" lines at most */
#define NOT_NEAR 99u

/* The best candidates of equal rank. */
struct near {
	unsigned rank;			/* 0 is best */
	size_t n;
	const void *found[NEAR_MAX];	/* struct cmd or struct opt */
};

static void
near_offer(struct near *near, unsigned rank, const void *what)
{
	if (rank >= NOT_NEAR || rank > near->rank)
		return;
	if (rank < near->rank) {
		near->rank = rank;
		near->n = 0;
	}
	if (near->n < NEAR_MAX)
		near->found[near->n++] = what;
}

/* A beginning of the right word beats a misspelling of another: "stat" is status, not start. */
static unsigned
spelling_rank(struct str typed, struct str right)
{
	if (typed.n >= 2 && str_eq(str_take(right, typed.n), typed))
		return 0;
	unsigned max = typed.n <= 3 ? 1 : typed.n <= 6 ? 2 : 3;
	unsigned distance = str_distance(typed, right, max);

	/* Half the letters wrong is another word. */
	return distance > max || distance > right.n / 2 ? NOT_NEAR : 1 + distance;
}

/* Are the first words of a habit's command line a command? A hint never names what is not there. */
static bool
line_is_known(const struct cli *c, const char *line)
{
	struct str rest = str_of(line);
	struct str first = str_cut(&rest, ' ');

	if (table_find(c, first, STR_NULL))
		return true;
	return table_find(c, first, str_cut(&rest, ' ')) != NULL;
}

static bool
habit_matches(const struct cli_habit *h, struct str group, struct str word)
{
	struct str rest = str_of(h->word);

	if (group.n > 0 && !str_eq(str_cut(&rest, ' '), group))
		return false;
	return str_eq(rest, word);
}

static bool
note_habits(const struct cli *c, struct str group, struct str word, struct err *e)
{
	bool found = false;

	for (const struct cli_habit *h = c->habits; h && h->word; h++) {
		if (!habit_matches(h, group, word) || !line_is_known(c, h->use))
			continue;
		err_note(e, "try", "%s %s%s%s%s", c->prog, h->use, h->why ? "   (" : "", h->why ? h->why : "", h->why ? ")" : "");
		found = true;
	}
	return found;
}

static void
near_commands(const struct cli *c, struct str group, struct str word, struct near *near)
{
	for (size_t i = 0; c->cmds[i]; i++) {
		const struct cmd *cmd = c->cmds[i];

		if (group.n > 0) {
			if (str_eq(table_first(cmd), group) && table_rest(cmd).n > 0)
				near_offer(near, spelling_rank(word, table_rest(cmd)), cmd);
			continue;
		}
		if (table_is_new_word(c, i))
			near_offer(near, spelling_rank(word, table_first(cmd)), cmd);
		if (word.n > 0 && str_eq(table_rest(cmd), word))	/* "rotate" alone is "password rotate" */
			near_offer(near, 1, cmd);
	}
}

int
suggest_command(const struct cli *c, struct str group, struct str word, struct err *e)
{
	struct near near = { .rank = NOT_NEAR };

	if (group.n > 0)
		err_set(e, ERR_USAGE, "\"" STR_FMT " " STR_FMT "\" is not a command", STR_ARG(group), STR_ARG(word));
	else
		err_set(e, ERR_USAGE, "\"" STR_FMT "\" is not a command", STR_ARG(word));
	if (note_habits(c, group, word, e))
		return -1;

	near_commands(c, group, word, &near);
	for (size_t i = 0; i < near.n; i++) {
		const struct cmd *cmd = near.found[i];
		/* A near first word of a group is the group: its help names the commands. */
		bool is_group = group.n == 0 && table_rest(cmd).n > 0 && !str_eq(table_rest(cmd), word);

		if (is_group)
			err_note(e, "try", "%s " STR_FMT " --help", c->prog, STR_ARG(table_first(cmd)));
		else
			err_note(e, "try", "%s %s%s%s", c->prog, cmd->name, cmd->args[0] ? " " : "", cmd->args);
	}
	if (near.n > 0)
		return -1;
	if (group.n > 0)
		return err_note(e, "try", "%s " STR_FMT " --help", c->prog, STR_ARG(group));
	return err_note(e, "try", "%s help", c->prog);
}

static void
near_options(const struct opt *opts, const struct cmd *cmd, struct str name, struct near *near)
{
	for (const struct opt *o = opts; o && o->kind != OPT_END; o++) {
		if (opt_applies(cmd, o))
			near_offer(near, spelling_rank(name, str_of(o->name)), o);
	}
}

/* "--dry-run start": the option stands behind the command. */
static bool
note_misplaced(const struct cli *c, const struct cmd *meant, struct str shown, struct err *e)
{
	const struct opt *o = NULL;

	if (meant && str_has_prefix(shown, "--"))
		o = opt_by_name(meant->opts, str_skip(shown, 2));
	else if (meant && shown.n > 1)
		o = opt_by_letter(meant->opts, shown.p[1]);
	if (!o)
		return false;
	err_note(e, "try", "%s %s --%s   (a command's own options follow its name)", c->prog, meant->name, o->name);
	return true;
}

int
suggest_option(const struct cli *c, const struct cmd *cmd, const struct cmd *meant, struct str shown, struct err *e)
{
	struct near near = { .rank = NOT_NEAR };

	if (cmd)
		err_set(e, ERR_USAGE, "%s has no option " STR_FMT, cmd->name, STR_ARG(shown));
	else
		err_set(e, ERR_USAGE, "unknown option " STR_FMT, STR_ARG(shown));
	if (!cmd && note_misplaced(c, meant, shown, e))
		return -1;

	if (str_has_prefix(shown, "--")) {
		struct str name = str_skip(shown, 2);

		near_options(cmd ? cmd->opts : NULL, cmd, name, &near);
		near_options(c->globals, cmd, name, &near);
	}
	for (size_t i = 0; i < near.n; i++) {
		const struct opt *o = near.found[i];

		err_note(e, "try", "%s %s%s--%s%s%s", c->prog, cmd ? cmd->name : "", cmd ? " " : "", o->name,
		    o->metavar ? " " : "", o->metavar ? o->metavar : "");
	}
	if (near.n > 0)
		return -1;
	return err_note(e, "try", "%s %s%s--help", c->prog, cmd ? cmd->name : "", cmd ? " " : "");
}

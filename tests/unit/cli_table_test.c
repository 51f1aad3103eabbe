/* The real table of occ: what every declaration of a command has to keep. */
#include "tests/t.h"

#include <string.h>

#include "applets/applet.h"
#include "lib/base/mem.h"
#include "lib/cli/dump.h"

#define TEXT_MAX 60

/* Values that cannot be completed; all others have words or files. A new one is added here or to the words. */
static const char *const free_metavars[] = {
	"NAME", "URL", "PORT", "ADDRESS", "DURATION", "TIME", "N", "ID", "USER", "COMMAND", "ARG", "VALUE", "PATH", "PROVIDER",
	"NAME=VALUE", "VERSION", "LABEL", "ELEMENT", "HOST",
};

static const char *const groups[] = { "Service", "Access", "Settings", "Program" };

static bool
is_among(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is(s, list[i]))
			return true;
	}
	return false;
}

static void
check_text(const char *text)
{
	size_t n = strlen(text);

	T_OK(n > 0 && n <= TEXT_MAX);
	T_OK(n > 0 && text[n - 1] != '.');
	T_OK(!(text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z'));
	for (size_t i = 0; i < n; i++)
		T_OK(text[i] >= ' ' && text[i] <= '~');
}

static void
check_metavar(const struct cli *c, struct str metavar)
{
	if (value_kind(c, metavar) == VALUE_NONE && !is_among(metavar, free_metavars, ARRAY_LEN(free_metavars)))
		T_FAIL("completion does not know " STR_FMT, STR_ARG(metavar));
}

/* Names and letters are taken once among a command's options and those of every command. */
static void
check_option(const struct cli *c, const struct cmd *cmd, const struct opt *o)
{
	const struct opt *own = cmd->opts;

	check_text(o->help);
	T_OK((o->kind == OPT_FLAG) == (o->metavar == NULL));
	T_OK(o->offset < cmd->opts_bytes);
	T_OK(o->kind != OPT_UINT || o->min < o->max);
	if (o->metavar)
		check_metavar(c, str_of(o->metavar));
	T_OK(opt_by_name(own, str_of(o->name)) == o);
	T_OK(!opt_by_name(c->globals, str_of(o->name)));
	T_OK(!o->letter || opt_by_letter(own, o->letter) == o);
	T_OK(!o->letter || !opt_by_letter(c->globals, o->letter));
}

static void
check_command(const struct cli *c, const struct cmd *cmd)
{
	unsigned n = dump_n_operands(cmd);

	T_STR(cmd->applet, "occ");
	T_OK(is_among(str_of(cmd->group), groups, ARRAY_LEN(groups)));
	check_text(cmd->brief);
	T_OK(cmd->about == NULL || cmd->about[0] != '\0');
	T_OK(cmd->run != NULL);
	T_OK((cmd->opts != NULL) == (cmd->opts_bytes > 0));
	T_OK(cmd->args != NULL);
	T_OK(cmd->args_max == -1 || cmd->args_min <= cmd->args_max);
	/* None named, some taken: a command that refuses them in words of its own. */
	T_OK(n == 0 || cmd->args_max != 0);
	for (unsigned i = 0; i < n; i++)
		check_metavar(c, table_operand(cmd, i));
	for (const struct opt *o = cmd->opts; o && o->kind != OPT_END; o++)
		check_option(c, cmd, o);
	T_OK(table_find(c, table_first(cmd), table_rest(cmd)) == cmd);
}

/* A line of words without program name; parsed as the person's own would be. */
static void
check_line(const struct cli *c, const char *words)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	static char program[] = "occ", ask[] = "--help";
	char line[256], *argv[24] = { program };
	struct globals g;
	struct cli_parsed p;
	struct err e = ERR_INIT;
	int argc = 1;

	snprintf(line, sizeof line, "%s", words);
	line[strcspn(line, "|>")] = '\0';		/* an example may go into a pipe or file */
	/* In front, because an example may end its options. */
	argv[argc++] = ask;
	for (char *word = strtok(line, " "); word && argc < 23; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	cli_defaults(c->globals, &g);
	T_CALL(cli_parse(c, &a, argc, argv, &g, &p, &e));
	T_OK(p.cmd != NULL);
}

int
main(void)
{
	struct cli c;

	occ_cli("occ", &c);
	for (size_t i = 0; c.cmds[i]; i++) {
		t_row("command %s", c.cmds[i]->name);
		check_command(&c, c.cmds[i]);
	}
	for (size_t i = 0; c.cmds[i]; i++) {
		for (const char *const *x = c.cmds[i]->examples; x && x[0]; x += 2) {
			t_row("example: %s", x[0]);
			check_line(&c, x[0]);
			T_OK(x[1] != NULL && x[1][0] != '\0');
		}
	}
	for (const struct cli_habit *h = c.habits; h->word; h++) {
		t_row("habit %s: %s", h->word, h->use);
		check_line(&c, h->use);
	}
	t_row("options of every command");
	for (const struct opt *o = c.globals; o->kind != OPT_END; o++) {
		check_text(o->help);
		T_OK(opt_by_name(c.globals, str_of(o->name)) == o);
		T_OK(!o->letter || opt_by_letter(c.globals, o->letter) == o);
		T_OK(o->offset < sizeof(struct globals));
		if (o->metavar)
			check_metavar(&c, str_of(o->metavar));
	}
	return t_done();
}

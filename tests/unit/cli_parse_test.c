#include "tests/t.h"

#include "lib/base/mem.h"
#include "tests/unit/cli_table.h"

#define WORDS_MAX 16

/* Splits a line at spaces; '_' is an empty word. */
static int
split(char *line, char **argv)
{
	static char program[] = "occ", empty[] = "";
	int n = 1;

	argv[0] = program;
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[n++] = strcmp(word, "_") == 0 ? empty : word;
	argv[n] = NULL;
	return n;
}

/* What was understood, as text: command, options that are set, operands. */
static void
describe(const struct cli_parsed *p, const struct sample_globals *g, struct buf *out)
{
	const struct sample_opts *o = p->opts;

	buf_puts(out, p->cmd ? p->cmd->name : p->group ? p->group : "-");
	if (p->group)
		buf_puts(out, " ?");
	if (g->instance)
		buf_printf(out, " instance=%s", g->instance);
	if (g->config)
		buf_printf(out, " config=%s", g->config);
	buf_printf(out, "%s%s%s", g->is_quiet ? " quiet" : "", g->wants_json ? " json" : "", p->wants_help ? " help" : "");
	if (o && o->port != -1)
		buf_printf(out, " port=%lld", (long long)o->port);
	if (o && o->timeout_ms != -1)
		buf_printf(out, " timeout=%lld", (long long)o->timeout_ms);
	if (o && o->dir)
		buf_printf(out, " dir=%s", o->dir);
	for (size_t i = 0; o && i < o->env.n; i++)
		buf_printf(out, " env=%s", o->env.v[i]);
	if (o)
		buf_printf(out, "%s%s", o->dry_run ? " dry" : "", o->follow ? " follow" : "");
	for (int i = 0; i < p->argc; i++)
		buf_printf(out, " [%s]", p->argv[i]);
	T_OK(p->argv[p->argc] == NULL);
}

static const struct {
	const char *line, *want;
} good[] = {
	{ "", "-" },
	{ "--quiet", "- quiet" },
	{ "--", "-" },
	{ "start", "start" },
	{ "-- start", "start" },
	{ "start --port 80", "start port=80" },
	{ "start --port=80", "start port=80" },
	{ "start -p 80", "start port=80" },
	{ "start -p80", "start port=80" },
	{ "start -p 1", "start port=1" },
	{ "start -p 65535", "start port=65535" },
	{ "start -p 80 -p 81", "start port=81" },
	{ "start -nf", "start dry follow" },
	{ "start -nfp80", "start port=80 dry follow" },
	{ "start -qn", "start quiet dry" },
	{ "start -np 80", "start port=80 dry" },
	{ "start --timeout 90", "start timeout=90000" },
	{ "start --timeout=1h30m", "start timeout=5400000" },
	{ "start --dir=a=b", "start dir=a=b" },
	{ "start --dir=", "start dir=" },
	{ "start --dir -", "start dir=-" },
	{ "start --dir=-x", "start dir=-x" },
	{ "start -d-x", "start dir=-x" },
	{ "start --dir _", "start dir=" },
	{ "start -e A=1 --env B=2 -eC", "start env=A=1 env=B=2 env=C" },
	{ "--instance x start", "start instance=x" },
	{ "start --instance x", "start instance=x" },
	{ "--instance=x -c f start -q", "start instance=x config=f quiet" },
	{ "start --help", "start help" },
	{ "-h", "- help" },
	{ "status --json", "status json" },
	{ "--json status", "status json" },
	{ "start --json --help", "start json help" },
	{ "config", "config ?" },
	{ "config --help", "config ? help" },
	{ "-q config", "config ? quiet" },
	{ "config get k", "config get [k]" },
	{ "config get --help", "config get help" },
	{ "config -q get k", "config get quiet [k]" },
	{ "config --json get k", "config get json [k]" },
	{ "config set k v", "config set [k] [v]" },
	{ "config set -n k v", "config set dry [k] [v]" },
	{ "config set k v -n", "config set dry [k] [v]" },
	{ "config set k -- -n", "config set [k] [-n]" },
	{ "config set -- k --port", "config set [k] [--port]" },
	{ "config set k _", "config set [k] []" },
	{ "mount", "mount" },
	{ "mount /a", "mount [/a]" },
	{ "mount remove /a", "mount remove [/a]" },
	{ "mount -n", "mount dry" },
	{ "mount -n /a", "mount dry [/a]" },
	{ "mount -n remove", "mount dry [remove]" },
	{ "mount -q remove /a", "mount remove quiet [/a]" },
	{ "exec ls", "exec [ls]" },
	{ "exec ls -la --help", "exec [ls] [-la] [--help]" },
	{ "exec -n ls -n -- x", "exec dry [ls] [-n] [--] [x]" },
	{ "exec -- -x y", "exec [-x] [y]" },
	{ "exec --help", "exec help" },
	{ "cp a -q b", "cp quiet [a] [b]" },
};

static void
test_good(void)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf got = BUF_INIT(4096);
		struct sample_globals g;
		struct cli_parsed p;
		struct err e = ERR_INIT;
		char line[256], *argv[WORDS_MAX];

		t_row("parse: occ %s", good[i].line);
		snprintf(line, sizeof line, "%s", good[i].line);
		int argc = split(line, argv);

		cli_defaults(sample_globals, &g);
		if (!T_CALL(cli_parse(&sample, &a, argc, argv, &g, &p, &e)))
			continue;
		describe(&p, &g, &got);
		T_STR(got.p, good[i].want);
	}
}

static const struct {
	const char *line, *msg, *try;
} bad[] = {
	{ "start --port", "option --port needs a value: PORT", "occ start --help" },
	{ "start -p", "option -p needs a value: PORT", "occ start --help" },
	{ "start --port 0", "option --port takes a number from 1 to 65535, not \"0\"", "occ start --help" },
	{ "start -p65536", "option -p takes a number from 1 to 65535, not \"65536\"", "occ start --help" },
	{ "start --port=", "option --port takes a number from 1 to 65535, not \"\"", "occ start --help" },
	{ "start --port 8o", "option --port takes a number from 1 to 65535, not \"8o\"", "occ start --help" },
	{ "start --port -1", "option --port needs a value, and \"-1\" looks like an option", "--port=-1   (if it is meant as the value)" },
	{ "start --dir --dry-run", "option --dir needs a value, and \"--dry-run\" looks like an option", "--dir=--dry-run   (if it is meant as the value)" },
	{ "start --timeout soon", "option --timeout takes a time such as 90, 90s, 5m or 1h30m, not \"soon\"", "occ start --help" },
	{ "start --dry-run=yes", "option --dry-run takes no value", "occ start --help" },
	{ "start --dry", "start has no option --dry", "occ start --dry-run" },
	{ "start --prot 80", "start has no option --prot", "occ start --port PORT" },
	{ "start --quite", "start has no option --quite", "occ start --quiet" },
	{ "start -x", "start has no option -x", "occ start --help" },
	{ "start -nx", "start has no option -x", "occ start --help" },
	{ "status --dry-run", "status has no option --dry-run", "occ status --help" },
	{ "--xyzzy", "unknown option --xyzzy", "occ --help" },
	{ "--quite", "unknown option --quite", "occ --quiet" },
	{ "--dry-run start", "unknown option --dry-run", "occ start --dry-run   (a command's own options follow its name)" },
	{ "-n config set k v", "unknown option -n", "occ config set --dry-run   (a command's own options follow its name)" },
	{ "start a", "start takes no arguments, and 1 was given", "occ start --help" },
	{ "start a b", "start takes no arguments, and 2 were given", "occ start --help" },
	{ "config set k", "config set needs KEY VALUE, and 1 argument was given", "occ config set --help" },
	{ "config set k v w", "config set needs KEY VALUE, and 3 arguments were given", "occ config set --help" },
	{ "exec", "exec needs COMMAND [ARG...], and 0 arguments were given", "occ exec --help" },
	{ "start --json", "start has no --json output", "occ start --help" },
	{ "--json start", "start has no --json output", "occ start --help" },
	{ "config frob", "\"config frob\" is not a command", "occ config --help" },
	{ "frobnicate", "\"frobnicate\" is not a command", "occ help" },
	{ "_", "\"\" is not a command", "occ help" },
	{ "-- --start", "\"--start\" is not a command", "occ start" },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct sample_globals g;
		struct cli_parsed p;
		struct err e = ERR_INIT;
		char line[256], *argv[WORDS_MAX];

		t_row("refuse: occ %s", bad[i].line);
		snprintf(line, sizeof line, "%s", bad[i].line);
		int argc = split(line, argv);

		cli_defaults(sample_globals, &g);
		T_FAILS(cli_parse(&sample, &a, argc, argv, &g, &p, &e), ERR_USAGE);
		T_STR(e.msg, bad[i].msg);
		T_EQ(e.n_notes, 1);
		T_STR(e.notes[0].label, "try");
		T_STR(e.notes[0].text, bad[i].try);
	}
}

static void
test_secret(void)
{
	static char program[] = "occ", word[] = "start", secret[] = "hunter2";
	char *argv[] = { program, word, secret, NULL };
	AUTO(arena) struct arena a = ARENA_INIT;
	struct sample_globals g;
	struct cli_parsed p;
	struct err e = ERR_INIT;

	t_row("an operand too many is not repeated in the message");
	cli_defaults(sample_globals, &g);
	T_FAILS(cli_parse(&sample, &a, 3, argv, &g, &p, &e), ERR_USAGE);
	T_OK(!strstr(e.msg, secret));
}

int
main(void)
{
	test_good();
	test_bad();
	test_secret();
	return t_done();
}

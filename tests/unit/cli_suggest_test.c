#include "tests/t.h"

#include "lib/base/mem.h"
#include "lib/cli/suggest.h"
#include "tests/unit/cli_table.h"

static const struct {
	const char *group, *word;
	const char *try[4];
} commands[] = {
	{ "", "up", { "occ start" } },
	{ "", "enable", { "occ start   (it comes back)" } },
	{ "", "env", { "occ config get KEY", "occ exec env   (all of them)" } },
	{ "", "rm", { "occ help" } },			/* its habit names a command that is not there */
	{ "", "strat", { "occ start" } },
	{ "", "srart", { "occ start" } },
	{ "", "stat", { "occ status" } },		/* a beginning, not a misspelling */
	{ "", "st", { "occ start", "occ status" } },
	{ "", "s", { "occ help" } },
	{ "", "conf", { "occ config --help" } },
	{ "", "cofnig", { "occ config --help" } },
	{ "", "set", { "occ config set KEY VALUE" } },
	{ "", "remove", { "occ mount remove PATH" } },
	{ "", "mouunt", { "occ mount [DIR[:PATH]]" } },
	{ "", "exce", { "occ exec COMMAND [ARG...]" } },
	{ "", "abcdefghijklmnop", { "occ help" } },
	{ "", "START", { "occ help" } },
	{ "config", "gte", { "occ config get KEY" } },
	{ "config", "se", { "occ config set KEY VALUE" } },
	{ "config", "rm", { "occ config set KEY VALUE" } },
	{ "config", "up", { "occ config --help" } },
};

static const struct {
	const struct cmd *cmd;
	const char *shown;
	const char *try[4];
} options[] = {
	{ &sample_start, "--prot", { "occ start --port PORT" } },
	{ &sample_start, "--por", { "occ start --port PORT" } },
	{ &sample_start, "--ports", { "occ start --port PORT" } },
	{ &sample_start, "--dryrun", { "occ start --dry-run" } },
	{ &sample_start, "--instnace", { "occ start --instance NAME" } },
	{ &sample_start, "--jsn", { "occ start --help" } },		/* start has no JSON */
	{ &sample_status, "--jsn", { "occ status --json" } },
	{ &sample_start, "--frobnicate", { "occ start --help" } },
	{ &sample_start, "--", { "occ start --help" } },
	{ &sample_start, "-z", { "occ start --help" } },
	{ NULL, "--hlep", { "occ --help" } },
	{ NULL, "-z", { "occ --help" } },
};

static void
check(const struct err *e, const char *const *try)
{
	size_t n = 0;

	while (n < 4 && try[n])
		n++;
	T_EQ(e->n_notes, n);
	for (size_t i = 0; i < n && i < e->n_notes; i++) {
		T_STR(e->notes[i].label, "try");
		T_STR(e->notes[i].text, try[i]);
	}
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct err e = ERR_INIT;

		t_row("word: %s %s", commands[i].group, commands[i].word);
		T_FAILS(suggest_command(&sample, str_of(commands[i].group), str_of(commands[i].word), &e), ERR_USAGE);
		T_HAS(e.msg, "is not a command");
		check(&e, commands[i].try);
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		struct err e = ERR_INIT;

		t_row("option: %s", options[i].shown);
		T_FAILS(suggest_option(&sample, options[i].cmd, NULL, str_of(options[i].shown), &e), ERR_USAGE);
		check(&e, options[i].try);
	}
	return t_done();
}

/*
 * cli_table.h - a small command line for the tests of lib/cli: every kind of option and operand once
 */
#ifndef OCC_TESTS_UNIT_CLI_TABLE_H
#define OCC_TESTS_UNIT_CLI_TABLE_H

#include "lib/cli/cli.h"

struct sample_globals {
	const char *instance, *config;
	bool is_quiet, wants_json, wants_help;
};

static const struct opt sample_globals[] = {
	STR(struct sample_globals, instance, 0, "instance", "NAME", "act on this instance"),
	STR(struct sample_globals, config, 'c', "config", "FILE", "the configuration file"),
	FLAG(struct sample_globals, is_quiet, 'q', "quiet", "say less"),
	FLAG(struct sample_globals, wants_json, 0, "json", "print JSON"),
	FLAG(struct sample_globals, wants_help, 'h', "help", "show this help"),
	OPT_LAST
};

struct sample_opts {
	int64_t port, timeout_ms;
	const char *dir, *key;
	struct strlist env;
	bool dry_run, follow;
};

static const struct opt sample_opts[] = {
	UINT(struct sample_opts, port, 'p', "port", "PORT", 1, 65535, "publish on this port"),
	DURATION(struct sample_opts, timeout_ms, 0, "timeout", "TIME", "give up after this"),
	STR(struct sample_opts, dir, 'd', "dir", "DIR", "work in this directory"),
	STR(struct sample_opts, key, 0, "only", "KEY", "only this key: it's [not] \\ easy"),
	LIST(struct sample_opts, env, 'e', "env", "NAME=VALUE", "set a variable"),
	FLAG(struct sample_opts, dry_run, 'n', "dry-run", "only say what would be done"),
	FLAG(struct sample_opts, follow, 'f', "follow", "go on"),
	OPT_LAST
};

#define SAMPLE_OPTS .opts = sample_opts, .opts_bytes = sizeof(struct sample_opts)

static int
sample_run(struct run *r, struct err *e)
{
	(void)r;
	(void)e;
	return 0;
}

static const char *const sample_examples[] = {
	"start --port 3001", "on another port",
	"start --dry-run --timeout 10m --env A=B", "a long one",
	NULL
};

static const struct cmd sample_start = {
	.applet = "occ", .name = "start", .group = "Service", .args = "", .brief = "start the service", SAMPLE_OPTS,
	.about = "The first paragraph is long enough to be wrapped on a narrow screen.\nA second paragraph.",
	.examples = sample_examples, .run = sample_run,
};
static const struct cmd sample_status = {
	.applet = "occ", .name = "status", .group = "Service", .args = "", .brief = "show how it is", .has_json = true,
	.run = sample_run,
};
static const struct cmd sample_exec = {
	.applet = "occ", .name = "exec", .group = "Access", .args = "COMMAND [ARG...]", .args_min = 1, .args_max = -1,
	.is_passthrough = true, .brief = "run a command", SAMPLE_OPTS, .run = sample_run,
};
static const struct cmd sample_cp = {
	.applet = "occ", .name = "cp", .group = "Access", .args = "FILE...", .args_min = 1, .args_max = -1,
	.brief = "copy files", .run = sample_run,
};
static const struct cmd sample_config_get = {
	.applet = "occ", .name = "config get", .group = "Settings", .args = "KEY", .args_min = 1, .args_max = 1,
	.brief = "print a value", .has_json = true, .run = sample_run,
};
static const struct cmd sample_config_set = {
	.applet = "occ", .name = "config set", .group = "Settings", .args = "KEY VALUE", .args_min = 2, .args_max = 2,
	.brief = "change a value", SAMPLE_OPTS, .run = sample_run,
};
static const struct cmd sample_mount = {
	.applet = "occ", .name = "mount", .group = "Settings", .args = "[DIR[:PATH]]", .args_max = 1,
	.brief = "show or add a mount", SAMPLE_OPTS, .run = sample_run,
};
static const struct cmd sample_mount_remove = {
	.applet = "occ", .name = "mount remove", .group = "Settings", .args = "PATH", .args_min = 1, .args_max = 1,
	.brief = "remove a mount", .run = sample_run,
};
static const struct cmd sample_completion = {
	.applet = "occ", .name = "completion", .group = "Other", .args = "bash|zsh|fish", .args_min = 1, .args_max = 1,
	.brief = "print a script", .run = sample_run,
};

static const struct cmd *const sample_cmds[] = {
	&sample_completion, &sample_config_get, &sample_config_set, &sample_cp, &sample_exec, &sample_mount,
	&sample_mount_remove, &sample_start, &sample_status, NULL
};

static const struct cli_habit sample_habits[] = {
	{ "up", "start", NULL },
	{ "enable", "start", "it comes back" },
	{ "env", "config get KEY", NULL },
	{ "env", "exec env", "all of them" },
	{ "rm", "gone --now", "names what is not there" },
	{ "config rm", "config set KEY VALUE", NULL },
	{ NULL, NULL, NULL }
};

static const char *const *
sample_words(const char *metavar)
{
	static const char *const keys[] = { "server.bind", "server.port", NULL };

	return metavar[0] == 'K' ? keys : NULL;
}

static const struct cli sample = {
	.applet = "occ", .prog = "occ", .summary = "a sample", .version = "0.0.1", .cmds = sample_cmds,
	.globals = sample_globals, .habits = sample_habits, .words = sample_words,
};

#endif

/* occ: from the words on the command line to one command's run function and the exit status. */
#include "applets/applet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "applets/occ/common.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/deploy/config.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/schema.h"
#include "lib/deploy/unit.h"

#include "version.h"

/* ---- the tables ---------------------------------------------------------------------------------------- */

#define X(id) extern const struct cmd id##_cmd;
#include "cmdtab.h"
#undef X

#define X(id) &id##_cmd,
static const struct cmd *const commands[] = {
#include "cmdtab.h"
	NULL
};
#undef X

static const struct opt globals[] = {
	STR(struct globals, instance, 0, "instance", "NAME", "act on this instance instead of \"default\""),
	STR(struct globals, engine, 0, "engine", "URL", "the engine: unix:///PATH or ssh://USER@HOST"),
	STR(struct globals, context, 0, "context", "NAME", "the engine of this docker context"),
	STR(struct globals, config, 0, "config", "FILE", "the configuration file to use"),
	FLAG(struct globals, is_system, 0, "system", "act on the system's service, under /etc"),
	FLAG(struct globals, is_user, 0, "user", "act on your own service, under your home"),
	FLAG(struct globals, is_quiet, 'q', "quiet", "print results and errors only"),
	FLAG(struct globals, is_verbose, 'v', "verbose", "tell what is done, on standard error"),
	FLAG(struct globals, wants_json, 0, "json", "print JSON"),
	FLAG(struct globals, no_colour, 0, "no-color", "no colours; NO_COLOR in the environment does the same"),
	FLAG(struct globals, wants_help, 'h', "help", "show this help"),
	FLAG(struct globals, wants_version, 0, "version", "show the version"),
	OPT_LAST
};

static const struct cli_habit habits[] = {
	{ "up", "start", NULL },
	{ "down", "stop", NULL },
	{ "run", "start", NULL },
	{ "deploy", "start", NULL },
	{ "install", "start", NULL },
	{ "init", "setup", NULL },
	{ "wizard", "setup", NULL },
	{ "configure", "setup", NULL },
	{ "enable", "service install --now", "it starts at boot and is supervised" },
	{ "disable", "service uninstall", "opencode goes on; data stays" },
	{ "rm", "stop --remove", "data and settings stay" },
	{ "remove", "stop --remove", "data and settings stay" },
	{ "destroy", "stop --remove", "data and settings stay" },
	{ "purge", "reset all", "asks first, and offers a backup" },
	{ "wipe", "reset data", "asks first, and offers a backup" },
	{ "uninstall", "stop --remove", "data and settings stay" },
	{ "ps", "status", NULL },
	{ "top", "status", NULL },
	{ "health", "status", NULL },
	{ "ls", "list", NULL },
	{ "log", "logs", NULL },
	{ "ssh", "shell", NULL },
	{ "bash", "shell", NULL },
	{ "sh", "shell", NULL },
	{ "tui", "attach", NULL },
	{ "upgrade", "update", NULL },
	{ "downgrade", "rollback", "or: update VERSION" },
	{ "undo", "rollback", NULL },
	{ "versions", "history", NULL },
	{ "rebuild", "start --rebuild", NULL },
	{ "dump", "backup create", NULL },
	{ "check", "doctor", NULL },
	{ "diagnose", "doctor", NULL },
	{ "fsck", "doctor", NULL },
	{ "export", "backup create", NULL },
	{ "snapshot", "backup create", NULL },
	{ "restore", "backup restore latest", "or a FILE" },
	{ "passwd", "password set", NULL },
	{ "env", "secret list", "the agent's keys" },
	{ "env", "config get container.env", "other variables" },
	{ "login", "auth login", NULL },
	{ "logout", "auth logout", NULL },
	{ "url", "status", NULL },
	{ "web", "open", NULL },
	{ "forward", "port-forward PORT", NULL },
	{ "config list", "config show", NULL },
	{ "config ls", "config show", NULL },
	{ "config rm", "config unset KEY", NULL },
	{ "mount ls", "mount list", NULL },
	{ "mount rm", "mount remove PATH", NULL },
	{ "secret ls", "secret list", NULL },
	{ "secret add", "secret set NAME", NULL },
	{ "secret rm", "secret unset NAME", NULL },
	{ "secret remove", "secret unset NAME", NULL },
	{ NULL, NULL, NULL }
};

static const char *const *
words(const char *metavar)
{
	return strcmp(metavar, "KEY") == 0 ? schema_key_names() : NULL;
}

void
occ_cli(const char *prog, struct cli *ret)
{
	*ret = (struct cli){
		.applet = "occ",
		.prog = prog,
		.summary = "opencode as a persistent, secure service in a container",
		.version = OCC_VERSION,
		.cmds = commands,
		.globals = globals,
		.habits = habits,
		.words = words,
	};
}

static const struct cmd *
find_command(const struct cli *c, const char *name)
{
	for (size_t i = 0; c->cmds[i]; i++) {
		if (strcmp(c->cmds[i]->name, name) == 0)
			return c->cmds[i];
	}
	BUG("a command that occ itself runs is not in the table");
}

/* ---- texts --------------------------------------------------------------------------------------------- */

/* What an image of this program's own settings, or of the environment's, is built from: for who publishes one. */
static int
put_image_inputs(struct buf *out, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct config config;

	if (config_parse(&a, STR_LIT("{}"), "defaults", occ_environment(), &config, e) < 0)
		return -1;
	buf_printf(out, "%s\n", image_source_inputs(&a, &config));
	return 0;
}

/* Documents made from the tables: the build, the README and the tests ask for them. */
static int
put_document(const struct cli *c, const char *kind, struct buf *out, struct err *e)
{
	static const struct {
		const char *kind;
		void (*put)(struct buf *out);
	} own[] = { { "md-keys", schema_put_md }, { "json-schema", schema_put_json_schema }, { "unit", unit_put_packaged } };

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		if (strcmp(kind, own[i].kind) == 0) {
			own[i].put(out);
			return 0;
		}
	}
	return strcmp(kind, "image-inputs") == 0 ? put_image_inputs(out, e) : cli_dump(c, kind, out, e);
}

static int
dump(const struct cli *c, struct term *t, const char *kind, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(OCC_TEXT_MAX);

	if (put_document(c, kind, &text, e) < 0 || buf_check(&text, kind, e) < 0)
		return -1;
	term_put(t, buf_str(&text));
	return 0;
}

static int
help(const struct cli *c, struct term *t, const struct cli_parsed *parsed)
{
	AUTO(buf) struct buf text = BUF_INIT(OCC_TEXT_MAX);

	if (parsed->cmd)
		cli_help_command(c, parsed->cmd, t->width, &text);
	else if (!parsed->group || !cli_help_group(c, parsed->group, t->width, &text))
		cli_help_overview(c, t->width, &text);
	term_put(t, buf_str(&text));
	return 0;
}

/* "config" alone: the error, and which commands there are. */
static int
group_alone(const struct cli *c, const struct cli_parsed *parsed, struct err *e)
{
	AUTO(buf) struct buf list = BUF_INIT(ERR_NOTE_BYTES);
	size_t n = strlen(parsed->group);

	for (size_t i = 0; c->cmds[i]; i++) {
		const char *name = c->cmds[i]->name;

		if (strncmp(name, parsed->group, n) == 0 && name[n] == ' ')
			buf_printf(&list, "%s%s", list.n ? ", " : "", name + n + 1);
	}
	err_set(e, ERR_USAGE, "%s needs a second word", parsed->group);
	err_note(e, "one of", "%s", list.p);
	return err_note(e, "try", "%s %s --help", c->prog, parsed->group);
}

/* ---- the way of a command ------------------------------------------------------------------------------ */

struct verbose {
	struct term *term;
	const char *prog;
	int64_t began_ms;
};

static void
show_log(void *ctx, const char *line)
{
	const struct verbose *v = ctx;

	term_warn(v->term, v->prog, "%6lld ms  %s", (long long)(clock_now_ms() - v->began_ms), line);
}

int
occ_bare(struct run *r, struct err *e)
{
	const struct cmd *start = find_command(r->cli, "start");
	bool wants_start = false;
	void *opts;
	int rc = r->cmd->run(r, e);
	int not_running = err_exit_status(ERR_NOT_RUNNING);

	if (rc != not_running && !(rc < 0 && e->code == ERR_NOT_RUNNING))
		return rc;
	if (!r->term->is_in_tty || !r->term->is_out_tty || !r->term->is_err_tty || r->g->is_quiet || r->g->wants_json)
		return rc;
	if (term_confirm(r->term, "Start it now?", true, NULL, &wants_start, e) < 0)
		return -1;
	if (!wants_start)
		return not_running;
	opts = arena_zero(r->arena, start->opts_bytes + 1);
	cli_defaults(start->opts, opts);
	r->cmd = start;
	r->opts = opts;
	err_clear(e);
	return start->run(r, e);
}

static int
run_command(struct run *r, const struct cli_parsed *parsed, struct err *e)
{
	void *opts;

	r->cmd = parsed->cmd;
	r->opts = parsed->opts;
	r->argc = parsed->argc;
	r->argv = parsed->argv;
	if (r->cmd)
		return r->cmd->run(r, e);
	r->cmd = find_command(r->cli, "status");
	opts = arena_zero(r->arena, r->cmd->opts_bytes + 1);
	cli_defaults(r->cmd->opts, opts);
	r->opts = opts;
	return occ_bare(r, e);
}

static int
dispatch(struct run *r, const struct globals *g, const struct cli_parsed *parsed, struct err *e)
{
	struct verbose v = { .term = r->term, .prog = r->cli->prog, .began_ms = clock_now_ms() };
	struct cli_parsed version = { .cmd = find_command(r->cli, "version") };
	int rc;

	if (parsed->wants_help)
		return help(r->cli, r->term, parsed);
	if (g->wants_version)
		return run_command(r, &version, e);
	if (parsed->group)
		return group_alone(r->cli, parsed, e);
	if (g->is_verbose)
		log_set_sink(show_log, &v);
	rc = run_command(r, parsed, e);
	log_set_sink(NULL, NULL);
	return rc;
}

/* Output that could not be written is a failure; that its reader went away (`| head`) was his decision. */
static int
exit_status(struct term *t, const struct cli *c, int rc, const struct err *e)
{
	struct err lost = ERR_INIT;

	term_progress_end(t);
	if (rc < 0) {
		term_error(t, c->prog, e);
		return err_exit_status(e->code);
	}
	if (rc > 0 || t->write_errno == 0 || t->write_errno == EPIPE)
		return rc;
	errno = t->write_errno;
	err_sys(&lost, "write to standard output");
	term_error(t, c->prog, &lost);
	return 1;
}

int
occ_main(const struct applet *a, const char *prog, int argc, char **argv)
{
	AUTO(arena) struct arena arena = ARENA_INIT;
	struct globals g;
	struct cli c;
	struct cli_parsed parsed;
	struct term t;
	struct err e = ERR_INIT;
	struct run r = { .cli = &c, .g = &g, .arena = &arena, .term = &t };
	int rc;

	(void)a;
	occ_cli(prog, &c);
	cli_defaults(globals, &g);
	rc = cancel_install(&e);
	if (rc == 0 && argc == 2 && strncmp(argv[1], "--dump=", 7) == 0) {
		term_init(&t, true, false);
		rc = dump(&c, &t, argv[1] + 7, &e);
		return exit_status(&t, &c, rc, &e);
	}
	if (rc == 0)
		rc = cli_parse(&c, &arena, argc, argv, &g, &parsed, &e);
	/* With JSON only the result may stand on standard output. */
	term_init(&t, g.no_colour, g.is_quiet || g.wants_json);
	if (rc == 0)
		rc = dispatch(&r, &g, &parsed, &e);
	return exit_status(&t, &c, rc, &e);
}

int
occ_command_main(const struct applet *a, const char *prog, int argc, char **argv)
{
	AUTO(arena) struct arena arena = ARENA_INIT;
	char **words = arena_zero(&arena, ((size_t)argc + 2) * sizeof *words);

	words[0] = argv[0];
	words[1] = arena_strdup(&arena, a->subcommand);
	for (int i = 1; i < argc; i++)
		words[i + 1] = argv[i];
	/* Hints name commands of occ, which the applet's own name does not have. */
	return occ_main(a, strcmp(prog, a->name) == 0 ? "occ" : prog, argc + 1, words);
}

/* occ exec: one command in the container, its input, output and exit status passed through */
#include "applets/occ/session.h"

struct exec_opts {
	const char *user, *workdir;
	bool tty, no_tty, no_stdin;
};

static const struct opt exec_opts[] = {
	/* --user is every command's and means the scope. */
	STR(struct exec_opts, user, 'u', "as", "USER", "run as this user (name or number, :GROUP too)"),
	STR(struct exec_opts, workdir, 'w', "workdir", "DIR", "run in this directory instead of the workspace"),
	FLAG(struct exec_opts, tty, 't', "tty", "give it a terminal even when output is not one"),
	FLAG(struct exec_opts, no_tty, 'T', "no-tty", "give it no terminal, keep output and errors apart"),
	FLAG(struct exec_opts, no_stdin, 'n', "no-stdin", "give it no input, as a loop over a list needs"),
	OPT_LAST
};

static int
exec_run(struct run *r, struct err *e)
{
	const struct exec_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	struct strlist argv = { 0 };
	struct session x;
	int status = 0;

	if (o->tty && o->no_tty)
		return err_set(e, ERR_USAGE, "--tty and --no-tty exclude each other");
	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	for (int i = 0; i < r->argc; i++)
		strlist_add(r->arena, &argv, r->argv[i]);
	session_init(&x, r, argv.v);
	x.user = o->user;
	x.workdir = o->workdir ? o->workdir : SERVICE_WORKSPACE;
	x.has_stdin = !o->no_stdin;
	x.has_tty = (x.has_tty || o->tty) && !o->no_tty;
	if (session_run(&s, &c, &x, &status, e) < 0)
		return -1;
	return status;
}

static const char *const exec_examples[] = {
	"exec -- git -C shop status", "one command in the workspace",
	"exec -- tar -C workspace -cz . > workspace.tar.gz", "output comes out byte for byte",
	"exec -n -- npm test", "no input: for scripts and loops",
	NULL
};

CMD(occ_exec) = {
	.applet = "occ", .name = "exec", .group = "Access", .args = "COMMAND [ARG...]", .args_min = 1, .args_max = -1, .is_passthrough = true,
	.brief = "run a command in the container",
	.about = "Input is passed on until it ends, output as it comes, the exit status as it is. There is a terminal when both input and output "
		"are one. Ctrl-C and a reader that goes away end the command in the container, too.",
	.examples = exec_examples,
	.opts = exec_opts, .opts_bytes = sizeof(struct exec_opts),
	.run = exec_run,
};

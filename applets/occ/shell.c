/* occ shell: a login shell in the container */
#include "applets/occ/session.h"

struct shell_opts {
	bool root;
};

static const struct opt shell_opts[] = {
	FLAG(struct shell_opts, root, 0, "root", "as user 0, still without any capability"),
	OPT_LAST
};

static int
shell_run(struct run *r, struct err *e)
{
	static const char *const argv[] = { "/bin/bash", "-l", NULL };
	const struct shell_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	struct session x;
	int status = 0;

	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	session_init(&x, r, argv);
	x.user = o->root ? "0" : NULL;
	x.workdir = SERVICE_WORKSPACE;
	if (o->root && x.has_tty && !r->g->is_quiet)
		term_warn(r->term, r->cli->prog, "root %s; what you change outside %s is gone when the container is recreated",
		    s.config.container.sudo ? "in the container only" : "without capabilities", SERVICE_HOME);
	if (session_run(&s, &c, &x, &status, e) < 0)
		return -1;
	return status;
}

static const char *const shell_examples[] = {
	"shell", "a login shell in ~/workspace, as the agent's own user",
	"shell --root", "look at what belongs to root; packages are better put into image.packages",
	NULL
};

CMD(occ_shell) = {
	.applet = "occ", .name = "shell", .group = "Access", .args = "", .args_min = 0, .args_max = 0,
	.brief = "a shell in the container, in the workspace",
	.about = "A login shell of the user that the agent works as; its exit status is passed on. With --root the container's limits stay as "
		"they are (no capability, no new privileges), and files outside the home and the workspace last until the container is "
		"recreated.",
	.examples = shell_examples,
	.opts = shell_opts, .opts_bytes = sizeof(struct shell_opts),
	.run = shell_run,
};

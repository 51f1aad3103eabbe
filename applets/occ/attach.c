/* occ attach: opencode's own terminal interface on the running server */
#include "applets/occ/opencode.h"
#include "applets/occ/session.h"

static int
attach_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	struct strlist words = { 0 };
	struct session x;
	int status = 0;

	if (!r->term->is_in_tty || !r->term->is_out_tty) {
		err_set(e, ERR_USAGE, "attach needs a terminal");
		return err_note(e, "try", "%s exec -- opencode run MESSAGE   (without one)", r->cli->prog);
	}
	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	strlist_add(r->arena, &words, "attach");
	strlist_add(r->arena, &words, arena_printf(r->arena, "http://127.0.0.1:%d", SERVICE_PORT));
	for (int i = 0; i < r->argc; i++)
		strlist_add(r->arena, &words, r->argv[i]);
	session_init(&x, r, opencode_argv(r->arena, &words));
	x.workdir = SERVICE_WORKSPACE;
	if (session_run(&s, &c, &x, &status, e) < 0)
		return -1;
	return status;
}

static const char *const attach_examples[] = {
	"attach", "work in the terminal; leave with opencode's own exit command",
	"attach -- --continue", "go on with the last session",
	NULL
};

CMD(occ_attach) = {
	.applet = "occ", .name = "attach", .group = "Access", .args = "[ARG...]", .args_min = 0, .args_max = -1, .is_passthrough = true,
	.brief = "opencode's own terminal interface on the running server",
	.about = "Sessions are the same as in the browser. Arguments behind -- are opencode's (opencode attach --help lists them). The "
		"password stays inside the container.",
	.examples = attach_examples,
	.run = attach_run,
};

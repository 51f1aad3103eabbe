/* password_rotate.c - a new password made here */
#include "applets/occ/password_change.h"

struct password_rotate_opts {
	struct password_idle idle;
};

static const struct opt password_rotate_opts[] = {
	DURATION(struct password_rotate_opts, idle.wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct password_rotate_opts, idle.now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static int
password_rotate_run(struct run *r, struct err *e)
{
	const struct password_rotate_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(credentials) struct credentials fresh;

	credentials_init(&fresh);
	if (occ_open(r, &s, e) < 0 || scope_prepare(&s.scope, e) < 0 || credentials_load(&s.scope, &fresh, e) < 0)
		return -1;
	if (credentials_generate_password(&fresh, e) < 0 || password_change(r, &s, &fresh, &o->idle, e) < 0)
		return -1;
	/* Into a log or a pipe it does not belong: who wants it there asks for it. */
	if (!r->term->is_out_tty) {
		term_row(r->term, "Next", "%s password show", r->cli->prog);
		return 0;
	}
	if (!r->term->is_quiet)
		term_printf(r->term, "\n  Password  %s    again: %s password show\n", fresh.password.p, r->cli->prog);
	return 0;
}

CMD(occ_password_rotate) = {
	.applet = "occ", .name = "password rotate", .group = "Access", .args = "", .args_max = 0,
	.brief = "make a new random password",
	.about = "A running service is restarted with it, and the change is proved: the old password refused, the new one taken, else everything is "
		 "put back. Behind the edge nothing is restarted: the password is the edge's, and opencode has another.",
	.opts = password_rotate_opts, .opts_bytes = sizeof(struct password_rotate_opts), .run = password_rotate_run,
};

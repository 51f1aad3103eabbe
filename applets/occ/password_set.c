/* password_set.c - a password of the person's own choice */
#include "applets/occ/password_change.h"
#include "applets/occ/secret_input.h"

#define INPUT_BYTES_MAX 2048	/* credentials.c has the real limit */

struct password_set_opts {
	struct password_idle idle;
	const char *file;
	bool is_stdin, is_empty;
};

static const struct opt password_set_opts[] = {
	FLAG(struct password_set_opts, is_stdin, 0, "stdin", "read the password from standard input"),
	STR(struct password_set_opts, file, 0, "file", "FILE", "read the password from a file"),
	FLAG(struct password_set_opts, is_empty, 0, "empty", "no password: refused beyond this machine"),
	DURATION(struct password_set_opts, idle.wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct password_set_opts, idle.now, 0, "now", "stop busy sessions instead of waiting"),
	OPT_LAST,
};

static const char *const password_set_examples[] = {
	"password set", "asks twice, without echo",
	"password set --stdin <FILE", "from standard input",
	NULL,
};

static int
read_password(struct run *r, const struct password_set_opts *o, struct buf *out, struct err *e)
{
	const struct secret_input in = { .is_stdin = o->is_stdin, .file = o->file, .what = "password", .is_twice = true };

	if (o->is_empty)
		return o->is_stdin || o->file ? err_set(e, ERR_USAGE, "--empty excludes --stdin and --file") : 0;
	if (secret_input_read(r, &in, out, e) < 0)
		return -1;
	if (out->n > 0)
		return 0;
	err_set(e, ERR_USAGE, "the password is empty");
	return err_note(e, "try", "%s password set --empty   if opencode shall let in everybody on this machine", r->cli->prog);
}

static int
password_set_run(struct run *r, struct err *e)
{
	const struct password_set_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(credentials) struct credentials fresh;
	struct buf password = BUF_INIT(INPUT_BYTES_MAX);
	int rc;

	credentials_init(&fresh);
	if (r->argc > 0)
		return secret_input_refuse(r, "a password", e);
	if (occ_open(r, &s, e) < 0 || scope_prepare(&s.scope, e) < 0 || credentials_load(&s.scope, &fresh, e) < 0)
		return -1;
	rc = read_password(r, o, &password, e);
	if (rc == 0)
		rc = credentials_set_password(&fresh, buf_str(&password), e);
	buf_wipe(&password);
	if (rc < 0 || password_change(r, &s, &fresh, &o->idle, e) < 0)
		return -1;
	return 0;
}

CMD(occ_password_set) = {
	.applet = "occ", .name = "password set", .group = "Access", .args = "", .args_max = -1,
	.brief = "choose a password",
	.about = "Asks twice without echo, or reads standard input or a file; never takes it from the command line. A running service is restarted, "
		 "and the change is proved: the old password refused, the new one taken, else everything is put back. Behind the edge nothing is restarted: "
		 "the password is the edge's, and opencode has another.",
	.examples = password_set_examples, .opts = password_set_opts, .opts_bytes = sizeof(struct password_set_opts), .run = password_set_run,
};

/* secret_set.c - a key for the agent's environment, kept out of the configuration and of the container's description */
#include "applets/occ/common.h"
#include "applets/occ/secret_input.h"
#include "lib/base/clock.h"

#define LOCK_MS 5000

struct secret_set_opts {
	const char *file;
	bool is_stdin;
};

static const struct opt secret_set_opts[] = {
	FLAG(struct secret_set_opts, is_stdin, 0, "stdin", "read the value from standard input"),
	STR(struct secret_set_opts, file, 0, "file", "FILE", "read the value from a file"),
	OPT_LAST,
};

static const char *const secret_set_examples[] = {
	"secret set ANTHROPIC_API_KEY", "asks for it, without echo",
	"secret set OPENAI_API_KEY --stdin <FILE", "from standard input",
	NULL,
};

/* The lock is taken after the person has typed. */
static int
save(const struct scope *s, const char *name, struct str value, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials c;

	credentials_init(&c);
	if (state_lock(&lock, s, "secret set", clock_due_ms(LOCK_MS), e) < 0 || credentials_load(s, &c, e) < 0)
		return -1;
	if (credentials_set_secret(&c, name, value, e) < 0)
		return -1;
	return credentials_save(s, &c, e);
}

/* Whether the name will do is said before the value is asked for. */
static int
check_name(struct run *r, const char *name, struct err *e)
{
	AUTO(credentials) struct credentials c;

	credentials_init(&c);
	if (r->argc > 1 || str_find_char(str_of(name), '=') != STR_NONE)
		return secret_input_refuse(r, "a secret", e);
	return credentials_set_secret(&c, name, STR_LIT("x"), e);
}

static int
secret_set_run(struct run *r, struct err *e)
{
	const struct secret_set_opts *o = r->opts;
	const char *name = r->argv[0];
	const struct secret_input in = { .is_stdin = o->is_stdin, .file = o->file, .what = arena_printf(r->arena, "value of %s", name) };
	struct buf value = BUF_INIT(2 * CREDENTIALS_VALUE_MAX);
	struct scope s;
	int rc;

	if (check_name(r, name, e) < 0 || occ_scope(r, &s, e) < 0 || scope_prepare(&s, e) < 0)
		return -1;
	rc = secret_input_read(r, &in, &value, e);
	if (rc == 0)
		rc = save(&s, name, buf_str(&value), e);
	buf_wipe(&value);
	if (rc == 0)
		term_row(r->term, "Secret", "%s is set; applies at the next `%s restart`", name, r->cli->prog);
	return rc;
}

CMD(occ_secret_set) = {
	.applet = "occ", .name = "secret set", .group = "Access", .args = "NAME", .args_min = 1, .args_max = -1,
	.brief = "give the agent a key, as ANTHROPIC_API_KEY",
	.about = "The value becomes a variable of opencode's environment. It is kept in the credentials file alone (0600), never in the configuration "
		 "or in what the engine shows of the container. Asks without echo, or reads standard input or a file.",
	.examples = secret_set_examples, .opts = secret_set_opts, .opts_bytes = sizeof(struct secret_set_opts), .run = secret_set_run,
};

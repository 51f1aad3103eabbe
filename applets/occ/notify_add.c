/* notify_add.c - an address that notifications go to, kept with the secrets */
#include "applets/occ/common.h"
#include "applets/occ/secret_input.h"
#include "lib/base/clock.h"

#define LOCK_MS 5000

struct notify_add_opts {
	const char *name, *file;
	bool is_stdin;
};

static const struct opt notify_add_opts[] = {
	STR(struct notify_add_opts, name, 0, "name", "NAME", "what to call it; without: as its kind"),
	FLAG(struct notify_add_opts, is_stdin, 0, "stdin", "read the address from standard input"),
	STR(struct notify_add_opts, file, 0, "file", "FILE", "read the address from a file"),
	OPT_LAST,
};

static const char *const notify_add_examples[] = {
	"notify add ntfy", "asks for https://ntfy.sh/TOPIC, without echo",
	"notify add slack --name team --stdin <FILE", "from standard input",
	NULL,
};

static int
check_http(struct run *r, struct str url, bool allow_http, struct err *e)
{
	if (!str_has_prefix(url, "http://") || allow_http)
		return 0;
	err_set(e, ERR_REFUSED, "the address is without TLS: everybody on the way reads what is sent, and its token");
	return err_note(e, "try", "%s config set notify.allow_http true   (in your own network)", r->cli->prog);
}

/* The lock is taken after the person has typed. */
static int
save(const struct scope *s, enum notice_service service, const char *name, struct str url, const char **ret_name, struct arena *a, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials c;

	credentials_init(&c);
	if (state_lock(&lock, s, "notify add", clock_due_ms(LOCK_MS), e) < 0 || credentials_load(s, &c, e) < 0)
		return -1;
	if (credentials_add_notify(&c, service, name, url, e) < 0)
		return -1;
	*ret_name = arena_strdup(a, c.notify[c.n_notify - 1].name);
	return credentials_save(s, &c, e);
}

static int
notify_add_run(struct run *r, struct err *e)
{
	const struct notify_add_opts *o = r->opts;
	const struct secret_input in = { .is_stdin = o->is_stdin, .file = o->file, .what = "address" };
	struct buf url = BUF_SECRET_INIT(2 * CREDENTIALS_URL_MAX);
	int service = notice_service_of(str_of(r->argv[0]));
	const char *name = o->name;
	struct config config;
	struct scope s;

	if (r->argc > 1)
		return secret_input_refuse(r, "an address", e);
	if (service < 0) {
		err_set(e, ERR_USAGE, "no such kind of receiver");
		return err_note(e, "try", "%s notify add webhook   or   ntfy   or   slack", r->cli->prog);
	}
	if (occ_config(r, &s, &config, e) < 0 || scope_prepare(&s, e) < 0)
		return -1;
	int rc = secret_input_read(r, &in, &url, e);
	struct str address = str_trim(buf_str(&url));
	if (rc == 0)
		rc = check_http(r, address, config.notify.allow_http, e);
	if (rc == 0)
		rc = save(&s, (enum notice_service)service, name, address, &name, r->arena, e);
	if (rc == 0)
		term_row(r->term, "Notify", "%s at %s is added; try it: `%s notify test %s`", name, notice_origin(r->arena, address), r->cli->prog, name);
	buf_wipe(&url);
	return rc;
}

CMD(occ_notify_add) = {
	.applet = "occ", .name = "notify add", .group = "Settings", .args = "webhook|ntfy|slack", .args_min = 1, .args_max = -1,
	.brief = "have notifications sent to an address",
	.about = "The watchdog posts there what happens to the service and what the agent asks (`notify.events`). The address holds a token as a rule: it is kept in "
		 "the credentials file alone (0600), asked for without echo, or read from standard input or a file. slack fits Mattermost and Discord's /slack, too.",
	.examples = notify_add_examples, .opts = notify_add_opts, .opts_bytes = sizeof(struct notify_add_opts), .run = notify_add_run,
};

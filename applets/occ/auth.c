/* occ auth login, list, logout: opencode's own commands in the container, and the redirects that a browser cannot deliver there */
#include <string.h>
#include <unistd.h>

#include "applets/occ/callback.h"
#include "applets/occ/opencode.h"
#include "applets/occ/session.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/engine/exec.h"

#define DELIVER_MS 30000
#define HINT_PAUSE_MS 400	/* after the program's own words */
#define CURL_REFUSED 7		/* curl(1), exit codes */

struct login {
	struct service *s;
	const struct container *c;
	const char *prog;
	struct callback_spot spot;
	struct callback_paste paste;
	unsigned port;			/* where the login waits; 0: not known to wait */
	int64_t hint_due_ms;
};

/* ---- delivery ---------------------------------------------------------------------------------------------- */

/* Gives the address to whoever listens in the container. The code in it travels on standard input. The HTTP status, or 0 when nobody listens. */
static int
deliver(struct service *s, const struct container *c, struct str url, struct err *e)
{
	static const char *const argv[] = { "/usr/bin/curl", "-q", "-g", "-sS", "--noproxy", "*", "--max-time", "20", "-o", "/dev/null",
		"-w", "%{http_code}", "-K", "-", NULL };
	AUTO(buf) struct buf config = BUF_SECRET_INIT(CALLBACK_URL_MAX + 64);
	AUTO(buf) struct buf out = BUF_INIT(4096), said = BUF_INIT(4096);
	struct exec_spec spec = { .argv = argv, .has_stdin = true };
	uint64_t code = 0;
	int status = 0;

	buf_printf(&config, "url = \"" STR_FMT "\"\n", STR_ARG(url));
	if (buf_check(&config, "the address", e) < 0)
		return -1;
	if (exec_capture(&s->engine, s->arena, c->id, &spec, buf_str(&config), &out, &said, clock_due_ms(DELIVER_MS), &status, e) < 0)
		return -1;
	if (status == CURL_REFUSED)
		return 0;
	if (status != 0 || num_u64(str_trim(buf_str(&out)), 100, 599, &code, e) < 0)
		return err_set(e, ERR_FAIL, "the address could not be delivered: curl ended with %d", status);
	return (int)code;
}

/* ---- while the login runs ---------------------------------------------------------------------------------- */

/* The terminal is raw: a line needs its carriage return, and whatever stands there is the program's. */
static void
say(const struct login *l, const char *text)
{
	AUTO(buf) struct buf line = BUF_INIT(1024);
	struct err ignored = ERR_INIT;

	buf_printf(&line, "\r\n\033[K%s: %s\r\n", l->prog, text);
	if (fd_write_all(STDERR_FILENO, buf_str(&line), clock_due_ms(1000), &ignored) < 0)
		err_clear(&ignored);
}

static void
login_output(void *ctx, struct str data)
{
	struct login *l = ctx;
	unsigned port = callback_spot(&l->spot, data);

	if (port == 0 || port == l->port)
		return;
	l->port = port;
	l->hint_due_ms = clock_due_ms(HINT_PAUSE_MS);
}

static void
hint(struct login *l)
{
	AUTO(buf) struct buf text = BUF_INIT(512);

	l->hint_due_ms = CLOCK_NEVER;
	buf_printf(&text, "when the browser ends at http://localhost:%u/... and cannot open it, copy that address and paste it here", l->port);
	say(l, text.p);
}

/* What nobody in the container wants is the program's input after all. */
static void
deliver_held(struct login *l, struct buf *pass)
{
	AUTO(buf) struct buf text = BUF_INIT(ERR_MSG_BYTES + 64);
	struct err e = ERR_INIT;
	int code = deliver(l->s, l->c, callback_url(buf_str(&l->paste.held), l->port), &e);

	if (code == 0)
		buf_putstr(pass, buf_str(&l->paste.held));
	else if (code < 0)
		buf_puts(&text, e.msg);
	else if (code < 400)
		buf_puts(&text, "address delivered");
	else
		buf_printf(&text, "address delivered; the login answered with HTTP %d", code);
	if (text.n > 0)
		say(l, text.p);
	buf_wipe(&l->paste.held);
}

static int64_t
login_input(void *ctx, struct str data, struct buf *pass)
{
	struct login *l = ctx;
	int64_t now_ms = clock_now_ms();

	if (l->port == 0)
		buf_putstr(pass, data);
	else if (callback_paste(&l->paste, l->port, data, now_ms, pass))
		deliver_held(l, pass);
	if (now_ms >= l->hint_due_ms)
		hint(l);
	return l->hint_due_ms < l->paste.due_ms ? l->hint_due_ms : l->paste.due_ms;
}

/* ---- commands ---------------------------------------------------------------------------------------------- */

/* One of opencode's own commands; a dialogue needs a terminal. */
static int
run_auth(struct run *r, const struct strlist *words, bool is_dialogue, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	struct session x;
	int status = 0;

	session_init(&x, r, opencode_argv(r->arena, words));
	if (is_dialogue && !x.has_tty) {
		err_set(e, ERR_USAGE, "auth %s is a dialogue: it needs a terminal", words->v[1]);
		return err_note(e, "try", "%s secret set NAME   (a provider's key, for scripts)", r->cli->prog);
	}
	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	struct login l = { .s = &s, .c = &c, .prog = r->cli->prog, .paste = CALLBACK_PASTE_INIT, .hint_due_ms = CLOCK_NEVER };
	struct session_tap tap = { &l, login_output, login_input };
	x.workdir = SERVICE_WORKSPACE;
	x.tap = is_dialogue ? &tap : NULL;
	int rc = session_run(&s, &c, &x, &status, e);
	buf_wipe(&l.paste.held);
	return rc < 0 ? -1 : status;
}

struct login_opts {
	const char *provider, *method;
	bool callback;
};

static const struct opt login_opts[] = {
	STR(struct login_opts, provider, 'p', "provider", "ID", "log in to this provider instead of choosing one"),
	STR(struct login_opts, method, 'm', "method", "LABEL", "use this way of the provider's to log in"),
	FLAG(struct login_opts, callback, 0, "callback", "give a redirect's address to a login that runs elsewhere"),
	OPT_LAST
};

/* From a prompt or a pipe, never from the arguments: it carries the login's code. */
static int
run_callback(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(buf) struct buf text = BUF_SECRET_INIT(CALLBACK_URL_MAX);
	struct container c;

	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	if (!r->term->is_in_tty) {
		if (fd_read_all(STDIN_FILENO, &text, CLOCK_NEVER, e) < 0)
			return -1;
	} else if (term_ask(r->term, "Address in the browser (http://localhost:...)", "standard input", &text, e) < 0) {
		return -1;
	}
	struct str url = callback_url(buf_str(&text), 0);
	if (url.n == 0)
		return err_set(e, ERR_USAGE, "that is not the address of a redirect: http://localhost:PORT/... is wanted");
	int code = deliver(&s, &c, url, e);
	if (code < 0)
		return -1;
	if (code == 0) {
		err_set(e, ERR_NOT_FOUND, "no login waits for that address in the container");
		return err_note(e, "try", "%s auth login   (and paste it there)", r->cli->prog);
	}
	if (code >= 400)
		return err_set(e, ERR_FAIL, "the login answered with HTTP %d", code);
	term_row(r->term, "Delivered", "the login answered with HTTP %d", code);
	return 0;
}

static int
auth_login_run(struct run *r, struct err *e)
{
	const struct login_opts *o = r->opts;
	struct strlist words = { 0 };

	if (o->callback)
		return run_callback(r, e);
	strlist_add(r->arena, &words, "auth");
	strlist_add(r->arena, &words, "login");
	if (o->provider) {
		strlist_add(r->arena, &words, "--provider");
		strlist_add(r->arena, &words, o->provider);
	}
	if (o->method) {
		strlist_add(r->arena, &words, "--method");
		strlist_add(r->arena, &words, o->method);
	}
	if (r->argc > 0)
		strlist_add(r->arena, &words, r->argv[0]);
	return run_auth(r, &words, true, e);
}

static int
auth_list_run(struct run *r, struct err *e)
{
	struct strlist words = { 0 };

	strlist_add(r->arena, &words, "auth");
	strlist_add(r->arena, &words, "list");
	return run_auth(r, &words, false, e);
}

static int
auth_logout_run(struct run *r, struct err *e)
{
	struct strlist words = { 0 };

	strlist_add(r->arena, &words, "auth");
	strlist_add(r->arena, &words, "logout");
	if (r->argc > 0)
		strlist_add(r->arena, &words, r->argv[0]);
	return run_auth(r, &words, r->argc == 0, e);
}

static const char *const login_examples[] = {
	"auth login", "choose a provider and log in",
	"auth login --provider anthropic", "log in to that one",
	"auth login --callback", "asks for the address of a redirect, for a login in another terminal",
	NULL
};

CMD(occ_auth_login) = {
	.applet = "occ", .name = "auth login", .group = "Access", .args = "[URL]", .args_min = 0, .args_max = 1,
	.brief = "log in to a model provider",
	.about = "opencode's own dialogue, in the container. When a provider sends the browser to http://localhost:PORT/..., where nothing "
		"answers, copy that address and paste it into the dialogue: it is delivered inside the container. URL names a provider "
		"that describes its own login.",
	.examples = login_examples,
	.opts = login_opts, .opts_bytes = sizeof(struct login_opts),
	.run = auth_login_run,
};

CMD(occ_auth_list) = {
	.applet = "occ", .name = "auth list", .group = "Access", .args = "", .args_min = 0, .args_max = 0,
	.brief = "list the providers that are logged in to",
	.about = "opencode's own list: logins, and the keys that secret set gave it. Values are never shown.",
	.run = auth_list_run,
};

CMD(occ_auth_logout) = {
	.applet = "occ", .name = "auth logout", .group = "Access", .args = "[PROVIDER]", .args_min = 0, .args_max = 1,
	.brief = "forget a provider's login",
	.about = "opencode's own dialogue, in the container; with PROVIDER it asks nothing.",
	.run = auth_logout_run,
};

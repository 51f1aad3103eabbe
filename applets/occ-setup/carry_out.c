/* carry_out.c - does what the summary said: configuration, password, start, then what needs the running container or the machine */
#include "applets/occ-setup/setup.h"

#include "applets/occ/report.h"
#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/deploy/mount.h"
#include "lib/deploy/up.h"
#include "lib/engine/exec.h"

#define EXEC_MS 60000
#define OUTPUT_MAX 16384

/* An existing key stays: its public half is what other machines know. */
static const char ssh_script[] =
	"test -e ~/.ssh/id_ed25519 || { mkdir -p -m 700 ~/.ssh && ssh-keygen -q -t ed25519 -N '' -C \"$1\" -f ~/.ssh/id_ed25519; } && "
	"cat ~/.ssh/id_ed25519.pub";

struct doing {
	struct setup *s;
	struct up_result result;
	const char *ssh_key;
	bool has_failed;		/* something beside the service itself; told already */
};

/* ---- configuration and password ---- */

static int
save_config(struct setup *s, struct err *e)
{
	const struct service_request rq = s->s.rq;

	if (scope_prepare(&s->s.scope, e) < 0 || config_set_many(s->r->arena, &s->s.scope, s->changes.pairs, s->changes.n, e) < 0)
		return -1;
	if (s->changes.n > 0)
		term_row(s->r->term, "Saved", "in %s", path_tilde(s->r->arena, s->s.scope.config_path, s->s.scope.home));
	service_auto(&s->s);
	return service_open(&s->s, s->r->arena, &rq, e);
}

static int
change_password(struct setup *s, const struct up_idle *idle, struct err *e)
{
	AUTO(credentials) struct credentials fresh;
	int rc;

	credentials_init(&fresh);
	if (s->changes.password == PASSWORD_FRESH)
		rc = credentials_generate_password(&fresh, e);
	else
		rc = credentials_set_password(&fresh, buf_str(&s->password), e);
	if (rc < 0)
		return -1;
	term_progress(s->r->term, "Password", "changing it");
	rc = up_rotate(&s->s, buf_str(&fresh.password), idle, e);
	term_progress_end(s->r->term);
	if (rc == UP_ROTATED_PROVED)
		term_row(s->r->term, "Password", "changed: opencode refuses the old one and takes the new one");
	else if (rc == UP_ROTATED_EDGE)
		term_row(s->r->term, "Password", "saved; the edge (occ-tls) takes it over");
	return rc < 0 ? err_note(e, "changed", "the configuration is saved; `occ setup` begins again from it") : 0;
}

static int
start(struct doing *d, struct err *e)
{
	struct setup *s = d->s;
	struct up_options options = { .timeout_ms = -1, .report = report_of(s->r), .idle = report_idle(s->r, s->o->now, s->o->wait_idle_ms) };
	int rc;

	if ((s->changes.password == PASSWORD_FRESH || s->changes.password == PASSWORD_TYPED) && change_password(s, &options.idle, e) < 0)
		return -1;
	rc = up_start(&s->s, &options, &d->result, e);
	term_progress_end(s->r->term);
	if (rc < 0)
		return s->changes.n > 0 ? err_note(e, "saved", "the configuration; `occ start` goes on from it") : -1;
	/* A password of somebody's own is not shown. */
	d->result.is_password_new |= s->changes.password == PASSWORD_FRESH;
	return 0;
}

/* ---- what comes after; a failure is told and the rest goes on ---- */

/* Only Ctrl-C ends it; what it left undone is what another setup does. */
static int
failed(struct doing *d, struct err *e)
{
	if (e->code == ERR_INTERRUPTED) {
		err_note(e, "changed", "the configuration is saved and opencode runs; what the summary named after that is not done");
		return err_note(e, "try", "%s setup again   (`%s password show` has the password)", d->s->r->cli->prog, d->s->r->cli->prog);
	}
	term_error(d->s->r->term, d->s->r->cli->prog, e);
	err_clear(e);
	d->has_failed = true;
	return 0;
}

static int
in_container(struct doing *d, const char *const *argv, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf said = BUF_INIT(OUTPUT_MAX);
	const struct exec_spec spec = { .argv = argv };
	int status = 0;

	if (exec_capture(&d->s->s.engine, d->s->r->arena, d->result.container.id, &spec, STR_NULL, out, &said, clock_due_ms(EXEC_MS), &status, e) < 0)
		return err_wrap(e, "%s in the container", argv[0]);
	if (status != 0)
		return err_set(e, ERR_FAIL, "%s in the container ended with %d: " STR_FMT, argv[0], status, STR_ARG(str_take(str_trim(buf_str(&said)), 300)));
	return 0;
}

static int
set_git(struct doing *d, const char *key, const char *value, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
	const char *const argv[] = { "git", "config", "--global", key, value, NULL };

	if (!value)
		return 0;
	if (in_container(d, argv, &out, e) < 0)
		return failed(d, e);
	term_row(d->s->r->term, "Git", "%s %s", key, value);
	return 0;
}

static int
make_ssh_key(struct doing *d, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
	const char *const argv[] = { "sh", "-c", ssh_script, "sh", d->s->s.names.container, NULL };

	if (!d->s->changes.shows_ssh_key)
		return 0;
	if (in_container(d, argv, &out, e) < 0)
		return failed(d, e);
	d->ssh_key = arena_str(d->s->r->arena, str_trim(buf_str(&out)));
	return 0;
}

/* By now there is an image to try it with. */
static int
try_workspace(struct doing *d, struct err *e)
{
	const char *host = d->s->changes.workspace, *why;

	if (!host)
		return 0;
	const struct config_mount m = { .host = str_of(host), .target = str_of(path_join(d->s->r->arena, SERVICE_WORKSPACE, path_base(host))) };
	return mount_try(&d->s->s, &m, &why, e) < 0 ? failed(d, e) : 0;
}

static int
follow_up(struct doing *d, struct err *e)
{
	struct setup *s = d->s;

	if (set_git(d, "user.name", s->changes.git_name, e) < 0 || set_git(d, "user.email", s->changes.git_email, e) < 0)
		return -1;
	if (make_ssh_key(d, e) < 0 || try_workspace(d, e) < 0)
		return -1;
	if (s->changes.serves_tailscale && setup_tailscale_serve(s, e) < 0 && failed(d, e) < 0)
		return -1;
	return setup_service_do(s, e) < 0 ? failed(d, e) : 0;
}

int
setup_do(struct setup *s, struct err *e)
{
	struct doing d = { .s = s };

	if (save_config(s, e) < 0 || start(&d, e) < 0 || follow_up(&d, e) < 0 || report_ready(s->r, &s->s, &d.result, e) < 0)
		return -1;
	if (d.ssh_key)
		term_item(s->r->term, "Agent's ssh key", "%s", d.ssh_key);
	return d.has_failed ? 1 : 0;
}

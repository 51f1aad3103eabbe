/* common.c - from the global options and the environment to an opened instance; the one place of occ that reads the environment */
#include "applets/occ/common.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/path.h"

/* POSIX wants it to be declared by whoever uses it; macOS does, too. */
extern char **environ;

const char *const *
occ_environment(void)
{
	return (const char *const *)environ;
}

const char *
occ_env(const char *name)
{
	const char *value = getenv(name);

	return value && value[0] ? value : NULL;
}

static const char *
home_of(struct arena *a, const struct passwd *pw)
{
	return pw && pw->pw_dir && pw->pw_dir[0] == '/' ? arena_strdup(a, pw->pw_dir) : NULL;
}

/* A directory of the environment that is the invoking user's does not count for root: files made there would be root's. */
static const char *
unless_within(const char *dir, const char *home)
{
	return dir && home && path_is_within(dir, home) ? NULL : dir;
}

/* sudo keeps HOME and the XDG variables on some systems (env_keep, -E) and sets them on others: root's own count either way. */
static void
apply_sudo(struct arena *a, struct scope_request *rq)
{
	rq->sudo_user = rq->uid == 0 ? occ_env("SUDO_USER") : NULL;
	if (!rq->sudo_user || strcmp(rq->sudo_user, "root") == 0)
		return;
	rq->sudo_home = home_of(a, getpwnam(rq->sudo_user));
	rq->xdg_config_home = unless_within(rq->xdg_config_home, rq->sudo_home);
	rq->xdg_state_home = unless_within(rq->xdg_state_home, rq->sudo_home);
	rq->xdg_data_home = unless_within(rq->xdg_data_home, rq->sudo_home);
	if (rq->home && !unless_within(rq->home, rq->sudo_home))
		rq->home = home_of(a, getpwuid(0));
}

static int
fill_scope(struct run *r, struct scope_request *rq, struct err *e)
{
	struct err ignored = ERR_INIT;

	*rq = (struct scope_request){
		.instance = r->g->instance,
		.is_system = r->g->is_system,
		.is_user = r->g->is_user,
		.uid = geteuid(),
		.root = "",
		.home = path_home(r->arena, &ignored),		/* without one only the user scope fails, and says so */
		.xdg_config_home = occ_env("XDG_CONFIG_HOME"),
		.xdg_state_home = occ_env("XDG_STATE_HOME"),
		.xdg_data_home = occ_env("XDG_DATA_HOME"),
		.xdg_runtime_dir = occ_env("XDG_RUNTIME_DIR"),
	};
	apply_sudo(r->arena, rq);
	if (!r->g->config)
		return 0;
	rq->config_file = path_absolute(r->arena, r->g->config, e);
	return rq->config_file ? 0 : err_wrap(e, "--config");
}

int
occ_request(struct run *r, struct service_request *ret, struct err *e)
{
	*ret = (struct service_request){
		.engine_url = r->g->engine,
		.context = r->g->context,
		.environment = occ_environment(),
	};
	if (fill_scope(r, &ret->scope, e) < 0)
		return -1;
	ret->engine_env = (struct engine_env){
		.home = ret->scope.home,
		.docker_host = occ_env("DOCKER_HOST"),
		.docker_context = occ_env("DOCKER_CONTEXT"),
		.docker_config = occ_env("DOCKER_CONFIG"),
		.docker_api_version = occ_env("DOCKER_API_VERSION"),
		.xdg_runtime_dir = ret->scope.xdg_runtime_dir,
	};
	return 0;
}

static void
show_warnings(struct run *r, const struct config *c)
{
	for (size_t i = 0; !r->g->is_quiet && i < c->warnings.n; i++)
		term_warn(r->term, r->cli->prog, "%s", c->warnings.v[i]);
}

int
occ_put_text(struct run *r, const struct buf *out, const char *what, struct err *e)
{
	if (buf_check(out, what, e) < 0)
		return -1;
	term_put(r->term, buf_str(out));
	return 0;
}

int
occ_put_json(struct run *r, struct jsonw *w, const char *what, struct err *e)
{
	jsonw_end(w);
	buf_putc(w->out, '\n');
	return occ_put_text(r, w->out, what, e);
}

int
occ_check_pipe(struct run *r, const char *option, struct err *e)
{
	if (!r->term->is_out_tty)
		return 0;
	err_set(e, ERR_USAGE, "an archive is no text for a terminal");
	return err_note(e, "try", "%s %s %s FILE", r->cli->prog, r->cmd->name, option);
}

int
occ_open(struct run *r, struct service *s, struct err *e)
{
	struct service_request rq;

	if (occ_request(r, &rq, e) < 0 || service_open(s, r->arena, &rq, e) < 0)
		return -1;
	show_warnings(r, &s->config);
	return 0;
}

int
occ_connect(struct run *r, struct service *s, struct err *e)
{
	return occ_open(r, s, e) < 0 ? -1 : service_connect(s, e);
}

int
occ_scope(struct run *r, struct scope *ret, struct err *e)
{
	struct scope_request rq;

	return fill_scope(r, &rq, e) < 0 ? -1 : scope_resolve(r->arena, &rq, ret, e);
}

int
occ_config(struct run *r, struct scope *ret_scope, struct config *ret, struct err *e)
{
	if (occ_scope(r, ret_scope, e) < 0 || config_load(r->arena, ret_scope, occ_environment(), ret, e) < 0)
		return -1;
	show_warnings(r, ret);
	return 0;
}

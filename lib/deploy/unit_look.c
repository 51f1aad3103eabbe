/* unit_look.c - what there is of an instance's service, and what would be written */
#include "lib/deploy/unit_install.h"

#include <dirent.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/unit_mark.h"
#include "lib/deploy/unit_run.h"
#include "lib/deploy/unit_user.h"
#include "lib/proc/self.h"
#include "lib/proc/spawn.h"

#define ASK_MS 20000
#define SHOWN_BYTES_MAX (1u << 20)

/* ---- the program ------------------------------------------------------------------------------------------------ */

/* For a unit of the machine: nobody but root may be able to change what root runs. */
static bool
is_safe(const char *path, enum scope_kind kind)
{
	struct stat st;

	return kind == SCOPE_USER || (stat(path, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH)));
}

static void
look_program(struct service *s, const struct unit_options *o, struct unit_state *st)
{
	enum scope_kind kind = s->scope.kind;

	st->self = o->self;
	st->in.binary = unit_stable_place(s->arena, kind, s->scope.home);
	st->is_copy = strcmp(o->self, st->in.binary) != 0;
	if (unit_is_stable_place(o->self, kind, s->scope.home) && is_safe(o->self, kind)) {
		st->in.binary = o->self;
		st->is_copy = false;
	}
	st->is_copy_same = !st->is_copy || unit_mark_is_same(o->self, st->in.binary);
	st->made_copy = unit_mark_exists(s->arena, unit_stable_place(s->arena, kind, s->scope.home));
}

/* ---- the engine and the environment ----------------------------------------------------------------------------- */

static int
refuse_options(const struct service *s, struct err *e)
{
	if (s->rq.scope.config_file)
		return err_set(e, ERR_USAGE, "a service reads its instance's own configuration: --config cannot be kept in it");
	if (s->rq.engine_url || s->rq.context) {
		err_set(e, ERR_USAGE, "a service takes the engine from the configuration: --engine and --context cannot be kept in it");
		return err_note(e, "try", "occ config set engine.url unix:///PATH");
	}
	return 0;
}

/* What the installed unit names is kept where the environment names nothing, as under sudo; but not once that engine is gone and there is another. */
static int
find_engine(struct service *s, const struct unit_said *said, const char *url, struct engine_endpoint *ret, struct err *e)
{
	struct engine_env env = s->rq.engine_env;
	const char *kept = env.docker_host || env.docker_context ? NULL : said->docker_host;
	int rc = engine_find(s->arena, &env, url, NULL, ret, e);

	if (url || !kept)
		return rc;
	if (rc == 0 && str_has_prefix(str_of(kept), "unix://") && !file_exists(kept + sizeof "unix://" - 1))
		return 0;
	err_clear(e);
	env.docker_host = kept;
	return engine_find(s->arena, &env, NULL, NULL, ret, e);
}

/* No engine yet is no hindrance: the watchdog waits for it. */
static int
look_engine(struct service *s, const struct unit_said *said, struct unit_state *st, const char **ret_host, struct err *e)
{
	const char *url = s->config.engine.url[0] ? s->config.engine.url : NULL;
	struct engine_endpoint at = { .transport = ENGINE_UNIX };
	struct err none = ERR_INIT;

	if (find_engine(s, said, url, &at, &none) < 0) {
		if (none.code != ERR_ENGINE) {
			*e = none;
			return -1;
		}
		return 0;
	}
	if (at.transport == ENGINE_SSH) {
		err_set(e, ERR_REFUSED, "the engine is on another machine (%s): what keeps opencode running has to be where the engine is", at.url);
		return err_note(e, "try", "occ service install on %s", at.ssh_host);
	}
	st->in.engine_socket = at.socket_path;
	if (!url && strcmp(at.socket_path, "/var/run/docker.sock") != 0 && strcmp(at.socket_path, "/run/docker.sock") != 0)
		*ret_host = arena_printf(s->arena, "DOCKER_HOST=unix://%s", at.socket_path);
	return 0;
}

static void
add_if_absolute(struct arena *a, struct strlist *l, const char *name, const char *value)
{
	if (value && value[0] == '/')
		strlist_add(a, l, arena_printf(a, "%s=%s", name, value));
}

static int
look_environment(struct service *s, const struct unit_said *said, struct unit_state *st, struct err *e)
{
	const char *docker_host = NULL;
	struct strlist l = { 0 };

	if (look_engine(s, said, st, &docker_host, e) < 0)
		return -1;
	if (s->scope.kind == SCOPE_USER) {
		add_if_absolute(s->arena, &l, "XDG_CONFIG_HOME", s->rq.scope.xdg_config_home);
		add_if_absolute(s->arena, &l, "XDG_STATE_HOME", s->rq.scope.xdg_state_home);
	}
	if (docker_host)
		strlist_add(s->arena, &l, docker_host);
	st->in.environment = l.v;
	return 0;
}

static const char *
user_of(const struct service *s, const struct unit_options *o, const struct unit_said *said)
{
	const char *user = o->run_as ? o->run_as : said->user;

	return s->scope.kind == SCOPE_USER || !user || strcmp(user, "root") == 0 ? NULL : user;
}

static int
look_user(struct service *s, const struct unit_options *o, struct unit_state *st, struct err *e)
{
	struct unit_owner owner;

	if (s->scope.kind == SCOPE_USER)
		return o->run_as ? err_set(e, ERR_USAGE, "--run-as is for a service of the machine (--system): your own runs as you") : 0;
	if (unit_user_find(st->in.user, st->in.engine_socket, &owner, e) < 0)
		return -1;
	st->needs_owner = unit_owner_differs(s, &owner);
	return 0;
}

/* ---- the edge ---------------------------------------------------------------------------------------------------- */

static void
look_edge(const struct service *s, struct unit_input *in)
{
	const struct config *c = &s->config;

	in->has_edge = edge_is_on(c);
	if (!in->has_edge)
		return;
	in->is_edge_tls = edge_is_tls(c);
	in->edge_bind = edge_bind(c);
	in->edge_port = edge_port(c, in->kind);
	in->edge_redirect_port = edge_redirect_port(c, in->kind);
	in->edge_certificate = edge_mode_of(c) == EDGE_FILES ? c->edge.certificate : NULL;
	in->edge_key = edge_mode_of(c) == EDGE_FILES ? c->edge.key : NULL;
}

/* ---- the units --------------------------------------------------------------------------------------------------- */

static struct unit_input
input_of(const struct unit_state *st, enum unit_part part)
{
	struct unit_input in = st->in;

	in.part = part;
	return in;
}

static bool
has_part(const struct unit_state *st, enum unit_part part)
{
	return st->in.manager == UNIT_SYSTEMD || part == UNIT_WATCHDOG || part == UNIT_EDGE;
}

static int
look_installed(struct service *s, struct unit_state *st, enum unit_part part, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
	struct unit_input in = input_of(st, part);
	struct unit_piece *u = &st->unit[part];
	const char *packaged = unit_packaged_path(s->arena, &in);
	int rc;

	u->name = unit_name(s->arena, &in);
	u->path = u->found = unit_path(s->arena, &in);
	rc = file_read(u->path, &text, e);
	if (rc < 0 && e->code == ERR_NOT_FOUND && packaged) {
		err_clear(e);
		rc = file_read(packaged, &text, e);
		u->is_packaged = rc == 0;
	}
	if (rc < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	if (u->is_packaged)
		u->found = packaged;
	u->installed = arena_str(s->arena, buf_str(&text));
	u->is_foreign = !unit_is_ours(buf_str(&text)) || !unit_is_for(&in, buf_str(&text));
	return 0;
}

static int
look_units(struct service *s, struct unit_state *st, struct unit_said *said, struct err *e)
{
	const struct unit_piece *watchdog = &st->unit[UNIT_WATCHDOG];

	*said = (struct unit_said){ 0 };
	for (int i = 0; i < UNIT__PARTS; i++) {
		st->unit[i].activity = st->unit[i].status = "";
		if (has_part(st, (enum unit_part)i) && look_installed(s, st, (enum unit_part)i, e) < 0)
			return -1;
	}
	if (watchdog->installed && !watchdog->is_foreign)
		unit_read(s->arena, st->in.manager, str_of(watchdog->installed), said);
	return 0;
}

/* What would be written, and whether that is what is there. A set that is not installed is not outdated. */
static int
look_texts(struct service *s, struct unit_state *st, struct err *e)
{
	bool differs = false;

	for (int i = 0; i < UNIT__PARTS; i++) {
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
		struct unit_input in = input_of(st, (enum unit_part)i);
		struct unit_piece *u = &st->unit[i];

		if (unit_is_wanted(&in)) {
			unit_put(&in, &text);
			if (buf_check(&text, "the unit", e) < 0)
				return -1;
			u->text = arena_str(s->arena, buf_str(&text));
			differs = differs || !u->installed || strcmp(u->text, u->installed) != 0;
		} else {
			differs = differs || (u->installed && !u->is_foreign);
		}
	}
	st->is_outdated = st->unit[UNIT_WATCHDOG].installed && (!st->is_copy_same || (!st->refusal.code && differs));
	return 0;
}

static bool
is_own(const struct unit_state *st, const char *name)
{
	for (int i = 0; i < UNIT__PARTS; i++)
		if (st->unit[i].name && !st->unit[i].is_foreign && strcmp(name, st->unit[i].name) == 0)
			return true;
	return false;
}

/* Other instances with a unit in the same directory, and whether one of them runs the same copy. A socket unit runs nothing and names no user. */
static void
look_others(struct service *s, struct unit_state *st)
{
	DIR *dir = opendir(unit_dir(s->arena, &st->in));
	const char *copy = unit_stable_place(s->arena, s->scope.kind, s->scope.home);
	const struct dirent *d;
	struct unit_said said;

	while (dir && (d = readdir(dir))) {
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
		struct err ignored = ERR_INIT;

		if (is_own(st, d->d_name) || !strstr(d->d_name, "opencode-cloud") || d->d_name[0] == '.' || str_has_suffix(str_of(d->d_name), ".socket"))
			continue;
		if (file_read(path_join(s->arena, unit_dir(s->arena, &st->in), d->d_name), &text, &ignored) < 0 || !unit_is_ours(buf_str(&text)))
			continue;
		st->has_others = true;
		unit_read(s->arena, st->in.manager, buf_str(&text), &said);
		if (s->scope.kind == SCOPE_SYSTEM) {
			st->other_name = arena_strdup(s->arena, d->d_name);
			st->other_user = said.user ? said.user : "root";
		}
		st->is_shared = st->is_shared || str_find(buf_str(&text), str_of(copy)) != STR_NONE;
	}
	if (dir)
		closedir(dir);
}

/* ---- the manager ------------------------------------------------------------------------------------------------ */

static bool
is_wsl(void)
{
	AUTO(buf) struct buf release = BUF_INIT(256);
	struct err ignored = ERR_INIT;

	return file_read("/proc/sys/kernel/osrelease", &release, &ignored) == 0 && str_find(buf_str(&release), STR_LIT("icrosoft")) != STR_NONE;
}

static void
without_systemd(struct unit_state *st, bool is_installed)
{
	st->no_manager = is_installed ? "systemd is installed, but this machine was not booted with it" : "there is no systemd on this machine";
	st->cure = is_wsl() ? "in WSL: put systemd=true below [boot] in /etc/wsl.conf, then `wsl --shutdown`"
			    : "let whatever starts services here run: occ watchdog   (until then the engine brings opencode back after a crash and a reboot)";
}

static void
look_shown(struct service *s, struct unit_state *st, enum unit_part part)
{
	AUTO(buf) struct buf out = BUF_INIT(SHOWN_BYTES_MAX);
	struct unit_input in = input_of(st, part);
	struct unit_piece *u = &st->unit[part];
	struct err why = ERR_INIT;
	struct unit_shown shown;

	/* launchctl fails for a job that is not loaded: then there is nothing to read. */
	if (unit_run(unit_command(s->arena, &in, st->uid, UNIT_SHOW), &out, clock_due_ms(ASK_MS), &why) < 0)
		buf_reset(&out);
	unit_read_shown(s->arena, in.manager, buf_str(&out), &shown);
	u->is_enabled = u->installed && shown.is_enabled;
	u->is_active = shown.is_active;
	u->needs_reload = shown.needs_reload;
	u->activity = shown.activity;
	u->status = shown.status;
	u->is_stale = shown.is_active && shown.pid > 0 && self_is_replaced((pid_t)shown.pid, st->in.binary);
	st->is_outdated = st->is_outdated || u->is_stale;
}

/* Asked for something harmless; what it cannot be asked for it cannot be told either. */
static void
look_manager(struct service *s, struct unit_state *st)
{
	AUTO(buf) struct buf out = BUF_INIT(SHOWN_BYTES_MAX);
	bool is_systemd = st->in.manager == UNIT_SYSTEMD, has_program = spawn_find(s->arena, is_systemd ? "systemctl" : "launchctl") != NULL;
	struct err why = ERR_INIT;

	if (is_systemd && (!has_program || !file_exists("/run/systemd/system"))) {
		without_systemd(st, has_program);
		return;
	}
	if (unit_run(unit_command(s->arena, &st->in, st->uid, UNIT_PING), &out, clock_due_ms(ASK_MS), &why) < 0) {
		st->no_manager = arena_strdup(s->arena, why.msg);
		st->cure = st->in.kind == SCOPE_USER ? "log in as that user (ssh, machinectl shell), or: loginctl enable-linger USER as root" : "run it with sudo";
		return;
	}
	/* A unit whose file is another's, or that neither is there nor shall be, is none of ours to ask about. */
	for (int i = 0; i < UNIT__PARTS; i++)
		if (i == UNIT_WATCHDOG || (!st->unit[i].is_foreign && (st->unit[i].text || st->unit[i].installed)))
			look_shown(s, st, (enum unit_part)i);
}

static void
look_linger(struct service *s, struct unit_state *st)
{
	const struct passwd *pw = getpwuid(st->uid);

	st->user_name = pw ? arena_strdup(s->arena, pw->pw_name) : "USER";
	st->has_linger = file_exists(path_join(s->arena, "/var/lib/systemd/linger", st->user_name));
	st->linger_mark = unit_mark_linger(s->arena, &s->scope);
	st->made_linger = file_exists(st->linger_mark);
}

int
unit_look(struct service *s, const struct unit_options *o, struct unit_state *ret, struct err *e)
{
	struct unit_said said;
	struct err why = ERR_INIT;

	*ret = (struct unit_state){ .uid = s->rq.scope.uid };
	ret->in = (struct unit_input){ .manager = unit_manager_here, .kind = s->scope.kind, .instance = s->scope.instance, .home = s->scope.home,
		.state_dir = s->scope.state_dir, .xdg_config_home = s->rq.scope.xdg_config_home };
	if (look_units(s, ret, &said, e) < 0)
		return -1;
	ret->in.user = user_of(s, o, &said);
	look_program(s, o, ret);
	look_edge(s, &ret->in);
	if (refuse_options(s, &why) < 0 || look_environment(s, &said, ret, &why) < 0 || look_user(s, o, ret, &why) < 0 || unit_input_check(&ret->in, &why) < 0)
		ret->refusal = why;
	if (look_texts(s, ret, e) < 0)
		return -1;
	if (s->scope.kind == SCOPE_USER)
		look_linger(s, ret);
	look_others(s, ret);
	look_manager(s, ret);
	return 0;
}

/* mount.c - what is asked of a directory before it becomes a mount */
#include "lib/deploy/mount.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/spec.h"
#include "lib/json/jsonw.h"

#define TRY_MS 60000
#define OUTPUT_MAX 4096
#define BODY_MAX 65536

/* Exit statuses of the script. */
enum { TRY_OK = 0, TRY_NO_WRITE = 20, TRY_NO_READ = 21 };

/* Writing is tried by writing; a file by opening it for that, its contents stay. */
static const char script[] =
	"if [ \"$2\" = ro ]; then\n"
	"	if [ -d \"$1\" ]; then ls \"$1\" >/dev/null; else : <\"$1\"; fi || exit 21\n"
	"elif [ -d \"$1\" ]; then\n"
	"	f=$1/.opencode-cloud-$$\n"
	"	(: >\"$f\") && rm \"$f\" || exit 20\n"
	"else\n"
	"	(: >>\"$1\") || exit 20\n"
	"fi\n";

/* ---- words ------------------------------------------------------------------------------------------------- */

/* ".." means what the kernel makes of it, now: the configuration takes clean paths only. */
static const char *
resolve(struct arena *a, const char *path, struct err *e)
{
	char real[PATH_MAX];

	if (str_find(str_of(path), STR_LIT("/..")) == STR_NONE)
		return path;
	if (!realpath(path, real)) {
		err_sys(e, "%s", path);
		return NULL;
	}
	return arena_strdup(a, real);
}

const char *
mount_element(struct arena *a, const char *typed, struct err *e)
{
	struct str rest = str_of(typed), host = str_cut(&rest, ':');
	struct config_mount m;

	if (host.n == 0 || rest.n == 0) {
		err_set(e, ERR_USAGE, "'%.80s' is not HOST:CONTAINER[:ro]", typed);
		return NULL;
	}
	const char *path = path_absolute(a, arena_str(a, host), e);
	path = path ? resolve(a, path, e) : NULL;
	if (!path)
		return NULL;
	const char *element = arena_printf(a, "%s:" STR_FMT, path, STR_ARG(rest));
	if (config_mount_parse(str_of(element), &m, e) < 0) {
		e->code = ERR_USAGE;
		return NULL;
	}
	return arena_printf(a, STR_FMT ":" STR_FMT "%s", STR_ARG(m.host), STR_ARG(m.target), m.is_read_only ? ":ro" : "");
}

/* ---- the host's side --------------------------------------------------------------------------------------- */

static int
check_taken(const struct config *c, const struct config_mount *m, struct err *e)
{
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < c->container.mounts.n; i++) {
		struct config_mount other;

		if (config_mount_parse(str_of(c->container.mounts.v[i]), &other, &ignored) < 0 || !str_eq(other.target, m->target))
			continue;
		if (str_eq(other.host, m->host) && other.is_read_only == m->is_read_only)
			return 0;
		err_set(e, ERR_CONFLICT, "something is mounted on " STR_FMT " already: %s", STR_ARG(m->target), c->container.mounts.v[i]);
		return err_note(e, "try", "occ mount remove " STR_FMT, STR_ARG(m->target));
	}
	return 0;
}

/* The directory of all instances that holds this one's. */
static const char *
base_of(struct arena *a, const char *dir)
{
	const char *parent = path_dir(a, dir);

	return str_is(str_of(path_base(parent)), "instances") ? path_dir(a, parent) : dir;
}

/* The agent may read what it is given: not the files that hold every password of this program, nor the whole machine. */
static int
check_exposed(struct service *s, const char *host, const char **ret_remark, struct err *e)
{
	const char *dirs[] = { base_of(s->arena, path_dir(s->arena, s->scope.credentials_path)), base_of(s->arena, s->scope.state_dir) };

	if (str_is(str_of(host), "/"))
		return err_set(e, ERR_REFUSED, "the whole machine would be the agent's: / is not mounted");
	for (size_t i = 0; i < 2; i++) {
		if (path_is_within(host, dirs[i]))
			return err_set(e, ERR_REFUSED, "%s holds this program's own files, credentials among them", host);
		if (path_is_within(dirs[i], host))
			*ret_remark = arena_printf(s->arena, "%s holds %s too: whoever has uid %d there reads this program's credentials", host,
			    path_tilde(s->arena, dirs[i], s->scope.home), SERVICE_UID);
	}
	struct stat st;
	if (!s->is_remote && stat(host, &st) == 0 && S_ISSOCK(st.st_mode))
		*ret_remark = arena_printf(s->arena, "%s is a socket: if it is an engine's, the agent becomes root of this machine by it", host);
	return 0;
}

int
mount_check(struct service *s, const struct config_mount *m, const char **ret_remark, struct err *e)
{
	const char *host = arena_str(s->arena, m->host);
	struct stat st;

	*ret_remark = NULL;
	if (check_exposed(s, host, ret_remark, e) < 0 || check_taken(&s->config, m, e) < 0)
		return -1;
	if (s->is_remote || stat(host, &st) == 0)
		return 0;
	if (errno == EACCES)
		return 0;		/* the engine sees more than we do */
	bool is_absent = errno == ENOENT;
	err_sys(e, "%s", host);
	return is_absent ? err_note(e, "try", "mkdir -p %s && sudo chown %d:%d %s", host, SERVICE_UID, SERVICE_UID, host) : -1;
}

/* ---- the trial --------------------------------------------------------------------------------------------- */

static void
put_host_config(struct jsonw *w, const struct spec_input *in, const struct config_mount *m)
{
	static const char *const all[] = { "ALL", NULL }, *const no_new[] = { "no-new-privileges", NULL };

	jsonw_object(w, "HostConfig");
	jsonw_str(w, "NetworkMode", "none");
	jsonw_strings(w, "CapDrop", all);
	jsonw_strings(w, "SecurityOpt", no_new);
	jsonw_array(w, "Mounts");
	jsonw_object(w, NULL);
	jsonw_str(w, "Type", "bind");
	jsonw_text(w, "Source", m->host);
	jsonw_text(w, "Target", m->target);
	jsonw_bool(w, "ReadOnly", m->is_read_only);
	jsonw_end(w);
	jsonw_end(w);
	spec_put_ulimits(w, in);
	jsonw_end(w);
}

/* Labelled as ours, but of no deployment's name: whatever looks for left-overs may remove it. */
static void
put_body(struct arena *a, const struct spec_input *in, const struct config_mount *m, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);
	const char *entrypoint[] = { "/bin/sh", "-c", script, "sh", NULL };
	const char *command[] = { arena_str(a, m->target), m->is_read_only ? "ro" : "rw", NULL };

	jsonw_object(&w, NULL);
	jsonw_str(&w, "Image", in->image);
	jsonw_str(&w, "User", "1000:1000");
	jsonw_str(&w, "WorkingDir", "/");
	jsonw_strings(&w, "Entrypoint", entrypoint);
	jsonw_strings(&w, "Cmd", command);
	jsonw_object(&w, "Labels");
	jsonw_str(&w, LABEL_MANAGED, LABEL_MANAGED_VALUE);
	jsonw_str(&w, LABEL_DEPLOYMENT, in->deployment);
	jsonw_end(&w);
	put_host_config(&w, in, m);
	jsonw_end(&w);
}

static int
explain(const struct config_mount *m, int status, struct str said, struct err *e)
{
	struct str line = STR_NULL;
	const char *verb = status == TRY_NO_READ ? "read" : "write to";
	size_t cut;

	while (str_line(&said, &line)) {
		if (line.n > 0)
			break;
	}
	/* "sh: 4: cannot create /x/y: Permission denied": its cause. */
	while ((cut = str_find(line, STR_LIT(": "))) != STR_NONE)
		line = str_skip(line, cut + 2);
	if (status != TRY_NO_WRITE && status != TRY_NO_READ)
		return err_set(e, ERR_FAIL, "the mount could not be tried: the scratch container ended with %d: " STR_FMT, status, STR_ARG(line));
	err_set(e, ERR_PERM, "the agent (uid %d) cannot %s " STR_FMT ": " STR_FMT, SERVICE_UID, verb, STR_ARG(m->host), STR_ARG(line));
	err_note(e, "changed", "nothing");
	err_note(e, "try", "sudo chown -R %d:%d " STR_FMT, SERVICE_UID, SERVICE_UID, STR_ARG(m->host));
	err_note(e, "or", "sudo setfacl -R -m u:%d:rwX -m d:u:%d:rwX " STR_FMT, SERVICE_UID, SERVICE_UID, STR_ARG(m->host));
	if (status == TRY_NO_WRITE)
		err_note(e, "or", "occ mount add " STR_FMT ":" STR_FMT ":ro   (to read only)", STR_ARG(m->host), STR_ARG(m->target));
	return -1;
}

int
mount_try(struct service *s, const struct config_mount *m, const char **ret_why, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(BODY_MAX), said = BUF_INIT(OUTPUT_MAX);
	struct spec_input in;
	struct image image;
	int status = 0;

	if (spec_input_of(s, &in, e) < 0)
		return -1;
	if (image_inspect(&s->engine, s->arena, in.image, &image, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		*ret_why = "there is no image yet";
		return 0;
	}
	put_body(s->arena, &in, m, &body);
	if (buf_check(&body, "container specification", e) < 0)
		return -1;
	if (container_run(&s->engine, s->arena, buf_str(&body), &said, clock_due_ms(TRY_MS), &status, e) < 0)
		return err_wrap(e, "try the mount");
	return status == TRY_OK ? 1 : explain(m, status, buf_str(&said), e);
}

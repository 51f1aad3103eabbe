#include "lib/engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/engine/remedy.h"
#include "lib/engine/socket.h"
#include "lib/engine/wire.h"

#define SSH_ERR_MAX 65536		/* what ssh said before is dropped beyond this */

void
engine_auto(struct engine *en)
{
	http_conn_fini(&en->conn);
	if (en->ssh_err_fd > 0)
		(void)close(en->ssh_err_fd);
	en->ssh_err_fd = 0;
}

/* ---- connecting ---- */

/* Another engine of this machine answers: say how to get to it. */
static int
note_other_engine(struct engine *en, const struct socket_candidate *c, size_t n, struct err *e)
{
	int i = socket_pick(c, n);
	bool is_there = i >= 0 && socket_look(c[i].path) == 0;

	if (en->at.context) {
		(void)err_note(e, "context", "the engine's address comes from the docker context \"%s\"", en->at.context);
		return is_there ? err_note(e, "try", "--context default   (an engine answers on %s)", c[i].path) : -1;
	}
	if (is_there)
		return err_note(e, "try", "--engine unix://%s   (an engine answers there)", c[i].path);
	return err_note(e, "try", "look at %s: that engine does not run, or its socket is elsewhere", en->at.origin);
}

/* Nobody is behind the socket. At one of the usual places that says something about this machine; elsewhere about the address. */
static int
absent_fault(struct engine *en, bool is_missing, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct socket_candidate c[SOCKETS_MAX];
	const char *path = en->at.socket_path;
	const char *where = arena_printf(&a, is_missing ? "there is no socket %s" : "nobody listens on %s", path);
	size_t n = socket_usual(&a, &en->env, c);

	for (size_t i = 0; i < n && !en->at.context; i++) {
		if (strcmp(c[i].path, path) == 0)
			return remedy_absent(where, e);
	}
	(void)err_set(e, ERR_ENGINE, "no engine: %s (%s)", where, en->at.origin);
	return note_other_engine(en, c, n, e);
}

static int
unix_fault(struct engine *en, struct err *e)
{
	int error = e->sys;

	switch (error) {
	case EACCES:
	case EPERM:
		return remedy_denied(en->at.socket_path, e);
	case ENOENT:
	case ENOTDIR:
		return absent_fault(en, true, e);
	case ECONNREFUSED:
		return absent_fault(en, false, e);
	case ETIMEDOUT:
	case EAGAIN:
		(void)err_set(e, ERR_TIMEOUT, "the engine does not accept connections on %s", en->at.socket_path);
		return err_note(e, "cause", "it hangs or is overloaded");
	default:
		return err_wrap(e, "engine at %s", en->at.url);
	}
}

static int
dial_ssh(struct engine *en, struct http_conn *c, struct err *e)
{
	struct ssh_argv argv;
	struct stat st;

	if (en->ssh_err_fd <= 0) {
		int fd = ssh_err_open(e);
		if (fd < 0)
			return -1;
		en->ssh_err_fd = fd;
	}
	if (fstat(en->ssh_err_fd, &st) == 0 && st.st_size > SSH_ERR_MAX && ftruncate(en->ssh_err_fd, 0) < 0)
		return err_sys(e, "temporary file for ssh");
	ssh_argv_of(&en->at, &argv);
	if (stream_child(&c->stream, argv.v, en->ssh_err_fd, e) == 0)
		return 0;
	if (e->code != ERR_NOT_FOUND)
		return err_wrap(e, "engine at %s", en->at.url);
	(void)err_set(e, ERR_ENGINE, "engine at %s: there is no ssh program on this machine", en->at.url);
	return err_note(e, "try", "install the OpenSSH client");
}

int
wire_dial(struct engine *en, struct http_conn *ret, int64_t due_ms, struct err *e)
{
	if (en->at.transport == ENGINE_SSH)
		return dial_ssh(en, ret, e);
	return stream_unix(&ret->stream, en->at.socket_path, due_ms, e) < 0 ? unix_fault(en, e) : 0;
}

/* ---- negotiation ---- */

/* "1.41" */
static int
parse_version(struct str s, unsigned *ret_minor)
{
	struct err ignored = ERR_INIT;
	uint64_t minor;

	if (!str_has_prefix(s, "1.") || num_u64(str_skip(s, 2), 0, 9999, &minor, &ignored) < 0)
		return -1;
	*ret_minor = (unsigned)minor;
	return 0;
}

/* "Docker/28.5.2 (linux)", "Libpod/4.3.1 (linux)" */
static void
note_server(struct engine *en)
{
	struct str server = http_field(&en->conn.head, "Server");
	struct str product = str_cut(&server, ' ');
	struct str name = str_cut(&product, '/');

	en->is_podman = str_is(name, "Libpod") || http_field(&en->conn.head, "Libpod-API-Version").p != NULL;
	(void)snprintf(en->version, sizeof en->version, STR_FMT, STR_ARG(str_take(product, sizeof en->version - 1)));
}

static int
choose_version(struct engine *en, struct str theirs, struct err *e)
{
	const char *fixed = en->env.docker_api_version;
	unsigned minor;

	if (parse_version(theirs, &minor) < 0) {
		if (theirs.n == 0)
			return err_set(e, ERR_ENGINE, "what answers at %s is not a Docker engine (no Api-Version)", en->at.url);
		(void)err_set(e, ERR_ENGINE, "the engine is too new: it speaks API " STR_FMT ", this program up to 1.%d", STR_ARG(str_take(theirs, 20)),
		    ENGINE_API_OURS);
		return err_note(e, "try", "a newer opencode-cloud");
	}
	if (minor < ENGINE_API_LEAST) {
		(void)err_set(e, ERR_ENGINE, "the engine is too old: it speaks API 1.%u, at least 1.%d is needed (Docker 19.03)", minor,
		    ENGINE_API_LEAST);
		return err_note(e, "try", "a newer Docker Engine");
	}
	en->api_minor = minor < ENGINE_API_OURS ? minor : ENGINE_API_OURS;
	if (!fixed || !*fixed)
		return 0;
	if (parse_version(str_of(fixed), &minor) == 0 && minor >= ENGINE_API_LEAST && minor <= ENGINE_API_OURS) {
		en->api_minor = minor;
		return 0;
	}
	(void)err_set(e, ERR_USAGE, "DOCKER_API_VERSION \"%s\" is not a version this program speaks (1.%d to 1.%d)", fixed, ENGINE_API_LEAST,
	    ENGINE_API_OURS);
	return err_note(e, "try", "unset DOCKER_API_VERSION");
}

int
engine_open(struct engine *en, const struct engine_endpoint *at, const struct engine_env *env, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf answer = BUF_INIT(WIRE_ANSWER_MAX);
	const struct wire_request ping = { .method = "GET", .path = "/_ping", .is_unversioned = true };

	en->at = *at;
	en->env = *env;
	if (wire_exchange(en, &ping, &answer, due_ms, e) < 0)
		return e->http ? err_wrap(e, "engine at %s", at->url) : -1;
	note_server(en);
	return choose_version(en, http_field(&en->conn.head, "Api-Version"), e);
}

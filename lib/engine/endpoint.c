#include "lib/engine/endpoint.h"

#include <string.h>
#include <sys/un.h>

#include "lib/base/num.h"
#include "lib/engine/context.h"
#include "lib/engine/remedy.h"
#include "lib/engine/socket.h"

static int
note_forms(struct err *e)
{
	return err_note(e, "allowed", "unix:///PATH or ssh://[USER@]HOST[:PORT]");
}

static int
parse_unix(struct arena *a, struct str path, struct engine_endpoint *ret, struct err *e)
{
	struct sockaddr_un limit;

	if (!str_has_prefix(path, "/")) {
		(void)err_set(e, ERR_USAGE, "engine \"unix://" STR_FMT "\": the path of the socket has to be absolute", STR_ARG(path));
		return note_forms(e);
	}
	if (path.n >= sizeof limit.sun_path)
		return err_set(e, ERR_USAGE, "engine \"unix://" STR_FMT "\": a socket's path holds at most %zu bytes", STR_ARG(path),
		    sizeof limit.sun_path - 1);
	ret->transport = ENGINE_UNIX;
	ret->socket_path = arena_str(a, path);
	return 0;
}

/* Only what host and user names are made of: these words reach ssh's command line, and through ProxyCommand perhaps a shell. */
static bool
is_plain_word(struct str s, const char *also)
{
	if (s.n == 0 || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!is_alnum && (c == '\0' || !strchr(also, c)))
			return false;
	}
	return true;
}

/* "host", "host:22", "[::1]:22" */
static int
parse_ssh_host(struct arena *a, struct str text, struct engine_endpoint *ret, struct err *e)
{
	struct str host = text, port = STR_NULL;
	uint64_t number;

	if (str_has_prefix(text, "[")) {
		port = str_skip(text, 1);
		host = str_cut(&port, ']');
		if (host.n + 1 == text.n)
			return err_set(e, ERR_USAGE, "engine URL: \"" STR_FMT "\" is not understood: no \"]\"", STR_ARG(text));
		if (port.n > 0 && !str_has_prefix(port, ":"))
			return err_set(e, ERR_USAGE, "engine URL: \"" STR_FMT "\" behind the address is not understood", STR_ARG(port));
	} else if (str_find_char(text, ':') != STR_NONE) {
		port = str_skip(text, str_find_char(text, ':'));
		host = str_take(text, text.n - port.n);
	}
	if (!is_plain_word(host, text.n > 0 && text.p[0] == '[' ? ".:%" : "._-"))
		return err_set(e, ERR_USAGE, "engine URL: \"" STR_FMT "\" is not a host name", STR_ARG(host));
	if (port.n > 0) {
		if (num_u64(str_skip(port, 1), 1, 65535, &number, e) < 0) {
			e->code = ERR_USAGE;
			return err_wrap(e, "engine URL: port");
		}
		ret->ssh_port = (unsigned)number;
	}
	ret->ssh_host = arena_str(a, host);
	return 0;
}

static int
parse_ssh(struct arena *a, struct str rest, struct engine_endpoint *ret, struct err *e)
{
	size_t at = str_rfind_char(rest, '@');
	struct str user = at == STR_NONE ? STR_NULL : str_take(rest, at);
	struct str host = at == STR_NONE ? rest : str_skip(rest, at + 1);
	struct str authority = str_cut(&host, '/');

	/* A password would be in argv or here: not even its text is repeated. */
	if (str_find_char(user, ':') != STR_NONE) {
		(void)err_set(e, ERR_USAGE, "an ssh:// URL must not hold a password");
		return err_note(e, "try", "a key: ssh-copy-id USER@HOST   then ssh://USER@HOST");
	}
	if (host.n > 0)
		return err_set(e, ERR_USAGE, "engine URL: a path behind an ssh:// host is not understood");
	if (at != STR_NONE && !is_plain_word(user, "._+@-"))
		return err_set(e, ERR_USAGE, "engine URL: \"" STR_FMT "\" is not a user name", STR_ARG(user));
	if (parse_ssh_host(a, authority, ret, e) < 0)
		return note_forms(e);
	ret->transport = ENGINE_SSH;
	ret->ssh_user = at == STR_NONE ? NULL : arena_str(a, user);
	return 0;
}

static int
refuse_scheme(struct str url, struct err *e)
{
	static const char *const remote[] = { "tcp://", "http://", "https://", NULL };

	for (size_t i = 0; remote[i]; i++) {
		if (!str_has_prefix(url, remote[i]))
			continue;
		struct str host = str_skip(url, strlen(remote[i]));
		host = str_skip(host, str_find_char(host, '@') + 1);	/* STR_NONE + 1 is 0 */
		host = str_cut(&host, '/');
		host = str_cut(&host, ':');
		(void)err_set(e, ERR_USAGE, "an engine over %s is refused: whoever reaches that port is root there", remote[i]);
		return err_note(e, "try", "ssh://USER@" STR_FMT "   (the same engine, through ssh)", STR_ARG(host.n ? host : STR_LIT("HOST")));
	}
	(void)err_set(e, ERR_USAGE, "engine \"" STR_FMT "\" is not understood", STR_ARG(str_take(url, 200)));
	if (str_has_prefix(url, "/"))
		return err_note(e, "try", "unix://" STR_FMT, STR_ARG(str_take(url, 200)));
	return note_forms(e);
}

/* origin says where the URL stands, for the message. */
static int
parse_url(struct arena *a, const char *url, const char *origin, struct engine_endpoint *ret, struct err *e)
{
	struct str s = str_of(url);
	struct engine_endpoint at = { .url = arena_strdup(a, url), .origin = origin };
	int rc;

	if (str_has_prefix(s, "unix://"))
		rc = parse_unix(a, str_skip(s, strlen("unix://")), &at, e);
	else if (str_has_prefix(s, "ssh://"))
		rc = parse_ssh(a, str_skip(s, strlen("ssh://")), &at, e);
	else
		rc = refuse_scheme(s, e);
	if (rc < 0)
		return err_wrap(e, "%s", origin);
	*ret = at;
	return 0;
}

static int
find_usual(struct arena *a, const struct engine_env *env, struct engine_endpoint *ret, struct err *e)
{
	struct socket_candidate c[SOCKETS_MAX];
	size_t n = socket_usual(a, env, c);
	int i = socket_pick(c, n);

	if (i >= 0) {
		*ret = (struct engine_endpoint){
			.transport = ENGINE_UNIX,
			.url = arena_printf(a, "unix://%s", c[i].path),
			.socket_path = c[i].path,
			.origin = c[i].origin,
		};
		return 0;
	}
	(void)remedy_absent("no engine's socket in any of the usual places", e);

	AUTO(buf) struct buf places = BUF_INIT(ERR_NOTE_BYTES - 1);
	for (size_t k = 0; k < n; k++) {
		size_t before = places.n;
		buf_printf(&places, "%s%s", k ? ", " : "", c[k].path);
		if (places.fault) {
			buf_trunc(&places, before);
			break;
		}
	}
	return err_note(e, "looked at", "%s", places.p);
}

static int
find_context(struct arena *a, const struct engine_env *env, const char *name, const char *via, struct engine_endpoint *ret, struct err *e)
{
	const char *url;

	/* docker's own name for "no context": the sockets of this machine. */
	if (strcmp(name, "default") == 0)
		return find_usual(a, env, ret, e);
	if (context_host(a, env, name, &url, e) < 0)
		return via ? err_wrap(e, "%s", via) : -1;
	if (parse_url(a, url, arena_printf(a, "context %s", name), ret, e) < 0)
		return -1;
	ret->context = arena_strdup(a, name);
	return 0;
}

static bool
is_given(const char *s)
{
	return s && *s;
}

int
engine_find(struct arena *a, const struct engine_env *env, const char *url, const char *context, struct engine_endpoint *ret, struct err *e)
{
	const char *current;

	if (is_given(url))
		return parse_url(a, url, "--engine", ret, e);
	if (is_given(context))
		return find_context(a, env, context, NULL, ret, e);
	if (is_given(env->docker_host))
		return parse_url(a, env->docker_host, "DOCKER_HOST", ret, e);
	if (is_given(env->docker_context))
		return find_context(a, env, env->docker_context, "DOCKER_CONTEXT", ret, e);
	if (context_current(a, env, &current, e) < 0)
		return -1;
	if (current)
		return find_context(a, env, current, "current context", ret, e);
	return find_usual(a, env, ret, e);
}

/* endpoint_test.c - where the engine is: URLs, contexts, and real sockets in every state */
#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/base/buf.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/engine/endpoint.h"
#include "lib/engine/socket.h"
#include "lib/tls/digest.h"
#include "tests/t.h"

#define NOBODY 65534

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

static const struct {
	const char *url;
	enum err_code code;
	enum engine_transport transport;
	const char *path_or_host, *user;
	unsigned port;
	const char *says;		/* in the message or the first note */
} url_rows[] = {
	{ "unix:///var/run/docker.sock", ERR_NONE, ENGINE_UNIX, "/var/run/docker.sock", NULL, 0, NULL },
	{ "unix:///a b", ERR_NONE, ENGINE_UNIX, "/a b", NULL, 0, NULL },
	{ "ssh://host", ERR_NONE, ENGINE_SSH, "host", NULL, 0, NULL },
	{ "ssh://me@host.example.com:2222", ERR_NONE, ENGINE_SSH, "host.example.com", "me", 2222, NULL },
	{ "ssh://me@[2001:db8::1]:22/", ERR_NONE, ENGINE_SSH, "2001:db8::1", "me", 22, NULL },
	{ "ssh://[fe80::1%eth0]", ERR_NONE, ENGINE_SSH, "fe80::1%eth0", NULL, 0, NULL },
	{ "ssh://me@corp@host", ERR_NONE, ENGINE_SSH, "host", "me@corp", 0, NULL },
	{ "unix://relative", ERR_USAGE, 0, NULL, NULL, 0, "absolute" },
	{ "unix://", ERR_USAGE, 0, NULL, NULL, 0, "absolute" },
	{ "unix:///0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234", ERR_USAGE, 0,
	    NULL, NULL, 0, "bytes" },
	{ "ssh://", ERR_USAGE, 0, NULL, NULL, 0, "host name" },
	{ "ssh://-oProxyCommand=x", ERR_USAGE, 0, NULL, NULL, 0, "host name" },
	{ "ssh://-l@host", ERR_USAGE, 0, NULL, NULL, 0, "user name" },
	{ "ssh://@host", ERR_USAGE, 0, NULL, NULL, 0, "user name" },
	{ "ssh://me@host;id", ERR_USAGE, 0, NULL, NULL, 0, "host name" },
	{ "ssh://$(id)@host", ERR_USAGE, 0, NULL, NULL, 0, "user name" },
	{ "ssh://host:0", ERR_USAGE, 0, NULL, NULL, 0, "port" },
	{ "ssh://host:65536", ERR_USAGE, 0, NULL, NULL, 0, "port" },
	{ "ssh://host:", ERR_USAGE, 0, NULL, NULL, 0, "port" },
	{ "ssh://host/path", ERR_USAGE, 0, NULL, NULL, 0, "path" },
	{ "ssh://me:secret@host", ERR_USAGE, 0, NULL, NULL, 0, "password" },
	{ "ssh://[::1", ERR_USAGE, 0, NULL, NULL, 0, "not understood" },
	{ "ssh://[::1]x", ERR_USAGE, 0, NULL, NULL, 0, "not understood" },
	{ "tcp://10.0.0.1:2375", ERR_USAGE, 0, NULL, NULL, 0, "ssh://USER@10.0.0.1" },
	{ "https://host:2376/x", ERR_USAGE, 0, NULL, NULL, 0, "ssh://USER@host" },
	{ "tcp://", ERR_USAGE, 0, NULL, NULL, 0, "ssh://USER@HOST" },
	{ "/var/run/docker.sock", ERR_USAGE, 0, NULL, NULL, 0, "unix:///var/run/docker.sock" },
	{ "npipe:////./pipe/x", ERR_USAGE, 0, NULL, NULL, 0, "not understood" },
	{ "nonsense", ERR_USAGE, 0, NULL, NULL, 0, "not understood" },
};

static void
urls(void)
{
	const struct engine_env env = { .docker_host = "unix:///not/this" };

	for (size_t i = 0; i < sizeof url_rows / sizeof url_rows[0]; i++) {
		struct engine_endpoint at;
		t_row("url %.60s", url_rows[i].url);
		err_clear(&e);
		T_EQ(engine_find(&a, &env, url_rows[i].url, NULL, &at, &e), url_rows[i].code ? -1 : 0);
		T_ERR(url_rows[i].code);
		T_OK(!strstr(e.msg, "secret"));
		if (url_rows[i].says)
			T_HAS(arena_printf(&a, "%s %s", e.msg, e.n_notes ? e.notes[0].text : ""), url_rows[i].says);
		if (url_rows[i].code)
			continue;
		T_EQ(at.transport, url_rows[i].transport);
		T_STR(at.url, url_rows[i].url);
		T_STR(at.origin, "--engine");
		T_STR(url_rows[i].transport == ENGINE_UNIX ? at.socket_path : at.ssh_host, url_rows[i].path_or_host);
		T_STR(at.ssh_user, url_rows[i].user);
		T_EQ(at.ssh_port, url_rows[i].port);
	}
}

static void
make_context(const char *dir, const char *name, const char *json)
{
	AUTO(buf) struct buf hex = BUF_INIT(100);

	digest_sha256_hex(str_of(name), &hex);
	const char *meta = arena_printf(&a, "%s/contexts/meta/%s", dir, hex.p);
	T_CALL(file_mkdirs(meta, 0700, &e));
	T_CALL(file_save(arena_printf(&a, "%s/meta.json", meta), str_of(json), 0600, &e));
}

static void
contexts(void)
{
	const char *home = arena_printf(&a, "%s/home", t_tmpdir()), *dir = arena_printf(&a, "%s/.docker", home);
	const char *config = arena_printf(&a, "%s/config.json", dir);
	struct engine_env env = { .home = home };
	struct engine_endpoint at;

	t_row("contexts of ~/.docker");
	T_CALL(file_mkdirs(dir, 0700, &e));
	make_context(dir, "near", "{\"Name\":\"near\",\"Metadata\":{},\"Endpoints\":{\"docker\":{\"Host\":\"unix:///near.sock\",\"SkipTLSVerify\":false}}}");
	make_context(dir, "far", "{\"Name\":\"far\",\"Endpoints\":{\"docker\":{\"Host\":\"ssh://me@far\"}}}");
	make_context(dir, "open", "{\"Name\":\"open\",\"Endpoints\":{\"docker\":{\"Host\":\"tcp://open:2375\"}}}");
	make_context(dir, "empty", "{\"Name\":\"empty\",\"Endpoints\":{}}");
	make_context(dir, "broken", "{\"Name\":");
	T_CALL(engine_find(&a, &env, NULL, "near", &at, &e));
	T_STR(at.socket_path, "/near.sock");
	T_STR(at.context, "near");
	T_STR(at.origin, "context near");
	T_FAILS(engine_find(&a, &env, NULL, "open", &at, &e), ERR_USAGE);
	T_HAS(e.msg, "context open");
	T_HAS(e.notes[0].text, "ssh://USER@open");
	T_FAILS(engine_find(&a, &env, NULL, "empty", &at, &e), ERR_USAGE);
	T_FAILS(engine_find(&a, &env, NULL, "broken", &at, &e), ERR_CONFIG);
	T_HAS(e.msg, "meta.json");
	t_row("an unknown context lists those there are");
	T_FAILS(engine_find(&a, &env, NULL, "../near", &at, &e), ERR_USAGE);
	T_HAS(e.msg, "no docker context \"../near\"");
	T_STR(e.notes[0].label, "contexts");
	T_HAS(e.notes[0].text, "default, ");
	T_HAS(e.notes[0].text, "near");
	T_HAS(e.notes[0].text, "far");
	t_row("the order: context, DOCKER_HOST, DOCKER_CONTEXT, current context");
	T_CALL(file_save(config, STR_LIT("{\"auths\":{},\"currentContext\":\"near\"}"), 0600, &e));
	T_CALL(engine_find(&a, &env, NULL, NULL, &at, &e));
	T_STR(at.context, "near");
	env.docker_context = "far";
	T_CALL(engine_find(&a, &env, NULL, NULL, &at, &e));
	T_STR(at.ssh_host, "far");
	env.docker_host = "unix:///host.sock";
	T_CALL(engine_find(&a, &env, NULL, NULL, &at, &e));
	T_STR(at.socket_path, "/host.sock");
	T_STR(at.origin, "DOCKER_HOST");
	T_OK(!at.context);
	T_CALL(engine_find(&a, &env, NULL, "near", &at, &e));
	T_STR(at.socket_path, "/near.sock");
	T_CALL(engine_find(&a, &env, "unix:///url.sock", "near", &at, &e));
	T_STR(at.socket_path, "/url.sock");
}

/* After contexts(): DOCKER_CONFIG, and a config.json that misleads */
static void
config_files(void)
{
	const char *dir = arena_printf(&a, "%s/home/.docker", t_tmpdir()), *config = arena_printf(&a, "%s/config.json", dir);
	struct engine_env env;
	struct engine_endpoint at;

	t_row("DOCKER_CONFIG instead of ~/.docker; empty variables count as unset");
	env = (struct engine_env){ .home = "/nowhere", .docker_config = dir, .docker_host = "", .docker_context = "" };
	T_CALL(engine_find(&a, &env, NULL, NULL, &at, &e));
	T_STR(at.context, "near");
	t_row("a config.json that is none is an error, not another engine");
	T_CALL(file_save(config, STR_LIT("{\"currentContext\":"), 0600, &e));
	T_FAILS(engine_find(&a, &env, NULL, NULL, &at, &e), ERR_CONFIG);
	T_HAS(e.msg, "config.json");
	t_row("an unknown current context says where it stands");
	T_CALL(file_save(config, STR_LIT("{\"currentContext\":\"gone\"}"), 0600, &e));
	T_FAILS(engine_find(&a, &env, NULL, NULL, &at, &e), ERR_USAGE);
	T_HAS(e.msg, "current context: there is no docker context \"gone\"");
	t_row("no home at all");
	env = (struct engine_env){ .home = NULL };
	T_FAILS(engine_find(&a, &env, NULL, "x", &at, &e), ERR_USAGE);
}

/* A listening socket, or one that nobody listens on any more. */
static int
make_socket(const char *path, bool is_listening)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	T_OK(fd >= 0 && bind(fd, (struct sockaddr *)&sun, sizeof sun) == 0);
	if (is_listening)
		T_OK(listen(fd, 4) == 0);
	return fd;
}

static void
sockets(void)
{
	const char *dir = t_tmpdir();
	const char *up = arena_printf(&a, "%s/up", dir), *down = arena_printf(&a, "%s/down", dir), *none = arena_printf(&a, "%s/none", dir);
	const char *closed = arena_printf(&a, "%s/closed", dir), *file = arena_printf(&a, "%s/file", dir);
	AUTO(fd) int up_fd = make_socket(up, true);
	AUTO(fd) int down_fd = make_socket(down, false);
	AUTO(fd) int closed_fd = make_socket(closed, true);

	T_OK(up_fd >= 0 && down_fd >= 0 && closed_fd >= 0);
	T_CALL(file_save(file, STR_LIT(""), 0600, &e));
	T_OK(chmod(closed, 0) == 0 && chmod(dir, 0711) == 0 && chmod(up, 0666) == 0 && chmod(down, 0666) == 0);
	bool is_root = geteuid() == 0;
	if (is_root)
		T_OK(seteuid(NOBODY) == 0);
	t_row("a look tells listening, refused, absent, forbidden and no socket apart");
	T_EQ(socket_look(up), 0);
	T_EQ(socket_look(down), ECONNREFUSED);
	T_EQ(socket_look(none), ENOENT);
	T_EQ(socket_look(closed), EACCES);
	T_OK(socket_look(file) != 0);
	const struct {
		const char *name;
		const char *path[4];
		int want;
	} row[] = {
		{ "the first that answers", { none, up, up }, 1 },
		{ "answering beats forbidden and refused before it", { closed, down, up }, 2 },
		{ "forbidden beats refused: an engine runs there", { none, down, closed }, 2 },
		{ "refused beats absent", { none, none, down }, 2 },
		{ "the first of equals", { down, down, none }, 0 },
		{ "nothing", { none, none, none }, -1 },
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		struct socket_candidate c[3];
		for (size_t k = 0; k < 3; k++)
			c[k] = (struct socket_candidate){ row[i].path[k], "test" };
		t_row("pick: %s", row[i].name);
		T_EQ(socket_pick(c, 3), row[i].want);
	}
	if (is_root)
		T_OK(seteuid(0) == 0);
}

static void
usual(void)
{
	struct socket_candidate c[SOCKETS_MAX];
	const struct engine_env env = { .home = "/home/me", .xdg_runtime_dir = "/run/user/7" }, bare = { .home = NULL };
	bool has_colima = false;

	t_row("the usual places, in their order");
	size_t n = socket_usual(&a, &env, c);
	T_OK(n >= 9 && n <= SOCKETS_MAX);
	T_STR(c[0].path, "/var/run/docker.sock");
	T_STR(c[1].path, "/run/user/7/docker.sock");
	T_STR(c[2].path, "/home/me/.docker/run/docker.sock");
	T_STR(c[n - 1].path, "/run/podman/podman.sock");
	for (size_t i = 0; i < n; i++)
		has_colima = has_colima || strcmp(c[i].path, "/home/me/.colima/default/docker.sock") == 0;
	T_OK(has_colima);
	t_row("without home and runtime directory");
	n = socket_usual(&a, &bare, c);
	T_EQ(n, 4);
	T_STR(c[1].path, arena_printf(&a, "/run/user/%u/docker.sock", (unsigned)geteuid()));

	t_row("no URL, no context: a usual socket, or told what to install or start");
	struct engine_endpoint at;
	const struct engine_env nothing = { .home = arena_printf(&a, "%s/empty", t_tmpdir()), .xdg_runtime_dir = "/nonexistent" };
	if (engine_find(&a, &nothing, NULL, NULL, &at, &e) == 0) {
		T_OK(at.transport == ENGINE_UNIX && at.socket_path && at.origin && str_has_prefix(str_of(at.url), "unix:///"));
	} else {
		T_ERR(ERR_ENGINE);
		T_OK(e.n_notes >= 2);
	}
}

int
main(void)
{
	urls();
	contexts();
	config_files();
	sockets();
	usual();
	arena_fini(&a);
	return t_done();
}

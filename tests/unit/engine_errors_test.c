/* engine_errors_test.c - every way an engine can be absent, silent, cut off, or say no, and what a person is told */
#include "tests/unit/scripted_engine.h"

#include <sys/stat.h>

#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/engine/container.h"
#include "lib/engine/wire.h"

#define NOBODY 65534
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

static const char *
all_notes(void)
{
	AUTO(buf) struct buf b = BUF_INIT(4096);

	for (size_t i = 0; i < e.n_notes; i++)
		buf_printf(&b, "%s: %s\n", e.notes[i].label, e.notes[i].text);
	return arena_strdup(&a, b.p);
}

static int
open_at(const char *path, const char *context, int64_t due_ms)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	const struct engine_env env = { .home = NULL };
	const struct engine_endpoint at = {
		.transport = ENGINE_UNIX, .socket_path = path, .url = arena_printf(&a, "unix://%s", path), .origin = context ? "context far" : "DOCKER_HOST",
		.context = context,
	};

	err_clear(&e);
	return engine_open(&en, &at, &env, due_ms, &e);
}

static void
sockets(void)
{
	const char *path = arena_printf(&a, "%s/s.sock", t_tmpdir());
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	t_row("no socket there");
	T_FAILS(open_at(path, NULL, DUE), ERR_ENGINE);
	T_HAS(e.msg, "there is no socket");
	T_HAS(e.msg, "DOCKER_HOST");
	T_OK(e.n_notes > 0);
	t_row("the same out of a context names the context");
	T_FAILS(open_at(path, "far", DUE), ERR_ENGINE);
	T_HAS(all_notes(), "docker context \"far\"");
	snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	T_OK(bind(fd, (struct sockaddr *)&sun, sizeof sun) == 0);
	t_row("a socket that nobody listens on");
	T_FAILS(open_at(path, NULL, DUE), ERR_ENGINE);
	T_HAS(e.msg, "nobody listens");
	t_row("a socket that is not ours to open");
	T_OK(listen(fd, 1) == 0 && chmod(path, 0) == 0 && chmod(t_tmpdir(), 0711) == 0);
	bool is_root = geteuid() == 0;
	if (is_root)
		T_OK(seteuid(NOBODY) == 0);
	T_FAILS(open_at(path, NULL, DUE), ERR_PERM);
	if (is_root)
		T_OK(seteuid(0) == 0);
	T_HAS(e.msg, "permission denied");
	T_HAS(all_notes(), "usermod -aG docker");
	t_row("an engine that accepts and never answers");
	T_OK(chmod(path, 0700) == 0);
	T_FAILS(open_at(path, NULL, clock_due_ms(150)), ERR_TIMEOUT);
	T_HAS(e.msg, "did not answer GET /_ping in time");
	t_row("an engine whose queue is full");
	struct stream more[4] = { STREAM_INIT, STREAM_INIT, STREAM_INIT, STREAM_INIT };
	for (size_t i = 0; i < 4; i++)
		(void)!stream_unix(&more[i], path, clock_due_ms(20), &e);
	T_FAILS(open_at(path, NULL, clock_due_ms(150)), ERR_TIMEOUT);
	for (size_t i = 0; i < 4; i++)
		stream_close(&more[i]);
	t_row("not a socket at all");
	T_OK(open_at(arena_printf(&a, "%s", t_tmpdir()), NULL, DUE) < 0);
	T_ERR(ERR_ENGINE);
}

static void
cuts(void)
{
	static const char answer[] = ANSWER;

	t_row("an answer that is cut at every byte: lost in the middle");
	for (size_t n = 0; n + 1 < sizeof answer; n++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		const char *part = arena_str(&a, str_from(answer, n));
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND(part))), &e));
		T_FAILS(engine_call(&en, &a, "POST", "/containers/x/y?z=1", STR_LIT("{}"), DUE, NULL, &e), ERR_ENGINE);
		T_HAS(e.msg, "lost in the middle of POST /containers/x/y");
		T_OK(!strstr(e.msg, "z=1"));
		T_OK(en.conn.stream.fd < 0);
		scripted_stop();
	}
	t_row("a ping that is cut at every byte");
	for (size_t n = 0; n + 1 < sizeof OK_PING; n++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		T_FAILS(scripted_open(&en, &a, CONNECTIONS(SCRIPT(HEAD, SEND(arena_str(&a, str_from(OK_PING, n))))), &e), ERR_ENGINE);
		scripted_stop();
	}
}

static void
nonsense(void)
{
	static const struct {
		const char *name, *answer;
		enum err_code code;
		const char *says;
	} row[] = {
		{ "another protocol", "SSH-2.0-OpenSSH_9.2\r\n", ERR_ENGINE, "does not speak as an engine does" },
		{ "two framings", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", ERR_ENGINE, "does not speak" },
		{ "JSON that is none", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n{\"a\":}", ERR_ENGINE, "does not speak" },
		{ "a redirect", "HTTP/1.1 301 Moved\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n", ERR_FAIL, "HTTP status 301" },
		{ "500 without a word", "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", ERR_FAIL, "without a reason" },
		{ "500 with a page", "HTTP/1.1 500 Oops\r\nContent-Length: 37\r\n\r\n<html>\r\n\x1b[31mproxy\x1b[0m\terror</html>\n\n", ERR_FAIL, "<html> proxy error</html>" },
		{ "502 with a message that is no text", "HTTP/1.1 502 Bad\r\nContent-Length: 13\r\n\r\n{\"message\":{}}", ERR_FAIL, "HTTP status 502" },
		{ "a refusal whose body is cut", "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n{\"message\":", ERR_NOT_FOUND, "HTTP status 404" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		t_row("%s", row[i].name);
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND(row[i].answer), { PEER_SHUT, NULL, 0 }, HOLD)), &e));
		T_FAILS(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, NULL, &e), row[i].code);
		T_HAS(e.msg, row[i].says);
		scripted_stop();
	}
	AUTO(engine) struct engine en = ENGINE_INIT;
	t_row("silence: the deadline");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, HOLD)), &e));
	T_FAILS(engine_call(&en, &a, "GET", "/x", STR_NULL, clock_due_ms(100), NULL, &e), ERR_TIMEOUT);
	scripted_stop();
	t_row("an answer beyond the ceiling; a refusal as large");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
	    { PEER_FILL, NULL, WIRE_ANSWER_MAX + (1u << 20) }, HOLD),
	    SCRIPT(HEAD, SEND("HTTP/1.1 500 Oops\r\nContent-Length: 99999999999\r\n\r\n"), { PEER_FILL, NULL, 1u << 20 }, HOLD)), &e));
	T_FAILS(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, NULL, &e), ERR_TOO_BIG);
	T_FAILS(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, NULL, &e), ERR_FAIL);
	T_EQ(e.http, 500);
	T_OK(en.conn.stream.fd < 0);
	scripted_stop();
}

static int
start(struct engine *en)
{
	return container_start(en, "c", DUE, &e);
}

static int
create(struct engine *en)
{
	const char *id;

	return container_create(en, &a, "c", STR_LIT("{}"), &id, &e);
}

static int
kill_it(struct engine *en)
{
	return container_kill(en, "c", "KILL", &e);
}

static int
unpause(struct engine *en)
{
	return container_unpause(en, "c", &e);
}

static int
policy(struct engine *en)
{
	return container_set_restart_policy(en, "c", "no", &e);
}

static void
refusals(void)
{
	static const struct {
		int (*call)(struct engine *en);
		int status;
		const char *message;
		enum err_code code;
		const char *note;
	} row[] = {
		{ start, 500, "driver failed: Bind for 127.0.0.1:3000 failed: port is already allocated", ERR_ADDR_IN_USE, NULL },
		{ start, 500, "listen tcp4 127.0.0.1:3000: bind: address already in use", ERR_ADDR_IN_USE, NULL },
		{ start, 500, "Ports are not available: exposing port TCP 0.0.0.0:3000", ERR_ADDR_IN_USE, NULL },
		{ start, 500, "bind: cannot assign requested address", ERR_CONFIG, "one of the engine's host" },
		{ start, 500, "Mounts denied: The path /x is not shared", ERR_CONFIG, "share that directory" },
		{ start, 400, "invalid mount config for type \\\"bind\\\": bind source path does not exist: /x", ERR_CONFIG, "has to exist" },
		{ start, 500, "write /var/lib/docker/x: no space left on device", ERR_FAIL, "docker system df" },
		{ start, 404, "No such container: c", ERR_NOT_FOUND, NULL },
		{ start, 304, "", ERR_NONE, NULL },
		{ create, 404, "No such image: x:1", ERR_IMAGE, NULL },
		{ create, 409, "Conflict. The container name is already in use", ERR_CONFLICT, NULL },
		{ create, 500, "that name is already in use", ERR_CONFLICT, NULL },
		{ create, 400, "invalid mount config for type", ERR_CONFIG, NULL },
		{ create, 500, "mkdir: no space left on device", ERR_FAIL, "disk on the engine's side is full" },
		{ kill_it, 409, "Container c is not running", ERR_NOT_RUNNING, NULL },
		{ kill_it, 500, "can only kill running containers. c is in state exited", ERR_NOT_RUNNING, NULL },
		{ kill_it, 500, "container c does not exist in database: no such container", ERR_NOT_FOUND, NULL },
		{ unpause, 500, "Container c is not paused", ERR_CONFLICT, NULL },
		{ policy, 404, "No such container: c", ERR_NOT_FOUND, NULL },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		const char *body = *row[i].message ? arena_printf(&a, "{\"message\":\"%s\"}", row[i].message) : "";
		const char *answer = arena_printf(&a, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n%s", row[i].status, strlen(body), body);
		t_row("%d %s", row[i].status, row[i].message);
		err_clear(&e);
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND(answer), HOLD)), &e));
		T_EQ(row[i].call(&en), row[i].code ? -1 : 0);
		T_ERR(row[i].code);
		if (row[i].code)
			T_EQ(e.http, row[i].status);
		if (row[i].note)
			T_HAS(all_notes(), row[i].note);
		scripted_stop();
	}
	AUTO(engine) struct engine en = ENGINE_INIT;
	t_row("Podman's 404 for a call it does not have is not the container's");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nNot Found\n"), HOLD)), &e));
	en.is_podman = true;
	T_FAILS(policy(&en), ERR_FAIL);
	T_HAS(e.msg, "Podman cannot change");
	scripted_stop();
}

/* What a person sees of long and of hostile texts. */
static void
clean_texts(void)
{
	static const struct {
		const char *in;
		size_t max;
		const char *want;
	} row[] = {
		{ "", 10, "" }, { "  a \r\n\tb  ", 10, "a b" }, { "\x1b[91mred\x1b[0m", 10, "red" }, { "\x1b", 10, "" }, { "\x1b[", 10, "" }, { "a\x1b", 10, "a" },
		{ "\x1b]0;title\a x", 20, "0;title x" }, { "0123456789", 10, "0123456789" }, { "0123456789abcdef", 12, "0123...bcdef" },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 12, "\xc3\xa9\xc3\xa9...\xc3\xa9\xc3\xa9" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(buf) struct buf out = BUF_INIT(100);
		size_t n = strlen(row[i].in);
		t_row("clean text %zu", i);
		wire_clean(&out, str_from(t_guard(row[i].in, n), n), row[i].max);
		T_STR(out.p, row[i].want);
	}
	t_row("paths and queries are encoded");
	AUTO(buf) struct buf path = BUF_INIT(1000);
	wire_path(&path, "/images/", "host:5000/a b?c#d", "/json");
	wire_query(&path, "x", STR_LIT("1 & 2=3"));
	wire_filter(&path, "label", "a=\"b\"");
	wire_filter(&path, "label", NULL);
	T_STR(path.p, "/images/host:5000/a%20b%3Fc%23d/json?x=1%20%26%202%3D3&filters=%7B%22label%22%3A%5B%22a%3D%5C%22b%5C%22%22%5D%7D");
	t_row("ssh's arguments");
	struct ssh_argv argv;
	const struct engine_endpoint at = { .transport = ENGINE_SSH, .ssh_host = "host", .ssh_user = "me", .ssh_port = 2222 };
	static const char *const want[] = { "ssh", "-l", "me", "-p", "2222", "-T", "-o", "ConnectTimeout=30", "--", "host", "docker", "system", "dial-stdio", NULL };
	ssh_argv_of(&at, &argv);
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++)
		T_STR(argv.v[i], want[i]);
}

/* ssh is a program of PATH: each row is one that fails in its own way. */
static void
ssh_faults(void)
{
	static const struct {
		const char *script;
		enum err_code code;
		const char *says, *note;
	} row[] = {
		{ "echo 'bash: line 1: docker: command not found' >&2; exit 127", ERR_ENGINE, "no docker command on that host", "ssh me@far" },
		{ "echo 'me@far: Permission denied (publickey,password).' >&2; exit 255", ERR_ENGINE, "ssh was not let in", "ssh-copy-id me@far" },
		{ "echo 'ssh: Could not resolve hostname far: Name or service not known' >&2; exit 255", ERR_ENGINE, "no host of that name", "ssh me@far" },
		{ "echo 'ssh: connect to host far port 22: Connection refused' >&2; exit 255", ERR_ENGINE, "no ssh server answers", "ssh me@far" },
		{ "printf 'banner\\nHost key verification failed.\\r\\n\\n' >&2; exit 255", ERR_ENGINE, "key is unknown or has changed", "Host key" },
		{ "echo 'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock' >&2; exit 1", ERR_PERM,
		    "may not use the engine there", "usermod -aG docker" },
		{ "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1", ERR_ENGINE,
		    "not running", "systemctl start docker" },
		{ "echo 'something else' >&2; exit 3", ERR_ENGINE, "something else", "docker version" },
		{ "exit 255", ERR_ENGINE, "without a word", "docker version" },
	};
	const char *bin = arena_printf(&a, "%s/bin", t_tmpdir()), *path = getenv("PATH");
	const struct engine_env env = { .home = NULL };
	const struct engine_endpoint at = { .transport = ENGINE_SSH, .ssh_host = "far", .ssh_user = "me", .url = "ssh://me@far", .origin = "DOCKER_HOST" };

	T_OK(mkdir(bin, 0755) == 0);
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		t_row("ssh: %s", row[i].says);
		T_CALL(file_save(arena_printf(&a, "%s/ssh", bin), str_of(arena_printf(&a, "#!/bin/sh\n%s\n", row[i].script)), 0755, &e));
		setenv("PATH", arena_printf(&a, "%s:%s", bin, path), 1);
		T_FAILS(engine_open(&en, &at, &env, DUE, &e), row[i].code);
		T_HAS(e.msg, row[i].says);
		T_HAS(all_notes(), row[i].note);
	}
	AUTO(engine) struct engine en = ENGINE_INIT;
	t_row("no ssh program");
	setenv("PATH", t_tmpdir(), 1);
	T_FAILS(engine_open(&en, &at, &env, DUE, &e), ERR_ENGINE);
	T_HAS(e.msg, "no ssh program");
	setenv("PATH", path, 1);
}

/* sshd lets in so many at a time, and closes the connection of others before a word. */
static void
ssh_turned_away(void)
{
	static const char away[] = "echo 'kex_exchange_identification: read: Connection reset by peer' >&2; echo 'Connection reset by far port 22' >&2; exit 255";
	const char *bin = arena_printf(&a, "%s/away", t_tmpdir()), *path = getenv("PATH"), *ssh = arena_printf(&a, "%s/ssh", bin);
	const struct engine_env env = { .home = NULL };
	const struct engine_endpoint at = { .transport = ENGINE_SSH, .ssh_host = "far", .url = "ssh://far", .origin = "DOCKER_HOST" };

	T_OK(mkdir(bin, 0755) == 0);
	setenv("PATH", arena_printf(&a, "%s:%s", bin, path), 1);

	AUTO(engine) struct engine en = ENGINE_INIT;
	t_row("ssh: turned away twice, then let in");
	T_CALL(file_save(ssh, str_of(arena_printf(&a, "#!/bin/sh\necho x >>%s/tries; [ $(wc -l <%s/tries) -gt 2 ] || { %s; }\n"
	    "printf 'HTTP/1.1 200 OK\\r\\nApi-Version: 1.41\\r\\nContent-Length: 2\\r\\n\\r\\nOK'; cat >/dev/null\n", bin, bin, away)), 0755, &e));
	T_CALL(engine_open(&en, &at, &env, DUE, &e));
	T_EQ(en.api_minor, 41);

	AUTO(engine) struct engine never = ENGINE_INIT;
	t_row("ssh: turned away until there is no time left");
	T_CALL(file_save(ssh, str_of(arena_printf(&a, "#!/bin/sh\n%s\n", away)), 0755, &e));
	T_FAILS(engine_open(&never, &at, &env, clock_due_ms(1000), &e), ERR_ENGINE);
	T_HAS(e.msg, "Connection reset by far port 22");

	AUTO(engine) struct engine late = ENGINE_INIT;
	t_row("ssh: turned away, and the next try is not answered before the time is over");
	T_CALL(file_save(ssh, str_of(arena_printf(&a, "#!/bin/sh\necho x >>%s/late; [ $(wc -l <%s/late) -gt 1 ] || { %s; }\nexec cat >/dev/null\n", bin, bin, away)), 0755, &e));
	T_FAILS(engine_open(&late, &at, &env, clock_due_ms(2000), &e), ERR_ENGINE);
	T_HAS(e.msg, "Connection reset by far port 22");
	setenv("PATH", path, 1);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	sockets();
	cuts();
	nonsense();
	refusals();
	clean_texts();
	ssh_faults();
	ssh_turned_away();
	arena_fini(&a);
	return t_done();
}

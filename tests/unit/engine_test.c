/* engine_test.c - opening, negotiation, single calls and their repetition, on a scripted engine */
#include "tests/unit/scripted_engine.h"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

#define JSON_HEAD(n) "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " #n "\r\n\r\n"

static void
pings(void)
{
	static const struct {
		const char *name, *answer;
		enum err_code code;
		unsigned minor;
		bool is_podman;
		const char *version, *says;
	} row[] = {
		{ "an older engine", OK_PING, ERR_NONE, 41, false, "20.10.24", NULL },
		{ "a newer engine", "HTTP/1.1 200 OK\r\nApi-Version: 1.99\r\nServer: Docker/40.0 (linux)\r\nContent-Length: 0\r\n\r\n", ERR_NONE,
		    ENGINE_API_OURS, false, "40.0", NULL },
		{ "the oldest", "HTTP/1.1 200 OK\r\nApi-Version: 1.40\r\nContent-Length: 0\r\n\r\n", ERR_NONE, 40, false, "", NULL },
		{ "podman by its server", "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Libpod/4.3.1 (linux)\r\nContent-Length: 0\r\n\r\n", ERR_NONE, 41,
		    true, "4.3.1", NULL },
		{ "podman by its version", "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nLibpod-API-Version: 4.3.1\r\nContent-Length: 0\r\n\r\n", ERR_NONE, 41,
		    true, "", NULL },
		{ "too old", "HTTP/1.1 200 OK\r\nApi-Version: 1.39\r\nContent-Length: 0\r\n\r\n", ERR_ENGINE, 0, false, "", "too old" },
		{ "another major", "HTTP/1.1 200 OK\r\nApi-Version: 2.0\r\nContent-Length: 0\r\n\r\n", ERR_ENGINE, 0, false, "", "too new" },
		{ "no version", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ERR_ENGINE, 0, false, "", "not a Docker engine" },
		{ "a long server name", "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/"
		    "0123456789012345678901234567890123456789012345678901234567890123456789\r\nContent-Length: 0\r\n\r\n", ERR_NONE, 41, false,
		    "012345678901234567890123456789012345678901234567890123456789012", NULL },
		{ "an error", "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nboom", ERR_FAIL, 0, false, "", "boom" },
		{ "forbidden", "HTTP/1.1 403 No\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}", ERR_PERM, 0, false, "", "x" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		t_row("ping: %s", row[i].name);
		err_clear(&e);
		int rc = scripted_open(&en, &a, CONNECTIONS(SCRIPT(HEAD, SEND(row[i].answer), HOLD)), &e);
		T_EQ(rc, row[i].code ? -1 : 0);
		T_ERR(row[i].code);
		if (rc == 0) {
			T_EQ(en.api_minor, row[i].minor);
			T_EQ(en.is_podman, row[i].is_podman);
		}
		if (!row[i].code || !row[i].says)
			T_STR(en.version, row[i].version);
		if (row[i].says)
			T_HAS(e.msg, row[i].says);
		scripted_stop();
	}
}

static void
fixed_version(void)
{
	static const struct {
		const char *text;
		enum err_code code;
		unsigned minor;
	} row[] = {
		{ "1.40", ERR_NONE, 40 }, { "1.51", ERR_NONE, 51 }, { "", ERR_NONE, 41 }, { "1.39", ERR_USAGE, 0 }, { "1.52", ERR_USAGE, 0 },
		{ "2.0", ERR_USAGE, 0 }, { "1.x", ERR_USAGE, 0 }, { "1.", ERR_USAGE, 0 },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		const struct engine_env env = { .docker_api_version = row[i].text };
		t_row("DOCKER_API_VERSION \"%s\"", row[i].text);
		err_clear(&e);
		scripted_start(CONNECTIONS(SCRIPT(PING, HOLD)));
		struct engine_endpoint at = scripted_at(&a);
		T_EQ(engine_open(&en, &at, &env, DUE, &e), row[i].code ? -1 : 0);
		T_ERR(row[i].code);
		if (!row[i].code)
			T_EQ(en.api_minor, row[i].minor);
		scripted_stop();
	}
}

static void
calls(void)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	const struct json *j = NULL;

	t_row("several calls over one connection, JSON or nothing in the answer");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, DRIP(JSON_HEAD(7) "{\"a\":1}"),
	    HEAD, SEND("HTTP/1.1 204 No Content\r\n\r\n"),
	    HEAD, SEND("HTTP/1.1 304 Not Modified\r\n\r\n"),
	    HEAD, SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 37\r\n\r\n{\"message\":\"No such container: nope\"}"),
	    HEAD, SEND("HTTP/1.1 100 Continue\r\n\r\n" CHUNKED "2\r\n[]\r\n1\r\n\n\r\n0\r\n\r\n"), HOLD)), &e));
	T_EQ(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, &j, &e), 200);
	T_EQ(json_int(json_get(j, "a"), 0), 1);
	T_EQ(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, &j, &e), 204);
	T_OK(j == NULL);
	T_EQ(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, NULL, &e), 304);
	T_FAILS(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, &j, &e), ERR_NOT_FOUND);
	T_EQ(e.http, 404);
	T_STR(e.msg, "No such container: nope");
	T_EQ(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, &j, &e), 200);
	T_OK(json_is(j, JSON_ARRAY));
	scripted_stop();
}

static void
stale(void)
{
	static const char *const methods[] = { "GET", "POST" };

	for (size_t i = 0; i < 2; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		const struct json *j = NULL;
		t_row("%s on a connection that was closed meanwhile goes to a new one", methods[i]);
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING), SCRIPT(HEAD, SEND(JSON_HEAD(2) "{}"), HOLD)), &e));
		char c;
		T_UNTIL(recv(en.conn.stream.fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0, 5000);
		T_EQ(engine_call(&en, &a, methods[i], "/x", STR_LIT("{}"), DUE, &j, &e), 200);
		scripted_stop();
	}
	AUTO(engine) struct engine en = ENGINE_INIT;
	const struct json *j = NULL;
	t_row("GET that the engine swallows is repeated once, on a new connection");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD), SCRIPT(HEAD, SEND(JSON_HEAD(2) "{}"), HOLD)),
	    &e));
	T_EQ(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, &j, &e), 200);
	scripted_stop();
	t_row("GET that is swallowed twice is an error; so is a POST that is swallowed once");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD), SCRIPT(HEAD), SCRIPT(HOLD)), &e));
	T_FAILS(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, &j, &e), ERR_ENGINE);
	T_HAS(e.msg, "lost in the middle of GET /x");
	scripted_stop();
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD), SCRIPT(HEAD, SEND(JSON_HEAD(2) "{}"))), &e));
	T_FAILS(engine_call(&en, &a, "POST", "/x", STR_LIT("{}"), DUE, &j, &e), ERR_ENGINE);
	scripted_stop();
	t_row("bytes that nobody asked for make a connection unfit");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(HEAD, SEND(OK_PING "junk"), HOLD),
	    SCRIPT(HEAD, SEND(JSON_HEAD(2) "{}"), HOLD)), &e));
	T_EQ(engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, &j, &e), 200);
	scripted_stop();
}

static void
renegotiation(void)
{
	static const struct {
		const char *name, *message;
		enum err_code code;
		unsigned minor;
		const char *says;
	} row[] = {
		{ "too new", "client version 1.51 is too new. Maximum supported API version is 1.45", ERR_NONE, 45, NULL },
		{ "too old", "client version 1.44 is too old. Minimum supported API version is 1.50, please upgrade", ERR_NONE, 50, NULL },
		{ "beyond ours", "client version 1.51 is too old. Minimum supported API version is 1.60, please upgrade", ERR_ENGINE, 0, "too new" },
		{ "below ours", "client version 1.51 is too new. Maximum supported API version is 1.30", ERR_ENGINE, 0, "too old" },
		{ "no sense", "client version is bad. Maximum supported API version is 9.9", ERR_FAIL, 0, "9.9" },
		{ "another 400", "invalid reference format", ERR_FAIL, 0, "invalid reference" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(engine) struct engine en = ENGINE_INIT;
		const struct json *j = NULL;
		const char *body = arena_printf(&a, "{\"message\":\"%s\"}", row[i].message);
		const char *refusal = arena_printf(&a, "HTTP/1.1 400 Bad Request\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
		t_row("renegotiation: %s", row[i].name);
		err_clear(&e);
		T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(HEAD, SEND("HTTP/1.1 200 OK\r\nApi-Version: 1.49\r\n"
		    "Content-Length: 0\r\n\r\n"), HEAD, SEND(refusal), HEAD, SEND(JSON_HEAD(2) "{}"),
		    HOLD)), &e));
		int rc = engine_call(&en, &a, "POST", "/x", STR_NULL, DUE, &j, &e);
		T_EQ(rc, row[i].code ? -1 : 200);
		T_ERR(row[i].code);
		if (!row[i].code)
			T_EQ(en.api_minor, row[i].minor);
		if (row[i].says)
			T_HAS(e.msg, row[i].says);
		scripted_stop();
	}
}

static void
streams(void)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	const struct engine_stream_request r = { .method = "GET", .path = "/events" };
	struct str run;

	t_row("a stream has a connection of its own, the keep-alive one stays");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HEAD, SEND(JSON_HEAD(2) "{}"), HOLD),
	    SCRIPT(HEAD, SEND(CHUNKED "3\r\nabc\r\n"), HOLD)), &e));
	T_EQ(engine_stream(&en, &r, &c, DUE, &e), 200);
	T_EQ(http_recv_body(&c, &run, DUE, &e), 1);
	T_VIEW(run, "abc");
	T_EQ(engine_call(&en, &a, "GET", "/x", STR_NULL, DUE, NULL, &e), 200);
	http_conn_fini(&c);
	scripted_stop();
	t_row("a stream that is refused is the engine's error; one about the version is tried again");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, HOLD),
	    SCRIPT(HEAD, SEND("HTTP/1.1 409 Conflict\r\nContent-Length: 17\r\n\r\n{\"message\":\"abc\"}")),
	    SCRIPT(HEAD, SEND("HTTP/1.1 400 Bad\r\nContent-Length: 64\r\n\r\n"
	    "{\"message\":\"is too new. Maximum supported API version is 1.40    \"}")),
	    SCRIPT(HEAD, SEND(CHUNKED "0\r\n\r\n"))), &e));
	T_FAILS(engine_stream(&en, &r, &c, DUE, &e), ERR_CONFLICT);
	T_EQ(engine_stream(&en, &r, &c, DUE, &e), 200);
	T_EQ(en.api_minor, 40);
	scripted_stop();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	pings();
	fixed_version();
	calls();
	stale();
	renegotiation();
	streams();
	arena_fini(&a);
	return t_done();
}

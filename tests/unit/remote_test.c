/*
 * remote_test.c - libcurl against real HTTPS servers: certificates, redirects, limits, deadlines, credentials, proxies
 */
#include "lib/http/remote.h"

#include <signal.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/net/stream.h"
#include "tests/t.h"
#include "tests/unit/https_kit.h"

#define SOON_MS 30000

static const struct row {
	const char *host, *server, *path;
	const char *body;			/* NULL: not looked at */
	int status;
	enum err_code code;
	int due_ms;				/* 0: plenty */
	bool allow_http;
} rows[] = {
	{ "https://localhost", "good", "/ok", "hello", 200, ERR_NONE, 0, false },
	{ "https://127.0.0.1", "good", "/ok", "hello", 200, ERR_NONE, 0, false },
	{ "HTTPS://localhost", "good", "/ok", "hello", 200, ERR_NONE, 0, true },
	{ "https://localhost", "good", "/status/503", "body of 503", 503, ERR_NONE, 0, false },
	{ "https://localhost", "good", "/status/404", "body of 404", 404, ERR_NONE, 0, false },
	{ "https://localhost", "good", "/redirect/5", "arrived", 200, ERR_NONE, 0, false },
	{ "https://localhost", "good", "/redirect/6", NULL, 0, ERR_FAIL, 0, false },
	{ "https://localhost", "good", "/loop/", NULL, 0, ERR_FAIL, 0, false },
	{ "https://localhost", "wrong", "/ok?token=secret", NULL, 0, ERR_TLS, 0, false },
	{ "https://localhost", "expired", "/ok", NULL, 0, ERR_TLS, 0, false },
	{ "https://localhost", "untrusted", "/ok", NULL, 0, ERR_TLS, 0, false },
	{ "https://localhost", "good", "/to/wrong/ok", NULL, 0, ERR_TLS, 0, false },
	{ "https://localhost", "plain", "/ok", NULL, 0, ERR_TLS, 0, false },
	{ "http://localhost", "plain", "/ok", NULL, 0, ERR_REFUSED, 0, false },
	{ "http://localhost", "plain", "/ok", "hello", 200, ERR_NONE, 0, true },
	{ "http://localhost", "plain", "/to/good/ok", "hello", 200, ERR_NONE, 0, true },
	{ "https://localhost", "good", "/to/plain/ok", NULL, 0, ERR_REFUSED, 0, false },
	{ "https://localhost", "good", "/to/plain/ok", NULL, 0, ERR_REFUSED, 0, true },
	{ "ftp://localhost", "plain", "/ok", NULL, 0, ERR_REFUSED, 0, true },
	{ "https://user:secret@localhost", "good", "/ok", NULL, 0, ERR_REFUSED, 0, false },
	{ "https://no host", "good", "/secret", NULL, 0, ERR_USAGE, 0, false },
	{ "https://localhost", "good", "/big/1000", NULL, 200, ERR_NONE, 0, false },
	{ "https://localhost", "good", "/big/1001", NULL, 0, ERR_TOO_BIG, 0, false },
	{ "https://localhost", "good", "/endless", NULL, 0, ERR_TOO_BIG, 0, false },
	{ "https://localhost", "good", "/cut", NULL, 0, ERR_ENGINE, 0, false },
	{ "https://localhost", "good", "/silent", NULL, 0, ERR_TIMEOUT, 300, false },
	{ "https://localhost", "good", "/stall", NULL, 0, ERR_TIMEOUT, 300, false },
	{ "https://127.0.0.1", "mute", "/ok", NULL, 0, ERR_TIMEOUT, 300, false },
	{ "https://localhost", "good", "/ok", NULL, 0, ERR_TIMEOUT, -1, false },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf body = BUF_INIT(1000);
		struct remote_answer answer = { .status = 0 };
		struct err e = ERR_INIT;
		struct remote_request r = { .allow_http = row->allow_http, .due_ms = clock_due_ms(row->due_ms ? row->due_ms : SOON_MS) };

		t_row("get %s, server %s, %s%s", row->host, row->server, row->path, row->allow_http ? ", http allowed" : "");
		r.url = arena_printf(&a, "%s:%u%s", row->host, port_of(row->server), row->path);
		int got = remote_get(&a, &r, &body, &answer, &e);
		T_ERR(row->code);
		T_EQ(got, row->code == ERR_NONE ? 0 : -1);
		T_EQ(answer.status, row->status);
		if (row->body)
			T_STR(body.p, row->body);
		if (row->code != ERR_NONE)
			T_OK(!strstr(e.msg, "secret") && !strstr(e.msg, row->path));
	}
}

static void
test_refused_port(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct remote_answer answer;
	struct err e = ERR_INIT;
	struct remote_request r = { .url = "https://127.0.0.1:1/", .due_ms = clock_due_ms(SOON_MS) };

	t_row("nobody listens, no other protocol, a name that does not exist");
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_ENGINE);
	T_HAS(e.msg, "get https://127.0.0.1:1: ");
	r.url = "https://[::1]:1/";
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_ENGINE);
	T_HAS(e.msg, "get https://[::1]:1: ");
	r.url = "file:///etc/passwd";
	r.allow_http = true;
	T_OK(remote_get(&a, &r, &body, &answer, &e) < 0);
	T_EQ(body.n, 0);
	r.url = "https://does-not-exist.invalid/";
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_ENGINE);
}

/* Credentials go to the host they are for, and nowhere else. */
static void
test_auth(void)
{
	static const struct {
		const char *server, *path;
		int status;
		bool allow_http;
	} auth[] = {
		{ "good", "/auth", 200, false },
		{ "good", "/to/good/auth", 200, false },
		{ "plain", "/to/good/auth", 401, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(auth); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf body = BUF_INIT(64);
		struct remote_answer answer = { .status = 0 };
		struct err e = ERR_INIT;
		struct remote_request r = { .user = "user", .password = STR_LIT("p:wREST"), .allow_http = auth[i].allow_http,
			.due_ms = clock_due_ms(SOON_MS) };

		t_row("credentials for %s, %s", auth[i].server, auth[i].path);
		r.password.n = 3;
		r.url = arena_printf(&a, "http%s://localhost:%u%s", r.allow_http ? "" : "s", port_of(auth[i].server), auth[i].path);
		T_CALL(remote_get(&a, &r, &body, &answer, &e));
		T_EQ(answer.status, auth[i].status);
		T_STR(body.p, auth[i].status == 200 ? "welcome" : "");
		r.password = STR_LIT("p\0w");
		T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_USAGE);
	}
}

/* A proxy that is dead: this machine's own addresses do not go through it, others do. */
static void
test_proxy(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct remote_answer answer = { .status = 0 };
	struct err e = ERR_INIT;
	struct remote_request r = { .due_ms = clock_due_ms(SOON_MS) };

	t_row("no proxy in front of this machine");
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	r.url = arena_printf(&a, "https://localhost:%u/ok", port_of("good"));
	T_CALL(remote_get(&a, &r, &body, &answer, &e));
	T_EQ(answer.status, 200);
	r.url = "https://192.0.2.1/";
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_ENGINE);
	unsetenv("https_proxy");
}

static void
test_ca_file(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct remote_answer answer = { .status = 0 };
	struct err e = ERR_INIT;
	struct remote_request r = { .due_ms = clock_due_ms(SOON_MS) };
	char *good = arena_strdup(&a, getenv("SSL_CERT_FILE"));

	t_row("which CA bundle");
	T_STR(remote_ca_file(&a), good);
	setenv("CURL_CA_BUNDLE", "/elsewhere", 1);
	T_STR(remote_ca_file(&a), good);
	setenv("SSL_CERT_FILE", "", 1);
	T_STR(remote_ca_file(&a), "/elsewhere");
	r.url = arena_printf(&a, "https://localhost:%u/ok", port_of("good"));
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_TLS);	/* named and absent: no other is taken instead */
	setenv("CURL_CA_BUNDLE", good, 1);
	T_CALL(remote_get(&a, &r, &body, &answer, &e));
	T_STR(answer.ca_file, good);
	unsetenv("CURL_CA_BUNDLE");
	unsetenv("SSL_CERT_FILE");
	const char *usual = remote_ca_file(&a);
	T_OK(!usual || access(usual, R_OK) == 0);
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_TLS);	/* the usual bundle does not know the test's CA */
	setenv("SSL_CERT_FILE", good, 1);
}

/* Last: a cancelled process stays cancelled. The server sends the signal. */
static void
test_cancel(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf body = BUF_INIT(64);
	struct remote_answer answer;
	struct err e = ERR_INIT;
	struct remote_request r = { .due_ms = clock_due_ms(SOON_MS) };

	t_row("a signal in the middle of a transfer");
	r.url = arena_printf(&a, "https://localhost:%u/signal", port_of("good"));
	T_FAILS(remote_get(&a, &r, &body, &answer, &e), ERR_INTERRUPTED);
}

int
main(void)
{
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	start_server();
	if (port_of("good")) {
		test_rows();
		test_refused_port();
		test_auth();
		test_proxy();
		test_ca_file();
		test_cancel();
	}
	stream_close(&server);
	return t_done();
}

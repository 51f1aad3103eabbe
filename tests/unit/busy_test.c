/* busy_test: what opencode answers when asked for busy sessions, and whether a command may stop it then */
#include "tests/unit/scripted_engine.h"

#include <arpa/inet.h>

#include "lib/base/mem.h"
#include "lib/deploy/busy.h"
#include "lib/engine/tar.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

#define BODY(status, text) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" text
#define IDLE BODY("200 OK", "{}")
#define BUSY BODY("200 OK", "{\"ses_1\":{\"type\":\"busy\"}}")
#define RETRY BODY("200 OK", "{\"ses_1\":{\"type\":\"retry\"},\"ses_2\":{\"type\":\"idle\"}}")
#define NO_LIST BODY("404 Not Found", "")
#define NONE BODY("200 OK", "[]")
#define SHOP BODY("200 OK", "[{\"directory\":\"/home/opencode/workspace/shop\"}]")
#define LOCKED BODY("401 Unauthorized", "")

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

/* opencode's two answers; NULL: the connection is closed without one. With a password, 401 to everybody else. */
struct answers {
	const char *list, *status, *password;
};

static const char *
answer_to(const struct answers *r, const char *request)
{
	AUTO(buf) struct buf basic = BUF_INIT(256);

	if (r->password) {
		http_put_basic(&basic, "opencode", str_of(r->password));
		if (!strstr(request, basic.p))
			return LOCKED;
	}
	return strncmp(request, "GET /experimental/session", 25) == 0 ? r->list : r->status;
}

/* Each row has a server of its own. */
static void
serve_one(int fd, const void *ctx)
{
	char request[8192];

	peer_request(fd, request, sizeof request);
	const char *text = answer_to(ctx, request);
	if (text)
		peer_put(fd, text, strlen(text), strlen(text));
}

/* What a person on a terminal says; the question is kept. */
static const char *question;
static int
say_yes(void *ctx, const char *busy, struct err *err)
{
	(void)ctx, (void)err;
	question = arena_strdup(&a, busy);
	return 1;
}
static int
say_no(void *ctx, const char *busy, struct err *err)
{
	(void)say_yes(ctx, busy, err);
	return 0;
}

static struct container
container_at(unsigned port, const char *label)
{
	const char *text = arena_printf(&a, "{\"Config\":{\"Labels\":{%s}},\"NetworkSettings\":{\"Ports\":{\"3000/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"%u\"}]}}}", label, port);

	const struct json *raw = json_parse(&a, str_of(text), &e);

	return (struct container){ .id = "c1", .name = "c", .state = CONTAINER_RUNNING, .raw = raw, .labels = json_path(raw, "Config.Labels") };
}

static struct service
service_of_test(void)
{
	return (struct service){ .arena = &a, .engine = ENGINE_INIT, .scope = { .credentials_path = "/h/credentials.json", .home = "/h" },
		.config = { .auth.username = "opencode" } };
}

static const struct {
	const char *name;
	struct answers answers;
	int (*ask)(void *ctx, const char *busy, struct err *e);
	bool now;
	enum err_code want;
	const char *text;		/* of the error, or of the question */
} rows[] = {
	{ "all idle", { NONE, IDLE, NULL }, NULL, false, ERR_NONE, NULL },
	{ "no such list: only the workspace, which is idle", { NO_LIST, IDLE, NULL }, NULL, false, ERR_NONE, NULL },
	{ "no such list: only the workspace, which is busy", { NO_LIST, BUSY, NULL }, NULL, false, ERR_TIMEOUT, "1 session busy" },
	{ "busy in two directories", { SHOP, BUSY, NULL }, NULL, false, ERR_TIMEOUT, "2 sessions busy (~/workspace, ~/workspace/shop)" },
	{ "a retry is work", { NONE, RETRY, NULL }, NULL, false, ERR_TIMEOUT, "1 session busy" },
	{ "busy, but --now", { NONE, BUSY, NULL }, NULL, true, ERR_NONE, NULL },
	{ "busy, and yes", { NONE, BUSY, NULL }, say_yes, false, ERR_NONE, "1 session busy" },
	{ "closed without an answer: a hang stays restartable", { NULL, NULL, NULL }, NULL, false, ERR_NONE, NULL },
	{ "a list, then closed without an answer", { NONE, NULL, NULL }, NULL, false, ERR_NONE, NULL },
	{ "503 to the list: nobody can tell", { BODY("503 Unavailable", ""), IDLE, NULL }, NULL, false, ERR_TIMEOUT, "sessions cannot be told (status 503)" },
	{ "500 to the status: nobody can tell", { NONE, BODY("500 Oops", ""), NULL }, NULL, false, ERR_TIMEOUT, "sessions cannot be told (status 500)" },
	{ "404 to the status: nobody can tell", { NONE, BODY("404 Not Found", ""), NULL }, NULL, false, ERR_TIMEOUT, "(status 404)" },
	{ "no JSON: nobody can tell", { NONE, BODY("200 OK", "<html>"), NULL }, NULL, false, ERR_TIMEOUT, "makes no sense" },
	{ "no HTTP: nobody can tell", { "junk\r\n\r\n", IDLE, NULL }, NULL, false, ERR_TIMEOUT, "makes no sense" },
	{ "nobody can tell, and yes", { NONE, BODY("500 Oops", ""), NULL }, say_yes, false, ERR_NONE, "status 500" },
	{ "401: cannot be asked", { LOCKED, LOCKED, NULL }, NULL, false, ERR_UNHEALTHY, "opencode refuses the password of ~/credentials.json" },
	{ "401, but --now", { LOCKED, LOCKED, NULL }, NULL, true, ERR_NONE, NULL },
	{ "401, and yes", { LOCKED, LOCKED, NULL }, say_yes, false, ERR_NONE, "refuses the password" },
	{ "401, and no", { LOCKED, LOCKED, NULL }, say_no, false, ERR_UNHEALTHY, "refuses the password" },
};

static void
test_rows(void)
{
	/* An engine that has no secret file to give. */
	const struct peer_step steps[] = { PING, HEAD, SEND("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), HOLD, { PEER_END, NULL, 0 } };
	const struct peer_step *const connections[] = { steps, NULL };
	const struct plan_report silent = { .row = NULL };
	struct credentials cr;

	credentials_init(&cr);
	buf_puts(&cr.password, "ours-of-today");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct up_idle idle = { .now = rows[i].now, .wait_idle_ms = rows[i].ask ? -1 : 0, .ask = rows[i].ask };
		struct service s = service_of_test();
		unsigned port;

		t_row("busy: %s", rows[i].name);
		err_clear(&e);
		question = NULL;
		pid_t pid = peer_serve(serve_one, &rows[i].answers, &port);
		T_CALL(scripted_open(&s.engine, &a, connections, &e));
		struct container c = container_at(port, "");
		int r = busy_wait(&s, &c, &cr, &idle, &silent, &e);
		T_EQ(r, rows[i].want == ERR_NONE ? 0 : -1);
		if (r < 0)
			T_ERR(rows[i].want);
		if (rows[i].text)
			T_HAS(question ? question : e.msg, rows[i].text);
		engine_auto(&s.engine);
		scripted_stop();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	credentials_auto(&cr);
}

static void
test_refused_connection(void)
{
	const struct plan_report silent = { .row = NULL };
	const struct answers none = { NULL, NULL, NULL };
	const struct up_idle idle = { .wait_idle_ms = 0 };
	struct service s = service_of_test();
	struct credentials cr;
	unsigned port;

	t_row("busy: nobody listens");
	err_clear(&e);
	credentials_init(&cr);
	pid_t pid = peer_serve(serve_one, &none, &port);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	struct container c = container_at(port, "");
	T_CALL(busy_wait(&s, &c, &cr, &idle, &silent, &e));
	credentials_auto(&cr);
}

/* The engine's answer to GET archive: the secret file as the container was started with it. */
static struct buf
secret_answer(const char *password, bool is_inner)
{
	struct buf text = BUF_INIT(4096), tar = BUF_INIT(16384), out = BUF_INIT(32768);
	struct credentials inside;

	credentials_init(&inside);
	buf_puts(is_inner ? &inside.inner_password : &inside.password, password);
	credentials_put_secret_file(&inside, is_inner, "opencode", &text);
	T_CALL(tar_put_file(&tar, "secret", 0400, 1000, 1000, buf_str(&text), &e));
	tar_put_end(&tar);
	buf_printf(&out, "HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: %zu\r\n\r\n", tar.n);
	buf_putstr(&out, buf_str(&tar));
	buf_fini(&text);
	buf_fini(&tar);
	credentials_auto(&inside);
	return out;
}

/* The password was changed in the file behind the container's back: its own asks. */
static void
test_its_own_password(const char *label, const struct answers *r, enum err_code want, const char *text)
{
	struct buf answer = secret_answer("that-of-its-start", label[0]);
	const struct peer_step steps[] = { PING, HEAD, { PEER_SEND, answer.p, answer.n }, HOLD, { PEER_END, NULL, 0 } };
	const struct peer_step *const connections[] = { steps, NULL };
	const struct plan_report silent = { .row = NULL };
	const struct up_idle idle = { .wait_idle_ms = 0 };
	struct service s = service_of_test();
	struct credentials cr;
	unsigned port;

	err_clear(&e);
	credentials_init(&cr);
	buf_puts(&cr.password, "ours-of-today");
	pid_t pid = peer_serve(serve_one, r, &port);
	T_CALL(scripted_open(&s.engine, &a, connections, &e));
	struct container c = container_at(port, label);
	int rc = busy_wait(&s, &c, &cr, &idle, &silent, &e);
	T_EQ(rc, want == ERR_NONE ? 0 : -1);
	if (rc < 0) {
		T_ERR(want);
		T_HAS(e.msg, text);
	}
	engine_auto(&s.engine);
	scripted_stop();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	credentials_auto(&cr);
	buf_fini(&answer);
}

#define INNER "\"" LABEL_PASSWORD "\":\"" LABEL_PASSWORD_INNER "\""

/* What the container was made for decides whose password is used, whatever the configuration says by now: no engine is asked for another one. */
static void
test_whose_password(const char *label, const char *password)
{
	const struct plan_report silent = { .row = NULL };
	const struct up_idle idle = { .wait_idle_ms = 0 };
	const struct answers r = { NONE, IDLE, password };
	struct service s = service_of_test();
	struct credentials cr;
	unsigned port;

	err_clear(&e);
	credentials_init(&cr);
	buf_puts(&cr.password, "the user's");
	buf_puts(&cr.inner_password, "the inner one");
	pid_t pid = peer_serve(serve_one, &r, &port);
	struct container c = container_at(port, label);
	T_CALL(busy_wait(&s, &c, &cr, &idle, &silent, &e));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	credentials_auto(&cr);
}

int
main(void)
{
	const struct answers idle = { NONE, IDLE, "that-of-its-start" }, busy = { NONE, BUSY, "that-of-its-start" },
		other = { NONE, IDLE, "a third one" };

	signal(SIGPIPE, SIG_IGN);
	test_rows();
	test_refused_connection();
	t_row("busy: another password in the container, idle");
	test_its_own_password("", &idle, ERR_NONE, NULL);
	t_row("busy: another password in the container, busy");
	test_its_own_password("", &busy, ERR_TIMEOUT, "1 session busy");
	t_row("busy: another inner password in a container behind the edge");
	test_its_own_password(INNER, &busy, ERR_TIMEOUT, "1 session busy");
	t_row("busy: a container from before the edge is asked with the user's password");
	test_whose_password("", "the user's");
	t_row("busy: a container behind the edge is asked with the inner one");
	test_whose_password(INNER, "the inner one");
	t_row("busy: a password that nobody knows");
	test_its_own_password("", &other, ERR_UNHEALTHY, "refuses the password");
	arena_fini(&a);
	return t_done();
}

/* ready_test: the pace of the probes, and an opencode that answers, but later than a short patience */
#include "tests/unit/scripted_engine.h"

#include <arpa/inet.h>

#include "lib/base/mem.h"
#include "lib/deploy/ready.h"
#include "lib/json/json.h"

#define LATE_MS 1700		/* longer than the first probes wait */
#define LOOKS_MAX 100
#define ANSWER(status, text) "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" text
#define ANSWER_INSPECT "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"Id\":\"c1\",\"State\":{\"Status\":\"running\"}}"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

static void
test_pace(void)
{
	static const struct { int64_t since_ms, probe_ms, every_ms; } row[] = {
		{ 0, 1500, 50 }, { 3000, 1500, 50 }, { 3400, 1700, 50 }, { 4999, 2499, 50 }, { 5000, 2500, 125 }, { 20000, 10000, 500 },
		{ 30000, 15000, 750 }, { 120000, 15000, 750 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("pace after %lld ms", (long long)row[i].since_ms);
		T_EQ(ready_probe_ms(row[i].since_ms), row[i].probe_ms);
		T_EQ(ready_every_ms(row[i].since_ms), row[i].every_ms);
	}
}

/* Every connection in a process of its own: 200 with a password, 401 without, and late. */
static void
answer_late(int fd, const void *ctx)
{
	char request[4096];

	(void)ctx;
	signal(SIGCHLD, SIG_IGN);
	if (fork() != 0)
		return;
	peer_request(fd, request, sizeof request);
	const char *text = strstr(request, "Authorization:") ? ANSWER("200 OK", "{\"healthy\":true,\"version\":\"1.2.3\"}") : ANSWER("401 No", "");
	(void)poll(NULL, 0, LATE_MS);
	peer_put(fd, text, strlen(text), strlen(text));
	_exit(0);
}

static void
test_late(void)
{
	static struct peer_step steps[3 + 2 * LOOKS_MAX];
	const struct peer_step *const connections[] = { steps, NULL };
	const struct peer_step ping[] = { PING }, look[] = { HEAD, SEND(ANSWER_INSPECT) };
	size_t at = 0;
	struct service s = { .arena = &a, .engine = ENGINE_INIT, .config = { .auth.username = "opencode" } };
	struct credentials cr;
	const char *version = "";
	unsigned port;

	t_row("an opencode that answers later than the first probes wait");
	steps[at++] = ping[0];
	steps[at++] = ping[1];
	for (size_t i = 0; i < LOOKS_MAX; i++) {
		steps[at++] = look[0];
		steps[at++] = look[1];
	}
	credentials_init(&cr);
	buf_puts(&cr.password, "a-password");
	pid_t pid = peer_serve(answer_late, NULL, &port);
	T_CALL(scripted_open(&s.engine, &a, connections, &e));
	const char *raw = arena_printf(&a, "{\"NetworkSettings\":{\"Ports\":{\"3000/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"%u\"}]}}}", port);
	const struct container c = { .id = "c1", .state = CONTAINER_RUNNING, .raw = json_parse(&a, str_of(raw), &e) };
	T_CALL(ready_wait(&s, &c, &cr, clock_due_ms(40000), &version, &e));
	T_STR(version, "1.2.3");
	engine_auto(&s.engine);
	scripted_stop();
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	credentials_auto(&cr);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_pace();
	test_late();
	arena_fini(&a);
	return t_done();
}

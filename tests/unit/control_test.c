/* control_test.c - requests as text, and the asking side: killed, foreign, far down in the tree */
#include "lib/deploy/control.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/unit/control_kit.h"

#define NOBODY 65534

/* ---- requests ---- */

struct request_row {
	const char *line, *why;		/* why: a part of the error; NULL: a request */
	struct control_request want;
};

static const struct request_row requests[] = {
	{ "{\"verb\":\"status\"}", NULL, { CONTROL_STATUS, 0, "" } },
	{ " { \"verb\" : \"reload\" , \"seconds\" : 7 } \r", NULL, { CONTROL_RELOAD, 0, "" } },
	{ "{\"verb\":\"suspend\",\"seconds\":1}", NULL, { CONTROL_SUSPEND, 1, "" } },
	{ "{\"verb\":\"suspend\",\"seconds\":3600,\"why\":\"update to 1.19\"}", NULL, { CONTROL_SUSPEND, 3600, "update to 1.19" } },
	{ "{\"verb\":\"resume\"}", NULL, { CONTROL_RESUME, 0, "" } },
	{ "{\"verb\":\"down\",\"future\":[1,{}]}", NULL, { CONTROL_DOWN, 0, "" } },
	{ "{\"verb\":\"stop\"}", "no such verb; there are status, reload, suspend, resume and down", { 0 } },
	{ "{\"verb\":7}", "names its verb", { 0 } },
	{ "{}", "names its verb", { 0 } },
	{ "[]", "one JSON object", { 0 } },
	{ "", "one JSON object", { 0 } },
	{ "status", "one JSON object", { 0 } },
	{ "{\"verb\":\"status\"}{}", "one JSON object", { 0 } },
	{ "{\"verb\":\"suspend\"}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":0}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":3601}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":1e9}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":99999999999999999999}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":\"9\"}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":9,\"why\":1}", "why is a text", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":9,\"why\":\"a\\nb\"}", "why is one line", { 0 } },
	{ "{\"verb\":\"suspend\",\"seconds\":9,\"why\":\"a\\u0000b\"}", "why is one line", { 0 } },
};

static const struct request_row edge_requests[] = {
	{ "{\"verb\":\"status\"}", NULL, { CONTROL_EDGE_STATUS, 0, "" } },
	{ "{\"verb\":\"reload\",\"seconds\":\"x\"}", NULL, { CONTROL_EDGE_RELOAD, 0, "" } },
	{ "{\"verb\":\"hold\",\"seconds\":30,\"why\":\"restart\"}", NULL, { CONTROL_EDGE_HOLD, 30, "restart" } },
	{ "{\"verb\":\"drain\",\"seconds\":10}", NULL, { CONTROL_EDGE_DRAIN, 10, "" } },
	{ "{\"verb\":\"release\"}", NULL, { CONTROL_EDGE_RELEASE, 0, "" } },
	{ "{\"verb\":\"link\"}", NULL, { CONTROL_EDGE_LINK, 0, "" } },
	{ "{\"verb\":\"renew\"}", NULL, { CONTROL_EDGE_RENEW, 0, "" } },
	{ "{\"verb\":\"suspend\",\"seconds\":9}", "no such verb; there are status, reload, hold, drain, release, link and renew", { 0 } },
	{ "{\"verb\":\"hold\"}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"drain\"}", "seconds is 1 to 3600", { 0 } },
	{ "{\"verb\":\"drain\",\"seconds\":-1}", "seconds is 1 to 3600", { 0 } },
};

static void
test_request(const struct control_protocol *p, const struct request_row *row)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(CONTROL_REQUEST_MAX);
	struct control_request r = { .why = "" }, again = { .why = "" };
	struct err e = ERR_INIT;
	size_t n = strlen(row->line);
	struct str line = str_from(t_guard(row->line, n), n);

	t_row("%s: %s", p->owner, row->line[0] ? row->line : "of nothing");
	if (row->why) {
		T_FAILS(control_parse(p, &a, line, &r, &e), ERR_USAGE);
		T_HAS(e.msg, row->why);
	} else if (T_CALL(control_parse(p, &a, line, &r, &e))) {
		T_EQ(r.verb, row->want.verb);
		T_EQ(r.seconds, row->want.seconds);
		T_STR(r.why, row->want.why);
		control_put(p, &r, &text);
		T_CALL(control_parse(p, &a, buf_str(&text), &again, &e));
		T_EQ(again.verb, r.verb);
		T_EQ(again.seconds, r.seconds);
	}
	for (size_t cut = 0; cut < n && row->line[cut] != '}'; cut++)
		T_FAILS(control_parse(p, &a, str_from(t_guard(row->line, cut), cut), &r, &e), ERR_USAGE);
}

/* ---- the asking side, in a process of its own ---- */

/* Runs f there while the loop serves; its exit status, or -signal. */
static int
elsewhere(int (*f)(void), bool is_killed_when_suspended)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(f());
	while (waitpid(pid, &status, WNOHANG) == 0) {
		struct err e = ERR_INIT;

		(void)!loop_step(&loop, fake_ms, &e);
		if (is_killed_when_suspended && n_suspended > n_resumed)
			kill(pid, SIGKILL);
		struct pollfd none = { .fd = -1 };
		poll(&none, 1, 1);
	}
	turn();
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* 0, or the error's code. */
static int
ask(enum control_verb verb, const char *want)
{
	AUTO(control) struct control c = CONTROL_INIT;
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct control_request r = { .verb = verb, .seconds = 60, .why = "a test" };
	const struct json *answer;
	struct err e = ERR_INIT;

	if (control_open(&c, &control_watchdog, path, clock_due_ms(DUE_MS), &e) < 0 || control_ask(&c, &a, &r, &answer, clock_due_ms(DUE_MS), &e) < 0)
		return strstr(e.msg, want) ? (int)e.code : 100;
	if (verb == CONTROL_SUSPEND)
		for (;;)
			pause();
	return str_is(str_of(json_str(json_get(answer, "state"), "")), want) ? 0 : 101;
}

static int
ask_status(void)
{
	return ask(CONTROL_STATUS, "up");
}

static int
ask_reload(void)
{
	return ask(CONTROL_RELOAD, "the watchdog: line 3 is wrong");
}

static int
ask_suspend(void)
{
	return ask(CONTROL_SUSPEND, "");
}

static int
ask_as_nobody(void)
{
	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return 102;
	return ask(CONTROL_STATUS, "not allowed");
}

static int
find_nobody(void)
{
	return ask(CONTROL_STATUS, "reach the watchdog");
}

static void
test_clients(void)
{
	t_row("a client's status");
	begin("clients");
	status_bytes = 50000;
	T_EQ(elsewhere(ask_status, false), 0);
	t_row("a refusal with its reason");
	refuses = true;
	T_EQ(elsewhere(ask_reload, false), ERR_REFUSED);
	refuses = false;
	t_row("a client that is killed releases its lease");
	T_EQ(elsewhere(ask_suspend, true), -SIGKILL);
	T_EQ(n_suspended, 1);
	T_EQ(n_resumed, 1);
	if (geteuid() == 0) {
		t_row("another user does not even reach the socket, and is refused where it could");
		chmod(t_tmpdir(), 0755);
		T_EQ(elsewhere(ask_as_nobody, false), 100);
		chmod(path, 0666);
		T_EQ(elsewhere(ask_as_nobody, false), ERR_REFUSED);
		chmod(t_tmpdir(), 0700);
	}
	end();
	t_row("no watchdog");
	T_EQ(find_nobody(), ERR_NOT_FOUND);
}

static void
test_down(void)
{
	struct control c = { .fd = -1, .protocol = &control_watchdog };
	struct err e = ERR_INIT;

	t_row("down is answered, and the connection lasts as long as the watchdog");
	begin("down");
	c.fd = client();
	say(c.fd, "{\"verb\":\"down\"}\n");
	T_EQ(n_down, 1);
	T_STR(hear(c.fd), OK);
	pass(10 * CONTROL_IDLE_MS);
	T_FAILS(control_wait_end(&c, clock_due_ms(1), &e), ERR_TIMEOUT);
	end();
	T_CALL(control_wait_end(&c, clock_due_ms(DUE_MS), &e));
	control_auto(&c);
}

static void
test_places(void)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct control_server second;
	struct err e = ERR_INIT;
	char deep[512], lock_path[512], cwd[1024], now[1024];
	size_t n = 0;

	t_row("a path longer than the system's addresses");
	for (int i = 0; i < 12; i++)
		n += (size_t)snprintf(deep + n, sizeof deep - n, "directory-%d/", i);
	snprintf(deep + n, sizeof deep - n, "default.sock");
	T_OK(strlen(deep) > 107);
	T_OK(getcwd(cwd, sizeof cwd) != NULL);
	begin(deep);
	T_EQ(elsewhere(ask_status, false), 0);
	T_OK(getcwd(now, sizeof now) != NULL);
	T_STR(now, cwd);
	t_row("a dead watchdog's socket is replaced; the dead one's end does not take the new one's away");
	T_CALL(control_server_open(&second, &loop, &control_watchdog, path, 0700, &handlers, &e));
	end();
	T_EQ(access(path, F_OK), 0);
	T_CALL(loop_init(&loop, &e));
	control_server_close(&second);
	T_EQ(access(path, F_OK), -1);
	t_row("a file that is no socket is left alone");
	T_CALL(file_save(path, STR_LIT("mine"), 0600, &e));
	T_FAILS(control_server_open(&second, &loop, &control_watchdog, path, 0700, &handlers, &e), ERR_REFUSED);
	T_EQ(access(path, F_OK), 0);
	control_server_close(&second);
	loop_auto(&loop);
	t_row("alive by the lock");
	snprintf(lock_path, sizeof lock_path, "%s/lock", t_tmpdir());
	T_OK(!control_watchdog_lives(lock_path));
	T_CALL(file_lock_open(&lock, lock_path, clock_due_ms(0), &e));
	T_OK(control_watchdog_lives(lock_path));
	file_lock_auto(&lock);
	T_OK(!control_watchdog_lives(lock_path));
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		test_request(&control_watchdog, &requests[i]);
	for (size_t i = 0; i < ARRAY_LEN(edge_requests); i++)
		test_request(&control_edge, &edge_requests[i]);
	test_clients();
	test_down();
	test_places();
	return t_done();
}

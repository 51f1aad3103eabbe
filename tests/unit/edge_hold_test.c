/* edge_hold_test.c - a command that restarts opencode, and an edge of which only the control socket is there: what it hears, and what the command waits for */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/deploy/control_server.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/edge_hold.h"
#include "tests/t.h"

static int heard_fd = -1;		/* of the edge: where it writes what it hears */
static bool is_drained, refuses;

static void
tell(const char *text)
{
	if (write(heard_fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(1);
}

static int
on_hold(void *ctx, const struct control_request *r, struct err *e)
{
	(void)ctx;
	if (refuses)
		return err_set(e, ERR_LOCKED, "not now");
	tell("hold: ");
	tell(r->why);
	tell("\n");
	return 0;
}

static void
on_release(void *ctx)
{
	(void)ctx;
	tell("release\n");
}

static int
on_act(void *ctx, const struct control_request *r, struct err *e)
{
	(void)ctx;
	(void)e;
	if (r->verb == CONTROL_EDGE_DRAIN)
		tell(r->seconds == EDGE_DRAIN_S ? "drain\n" : "drain of other seconds\n");
	return 0;
}

static void
on_put(void *ctx, unsigned verb, struct jsonw *w)
{
	(void)ctx;
	if (verb == CONTROL_EDGE_DRAIN)
		jsonw_bool(w, "drained", is_drained);
}

_Noreturn static void
edge_run(const char *path)
{
	static const struct control_handlers handlers = { .act = on_act, .put = on_put, .suspend = on_hold, .resume = on_release };
	struct control_server server;
	struct loop loop;
	struct err e = ERR_INIT;

	if (loop_init(&loop, &e) < 0 || control_server_open(&server, &loop, &control_edge, path, 0700, &handlers, &e) < 0)
		_exit(1);
	tell("listens\n");
	_exit(loop_run(&loop, &e) < 0);
}

/* The next line it has heard. */
static const char *
heard(int fd)
{
	static char line[256];
	size_t n = 0;

	while (n < sizeof line - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return line;
}

/* The edge's process, once it listens. */
static pid_t
edge_start(const char *path, int *ret_fd)
{
	int fds[2];

	T_EQ(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fds[0]);
		heard_fd = fds[1];
		edge_run(path);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	T_STR(heard(fds[0]), "listens");
	return pid;
}

static void
edge_end(pid_t pid, int fd)
{
	kill(pid, SIGKILL);
	T_EQ(waitpid(pid, NULL, 0), pid);
	close(fd);
}

static struct service s = { .engine = ENGINE_INIT };
static struct edge_paths paths;

static void
open_service(const char *mode)
{
	static struct arena a = ARENA_INIT;

	s.arena = &a;
	s.scope.kind = SCOPE_USER;
	s.scope.instance = "work";
	s.scope.state_dir = t_tmpdir();
	s.scope.control_path = arena_printf(&a, "%s/control.sock", t_tmpdir());
	s.config.edge.mode = mode;
	edge_paths_of(&a, &s.scope, &paths);
}

static void
test_held(void)
{
	struct edge_hold h = EDGE_HOLD_INIT;
	struct err e = ERR_INIT;
	int fd;

	t_row("held from begin to end");
	open_service("plain");
	is_drained = true;
	pid_t pid = edge_start(paths.control, &fd);
	T_CALL(edge_hold_begin(&h, &s, "opencode is restarted", &e));
	T_STR(heard(fd), "hold: opencode is restarted");
	T_STR(heard(fd), "drain");
	t_row("twice is once");
	T_CALL(edge_hold_begin(&h, &s, "again", &e));
	edge_hold_end(&h);
	T_STR(heard(fd), "release");
	edge_hold_end(&h);
	t_row("what is still in flight does not keep it from going on");
	edge_end(pid, fd);
	is_drained = false;
	pid = edge_start(paths.control, &fd);
	T_CALL(edge_hold_begin(&h, &s, "opencode is stopped", &e));
	T_STR(heard(fd), "hold: opencode is stopped");
	T_STR(heard(fd), "drain");
	edge_hold_end(&h);
	T_STR(heard(fd), "release");
	edge_end(pid, fd);
}

static void
test_not_held(void)
{
	struct edge_hold h = EDGE_HOLD_INIT;
	struct err e = ERR_INIT;
	int fd;

	t_row("nobody listens there any more");
	open_service("plain");
	T_CALL(edge_hold_begin(&h, &s, "x", &e));
	edge_hold_end(&h);
	t_row("it refuses");
	refuses = true;
	pid_t pid = edge_start(paths.control, &fd);
	T_CALL(edge_hold_begin(&h, &s, "x", &e));
	edge_hold_end(&h);
	t_row("with the edge off nobody is asked");
	open_service("off");
	T_CALL(edge_hold_begin(&h, &s, "x", &e));
	T_EQ(h.control.fd, -1);
	edge_end(pid, fd);
}

int
main(void)
{
	test_held();
	test_not_held();
	return t_done();
}

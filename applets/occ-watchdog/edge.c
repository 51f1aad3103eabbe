/*
 * edge.c - the edge as a child of the watchdog, where no service manager runs it: listeners opened here and inherited, a process that is started again
 *
 * An edge that somebody runs already (an earlier watchdog that was killed leaves its own behind, serving) is left alone until it has ended.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/occ-tls/keeper.h"
#include "applets/occ-watchdog/watchdog.h"
#include "applets/occ/common.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/loop/loop_fork.h"
#include "lib/proc/self.h"

#define LOOK_MS 5000		/* a port that is taken, an edge of somebody else's */
#define REFUSED_MS 60000	/* what a person has to mend: it has said what */
#define STEADY_MS 60000		/* having lived so long, its end is the first one */
#define FD_FIRST 3		/* sd_listen_fds(3) */
#define FDS_SPARE 16		/* above every number that a listener gets */

_Static_assert(FDS_SPARE >= KEEPER_LISTENERS + FD_FIRST, "copies are out of the way");

/* ---- in the child ---- */

/* As sd_listen_fds(3) has it. */
static int
hand_over(const struct keeper_listeners *l)
{
	AUTO(buf) struct buf names = BUF_INIT(256), pid = BUF_INIT(32), count = BUF_INIT(32);
	int copies[KEEPER_LISTENERS];

	for (size_t i = 0; i < l->n; i++) {
		copies[i] = fcntl(l->v[i].fd, F_DUPFD_CLOEXEC, FDS_SPARE);
		if (copies[i] < 0)
			return -1;
		buf_printf(&names, "%s%s", i ? ":" : "", keeper_listen_name(l->v[i].kind));
	}
	for (size_t i = 0; i < l->n; i++)
		if (dup2(copies[i], FD_FIRST + (int)i) < 0)
			return -1;
	buf_printf(&pid, "%ld", (long)getpid());
	buf_printf(&count, "%zu", l->n);
	return setenv("LISTEN_PID", pid.p, 1) < 0 || setenv("LISTEN_FDS", count.p, 1) < 0 || setenv("LISTEN_FDNAMES", names.p, 1) < 0 ? -1 : 0;
}

/* A session of its own: a terminal's Ctrl-C is the watchdog's, which lets it finish. */
static int
child(void *ctx)
{
	const struct watchdog *wd = ctx;
	const struct scope_request *rq = &wd->service.rq.scope;
	AUTO(arena) struct arena a = ARENA_INIT;
	struct strlist argv = { 0 };
	struct err e = ERR_INIT;
	const char *file = self_open_path(&a, &e);

	strlist_add(&a, &argv, "occ");
	strlist_add(&a, &argv, wd->service.scope.kind == SCOPE_SYSTEM ? "--system" : "--user");
	strlist_add(&a, &argv, "--instance");
	strlist_add(&a, &argv, wd->service.scope.instance);
	if (rq->config_file) {
		strlist_add(&a, &argv, "--config");
		strlist_add(&a, &argv, rq->config_file);
	}
	strlist_add(&a, &argv, "tls");
	strlist_add(&a, &argv, "run");
	setsid();
	if (file && hand_over(&wd->edge.listeners) == 0)
		execv(file, mem_unconst(argv.v));
	return 127;
}

/* ---- in the parent ---- */

/* The same is said once. */
static void
say_trouble(struct watchdog *wd, const char *text)
{
	if (strcmp(text, wd->edge.trouble) == 0)
		return;
	str_copy(wd->edge.trouble, sizeof wd->edge.trouble, text);
	if (text[0])
		wd_say(wd, "the edge: %s", text);
}

static void
again(struct watchdog *wd, int64_t pause_ms)
{
	loop_timer(&wd->loop, &wd->edge.retry, clock_due_ms(pause_ms));
}

static bool
is_refusal(int status)
{
	static const enum err_code codes[] = { ERR_USAGE, ERR_CONFIG, ERR_TLS, ERR_REFUSED };

	for (size_t i = 0; status != LOOP_CHILD_LOST && WIFEXITED(status) && i < ARRAY_LEN(codes); i++)
		if (WEXITSTATUS(status) == err_exit_status(codes[i]))
			return true;
	return false;
}

static void
reaped(struct loop_child *c, int status, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(c, struct watchdog, edge.child);
	struct wd_edge *edge = &wd->edge;

	edge->is_running = false;
	if (now_ms - edge->began_ms >= STEADY_MS)
		edge->n_ends = 0;
	if (wd->is_ending) {
		wd_ended(wd);
		return;
	}
	if (status != LOOP_CHILD_LOST && WIFSIGNALED(status))
		wd_say(wd, "the edge: killed by signal %d", WTERMSIG(status));
	again(wd, is_refusal(status) ? REFUSED_MS : keeper_worker_pause_ms(++edge->n_ends));
}

static int
launch(struct watchdog *wd, struct err *e)
{
	struct wd_edge *edge = &wd->edge;

	if (loop_fork(&wd->loop, &edge->child, child, wd, reaped, e) < 0)
		return -1;
	edge->is_running = true;
	edge->began_ms = clock_now_ms();
	return 0;
}

static bool
is_somebodys(const struct watchdog *wd)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct edge_paths paths;

	edge_paths_of(&a, &wd->service.scope, &paths);
	return file_lock_is_held(path_join(&a, paths.dir, KEEPER_LOCK));
}

/* The ports that the configuration wants by now; those that it had and still wants stay open. */
static int
take_ports(struct watchdog *wd, bool *ret_same, struct err *e)
{
	struct wd_edge *edge = &wd->edge;
	struct keeper_listeners wanted;

	if (keeper_listen(&edge->listeners, &wd->service.config, wd->service.scope.kind, &wanted, e) < 0)
		return -1;
	*ret_same = keeper_listen_is_same(&edge->listeners, &wanted);
	keeper_listen_close(&edge->listeners, &wanted);
	edge->listeners = wanted;
	return 0;
}

/* Not running yet, or not any more: its ports, then itself. */
static void
start(struct watchdog *wd)
{
	struct err e = ERR_INIT;
	bool ignored;

	if (is_somebodys(wd)) {
		say_trouble(wd, "another one runs, and is left alone");
		again(wd, LOOK_MS);
		return;
	}
	if (take_ports(wd, &ignored, &e) == 0 && launch(wd, &e) == 0) {
		say_trouble(wd, "");
		return;
	}
	say_trouble(wd, e.msg);
	again(wd, LOOK_MS);
}

/* It has its listeners for life: others need another life. */
static void
renew(struct watchdog *wd)
{
	struct err e = ERR_INIT;
	bool is_same = true;

	if (take_ports(wd, &is_same, &e) < 0)
		say_trouble(wd, e.msg);
	else if (!is_same)
		kill(wd->edge.child.pid, SIGTERM);
}

void
edge_follow(struct watchdog *wd)
{
	struct wd_edge *edge = &wd->edge;

	if (edge->is_left || wd->is_ending)
		return;
	loop_remove(&wd->loop, &edge->retry);
	if (!edge_is_on(&wd->service.config)) {
		edge_end(wd);
		keeper_listen_close(&edge->listeners, NULL);
		say_trouble(wd, "");
	} else if (edge->is_running) {
		renew(wd);
	} else {
		start(wd);
	}
}

static void
retried(struct watch *timer, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	edge_follow(CONTAINER_OF(timer, struct watchdog, edge.retry));
}

void
edge_end(struct watchdog *wd)
{
	loop_remove(&wd->loop, &wd->edge.retry);
	if (wd->edge.is_running)
		kill(wd->edge.child.pid, SIGTERM);
}

/* launchd names its job in XPC_SERVICE_NAME, which is 0 in a terminal. */
void
edge_init(struct watchdog *wd)
{
	const char *job = occ_env("XPC_SERVICE_NAME");

	wd->edge.retry = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = retried };
	wd->edge.is_left = occ_env("NOTIFY_SOCKET") || (job && strcmp(job, "0") != 0);
}

void
edge_close(struct watchdog *wd)
{
	keeper_listen_close(&wd->edge.listeners, NULL);
}

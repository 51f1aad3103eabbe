/* keeper_worker.c - the worker's life: started with the listeners, replaced while it serves, started again when it dies */
#include <signal.h>
#include <sys/wait.h>

#include "applets/occ-tls/keeper.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/proc/self.h"
#include "lib/proc/spawn.h"

#define START_MS 20000		/* from exec to its first word */
#define GRACE_MS 5000		/* beyond what it was given to end in */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 10000
#define STEADY_MS 60000		/* having lived so long, its death is the first one */

int64_t
keeper_worker_pause_ms(unsigned n_deaths)
{
	int64_t pause_ms = PAUSE_FIRST_MS;

	for (unsigned i = 1; i < n_deaths && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

bool
keeper_worker_has_any(const struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_WORKERS; i++)
		if (k->workers[i].state != KEEPER_FREE)
			return true;
	return false;
}

/* ---- its end ---- */

static void
try_again(struct keeper *k)
{
	int64_t pause_ms = keeper_worker_pause_ms(++k->n_deaths);

	if (k->is_ending || k->next)
		return;
	loop_timer(&k->loop, &k->restart, clock_due_ms(pause_ms));
}

static void
put_end(int status, char text[64])
{
	AUTO(buf) struct buf out = BUF_INIT(63);

	if (status == LOOP_CHILD_LOST)
		buf_puts(&out, "its end was not seen");
	else if (WIFSIGNALED(status))
		buf_printf(&out, "killed by signal %d", WTERMSIG(status));
	else
		buf_printf(&out, "exit status %d", WEXITSTATUS(status));
	str_copy(text, 64, out.p);
}

static void
reaped(struct loop_child *c, int status, int64_t now_ms)
{
	struct keeper_worker *w = CONTAINER_OF(c, struct keeper_worker, child);
	struct keeper *k = w->keeper;
	bool was_wanted = w == k->current || w == k->next;
	char how[64];

	keeper_wire_close(w);
	loop_remove(&k->loop, &w->timer);
	w->state = KEEPER_FREE;
	w->owes_drained = false;
	keeper_serve_drained(k);
	if (now_ms - w->began_ms >= STEADY_MS)
		k->n_deaths = 0;
	if (w == k->current) {
		k->current = NULL;
		k->has_facts = false;
	}
	if (w == k->next)
		k->next = NULL;
	if (was_wanted && !k->is_ending) {
		put_end(status, how);
		keeper_say(k, "the worker (pid %ld) has ended: %s; another one follows", (long)c->pid, how);
		keeper_serve_taken(k, "the worker has ended");
		try_again(k);
	}
	keeper_tell(k);
	keeper_ended(k);
}

void
keeper_worker_kill(struct keeper_worker *w, const char *why)
{
	if (w->state == KEEPER_FREE)
		return;
	if (why)
		keeper_say(w->keeper, "the worker (pid %ld) is killed: %s", (long)w->child.pid, why);
	keeper_wire_close(w);
	kill(w->child.pid, SIGKILL);
}

static void
on_timer(struct watch *watch, short got, int64_t now_ms)
{
	struct keeper_worker *w = CONTAINER_OF(watch, struct keeper_worker, timer);

	(void)got;
	(void)now_ms;
	keeper_worker_kill(w, w->state == KEEPER_ENDING ? "it does not end" : "it does not answer");
}

void
keeper_worker_end(struct keeper_worker *w)
{
	const struct wire_ms most = { .ms = KEEPER_END_MS };

	if (w->state == KEEPER_FREE || w->state == KEEPER_ENDING)
		return;
	w->state = KEEPER_ENDING;
	loop_timer(&w->keeper->loop, &w->timer, clock_due_ms(KEEPER_END_MS + GRACE_MS));
	keeper_wire_put(w, WIRE_END, 0, str_from(&most, sizeof most));
}

void
keeper_worker_close(struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_WORKERS; i++) {
		struct keeper_worker *w = &k->workers[i];

		if (w->state == KEEPER_FREE)
			continue;
		keeper_worker_kill(w, NULL);
		loop_child_remove(&k->loop, &w->child);
		waitpid(w->child.pid, NULL, 0);
		w->state = KEEPER_FREE;
	}
}

/* ---- its begin ---- */

/* Executed anew, so that nothing of the keeper's memory is in it. The terminal's Ctrl-C is the keeper's alone. */
static int
start(struct keeper *k, int worker_fd, pid_t *ret, struct err *e)
{
	static const char *const argv[] = { "occ-tls", "--worker", NULL };
	AUTO(arena) struct arena a = ARENA_INIT;
	int fds[1 + KEEPER_LISTENERS];
	size_t n = 0;
	struct spawn s = { .argv = argv, .file = self_open_path(&a, e), .in_fd = -1, .out_fd = 1, .err_fd = -1, .new_session = true, .fds = fds };

	if (!s.file)
		return -1;
	fds[n++] = worker_fd;
	for (enum keeper_kind kind = KEEPER_TLS; kind < KEEPER__KINDS; kind++)
		for (size_t i = 0; i < k->listeners.n; i++)
			if (k->listeners.v[i].kind == kind)
				fds[n++] = k->listeners.v[i].fd;
	s.n_fds = n;
	return spawn_start(&s, ret, e);
}

static int
launch(struct keeper *k, struct keeper_worker *w, struct err *e)
{
	AUTO(fd) int keeper_fd = -1;
	AUTO(fd) int worker_fd = -1;
	pid_t pid;

	if (wire_pair(&keeper_fd, &worker_fd, e) < 0 || start(k, worker_fd, &pid, e) < 0)
		return -1;
	w->child = (struct loop_child){ .pid = pid, .fire = reaped };
	keeper_wire_open(w, keeper_fd);
	if (loop_add(&k->loop, &w->pipe, e) == 0 && loop_child(&k->loop, &w->child, e) == 0) {
		fd_take(&keeper_fd);
		return 0;
	}
	loop_remove(&k->loop, &w->pipe);
	w->pipe = (struct watch)WATCH_INIT;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

void
keeper_worker_next(struct keeper *k)
{
	struct keeper_worker *w = k->workers;
	struct err e = ERR_INIT;

	loop_remove(&k->loop, &k->restart);
	if (k->next) {		/* what it was started with is out of date */
		keeper_worker_kill(k->next, NULL);
		k->next = NULL;
	}
	while (w < k->workers + KEEPER_WORKERS && w->state != KEEPER_FREE)
		w++;
	if (w == k->workers + KEEPER_WORKERS) {
		try_again(k);
		return;
	}
	if (launch(k, w, &e) < 0) {
		keeper_say(k, "no worker: %s", e.msg);
		try_again(k);
		return;
	}
	w->state = KEEPER_STARTING;
	w->began_ms = clock_now_ms();
	k->next = w;
	loop_timer(&k->loop, &w->timer, clock_due_ms(START_MS));
	keeper_wire_deliver(w);
}

static void
on_restart(struct watch *watch, short got, int64_t now_ms)
{
	struct keeper *k = CONTAINER_OF(watch, struct keeper, restart);

	(void)got;
	(void)now_ms;
	keeper_worker_next(k);
}

void
keeper_worker_init(struct keeper *k)
{
	k->restart = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = on_restart };
	for (size_t i = 0; i < KEEPER_WORKERS; i++) {
		struct keeper_worker *w = &k->workers[i];

		w->keeper = k;
		w->pipe = (struct watch)WATCH_INIT;
		w->timer = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = on_timer };
	}
}

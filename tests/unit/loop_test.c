/*
 * loop_test.c - readiness, pauses, removal and deadlines, with every backend
 *
 * Waiting is wrapped: EINTR and failures come when asked for. Deadlines run by a virtual clock.
 */
/* ldflags: -Wl,--wrap=poll,--wrap=epoll_wait */
#include "lib/loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "lib/base/fd.h"
#include "tests/t.h"
#include "tests/unit/loop_kit.h"

struct epoll_event;
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout);

#define SOON 20000	/* ms; a deadline that no test is meant to reach */

static unsigned waits, eintr_every;
static int wait_fails_with, last_timeout;

static bool
wait_faulted(int timeout)
{
	waits++;
	last_timeout = timeout;
	if (eintr_every && waits % eintr_every != 0)
		errno = EINTR;
	else if (wait_fails_with)
		errno = wait_fails_with;
	else
		return false;
	return true;
}

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return wait_faulted(timeout) ? -1 : __real_poll(fds, n, timeout);
}

int
__wrap_epoll_wait(int fd, struct epoll_event *ev, int max, int timeout)
{
	return wait_faulted(timeout) ? -1 : __real_epoll_wait(fd, ev, max, timeout);
}

/* A watch that notes what it was told, and then does what the case wants. */
struct probe {
	struct watch w;		/* first: a probe is found by its watch */
	int fired;
	short got;
	int64_t now_ms;
	void (*then)(struct probe *p);
	struct probe *peer;
};

static void
on_probe(struct watch *w, short got, int64_t now_ms)
{
	struct probe *p = (struct probe *)w;

	p->fired++;
	p->got = got;
	p->now_ms = now_ms;
	if (p->then)
		p->then(p);
}

static struct probe
probe(int fd, short want)
{
	return (struct probe){ .w = { .fd = fd, .want = want, .due_ms = LOOP_NEVER, .fire = on_probe } };
}

static void
put(struct loop *l, struct probe *p)
{
	struct err e = ERR_INIT;

	T_CALL(loop_add(l, &p->w, &e));
}

static void
test_ready(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int pair[2];
	char c;

	t_row("%s: a watch is told what is ready, as long as it is", b->name);
	start(&l, b);
	T_CALL(fd_socketpair(pair, &e));
	struct probe p = probe(pair[0], POLLIN);
	put(&l, &p);
	T_EQ(step(&l), 0);
	T_EQ(write(pair[1], "ab", 2), 2);
	for (int i = 1; i <= 3; i++) {
		T_EQ(step(&l), 1);
		T_EQ(p.fired, i);
		T_EQ(p.got, POLLIN);
		T_EQ(p.now_ms, virtual_ms);
	}
	loop_want(&p.w, POLLIN | POLLOUT);
	T_EQ(step(&l), 1);
	T_EQ(p.got, POLLIN | POLLOUT);
	loop_want(&p.w, POLLIN);
	T_EQ(read(pair[0], &c, 1), 1);
	T_EQ(step(&l), 1);
	T_EQ(read(pair[0], &c, 1), 1);
	T_EQ(step(&l), 0);

	t_row("%s: out of the loop and in again", b->name);
	T_EQ(write(pair[1], "c", 1), 1);
	loop_remove(&l, &p.w);
	loop_remove(&l, &p.w);
	T_EQ(step(&l), 0);
	put(&l, &p);
	T_EQ(step(&l), 1);
	loop_remove(&l, &p.w);

	t_row("%s: a hang-up comes as everything wanted", b->name);
	close(pair[1]);
	T_EQ(read(pair[0], &c, 1), 1);
	put(&l, &p);
	T_EQ(step(&l), 1);
	T_EQ(p.got & POLLIN, POLLIN);
	T_EQ(read(pair[0], &c, 1), 0);
	loop_remove(&l, &p.w);
	close(pair[0]);
	T_CALL(fd_pipe(pair, &e));
	p = probe(pair[0], POLLIN);
	put(&l, &p);
	close(pair[1]);
	T_EQ(step(&l), 1);
	T_EQ(p.got, POLLIN | POLLHUP);
	loop_remove(&l, &p.w);
	close(pair[0]);
}

static void
test_pause(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	char block[4096] = { 0 };
	int pair[2], woken = 0;

	t_row("%s: a paused watch hears nothing, not even a hang-up, and costs no rounds", b->name);
	start(&l, b);
	l.clock = clock_now_ms;
	T_CALL(fd_pipe(pair, &e));
	struct probe p = probe(pair[0], 0);
	put(&l, &p);
	T_EQ(write(pair[1], "a", 1), 1);
	T_EQ(step(&l), 0);
	loop_want(&p.w, POLLIN);
	T_EQ(step(&l), 1);
	loop_want(&p.w, 0);
	T_EQ(step(&l), 0);
	close(pair[1]);
	int64_t due_ms = clock_due_ms(20);
	for (; clock_now_ms() < due_ms; woken++)
		T_EQ(loop_step(&l, due_ms, &e), 0);
	T_OK(woken <= 5);
	T_EQ(p.fired, 1);
	loop_want(&p.w, POLLIN);
	T_EQ(step(&l), 1);
	T_EQ(p.got, POLLIN | POLLHUP);
	loop_remove(&l, &p.w);
	close(pair[0]);

	t_row("%s: room to write comes back when the peer has read", b->name);
	T_CALL(fd_socketpair(pair, &e));
	T_CALL(fd_nonblock(pair[0], &e));
	T_CALL(fd_nonblock(pair[1], &e));
	p = probe(pair[0], POLLOUT);
	put(&l, &p);
	T_EQ(step(&l), 1);
	while (write(pair[0], block, sizeof block) > 0)
		;
	T_EQ(step(&l), 0);
	while (read(pair[1], block, sizeof block) > 0)
		;
	T_EQ(step(&l), 1);
	T_EQ(p.got, POLLOUT);
	loop_remove(&l, &p.w);
	close(pair[0]);
	close(pair[1]);
}

static void
remove_both(struct probe *p)
{
	loop_remove(p->w.loop, &p->peer->w);
	loop_remove(p->w.loop, &p->w);
}

static const struct probe *freed;

static void
remove_peer_and_free(struct probe *p)
{
	loop_remove(p->w.loop, &p->peer->w);
	freed = p->peer;
	mem_free(p->peer);
	p->then = NULL;
}

static void
pause_peer(struct probe *p)
{
	loop_want(&p->peer->w, 0);
}

/* Out, the descriptor closed, its number taken by another: what was pending for the old one is not told to the new one. */
static void
replace_peer(struct probe *p)
{
	struct loop *l = p->w.loop;
	struct err e = ERR_INIT;
	int fd = p->peer->w.fd, pair[2];

	p->then = NULL;
	p->peer->then = NULL;
	loop_remove(l, &p->peer->w);
	close(fd);
	T_CALL(fd_socketpair(pair, &e));
	T_EQ(pair[0], fd);
	put(l, p->peer);
}

static void
test_remove(const struct loop_backend *b)
{
	static const struct {
		const char *name;
		void (*then)(struct probe *p);
		int total;		/* callbacks in the first round, and in the second */
		int second;
	} row[] = {
		{ "takes out itself and the other", remove_both, 1, 0 },
		{ "takes out and frees the other", remove_peer_and_free, 1, 1 },
		{ "pauses the other", pause_peer, 1, 1 },
		{ "replaces the other", replace_peer, 1, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(loop) struct loop l = { 0 };
		struct err e = ERR_INIT;
		struct probe *p[2];
		int pair[2][2];

		t_row("%s: the first of a batch %s, which is pending", b->name, row[i].name);
		start(&l, b);
		freed = NULL;
		for (int k = 0; k < 2; k++) {
			T_CALL(fd_socketpair(pair[k], &e));
			T_EQ(write(pair[k][1], "x", 1), 1);
			p[k] = mem_new(sizeof *p[k]);
			*p[k] = probe(pair[k][0], POLLIN);
			p[k]->then = row[i].then;
		}
		p[0]->peer = p[1];
		p[1]->peer = p[0];
		put(&l, p[0]);
		put(&l, p[1]);
		T_EQ(step(&l), row[i].total);
		T_EQ(step(&l), row[i].second);
		for (int k = 0; k < 2; k++) {
			if (p[k] != freed) {
				loop_remove(&l, &p[k]->w);
				mem_free(p[k]);
			}
			close(pair[k][0]);
			close(pair[k][1]);
		}
	}
}

static void
test_interrupted(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int pair[2];

	t_row("%s: an interrupted wait loses nothing", b->name);
	start(&l, b);
	T_CALL(fd_socketpair(pair, &e));
	struct probe p = probe(pair[0], POLLIN), timer = probe(-1, 0);
	timer.w.due_ms = virtual_ms;
	put(&l, &p);
	put(&l, &timer);
	T_EQ(write(pair[1], "x", 1), 1);
	waits = 0;
	eintr_every = 3;
	T_EQ(step(&l), 1);
	T_EQ(timer.fired, 1);
	T_EQ(step(&l), 0);
	T_EQ(step(&l), 1);
	T_EQ(p.fired, 1);
	eintr_every = 0;

	t_row("%s: what the kernel refuses is an error", b->name);
	wait_fails_with = ENOMEM;
	T_FAILS(loop_step(&l, 0, &e), ERR_SYS);
	T_EQ(e.sys, ENOMEM);
	T_FAILS(loop_run(&l, &e), ERR_SYS);
	wait_fails_with = 0;
	T_EQ(step(&l), 1);
	loop_remove(&l, &p.w);
	close(pair[0]);
	close(pair[1]);
}

static void
test_wait(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	struct probe timer = probe(-1, 0);

	t_row("%s: a real deadline is never early", b->name);
	start(&l, b);
	l.clock = clock_now_ms;
	int64_t due_ms = timer.w.due_ms = clock_due_ms(15);
	put(&l, &timer);
	T_EQ(loop_next_due(&l), due_ms);
	while (timer.fired == 0 && clock_now_ms() < due_ms + SOON)
		T_OK(loop_step(&l, LOOP_NEVER, &e) >= 0);
	T_EQ(timer.fired, 1);
	T_OK(timer.now_ms >= due_ms);

	static const struct {
		int64_t due_ms, step_due_ms;
		int want;
	} row[] = {
		{ LOOP_NEVER, 0, 0 }, { 1000, LOOP_NEVER, 0 }, { 10, LOOP_NEVER, 0 }, { 1001, LOOP_NEVER, 1 },
		{ 1500, 1200, 200 }, { 1200, 1500, 200 }, { 31000, LOOP_NEVER, 30000 }, { 31001, LOOP_NEVER, 30000 },
		{ LOOP_NEVER - 1, LOOP_NEVER, 30000 }, { LOOP_NEVER, INT64_MIN, 0 }, { LOOP_NEVER, LOOP_NEVER - 1, 30000 },
	};
	eintr_every = 2;	/* nobody really waits */
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(loop) struct loop v = { 0 };
		struct probe p = probe(-1, 0);

		t_row("%s: how long it waits, row %zu", b->name, i);
		start(&v, b);
		virtual_ms = 1000;
		p.w.due_ms = row[i].due_ms;
		put(&v, &p);
		waits = 0;
		T_OK(loop_step(&v, row[i].step_due_ms, &e) >= 0);
		T_EQ(last_timeout, row[i].want);
	}
	eintr_every = 0;
}

static void
test_add_fails(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	start(&l, b);
	t_row("%s: its own descriptors are closed on exec", b->name);
	T_OK(l.kernel_fd < 0 || fcntl(l.kernel_fd, F_GETFD) == FD_CLOEXEC);
	if (l.kernel_fd < 0)
		goto done;
	t_row("%s: a descriptor that cannot be waited for is refused, and nothing is left of it", b->name);
	struct probe p = probe(fd, POLLIN);
	T_FAILS(loop_add(&l, &p.w, &e), ERR_PERM);
	T_HAS(e.msg, "watch descriptor");
	T_OK(!p.w.loop);
	loop_remove(&l, &p.w);
	T_EQ(step(&l), 0);
done:
	close(fd);
}

/* All are ready, none is served: each has its turn before any has it a third time. */
static void
test_many(const struct loop_backend *b)
{
	enum { MANY = 1000, ROUNDS = (MANY + LOOP_BATCH - 1) / LOOP_BATCH };
	static struct probe p[MANY];
	static int pair[MANY][2];
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int missed = 0, greedy = 0;

	t_row("%s: %d watches, all ready, all have their turn", b->name, MANY);
	start(&l, b);
	for (int i = 0; i < MANY; i++) {
		T_CALL(fd_socketpair(pair[i], &e));
		T_EQ(write(pair[i][1], "x", 1), 1);
		p[i] = probe(pair[i][0], POLLIN);
		put(&l, &p[i]);
	}
	for (int i = 0; i < ROUNDS; i++)
		T_EQ(step(&l), LOOP_BATCH);
	for (int i = 0; i < MANY; i++) {
		missed += p[i].fired == 0;
		greedy += p[i].fired > 2;
	}
	T_EQ(missed, 0);
	T_EQ(greedy, 0);

	t_row("%s: one of them among %d silent ones", b->name, MANY);
	for (int i = 0; i < MANY; i++) {
		char c;

		T_EQ(read(pair[i][0], &c, 1), 1);
	}
	T_EQ(step(&l), 0);
	p[777].fired = 0;
	T_EQ(write(pair[777][1], "x", 1), 1);
	T_EQ(step(&l), 1);
	T_EQ(p[777].fired, 1);
	for (int i = 0; i < MANY; i++) {
		loop_remove(&l, &p[i].w);
		close(pair[i][0]);
		close(pair[i][1]);
	}
	T_EQ(step(&l), 0);
	T_EQ(l.n, 0);
}

int
main(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
		T_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(backends); i++) {
		test_ready(backends[i]);
		test_pause(backends[i]);
		test_remove(backends[i]);
		test_interrupted(backends[i]);
		test_wait(backends[i]);
		test_add_fails(backends[i]);
		test_many(backends[i]);
	}
	return t_done();
}

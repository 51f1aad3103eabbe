/*
 * loop_due_test.c - deadlines and deferred work by a virtual clock, with every backend
 */
#include "lib/loop/loop.h"

#include <sys/wait.h>

#include "lib/base/fd.h"
#include "tests/t.h"
#include "tests/unit/loop_kit.h"

#define MANY 10000

static size_t n_fired;
static int64_t last_due_ms;
static unsigned clock_calls;

static int64_t
counted_clock(void)
{
	clock_calls++;
	return virtual_ms;
}

static void
begin(struct loop *l, const struct loop_backend *b)
{
	start(l, b);
	virtual_ms = 1000;
	n_fired = 0;
}

static void
put(struct loop *l, struct watch *w)
{
	struct err e = ERR_INIT;

	T_CALL(loop_add(l, w, &e));
}

/* --- many --- */

struct timer {
	struct watch w;
	int64_t due_ms;
	int fired;
};

static unsigned n_wrong;

static void
on_timer(struct watch *w, short got, int64_t now_ms)
{
	struct timer *t = (struct timer *)w;

	n_fired++;
	t->fired++;
	n_wrong += got != 0 || w->due_ms != LOOP_NEVER || t->due_ms > now_ms || t->due_ms < last_due_ms;
	last_due_ms = t->due_ms;
}

/* Jumping from deadline to deadline; one in three is moved before, one in ten taken back. */
static void
test_order(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct timer *all = mem_new(MANY * sizeof *all);
	uint64_t seed = 20240607;
	size_t n_want = 0, n_unfit = 0;

	t_row("%s: %d random deadlines come in their order", b->name, MANY);
	begin(&l, b);
	n_wrong = 0;
	last_due_ms = 0;
	for (size_t i = 0; i < MANY; i++) {
		all[i].due_ms = 1000 + (int64_t)seeded_below(&seed, 50000);
		all[i].w = (struct watch){ .fd = -1, .due_ms = all[i].due_ms, .fire = on_timer };
		put(&l, &all[i].w);
	}
	for (size_t i = 0; i < MANY; i++) {
		if (seeded_below(&seed, 3) == 0)
			all[i].due_ms = 1000 + (int64_t)seeded_below(&seed, 50000);
		if (seeded_below(&seed, 10) == 0)
			all[i].due_ms = LOOP_NEVER;
		loop_due(&all[i].w, all[i].due_ms);
		n_want += all[i].due_ms != LOOP_NEVER;
	}
	while (loop_next_due(&l) != LOOP_NEVER) {
		if (virtual_ms < loop_next_due(&l))
			virtual_ms = loop_next_due(&l) + (int64_t)seeded_below(&seed, 200);
		n_unfit += step(&l) > LOOP_BATCH;
	}
	T_EQ(n_fired, n_want);
	T_EQ(n_wrong, 0);
	T_EQ(n_unfit, 0);
	n_wrong = 0;
	for (size_t i = 0; i < MANY; i++)
		n_wrong += all[i].fired != (all[i].due_ms != LOOP_NEVER);
	T_EQ(n_wrong, 0);
	for (size_t i = 0; i < MANY; i++)
		loop_remove(&l, &all[i].w);
	mem_free(all);
}

/* --- rules --- */

struct one {
	struct watch w;
	struct watch *peer;
	int64_t peer_due_ms, own_due_ms;
	int at;			/* which callback this was */
	short got;
};

static void
on_one(struct watch *w, short got, int64_t now_ms)
{
	struct one *o = (struct one *)w;

	(void)now_ms;
	o->at = (int)++n_fired;
	o->got = got;
	if (o->peer)
		loop_due(o->peer, o->peer_due_ms);
	if (o->own_due_ms)
		loop_due(w, o->own_due_ms);
}

static struct one
one(int fd, int64_t due_ms)
{
	return (struct one){ .w = { .fd = fd, .want = fd < 0 ? 0 : POLLIN, .due_ms = due_ms, .fire = on_one } };
}

static void
test_rules(const struct loop_backend *b)
{
	t_row("%s: equal deadlines in the order they were set", b->name);
	{
		AUTO(loop) struct loop l = { 0 };
		struct one o[20];

		begin(&l, b);
		for (int i = 0; i < 20; i++) {
			o[i] = one(-1, 2000);
			put(&l, &o[i].w);
		}
		loop_due(&o[3].w, 2000);
		T_EQ(step(&l), 0);
		virtual_ms = 2000;
		T_EQ(step(&l), 20);
		T_EQ(o[0].at, 1);
		T_EQ(o[4].at, 4);
		T_EQ(o[3].at, 20);
		T_EQ(step(&l), 0);
	}
	t_row("%s: a deadline that a callback moves does not come, though it was due", b->name);
	{
		AUTO(loop) struct loop l = { 0 };
		struct one a = one(-1, 1000), c = one(-1, 1000);

		begin(&l, b);
		a.peer = &c.w;
		a.peer_due_ms = 3000;
		put(&l, &a.w);
		put(&l, &c.w);
		T_EQ(step(&l), 1);
		T_EQ(c.at, 0);
		virtual_ms = 2999;
		T_EQ(step(&l), 0);
		virtual_ms = 3000;
		T_EQ(step(&l), 1);
		T_EQ(c.at, 2);
	}
}

static void
test_again(const struct loop_backend *b)
{
	t_row("%s: one that is due again at once waits for the next round", b->name);
	{
		AUTO(loop) struct loop l = { 0 };
		struct one a = one(-1, 1000), c = one(-1, 1000);

		begin(&l, b);
		a.own_due_ms = 1;
		put(&l, &a.w);
		put(&l, &c.w);
		for (int i = 0; i < 3; i++)
			T_EQ(step(&l), i == 0 ? 2 : 1);
		T_EQ(a.w.due_ms, virtual_ms);
		a.own_due_ms = 0;
		T_EQ(step(&l), 1);
		T_EQ(step(&l), 0);
	}
	t_row("%s: out of the loop, want and deadline are only noted", b->name);
	{
		AUTO(loop) struct loop l = { 0 };
		struct one a = one(-1, LOOP_NEVER);

		begin(&l, b);
		loop_due(&a.w, 900);
		loop_want(&a.w, POLLIN);
		T_EQ(step(&l), 0);
		put(&l, &a.w);
		T_EQ(step(&l), 1);
	}
}

static void
test_both(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int pair[2];
	char c;

	begin(&l, b);
	T_CALL(fd_socketpair(pair, &e));
	struct one o = one(pair[0], 1500);
	put(&l, &o.w);
	T_EQ(write(pair[1], "x", 1), 1);
	virtual_ms = 1500;
	t_row("%s: what is ready in time moves its deadline", b->name);
	o.own_due_ms = 4000;
	T_EQ(step(&l), 1);
	T_EQ(o.got, POLLIN);
	T_EQ(o.w.due_ms, 4000);
	T_EQ(read(pair[0], &c, 1), 1);
	t_row("%s: a paused watch keeps its deadline", b->name);
	loop_want(&o.w, 0);
	o.own_due_ms = 0;
	virtual_ms = 4000;
	T_EQ(step(&l), 1);
	T_EQ(o.got, 0);
	t_row("%s: ready and due are told one after the other", b->name);
	T_EQ(write(pair[1], "x", 1), 1);
	loop_want(&o.w, POLLIN);
	loop_due(&o.w, 4000);
	T_EQ(step(&l), 2);
	T_EQ(o.got, 0);
	T_EQ(o.w.due_ms, LOOP_NEVER);
	loop_remove(&l, &o.w);
	close(pair[0]);
	close(pair[1]);
}

/* More than a batch of timers that are always due, and one descriptor, and one late timer. */
static void
test_fair(const struct loop_backend *b)
{
	enum { BUSY = 3 * LOOP_BATCH };
	static struct one busy[BUSY];
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	int pair[2], never = 0;

	t_row("%s: timers that are always due starve neither descriptors nor one another", b->name);
	begin(&l, b);
	T_CALL(fd_socketpair(pair, &e));
	T_EQ(write(pair[1], "x", 1), 1);
	for (int i = 0; i < BUSY; i++) {
		busy[i] = one(-1, 1);
		busy[i].own_due_ms = 1;
		put(&l, &busy[i].w);
	}
	struct one ready = one(pair[0], LOOP_NEVER), late = one(-1, 1001);
	put(&l, &ready.w);
	put(&l, &late.w);
	T_EQ(step(&l), LOOP_BATCH + 1);
	T_EQ(ready.at, 1);
	for (int i = 0; i < 4; i++) {
		virtual_ms++;
		T_EQ(step(&l), LOOP_BATCH + 1);
	}
	for (int i = 0; i < BUSY; i++)
		never += busy[i].at == 0;
	T_EQ(never, 0);
	T_OK(late.at > 0);
	loop_remove(&l, &ready.w);
	close(pair[0]);
	close(pair[1]);
}

static void
test_clock(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct one o[10];

	t_row("%s: a batch reads the clock once, the wait before it once", b->name);
	begin(&l, b);
	l.clock = counted_clock;
	for (int i = 0; i < 10; i++) {
		o[i] = one(-1, 1000);
		put(&l, &o[i].w);
	}
	clock_calls = 0;
	T_EQ(step(&l), 10);
	T_EQ(clock_calls, 2);
}

/* --- deferred --- */

struct owner {
	struct watch w;
	struct deferred gone, *more;
	struct loop *l;
};

static size_t n_deferred;

static void
on_gone(struct deferred *d, int64_t now_ms)
{
	struct owner *o = (struct owner *)((char *)d - offsetof(struct owner, gone));

	n_deferred++;
	T_EQ(now_ms, virtual_ms);
	loop_remove(o->l, &o->w);
	if (o->more)
		loop_defer(o->l, o->more);
	mem_free(o);
}

static void
on_owner(struct watch *w, short got, int64_t now_ms)
{
	struct owner *o = (struct owner *)w;

	(void)got;
	(void)now_ms;
	n_fired++;
	loop_defer(o->l, &o->gone);
	loop_defer(o->l, &o->gone);
	T_EQ(n_deferred, 0);
}

static struct owner *
owner_new(struct loop *l)
{
	struct owner *o = mem_new(sizeof *o);

	o->w = (struct watch){ .fd = -1, .due_ms = 1000, .fire = on_owner };
	o->gone.fire = on_gone;
	o->l = l;
	put(l, &o->w);
	return o;
}

static void
test_defer(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;

	t_row("%s: owners are freed after the batch, once", b->name);
	begin(&l, b);
	n_deferred = 0;
	for (int i = 0; i < 5; i++)
		owner_new(&l);
	T_EQ(step(&l), 5);
	T_EQ(n_deferred, 5);
	T_EQ(step(&l), 0);
	T_EQ(l.n, 0);

	t_row("%s: what deferred work defers is for the next round, which does not wait", b->name);
	struct owner *first = owner_new(&l), *second = owner_new(&l);
	loop_due(&first->w, LOOP_NEVER);
	loop_due(&second->w, LOOP_NEVER);
	first->more = &second->gone;
	n_deferred = 0;
	loop_defer(&l, &first->gone);
	T_EQ(loop_step(&l, LOOP_NEVER, &e), 0);
	T_EQ(n_deferred, 1);
	T_EQ(loop_step(&l, LOOP_NEVER, &e), 0);
	T_EQ(n_deferred, 2);

	t_row("%s: the end runs what is still deferred and forgets the rest", b->name);
	struct owner *kept = owner_new(&l);
	first = owner_new(&l);
	second = owner_new(&l);
	first->more = &second->gone;
	loop_defer(&l, &first->gone);
	loop_auto(&l);
	T_EQ(n_deferred, 4);
	T_OK(!kept->w.loop);
	mem_free(kept);
	loop_auto(&l);
}

/* --- run --- */

static void
on_end(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	if (++n_fired == 3)
		loop_end(w->loop);
	else
		loop_due(w, virtual_ms);
}

static void
test_run(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct err e = ERR_INIT;
	struct watch w = { .fd = -1, .due_ms = 1000, .fire = on_end };

	t_row("%s: runs until it is ended, and again", b->name);
	begin(&l, b);
	put(&l, &w);
	T_EQ(loop_run(&l, &e), 0);
	T_EQ(n_fired, 3);
	n_fired = 0;
	loop_due(&w, 1000);
	T_EQ(loop_run(&l, &e), 0);
	T_EQ(n_fired, 3);
	t_row("%s: ended before it runs, it returns", b->name);
	loop_end(&l);
	T_EQ(loop_run(&l, &e), 0);
	T_EQ(n_fired, 3);
}

/* What a plain assignment leads to: the process ends. */
static void
test_assigned(const struct loop_backend *b)
{
	for (int is_due = 0; is_due < 2; is_due++) {
		int status = 0;

		t_row("%s: %s assigned behind the loop's back is found", b->name, is_due ? "due_ms" : "want");
		pid_t pid = fork();
		if (pid == 0) {
			struct loop l;
			struct err e = ERR_INIT;
			struct one p = one(-1, LOOP_NEVER);

			close(2);
			if (loop_init_with(&l, b, &e) < 0 || loop_add(&l, &p.w, &e) < 0)
				_exit(1);
			if (is_due)
				p.w.due_ms = 5;
			else
				p.w.want = POLLIN;
			_exit(loop_step(&l, 0, &e) < 0 ? 2 : 0);
		}
		T_EQ(waitpid(pid, &status, 0), pid);
		T_OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
}

static void
test_timer(const struct loop_backend *b)
{
	AUTO(loop) struct loop l = { 0 };
	struct one p = one(-1, LOOP_NEVER);

	t_row("%s: a timer is set whether it is in the loop or not", b->name);
	begin(&l, b);
	loop_timer(&l, &p.w, virtual_ms + 10);
	T_EQ(loop_next_due(&l), virtual_ms + 10);
	loop_timer(&l, &p.w, virtual_ms + 5);
	T_EQ(loop_next_due(&l), virtual_ms + 5);
	virtual_ms += 5;
	T_EQ(step(&l), 1);
	T_EQ(loop_next_due(&l), LOOP_NEVER);
	loop_remove(&l, &p.w);
	loop_timer(&l, &p.w, virtual_ms + 1);
	virtual_ms += 1;
	T_EQ(step(&l), 1);
	loop_remove(&l, &p.w);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(backends); i++) {
		test_order(backends[i]);
		test_rules(backends[i]);
		test_again(backends[i]);
		test_both(backends[i]);
		test_fair(backends[i]);
		test_clock(backends[i]);
		test_defer(backends[i]);
		test_run(backends[i]);
		test_assigned(backends[i]);
		test_timer(backends[i]);
	}
	return t_done();
}

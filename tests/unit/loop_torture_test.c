/*
 * loop_torture_test.c - every callback adds, removes, pauses, reopens and frees at random; seeded, with every backend
 *
 * What must hold all the time: a callback comes only to a watch that is in the loop, only with what it wants, a deadline only when it has
 * come. At the end the survivors must all still hear.
 */
#include "lib/loop/loop.h"

#include <sys/socket.h>

#include "lib/base/fd.h"
#include "tests/t.h"
#include "tests/unit/loop_kit.h"

#define SLOTS 150
#define ALIVE 0x11feL
#define DYING 0xdeadL

struct actor {
	struct watch w;
	struct deferred gone;
	int64_t due_ms;		/* what it knows of its own deadline */
	long state;
	int fd[2], fired;
};

static struct world {
	struct loop l;
	uint64_t seed;
	struct actor *slot[SLOTS];
	unsigned n_wrong, n_ready, n_due, n_freed, n_direct;
	bool is_calm;
} world;

static size_t
below(size_t n)
{
	return seeded_below(&world.seed, n);
}

static void on_actor(struct watch *w, short got, int64_t now_ms);

static void
open_pair(struct actor *a)
{
	struct err e = ERR_INIT;

	if (fd_socketpair(a->fd, &e) < 0 || fd_nonblock(a->fd[0], &e) < 0 || fd_nonblock(a->fd[1], &e) < 0)
		T_FAIL("%s", e.msg);
}

static void
close_pair(struct actor *a)
{
	fd_auto(&a->fd[0]);
	fd_auto(&a->fd[1]);
}

static short
some_want(void)
{
	static const short all[] = { 0, POLLIN, POLLIN, POLLOUT, POLLIN | POLLOUT };

	return all[below(ARRAY_LEN(all))];
}

static void
put(struct actor *a)
{
	struct err e = ERR_INIT;

	a->w.fd = a->fd[0];
	T_CALL(loop_add(&world.l, &a->w, &e));
}

static void
set_due(struct actor *a)
{
	a->due_ms = below(3) ? virtual_ms + (int64_t)below(60) - 5 : LOOP_NEVER;
	loop_due(&a->w, a->due_ms);
}

static void
actor_new(struct actor **slot)
{
	struct actor *a = *slot = mem_new(sizeof *a);

	a->state = ALIVE;
	a->fd[0] = a->fd[1] = -1;
	a->w = (struct watch){ .fd = -1, .fire = on_actor, .want = some_want() };
	if (below(4))
		open_pair(a);
	set_due(a);
	put(a);
}

static void
actor_free(struct actor *a)
{
	a->state = 0;
	close_pair(a);
	mem_free(a);
	world.n_freed++;
}

static void
on_gone(struct deferred *d, int64_t now_ms)
{
	struct actor *a = (struct actor *)((char *)d - offsetof(struct actor, gone));

	(void)now_ms;
	world.n_wrong += a->state != DYING;
	actor_free(a);
}

/* Out of the loop now, gone now or after the batch; the one whose callback runs only after it. */
static void
actor_end(struct actor **slot, bool is_running)
{
	struct actor *a = *slot;

	*slot = NULL;
	loop_remove(&world.l, &a->w);
	if (!is_running && below(2)) {
		world.n_direct++;
		actor_free(a);
		return;
	}
	a->state = DYING;
	a->gone.fire = on_gone;
	loop_defer(&world.l, &a->gone);
	if (below(2))
		loop_defer(&world.l, &a->gone);
}

static void
reopen(struct actor *a)
{
	loop_remove(&world.l, &a->w);
	close_pair(a);
	if (below(4))
		open_pair(a);
	put(a);
}

static void
talk(struct actor *a)
{
	char bytes[64] = { 0 };

	if (a->fd[1] >= 0 && below(2) && write(a->fd[1], bytes, below(sizeof bytes)) < 0)
		return;
	if (a->fd[0] >= 0 && below(2) && read(a->fd[0], bytes, sizeof bytes) < 0)
		return;
	if (a->fd[1] >= 0 && below(40) == 0)
		fd_auto(&a->fd[1]);
}

static void
act(const struct actor *self)
{
	struct actor **slot = &world.slot[below(SLOTS)];
	struct actor *a = *slot;

	if (!a) {
		actor_new(slot);
		return;
	}
	switch (below(8)) {
	case 0:
		actor_end(slot, a == self);
		break;
	case 1:
		reopen(a);
		break;
	case 2:
		loop_want(&a->w, some_want());
		break;
	case 3:
		set_due(a);
		break;
	default:
		talk(a);
	}
}

static void
on_actor(struct watch *w, short got, int64_t now_ms)
{
	struct actor *a = (struct actor *)w;

	a->fired++;
	world.n_wrong += a->state != ALIVE || w->loop != &world.l || now_ms != virtual_ms;
	if (got == 0) {
		world.n_due++;
		world.n_wrong += a->due_ms > now_ms || w->due_ms != LOOP_NEVER;
		a->due_ms = LOOP_NEVER;
	} else {
		world.n_ready++;
		world.n_wrong += w->want == 0 || w->fd < 0 || (got & (POLLIN | POLLOUT) & ~w->want) != 0;
	}
	if (world.is_calm)
		return;
	for (size_t i = below(5); i > 0; i--)
		act(a);
}

/* What the loop says of itself fits together. */
static void
check_loop(const struct loop *l)
{
	for (size_t i = 0; i < l->n; i++)
		world.n_wrong += l->all[i]->all_at != i + 1;
	for (size_t i = 0; i < l->n_heap; i++) {
		world.n_wrong += l->heap[i]->heap_at != i + 1;
		world.n_wrong += i > 0 && l->heap[i]->key_ms < l->heap[(i + 1) / 2 - 1]->key_ms;
	}
}

static void
round_of(int64_t advance_ms)
{
	struct err e = ERR_INIT;

	virtual_ms += advance_ms;
	T_CALL(loop_step(&world.l, 0, &e));
	check_loop(&world.l);
}

/* The survivors: each with a fresh pair and a byte, then each with a deadline. */
static void
test_survivors(void)
{
	unsigned n_deaf = 0;

	world.is_calm = true;
	for (size_t i = 0; i < SLOTS; i++) {
		struct actor *a = world.slot[i];

		if (!a)
			continue;
		loop_remove(&world.l, &a->w);
		close_pair(a);
		open_pair(a);
		a->due_ms = LOOP_NEVER;
		loop_due(&a->w, LOOP_NEVER);
		loop_want(&a->w, POLLIN);
		a->fired = 0;
		put(a);
		T_EQ(write(a->fd[1], "x", 1), 1);
	}
	for (int i = 0; i < SLOTS / LOOP_BATCH + 2; i++)
		round_of(0);
	for (size_t i = 0; i < SLOTS; i++) {
		struct actor *a = world.slot[i];

		if (!a)
			continue;
		n_deaf += a->fired == 0;
		a->fired = 0;
		loop_want(&a->w, 0);
		a->due_ms = virtual_ms + 1;
		loop_due(&a->w, a->due_ms);
	}
	for (int i = 0; i < SLOTS / LOOP_BATCH + 2; i++)
		round_of(1);
	for (size_t i = 0; i < SLOTS; i++)
		n_deaf += world.slot[i] && world.slot[i]->fired != 1;
	T_EQ(n_deaf, 0);
}

static void
test_torture(const struct loop_backend *b, uint64_t seed, unsigned rounds)
{
	struct err e = ERR_INIT;

	t_row("%s: %u rounds of torture, seed %ju", b->name, rounds, (uintmax_t)seed);
	memset(&world, 0, sizeof world);
	world.seed = seed;
	virtual_ms = 1000;
	T_CALL(loop_init_with(&world.l, b, &e));
	world.l.clock = virtual_clock;
	for (unsigned i = 0; i < rounds; i++) {
		round_of((int64_t)below(10));
		if (below(4) == 0)
			act(NULL);
	}
	T_EQ(world.n_wrong, 0);
	T_OK(world.n_ready > rounds && world.n_due > rounds && world.n_freed > rounds / 2 && world.n_direct > rounds / 8);
	test_survivors();
	T_EQ(world.n_wrong, 0);
	/* half are in their last batch, half still in the loop when it ends */
	for (size_t i = 0; i < SLOTS; i += 2)
		if (world.slot[i])
			actor_end(&world.slot[i], true);
	loop_auto(&world.l);
	for (size_t i = 0; i < SLOTS; i++)
		if (world.slot[i])
			actor_free(world.slot[i]);
}

int
main(void)
{
	const char *is_long = getenv("OCC_LONG");	/* make exports it empty */
	unsigned rounds = is_long && *is_long ? 10000 : 300;

	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		for (uint64_t seed = 1; seed <= 10; seed++)
			test_torture(backends[i], seed * 0x9e3779b97f4a7c15u, rounds);
	return t_done();
}

/*
 * loop_kit.h - what the tests of lib/loop share: every backend of this system, a virtual clock, rounds, seeded numbers
 */
#ifndef OCC_TESTS_LOOP_KIT_H
#define OCC_TESTS_LOOP_KIT_H

#include "lib/base/mem.h"
#include "lib/loop/loop_own.h"
#include "tests/t.h"

static const struct loop_backend *const backends[] = {
#ifdef __linux__
	&loop_epoll,
#endif
	&loop_poll,
};

static int64_t virtual_ms = 1000;

static inline int64_t
virtual_clock(void)
{
	return virtual_ms;
}

/* xorshift64 (Marsaglia 2003): the same numbers for the same seed everywhere */
static inline uint64_t
seeded(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A loop on this backend and the virtual clock. */
static inline void
start(struct loop *l, const struct loop_backend *b)
{
	struct err e = ERR_INIT;

	T_CALL(loop_init_with(l, b, &e));
	l->clock = virtual_clock;
}

/* One round that does not wait. */
static inline int
step(struct loop *l)
{
	struct err e = ERR_INIT;
	int n = loop_step(l, 0, &e);

	T_CALL(n);
	return n;
}

static inline size_t
seeded_below(uint64_t *seed, size_t n)
{
	return (size_t)(seeded(seed) % n);
}

#endif

/*
 * loop_kit.h - what the tests of lib/loop share: every backend of this system, a virtual clock, seeded numbers
 */
#ifndef OCC_TESTS_LOOP_KIT_H
#define OCC_TESTS_LOOP_KIT_H

#include "lib/base/mem.h"
#include "lib/loop/loop_own.h"

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

static inline size_t
seeded_below(uint64_t *seed, size_t n)
{
	return (size_t)(seeded(seed) % n);
}

#endif

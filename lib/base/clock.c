/* clock.c - the two clocks, and deadlines in the monotonic one */
#include "lib/base/clock.h"

#include <time.h>

#if defined(CLOCK_BOOTTIME)
#define MONOTONIC CLOCK_BOOTTIME
#else
#define MONOTONIC CLOCK_MONOTONIC
#endif

/* clock_gettime fails only for a clock that is not there, and these are. */
static struct timespec
read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		BUG("clock_gettime");
	return t;
}

int64_t
clock_now_ms(void)
{
	struct timespec t = read_clock(MONOTONIC);

	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_due_ms(int64_t in_ms)
{
	int64_t now_ms = clock_now_ms();

	return in_ms > CLOCK_NEVER - now_ms ? CLOCK_NEVER : now_ms + in_ms;
}

int64_t
clock_epoch_s(void)
{
	return (int64_t)read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t
clock_epoch_ns(void)
{
	struct timespec t = read_clock(CLOCK_REALTIME);

	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* policy_ladder.c - delays that double, and the budget that ends them */
#include "lib/deploy/policy_ladder.h"

#include <string.h>

#define SECOND_MS 1000

bool
policy_ladder_is_empty(const struct policy_ladder *l)
{
	return l->step == 0 && l->n_failures == 0 && !l->is_open;
}

void
policy_ladder_clear(struct policy_ladder *l)
{
	*l = (struct policy_ladder){ .cause = CAUSE_NONE };
}

static void
drop_oldest(struct policy_ladder *l, unsigned n)
{
	l->n_failures -= n;
	memmove(l->failed_ms, l->failed_ms + n, l->n_failures * sizeof l->failed_ms[0]);
}

bool
policy_ladder_fail(struct policy_ladder *l, const struct policy_config *c, enum cause cause, int64_t now_ms)
{
	unsigned n_old = 0;

	while (n_old < l->n_failures && now_ms - l->failed_ms[n_old] >= c->budget_ms)
		n_old++;
	/* With the circuit open the tries go on: the list may be full. */
	if (n_old == 0 && l->n_failures == POLICY_BUDGET_MAX)
		n_old = 1;
	drop_oldest(l, n_old);
	l->failed_ms[l->n_failures++] = now_ms;
	if (l->step < UINT32_MAX)
		l->step++;
	l->cause = cause;
	l->is_open = l->is_open || l->n_failures >= c->budget;
	return l->is_open;
}

int64_t
policy_delay_ms(const struct policy_config *c, unsigned step, uint32_t random)
{
	int64_t delay_ms = c->first_delay_ms;

	for (unsigned i = 1; i < step && delay_ms < c->max_delay_ms; i++)
		delay_ms = delay_ms == 0 ? SECOND_MS : delay_ms * 2;
	if (delay_ms > c->max_delay_ms)
		delay_ms = c->max_delay_ms;
	return delay_ms - (int64_t)((uint64_t)(delay_ms / 4) * random >> 32);
}

/*
 * policy_ladder.h - the policy's count of failures: how long to wait, and when to give up
 *
 * Pure. Each failure is a step: the delay doubles with it up to a ceiling. So many failures within a time open the circuit. It is the part of the policy that
 * has to survive the watchdog's own end (ladder.h keeps it). Times are as in policy.h; those of before a reboot may be negative.
 */
#ifndef OCC_DEPLOY_POLICY_LADDER_H
#define OCC_DEPLOY_POLICY_LADDER_H

#include "lib/deploy/cause.h"

#define POLICY_BUDGET_MAX 32

struct policy_config {
	int64_t first_delay_ms, max_delay_ms, reset_ms, budget_ms, retry_ms, hang_ms, start_ms, doubt_ms, plan_wait_ms;
	unsigned budget;	/* 1 .. POLICY_BUDGET_MAX */
};

struct policy_ladder {
	unsigned step;				/* failures since it was last empty */
	unsigned n_failures;			/* within budget_ms */
	int64_t failed_ms[POLICY_BUDGET_MAX];	/* oldest first */
	bool is_open;				/* the circuit */
	enum cause cause;			/* of the last failure */
};

bool policy_ladder_is_empty(const struct policy_ladder *l);
void policy_ladder_clear(struct policy_ladder *l);

/* Counts a failure; true when the circuit is open now, or was already. */
bool policy_ladder_fail(struct policy_ladder *l, const struct policy_config *c, enum cause cause, int64_t now_ms);

/* The pause before the attempt that follows the step-th failure (1: the first): first_delay_ms, doubling, at most max_delay_ms. With first_delay_ms 0 the first
 * is 0 and the second 1 s. Jitter takes away up to a quarter: random 0 nothing. */
int64_t policy_delay_ms(const struct policy_config *c, unsigned step, uint32_t random);

#endif

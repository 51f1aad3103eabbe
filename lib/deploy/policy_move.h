/*
 * policy_move.h - the moves that the policy's handlers are made of; private to policy.c
 *
 * Each sets the state and what belongs to it (when it is due, what is under way, what is forgotten) and adds to the orders.
 */
#ifndef OCC_DEPLOY_POLICY_MOVE_H
#define OCC_DEPLOY_POLICY_MOVE_H

#include "lib/deploy/policy.h"

/* One call of policy_step. */
struct step {
	struct policy *p;
	const struct policy_config *c;
	const struct policy_event *ev;
	struct policy_orders *o;
};

void move_to(struct step *s, enum policy_state state, int64_t due_ms);
void move_to_starting(struct step *s);
void move_to_doubt(struct step *s);
/* Where nothing is known of the container: down, yielded, without an engine, or a look. */
void move_rest(struct step *s);
void move_order(struct step *s, enum policy_action action);
/* The attempt after a counted failure. */
void move_start_again(struct step *s);
void move_block(struct step *s, enum cause c);
void move_stop_open(struct step *s);
/* Counts (or blocks, when the cause does). */
void move_fail(struct step *s, enum cause c);
void move_fail_ended(struct step *s, enum cause c);

/* Planned restarts: taken down; acted on, or waited for, in UP; acted on at last; put off while under way. */
void move_hold_plan(struct step *s);
void move_weigh_plan(struct step *s);
void move_plan_due(struct step *s);
void move_postponed(struct step *s);

/* Permissions: each, when it changes, calls off what goes on; a look follows when all are there. */
void move_want_up(struct step *s);
void move_want_down(struct step *s);
void move_yield(struct step *s);
void move_resume(struct step *s);
void move_engine_lost(struct step *s);
void move_lost_in_doubt(struct step *s);
void move_engine_back(struct step *s);
/* The ladder is emptied; and a look follows. */
void move_retry(struct step *s);
void move_retry_now(struct step *s);

/* A wait for others that is a whole wait late: the machine slept, and they did, too. It is due anew then. */
bool move_has_slept(struct step *s, int64_t wait_ms);
/* False for what has ended, and for what must not run again. */
bool move_can_speak(const struct step *s);

#endif

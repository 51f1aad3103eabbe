/*
 * policy.h - pure: what the watchdog does next, a table of state x event -> action
 *
 * No clock, no file, no engine: events carry the time (ms, monotonic), actions are what the caller carries out, one at a time. So it runs on a virtual
 * clock against an independent model (tests/unit/policy_model_test.c). What must survive the watchdog's own end is in struct policy_ladder.
 *
 * The rules, in words:
 *  1. Desired down: nothing is started and nothing is stopped. Every state goes to POLICY_DOWN on POLICY_WANT_DOWN.
 *  2. A lease (POLICY_YIELD) wins over all but the desired state: no action until POLICY_RESUME, then a look. What was learned meanwhile is not counted.
 *  3. Without an engine nothing is tried and nothing is counted; POLICY_ENGINE_BACK gives a look.
 *  4. An end (ENDED, GONE, FOUND_ENDED, FOUND_ABSENT with desired up), a start that failed with a cause that does not block, a hang, and a first answer that
 *     does not come within start_ms each count one failure at that time: the ladder has its delay (first_delay_ms, doubling, at most max_delay_ms; jitter takes
 *     away up to a quarter, from the random bits the event carries), and POLICY_BACKOFF holds until then. With first_delay_ms 0 the first action is immediate and
 *     the second delay is 1 s. A hang or a missing first answer acts by RESTART (stop, then start), all others by START.
 *  5. budget failures within budget_ms open the circuit instead: POLICY_FAILED, one NOTIFY_FAILED, and then nothing (retry_ms 0), or one try every retry_ms;
 *     a try that fails leads back to POLICY_FAILED without a further notification.
 *  6. reset_ms of health without a failure empties the ladder. The first health after POLICY_FAILED or POLICY_BLOCKED gives NOTIFY_RECOVERED, the first after a counted
 *     failure NOTIFY_RESTARTED.
 *  7. A cause that blocks (cause_is_blocking) leads to POLICY_BLOCKED with one NOTIFY_FAILED per cause; a container that lets in without a password is stopped (STOP).
 *     With retry_ms a blocked start (not PASSWORD, OPEN, FOREIGN, CONFIG) is tried again every retry_ms. Nothing is restarted on 401: it says so, and a healthy answer ends it.
 *  8. While running, any sign of life (ANSWER, HEARTBEAT) is health. A probe that failed (SILENT) leads to POLICY_SILENT, and only when hang_ms have passed since
 *     the last sign of life is it a hang. One slow answer restarts nothing. A hang does not wait for busy sessions.
 *  9. An end by the engine's own stop or kill (STOPPED) is a person's decision or the engine going down: POLICY_DOUBT for doubt_ms. When that passes with the engine
 *     there, it was a decision: SAVE_DOWN (desired becomes down) and POLICY_DOWN. When the engine is lost meanwhile, POLICY_NO_ENGINE, and desired stays up. After
 *     ENGINE_BACK, and after the watchdog's own start, an ended container is started at once, uncounted (FOUND_ENDED with is_uncounted).
 * 10. A planned restart (PLAN with a cause) waits while sessions are busy, at most plan_wait_ms from the first PLAN, then RESTARTs, uncounted; it is forgotten when the
 *     container ends or starts for another reason.
 * 11. STARTED (by anybody) while up is wanted leads to POLICY_STARTING; a paused container is left alone (POLICY_BLOCKED, CAUSE_PAUSED) until it answers or ends.
 * 12. One action at a time: after LOOK, START, RESTART or STOP, no other of these comes before its result (FOUND_*, STARTED_OK, START_FAILED, STOP_DONE) or YIELD,
 *     WANT_DOWN or ENGINE_LOST, which call it off; a late result of a called-off action is ignored (the caller numbers actions: policy.action_number).
 * 13. Time never runs backwards in events; a jump forward of any size restarts nothing by itself but what was due.
 */
#ifndef OCC_DEPLOY_POLICY_H
#define OCC_DEPLOY_POLICY_H

#include "lib/deploy/cause.h"

#define POLICY_NEVER INT64_MAX
#define POLICY_BUDGET_MAX 32

enum policy_state {
	POLICY_LOOK,		/* an inspect was asked for */
	POLICY_DOWN,		/* nothing is wanted */
	POLICY_STARTING,	/* started, no answer yet */
	POLICY_UP,
	POLICY_SILENT,		/* runs, does not answer, not yet a hang */
	POLICY_ACTING,		/* START, RESTART or STOP is under way */
	POLICY_BACKOFF,		/* waiting for the next attempt */
	POLICY_FAILED,		/* the circuit is open */
	POLICY_BLOCKED,		/* a person has to mend something */
	POLICY_DOUBT,		/* stopped by somebody: who? */
	POLICY_NO_ENGINE,
	POLICY_YIELDED,		/* a command is at work */
	POLICY__STATES
};

enum policy_event_kind {
	POLICY_DUE,			/* policy.due_ms has come */
	POLICY_FOUND_RUNNING, POLICY_FOUND_ENDED, POLICY_FOUND_ABSENT, POLICY_FOUND_PAUSED,	/* results of LOOK */
	POLICY_STARTED,			/* the engine says so, whoever did it */
	POLICY_ENDED, POLICY_STOPPED, POLICY_GONE,
	POLICY_STARTED_OK, POLICY_START_FAILED,		/* results of START and RESTART */
	POLICY_STOP_DONE,		/* result of STOP */
	POLICY_ANSWER, POLICY_HEARTBEAT, POLICY_NO_ANSWER, POLICY_UNAUTHORIZED, POLICY_LET_IN,
	POLICY_BUSY, POLICY_IDLE, POLICY_PLAN,
	POLICY_ENGINE_LOST, POLICY_ENGINE_BACK,
	POLICY_WANT_UP, POLICY_WANT_DOWN,
	POLICY_YIELD, POLICY_RESUME,
	POLICY_RETRY,			/* a person's reload: FAILED and BLOCKED look again at once, the ladder is emptied */
	POLICY__EVENTS
};

struct policy_event {
	enum policy_event_kind kind;
	int64_t now_ms;
	enum cause cause;	/* with ENDED, FOUND_ENDED, START_FAILED, PLAN */
	bool is_uncounted;	/* with FOUND_ENDED: the engine or the machine was restarted meanwhile */
	uint32_t random;	/* for jitter */
};

enum policy_action { POLICY_DO_NOTHING, POLICY_DO_LOOK, POLICY_DO_START, POLICY_DO_RESTART, POLICY_DO_STOP };
enum policy_notice { POLICY_NOTIFY_NOTHING, POLICY_NOTIFY_FAILED, POLICY_NOTIFY_RECOVERED, POLICY_NOTIFY_RESTARTED };

struct policy_orders {
	enum policy_action action;
	enum policy_notice notice;
	bool saves_down;	/* desired becomes down */
	bool records;		/* an incident: evidence is taken before the action (an end, a hang, a block) */
	bool saves_ladder;	/* the ladder changed */
};

struct policy_config {
	int64_t first_delay_ms, max_delay_ms, reset_ms, budget_ms, retry_ms, hang_ms, start_ms, doubt_ms, plan_wait_ms;
	unsigned budget;	/* 1 .. POLICY_BUDGET_MAX */
};

/* Survives the watchdog's end. Times are ages before the moment it is saved, so that clocks do not matter. */
struct policy_ladder {
	unsigned step;				/* failures since the last reset */
	unsigned n_failures;			/* within budget_ms */
	int64_t failed_ms[POLICY_BUDGET_MAX];	/* monotonic; oldest first */
	bool is_open;				/* the circuit */
	enum cause cause;			/* of the last failure */
};

struct policy {
	enum policy_state state;
	bool is_wanted;
	int64_t due_ms;			/* when POLICY_DUE is to come; POLICY_NEVER */
	int64_t last_sign_ms;		/* of life */
	int64_t healthy_since_ms;	/* POLICY_NEVER: not */
	enum cause cause;		/* of the present trouble; CAUSE_NONE */
	enum cause planned;		/* CAUSE_NONE: nothing is planned */
	int64_t planned_since_ms;
	bool is_busy, has_failed_since_up, was_notified;
	enum policy_action acting;	/* under way */
	uint32_t action_number;		/* of the last action ordered */
	struct policy_ladder ladder;
};

/* A watchdog that begins: looks first (DO_LOOK comes out of the first policy_step with WANT_UP or WANT_DOWN). ladder may be NULL. */
void policy_init(struct policy *p, const struct policy_ladder *ladder, int64_t now_ms);

void policy_step(struct policy *p, const struct policy_config *c, const struct policy_event *ev, struct policy_orders *ret);

const char *policy_state_name(enum policy_state s);	/* "up", "backoff": for status and records */
const char *policy_event_name(enum policy_event_kind k);

#endif

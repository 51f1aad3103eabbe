/*
 * policy.h - pure: what the watchdog does next, a table of state x event -> action
 *
 * No clock, no file, no engine: events carry the time (ms, monotonic), actions are what the caller carries out, one at a time. So it runs on a virtual clock
 * against an independent model (tests/unit/policy_model_test.c). What must survive the watchdog's own end is in struct policy_ladder. The rules, in words:
 *  1. Desired down: nothing is started or stopped. Every state goes to POLICY_DOWN on WANT_DOWN; it begins there, and WANT_UP gives a look.
 *  2. A lease (YIELD) wins over all but the desired state: no action until RESUME, then a look. What happens meanwhile is not counted.
 *  3. Without an engine nothing is tried and nothing is counted; ENGINE_BACK gives a look.
 *  4. An end (ENDED, GONE, FOUND_ENDED, FOUND_ABSENT), a start that failed with a cause that does not block, a hang, and a first answer that does not come
 *     within start_ms count one failure each: BACKOFF for the ladder's delay (policy_ladder.h; 0: at once). What then runs is RESTARTed, what does not is
 *     STARTed. A container that ends during BACKOFF or FAILED is not counted again, and one that shows life there needs no restart: it is UP.
 *  5. budget failures within budget_ms open the circuit instead: FAILED, one NOTIFY_FAILED, and then nothing (retry_ms 0), or one try every retry_ms; a try
 *     that fails leads back to FAILED without a further notice, recorded only when its cause is another. Health closes the circuit.
 *  6. reset_ms of health without a failure empty the ladder. The first health after a NOTIFY_FAILED gives NOTIFY_RECOVERED, else the first after a counted
 *     end, or after an attempt that followed a counted failure, NOTIFY_RESTARTED.
 *  7. A cause that blocks (cause_is_blocking) leads to BLOCKED; its first time since the last health it is recorded and gives NOTIFY_FAILED. A blocked start
 *     (IMAGE, PORT, MOUNT) is tried again every retry_ms (0: never). 401 restarts nothing: an ANSWER ends it. What lets in without a password is STOPped and
 *     stays so, also when the engine comes back; when that fails, the next LET_IN tries again. From BLOCKED an end counts as from UP, but for OPEN.
 *  8. While running, ANSWER and HEARTBEAT are health (not HEARTBEAT in BLOCKED: an old stream outlives a password). NO_ANSWER leads to SILENT; hang_ms after
 *     the last sign of life it is a hang, busy or not. When they had passed already at that first NO_ANSWER nobody had asked: they count from there.
 *  9. STOPPED is a person's decision or the engine going down: DOUBT for doubt_ms. Then, with the engine still there, it was a decision: saves_down, recorded,
 *     DOWN. When the engine is lost meanwhile up stays desired. FOUND_ENDED of CAUSE_STOPPED is the same doubt. FOUND_ENDED and FOUND_ABSENT START at once,
 *     uncounted: when the engine was away since (then of CAUSE_ENGINE, but for OOM), when is_uncounted says so, and when the end is known already, because it
 *     was seen in another state than LOOK and ACTING, or a start failed. Only the last is not recorded, nor is an uncounted end without a cause or a
 *     container.
 * 10. A planned restart (PLAN) waits while sessions are busy, at most plan_wait_ms from the first PLAN, then RESTARTs, recorded but uncounted; POSTPONED leads
 *     back to UP, busy. It acts in UP only, and is forgotten in DOWN, YIELDED, DOUBT, BACKOFF, FAILED, BLOCKED and other actions, and when the container ends
 *     or starts. The caller tells BUSY before PLAN.
 * 11. STARTED (by anybody) while up is wanted leads to STARTING; a paused container is left alone (BLOCKED, CAUSE_PAUSED, no notice) until it answers, ends or
 *     STARTs.
 * 12. One action at a time: after LOOK, START, RESTART or STOP no other comes before its result, or before YIELD, WANT_DOWN or ENGINE_LOST, which call it off.
 *     The caller drops results of other numbers than policy.action_number, and events from before the container's last start. What is told of the container
 *     during a LOOK, and an end after the STARTED of a START or RESTART, make the result old: a LOOK follows it. A LOOK that fails blocks when its cause does,
 *     and else is repeated after POLICY_LOOK_AGAIN_MS.
 * 13. Time never runs backwards. A wait for others (first answer, hang, doubt, busy) that comes due a whole wait too late begins anew: the machine slept.
 */
#ifndef OCC_DEPLOY_POLICY_H
#define OCC_DEPLOY_POLICY_H

#include "lib/deploy/policy_ladder.h"

#define POLICY_NEVER INT64_MAX
#define POLICY_LOOK_AGAIN_MS 5000	/* after a LOOK that failed */

enum policy_state {
	POLICY_LOOK,		/* an inspect was asked for */
	POLICY_DOWN,		/* nothing is wanted */
	POLICY_STARTING, POLICY_UP,	/* started, no answer yet; well */
	POLICY_SILENT,		/* runs, does not answer, not yet a hang */
	POLICY_ACTING,		/* START, RESTART or STOP is under way */
	POLICY_BACKOFF,		/* waiting for the next attempt */
	POLICY_FAILED,		/* the circuit is open */
	POLICY_BLOCKED,		/* a person has to mend something */
	POLICY_DOUBT,		/* stopped by somebody: who? */
	POLICY_NO_ENGINE, POLICY_YIELDED, POLICY__STATES
};

enum policy_event_kind {
	POLICY_DUE,			/* policy.due_ms has come; before it: ignored */
	POLICY_FOUND_RUNNING, POLICY_FOUND_ENDED, POLICY_FOUND_ABSENT,	/* results of LOOK */
	POLICY_FOUND_PAUSED,		/* result of LOOK, or the engine says so */
	POLICY_STARTED,			/* the engine says so (start, unpause), whoever did it */
	POLICY_ENDED, POLICY_STOPPED, POLICY_GONE,	/* died by itself, through the engine, removed */
	POLICY_STARTED_OK, POLICY_STOP_DONE,		/* results of START and RESTART, of STOP */
	POLICY_POSTPONED,		/* result of a planned RESTART: sessions are at work after all, nothing was done */
	POLICY_START_FAILED,		/* START, RESTART, LOOK or STOP failed */
	POLICY_ANSWER, POLICY_HEARTBEAT, POLICY_NO_ANSWER, POLICY_UNAUTHORIZED, POLICY_LET_IN,
	POLICY_BUSY, POLICY_IDLE, POLICY_PLAN,		/* a plan of CAUSE_NONE takes it back */
	POLICY_ENGINE_LOST, POLICY_ENGINE_BACK, POLICY_WANT_UP, POLICY_WANT_DOWN, POLICY_YIELD, POLICY_RESUME,
	POLICY_RETRY,			/* a person's reload: the ladder is emptied; BACKOFF, FAILED and BLOCKED look again */
	POLICY__EVENTS
};

struct policy_event {
	enum policy_event_kind kind;
	int64_t now_ms;
	enum cause cause;	/* with ENDED, FOUND_ENDED, START_FAILED, PLAN */
	bool is_uncounted;	/* with FOUND_ENDED, FOUND_ABSENT: the engine, the machine or the watchdog was restarted meanwhile */
	uint32_t random;	/* for jitter */
};

enum policy_action { POLICY_DO_NOTHING, POLICY_DO_LOOK, POLICY_DO_START, POLICY_DO_RESTART, POLICY_DO_STOP };
enum policy_notice { POLICY_NOTIFY_NOTHING, POLICY_NOTIFY_FAILED, POLICY_NOTIFY_RECOVERED, POLICY_NOTIFY_RESTARTED };

struct policy_orders {
	enum policy_action action;
	enum policy_notice notice;
	bool saves_down;	/* desired becomes down */
	bool records;		/* an incident of policy.cause: evidence is taken before the action */
	bool saves_ladder;	/* the ladder changed */
};

struct policy {
	enum policy_state state;
	bool is_wanted, is_yielded, has_engine;
	bool is_running;		/* false: its end is known */
	bool has_changed;		/* the result of what is under way will be old */
	bool was_away;			/* the engine, and nobody has looked since */
	int64_t due_ms;			/* when POLICY_DUE is to come; POLICY_NEVER */
	int64_t last_sign_ms;		/* of life */
	int64_t healthy_since_ms;	/* POLICY_NEVER: not */
	enum cause cause;		/* of the present trouble; CAUSE_NONE */
	enum cause planned;		/* CAUSE_NONE: nothing is planned; kept while its RESTART is under way */
	int64_t planned_since_ms;
	bool is_busy, has_failed_since_up, was_notified;
	uint64_t notified;		/* a bit for each cause told since the last health; CAUSE_NONE's: the circuit */
	enum policy_action acting;	/* under way */
	uint32_t action_number;		/* of the last action ordered */
	struct policy_ladder ladder;
};

/* A watchdog that begins: in POLICY_DOWN, with an engine. ladder (what was saved) may be NULL. */
void policy_init(struct policy *p, const struct policy_ladder *ladder, int64_t now_ms);
void policy_step(struct policy *p, const struct policy_config *c, const struct policy_event *ev, struct policy_orders *ret);

const char *policy_state_name(enum policy_state s);	/* "up", "backoff": for status and records */
const char *policy_event_name(enum policy_event_kind k);

#endif

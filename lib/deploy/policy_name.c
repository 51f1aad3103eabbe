/* policy_name.c - states and events as status and records call them */
#include "lib/deploy/policy.h"

#include "lib/base/mem.h"

static const char *const states[] = {
	[POLICY_LOOK] = "looking", [POLICY_DOWN] = "down", [POLICY_STARTING] = "starting", [POLICY_UP] = "up", [POLICY_SILENT] = "silent",
	[POLICY_ACTING] = "acting", [POLICY_BACKOFF] = "backoff", [POLICY_FAILED] = "failed", [POLICY_BLOCKED] = "blocked", [POLICY_DOUBT] = "doubt",
	[POLICY_NO_ENGINE] = "no-engine", [POLICY_YIELDED] = "yielded",
};

static const char *const events[] = {
	[POLICY_DUE] = "due", [POLICY_FOUND_RUNNING] = "found-running", [POLICY_FOUND_ENDED] = "found-ended", [POLICY_FOUND_ABSENT] = "found-absent",
	[POLICY_FOUND_PAUSED] = "found-paused", [POLICY_STARTED] = "started", [POLICY_ENDED] = "ended", [POLICY_STOPPED] = "stopped",
	[POLICY_GONE] = "gone", [POLICY_STARTED_OK] = "started-ok", [POLICY_POSTPONED] = "postponed", [POLICY_START_FAILED] = "start-failed",
	[POLICY_STOP_DONE] = "stop-done",
	[POLICY_ANSWER] = "answer", [POLICY_HEARTBEAT] = "heartbeat", [POLICY_NO_ANSWER] = "no-answer", [POLICY_UNAUTHORIZED] = "unauthorized",
	[POLICY_LET_IN] = "let-in", [POLICY_BUSY] = "busy", [POLICY_IDLE] = "idle", [POLICY_PLAN] = "plan", [POLICY_ENGINE_LOST] = "engine-lost",
	[POLICY_ENGINE_BACK] = "engine-back", [POLICY_WANT_UP] = "want-up", [POLICY_WANT_DOWN] = "want-down", [POLICY_YIELD] = "yield",
	[POLICY_RESUME] = "resume", [POLICY_RETRY] = "retry",
};

_Static_assert(ARRAY_LEN(states) == POLICY__STATES && ARRAY_LEN(events) == POLICY__EVENTS, "everything has a name");

const char *
policy_state_name(enum policy_state s)
{
	return states[s];
}

const char *
policy_event_name(enum policy_event_kind k)
{
	return events[k];
}

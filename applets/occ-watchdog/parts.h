/*
 * parts.h - what each part of the watchdog keeps: the container it looks at, the engine's events, probes, opencode's activity, the worker, the edge
 *
 * Plain data inside struct watchdog; each part's functions are in the file of its name, and nobody else changes it.
 */
#ifndef OCC_APPLETS_WATCHDOG_PARTS_H
#define OCC_APPLETS_WATCHDOG_PARTS_H

#include "applets/occ-tls/keeper_parts.h"
#include "lib/deploy/activity.h"
#include "lib/deploy/policy.h"
#include "lib/deploy/probe.h"
#include "lib/engine/container.h"
#include "lib/loop/loop.h"

struct watchdog;

#define WATCHDOG_PROBES 8
#define WATCHDOG_TEXT 256

/* The container as the last look or start found it. */
struct wd_target {
	bool is_known;			/* there is one, and it ran when we looked */
	bool is_inner;			/* it was made for the edge: opencode in it has the inner password */
	char id[80], host[64], user[128];
	unsigned port;
	int64_t started_ns, pid;
	int64_t since_ms;		/* when we learned of this life */
	uint64_t memory_limit;
};

struct wd_events {
	struct watch watch, retry;
	struct events stream;
	struct arena arena;		/* where the engine was found */
	bool is_open, is_lost_told;
	int64_t pause_ms;
	bool is_end_ordered, is_oom;	/* a deadly kill or stop event, an oom event, in this life */
	char trouble[WATCHDOG_TEXT];	/* why the engine cannot be reached */
};

struct wd_probe {
	struct watch watch;
	struct probe probe;
	struct watchdog *wd;
	bool is_bare;			/* without credentials: must be refused */
	int64_t began_ms;
};

struct wd_probes {
	struct watch next;
	struct buf request, bare_request;	/* request: a secret */
	struct wd_probe flight[WATCHDOG_PROBES];
	bool is_proved_closed;		/* refused without credentials in this life */
	bool has_password;
	char version[64];		/* opencode's, of the last healthy answer */
};

struct wd_activity {
	struct watch watch;
	struct activity activity;
	int64_t pause_ms, not_before_ms;
	bool is_learned;		/* who is at work was asked for since the stream began */
	char cut[2048];			/* who was at work when this life ended, one a line */
};

/* Who was at work before the stream began: asked for in one place after another. */
struct wd_learn {
	struct watch watch;
	struct probe probe;
	struct arena arena;		/* of places */
	struct strlist places;		/* directories */
	size_t at;			/* 0: the list of sessions; then places[at - 1] */
	uint64_t asked_turn;		/* what was heard of later than this is newer than the answer */
};

/* What the worker is asked for, and what it says. */
struct wd_job {
	enum policy_action action;
	bool records;			/* an incident is written first */
	bool is_down;			/* the service manager's stop: as `occ stop` */
	bool is_goodbye;		/* hand the restarts back */
	bool is_extra;			/* a look that the policy did not ask for */
	bool is_overdue;		/* a planned restart that has waited long enough for who works */
	enum cause cause;
	char decided[WATCHDOG_TEXT];	/* for the record: "restarted", "waiting 4 s" */
	uint32_t number;
};
struct wd_result {
	uint32_t number;
	enum policy_event_kind kind;	/* POLICY__EVENTS: nothing for the policy */
	enum cause cause;
	bool is_locked;			/* a command is at work */
	uint64_t incident;		/* number of the record written; 0: none */
	struct wd_target target;
	char text[WATCHDOG_TEXT];	/* what went wrong */
};

struct wd_worker {
	struct watch pipe, retry;	/* retry: a child that could not be had */
	struct loop_child child;
	bool is_running, has_next, is_told;
	struct wd_job job, next;
};

/* Where no service manager does it: the edge as our child. The listeners are ours, so that its end refuses nobody. */
struct wd_edge {
	struct keeper_listeners listeners;
	struct loop_child child;
	struct watch retry;
	bool is_running, is_left;	/* is_left: a service manager runs it, or nobody here */
	unsigned n_ends;		/* in a row */
	int64_t began_ms;
	char trouble[WATCHDOG_TEXT];	/* as last said */
};

#endif

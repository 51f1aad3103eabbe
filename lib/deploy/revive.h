/*
 * revive.h - what the watchdog does to a container: looks, starts, restarts; never builds, pulls or applies a difference
 *
 * All block and belong into its worker (a child), with an engine connection of its own. They take the instance's lock with no wait: ERR_LOCKED says that a command is at
 * work. A cut replacement (NAME.next is there) or a missing container goes the whole way of `occ start` (up.h), so that two never run on one database.
 */
#ifndef OCC_DEPLOY_REVIVE_H
#define OCC_DEPLOY_REVIVE_H

#include "lib/deploy/incident.h"
#include "lib/deploy/service.h"

enum revive_state { REVIVE_ABSENT, REVIVE_ENDED, REVIVE_RUNNING, REVIVE_PAUSED };

struct revive_found {
	enum revive_state state;
	struct container container;	/* unless absent */
	const char *host;		/* where to ask opencode, when running */
	unsigned port;
	int64_t started_ns;		/* epoch; events before it are of an earlier life */
	int64_t pid;			/* on the engine's host; 0: unknown */
	uint64_t memory_limit;		/* bytes; 0: none */
};

/* Inspects. owns_restarts: the engine's own restart policy is set to none when it is another (not on Podman, which cannot). */
int revive_look(struct service *s, bool owns_restarts, struct revive_found *ret, struct err *e) MUST_CHECK;

/* is_restart: stops first, whatever the container does, unless it is not the one with this id any more (id NULL: any). Errors as cause_of_refusal reads them. */
int revive_start(struct service *s, bool is_restart, const char *id, struct revive_found *ret, struct err *e) MUST_CHECK;
/* Stops what must not go on (it lets in without a password). */
int revive_stop(struct service *s, struct err *e) MUST_CHECK;

/* The engine gets its restart policy back: the watchdog ends and the service is wanted. */
int revive_hand_back(struct service *s, struct err *e) MUST_CHECK;

/* Evidence of the container as it is now: state, exit, times, image, last log lines, into *ret (strings in the service's arena). due_ms bounds the log. */
int revive_evidence(struct service *s, const char *id, struct incident *ret, int64_t due_ms, struct err *e) MUST_CHECK;

#endif

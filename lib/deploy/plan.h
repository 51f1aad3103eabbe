/*
 * plan.h - pure: ordered steps from what is to what should be, and why
 *
 * No effects here: the same inputs give the same plan, which `--dry-run` prints and apply executes. Tested as a table of states.
 */
#ifndef OCC_DEPLOY_PLAN_H
#define OCC_DEPLOY_PLAN_H

#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/engine/container.h"

enum plan_step_kind {
	PLAN_BUILD,		/* image from docker/ */
	PLAN_PULL,
	PLAN_NETWORK,
	PLAN_VOLUME,		/* object: its name */
	PLAN_DISCARD,		/* a left-over container of an interrupted change; object: its name */
	PLAN_CREATE,		/* under the instance's name */
	PLAN_CREATE_NEXT,	/* beside the old one */
	PLAN_UNPAUSE,
	PLAN_WAIT_IDLE,
	PLAN_STOP,		/* one that runs: the old one, or a left-over that serves */
	PLAN_SECRET,		/* into the container that will be started */
	PLAN_START,
	PLAN_READY,
	PLAN_SWAP,		/* old removed, next gets its name */
	PLAN_POLICY,		/* the engine's restart policy of the container */
};

struct plan_step {
	enum plan_step_kind kind;
	const char *object;	/* its name, for people */
	const char *id;		/* the container that is meant, as it was observed: a name could be another's by now; NULL: the one made by this plan */
	const char *why;
};

#define PLAN_STEPS_MAX 24

struct plan {
	struct plan_step steps[PLAN_STEPS_MAX];
	size_t n;
	const char *reason;	/* of the whole: "nothing runs yet", "container.memory changed", "" when there is nothing to do */
	bool is_partial;	/* what follows depends on its outcome (a new image, a recovered container): observe and plan again */
};

/* What is there, as far as the plan depends on it. */
struct plan_facts {
	bool has_image, is_image_current;	/* under our tag; made from the same inputs */
	bool is_pull;				/* image.source */
	bool has_network, has_home, has_workspace;
	bool has_container, has_next;
	enum container_state state, next_state;
	bool is_same_spec, is_same_image;	/* the container against spec and image */
	bool is_same_policy;
	const char *drift;			/* what differs, for people; "" */
};
struct plan_wish {
	bool is_rebuild, is_pull, is_restart;
};
struct plan_objects {
	const char *image, *network, *home_volume, *workspace_volume, *container, *next_container;
	const char *container_id, *next_id;	/* with has_container, has_next */
};

void plan_make(const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o, struct plan *ret);

/* What a plan that was carried out leaves of the wish: an image is built or pulled anew once, a restart is asked for until the last round. */
void plan_take_wish(const struct plan *done, struct plan_wish *w);

bool plan_has(const struct plan *p, enum plan_step_kind kind);

/* Does a container in this state hold processes? */
bool plan_is_live(enum container_state s);

const char *plan_step_name(enum plan_step_kind k);	/* "build image", ... */

/* How steps and their progress are shown; NULL members are skipped. */
struct plan_report {
	void (*row)(void *ctx, const char *label, const char *text);			/* done: stays */
	void (*progress)(void *ctx, const char *label, const char *text);		/* going on */
	void *ctx;
};

#endif

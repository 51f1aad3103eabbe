/*
 * apply.h - carries a plan out, and takes back what was done when a step fails
 *
 * The only place that creates a container. Whatever happens, at most one container runs on the volumes, and the old one is back when the new one did not
 * prove itself.
 */
#ifndef OCC_DEPLOY_APPLY_H
#define OCC_DEPLOY_APPLY_H

#include "lib/deploy/edge_hold.h"
#include "lib/deploy/spec.h"
#include "lib/deploy/up.h"
#include "lib/deploy/update.h"

struct apply {
	struct service *s;
	const struct up_options *options;
	const struct credentials *credentials;
	struct spec_input *spec;
	struct up_result *result;
	struct update *update;		/* the replacement changes the version; NULL: it does not */
	const char *container_id;	/* the instance's container as it was observed; NULL: none */
	/* What this run has made, removed or stopped so far: for taking it back, and for telling the truth about it. */
	const char *created_id;		/* a container of ours that has not proved itself */
	bool is_created_started;
	bool has_replaced;		/* created_id stands beside an older one */
	bool is_committed;		/* the new one is the service: nothing is taken back any more */
	const char *stopped_id;		/* what ran; what is to run again instead, when that one was a left-over and is removed */
	const char *unpaused_id;	/* what was paused, and has not been stopped since */
	const char *removed;		/* name of a container that is gone for good */
	bool made_network;
	struct strlist made_volumes;
	const char *started_id;		/* whose start was asked for, or whose pause ended and which has to answer */
	int64_t started_ms;		/* when; 0: not yet */
	bool is_started;		/* and it was done */
	struct edge_hold hold;		/* from before a stop until the answer of what is started */
};

/* Executes all steps in order. On failure undoes, and the notes say in which state things are now. */
int apply_plan(struct apply *a, const struct plan *p, struct err *e) MUST_CHECK;

#endif

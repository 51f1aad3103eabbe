/*
 * observe.h - what is: container, image, network and volumes, as the plan wants to know it
 */
#ifndef OCC_DEPLOY_OBSERVE_H
#define OCC_DEPLOY_OBSERVE_H

#include "lib/deploy/plan.h"
#include "lib/deploy/spec.h"

struct observed {
	struct plan_facts facts;
	struct container container;	/* with facts.has_container */
	struct container next;		/* with facts.has_next: of a replacement that was cut, perhaps running */
};

/* ERR_REFUSED when something under our names belongs to another deployment; its id and the remedy are in the notes. Changes nothing. */
int observe(struct service *s, const struct spec_input *spec, struct observed *ret, struct err *e) MUST_CHECK;

/* 1 there and ours, 0 absent, -1 (ERR_REFUSED: somebody else's). */
int observe_volume(struct service *s, const char *name, struct err *e) MUST_CHECK;

/* Takes over the deployment that stands under our names when `adopt` names it, or when our state is lost but owner says that it was ours. True when the
 * service's deployment id changed. */
int observe_adopt(struct service *s, const char *owner, const char *adopt, bool *ret_adopted, struct err *e) MUST_CHECK;

/* Does the container differ from the configuration? Names what ("server.port", "the program's own defaults"), "" when in step. In the arena. */
const char *observe_drift(struct service *s, const struct spec_input *spec, const struct container *c, struct err *e);

#endif

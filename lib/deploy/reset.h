/*
 * reset.h - an instance's work, or all of an instance, taken away for good; what goes is told first, by the same list that is gone through
 */
#ifndef OCC_DEPLOY_RESET_H
#define OCC_DEPLOY_RESET_H

#include "lib/deploy/service.h"

enum reset_kind { RESET_CONTAINER, RESET_VOLUME, RESET_NETWORK, RESET_IMAGE, RESET_FILE, RESET_DIR };

struct reset_item {
	enum reset_kind kind;
	const char *name;		/* of the object; of the file or directory: its path */
	const char *what;		/* for people: "the agent's home: sessions, logins, git identity, ssh keys" */
};

#define RESET_ITEMS_MAX 64

struct reset_plan {
	struct reset_item items[RESET_ITEMS_MAX];
	size_t n;
	bool has_work;			/* the home is among them */
};

/* What there is and is ours. is_all: configuration, credentials, state, network and image too; backups stay. ERR_REFUSED for what is somebody else's. The service is connected. */
int reset_look(struct service *s, bool is_all, struct reset_plan *ret, struct err *e) MUST_CHECK;
/* Removes it in that order; the container has been stopped by up_stop, and the caller holds the helpers' lock (helper.h). told: each that is gone. A cut leaves the rest, and a second run goes on. */
int reset_apply(struct service *s, const struct reset_plan *p, void (*told)(void *ctx, const struct reset_item *item), void *ctx, struct err *e) MUST_CHECK;

const char *reset_kind_name(enum reset_kind k);		/* "volume" */

#endif

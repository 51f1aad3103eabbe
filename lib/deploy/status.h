/*
 * status.h - how an instance is doing, asked for in at most three short calls to the engine and one health question
 *
 * /version and /info of the engine are not on this path (5 ms and up to 1 s on Engine 20.10).
 */
#ifndef OCC_DEPLOY_STATUS_H
#define OCC_DEPLOY_STATUS_H

#include "lib/deploy/service.h"

enum status_health { STATUS_ABSENT, STATUS_STOPPED, STATUS_HEALTHY, STATUS_UNHEALTHY };

struct status {
	enum status_health health;
	struct container container;	/* unless STATUS_ABSENT */
	const char *version;		/* opencode's, when healthy */
	const char *trouble;		/* one line why it is not healthy, or NULL */
	const char *drift;		/* what differs from the configuration, "" when in step */
	const char *busy;		/* busy sessions, when asked for; NULL: none or not asked */
	const char *url;
	const char *public_trouble;	/* why server.public_url does not answer, when asked for; NULL: it does */
	bool has_public;		/* it was asked */
};

struct status_wish {
	bool sessions, public_url;
};

/* Fills *ret; -1 only when the state itself cannot be told (engine unreachable, foreign container). */
int status_get(struct service *s, const struct status_wish *w, struct status *ret, struct err *e) MUST_CHECK;

/* "healthy", "unhealthy", "stopped", "absent". */
const char *status_health_name(enum status_health h);

#endif

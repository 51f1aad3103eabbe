/*
 * ready.h - is opencode ready: a healthy answer on a new connection with credentials, and 401 without
 *
 * A request accepted in the first 100 to 300 ms after listen() is never answered, and docker-proxy accepts before opencode listens. So while the service
 * starts a new probe leaves every READY_EVERY_MS, each with its own deadline, several in flight; the first valid answer wins.
 */
#ifndef OCC_DEPLOY_READY_H
#define OCC_DEPLOY_READY_H

#include "lib/deploy/vantage.h"

#define READY_EVERY_MS 50
#define READY_PROBE_MS 1500	/* of a probe at first; see ready_probe_ms */
#define READY_IN_FLIGHT 20
#define READY_START_MS (2 * 60 * 1000)	/* from a start to the first answer, unless said otherwise */
#define READY_ONCE_MS 10000	/* one question to a service that runs already */
#define READY_LOOK_MS 500	/* how often the container itself is looked at */

/* Pure: how long a probe may take that leaves since_ms after the first one. A starved opencode answers late: who asks on with a short patience never hears it. */
int64_t ready_probe_ms(int64_t since_ms);
/* Pure: from that probe to the next. */
int64_t ready_every_ms(int64_t since_ms);

/* Waits until ready. *ret_version lives in the service's arena. ERR_TIMEOUT at due_ms; ERR_UNHEALTHY when the container ends or our password is refused (e->http 401; the last
 * lines of its log are in the notes), or opencode answers inside its container but not where it is published; ERR_REFUSED when it answers without credentials and a password is set. */
int ready_wait(struct service *s, const struct container *c, const struct credentials *cr, int64_t due_ms, const char **ret_version,
    struct err *e) MUST_CHECK;

/* One health question now. 0 with the version, -1 (ERR_UNHEALTHY, ERR_TIMEOUT). */
int ready_once(struct service *s, const struct container *c, const struct credentials *cr, int64_t due_ms, const char **ret_version,
    struct err *e) MUST_CHECK;

/* Pure: the version out of a body of /global/health that says healthy; NULL otherwise. In the arena. */
const char *ready_parse_health(struct arena *a, struct str body);

#endif

/*
 * vantage.h - the one place that knows from where opencode can be asked
 *
 * A local engine's port is ours to connect to; a remote engine's is not, there the question is put inside the container. Used by service_http,
 * readiness and rotation, which bring credentials of their own.
 */
#ifndef OCC_DEPLOY_VANTAGE_H
#define OCC_DEPLOY_VANTAGE_H

#include "lib/deploy/service.h"

#define VANTAGE_PORT_KEY "3000/tcp"	/* SERVICE_PORT as the engine writes it */

/* Where to connect for a local engine; host lives in the container's data. ERR_NOT_RUNNING when no port is published. */
int vantage_address(struct service *s, const struct container *c, const char **ret_host, unsigned *ret_port, struct err *e) MUST_CHECK;

/* Does the engine publish this container's port beyond loopback? */
bool vantage_is_exposed(const struct container *c);

/* The user name that this container lets in: the configuration may have another by now. */
const char *vantage_user(const struct service *s, const struct container *c);

/* Was this container made for the edge? Then opencode in it has the inner password, whatever the configuration says by now. */
bool vantage_is_inner(const struct container *c);
/* The password that this container lets in, of these credentials. */
struct str vantage_password(const struct container *c, const struct credentials *cr);

/* As service_http; cr NULL: without credentials. */
int vantage_http(struct service *s, const struct container *c, const char *method, const char *path, struct str json_body,
    const struct credentials *cr, struct buf *out, int64_t due_ms, struct err *e) MUST_CHECK;

/* The same, asked inside the container by exec, wherever we stand. */
int vantage_http_inside(struct service *s, const struct container *c, const char *path, const struct credentials *cr, struct buf *out, int64_t due_ms,
    struct err *e) MUST_CHECK;

/* A curl configuration file (curl(1), --config) for a question inside the container, appended: a secret when a password is given. password.p NULL: without credentials. */
void vantage_put_curl(const char *user, const char *path, struct str password, int64_t max_s, struct buf *out);

/* A whole HTTP request of one exchange, appended to out: a secret when a password is given. password.p NULL: without credentials. */
void vantage_put_request(const char *method, const char *path, struct str host, const char *user, struct str password,
    struct str body, struct buf *out);

#endif

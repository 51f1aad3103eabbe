/*
 * service.h - one instance as a command works on it: scope, configuration, state, names, and the engine when asked for
 *
 * Filled by service_open (files only) and service_connect (engine). Everything lives in the arena given; the engine connection is closed by
 * service_auto.
 */
#ifndef OCC_DEPLOY_SERVICE_H
#define OCC_DEPLOY_SERVICE_H

#include "lib/deploy/config.h"
#include "lib/deploy/credentials.h"
#include "lib/deploy/state.h"
#include "lib/engine/container.h"
#include "lib/engine/engine.h"

#define SERVICE_PORT 3000		/* opencode's port inside the container, and server.port's default */
#define SERVICE_HOME "/home/opencode"
#define SERVICE_WORKSPACE "/home/opencode/workspace"
#define SERVICE_UID 1000
#define SERVICE_SECRET_DIR "/etc/opencode-cloud"
#define SERVICE_SECRET_FILE "secret"

#define SERVICE_HEALTH_SCRIPT "/usr/local/lib/opencode-cloud/health"	/* in the image, by its contract */

#define LABEL_MANAGED "managed-by"	/* = opencode-cloud */
#define LABEL_MANAGED_VALUE "opencode-cloud"
#define LABEL_INSTANCE "io.opencode-cloud.instance"
#define LABEL_DEPLOYMENT "io.opencode-cloud.deployment"
#define LABEL_HELPER "io.opencode-cloud.helper"	/* of a throw-away container: = the deployment's id */
#define LABEL_SPEC "io.opencode-cloud.spec"
#define LABEL_USER "io.opencode-cloud.user"	/* auth.username that this container was made for */
#define LABEL_PASSWORD "io.opencode-cloud.password"	/* LABEL_PASSWORD_INNER: made for the edge, takes the inner password; absent: the user's */
#define LABEL_PASSWORD_INNER "inner"
#define LABEL_OWNER "io.opencode-cloud.owner"	/* "user on host, config file": for people */

struct service_names {
	const char *container, *network, *home_volume, *workspace_volume;	/* "opencode-cloud", "opencode-cloud-work", ... */
	const char *next_container;	/* the new one beside the old one during a replacement */
};

struct service_request {
	struct scope_request scope;
	const char *engine_url, *context;	/* --engine, --context */
	struct engine_env engine_env;
	const char *const *environment;		/* for OCC_<GROUP>_<KEY> */
};

struct service {
	struct arena *arena;
	struct service_request rq;
	struct scope scope;
	struct config config;
	struct state state;
	struct service_names names;
	struct engine engine;
	bool is_connected;
	bool is_remote;			/* the engine's ports are not ours: probe by exec (engine.location, ssh://) */
};

int service_open(struct service *s, struct arena *a, const struct service_request *rq, struct err *e) MUST_CHECK;
int service_connect(struct service *s, struct err *e) MUST_CHECK;
void service_auto(struct service *s);

/* Inspects our container. 1 there and ours; 0 absent; -1: ERR_REFUSED with owner and remedy when the name is somebody else's. */
int service_container(struct service *s, struct container *ret, struct err *e) MUST_CHECK;
/* The new one of a replacement that was cut, whoever's it is: 1 there, 0 absent, -1. */
int service_next_container(struct service *s, struct container *ret, struct err *e) MUST_CHECK;
/* Is it of this deployment? */
bool service_owns(const struct service *s, const struct container *c);
/* As service_container, but a missing or not running one is ERR_NOT_RUNNING with "try: occ start". */
int service_running(struct service *s, struct container *ret, struct err *e) MUST_CHECK;

/* For whoever starts it without a person: reads the desired state again, under the lock. ERR_LOCKED when a person has decided otherwise meanwhile. */
int service_check_wanted(struct service *s, struct err *e) MUST_CHECK;

/* The engine's restart policy that our container has to have while it is wanted: none while a watchdog lives, who owns the restarts then. */
const char *service_restart_policy(const struct service *s);

/* One HTTP exchange with opencode from where we stand: over the published port, or by exec in the container for a remote engine. method GET or POST (JSON body).
 * with_auth adds the credentials of credentials.json. Returns the status, the body appended to out. */
int service_http(struct service *s, const struct container *c, const char *method, const char *path, struct str json_body, bool with_auth, struct buf *out,
    int64_t due_ms, struct err *e) MUST_CHECK;

/* Where a person reaches it: public_url; behind the edge the edge's (edge.h); else http://BIND:PORT with the port as published by the container. c may be NULL: by the
 * configuration. */
const char *service_url(struct service *s, const struct container *c);
/* The same for who knows where it is published and whether that container was made for the edge; host NULL: by the configuration. In the arena given. */
const char *service_url_at(struct arena *a, const struct config *c, enum scope_kind kind, bool is_inner, const char *host, unsigned port);

#endif

/* service.c - opening an instance, and whose container stands under its name */
#include "lib/deploy/service.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/control.h"
#include "lib/deploy/spec.h"

#define CONNECT_MS 10000
#define CONNECT_SSH_MS 60000	/* a person may have to type a passphrase */

static void
name_objects(struct arena *a, const char *instance, struct service_names *n)
{
	const char *base = "opencode-cloud";

	if (!str_is(str_of(instance), SCOPE_DEFAULT_INSTANCE))
		base = arena_printf(a, "opencode-cloud-%s", instance);
	n->container = base;
	n->network = base;
	n->home_volume = arena_printf(a, "%s-home", base);
	n->workspace_volume = arena_printf(a, "%s-workspace", base);
	n->next_container = arena_printf(a, "%s.next", base);
}

int
service_open(struct service *s, struct arena *a, const struct service_request *rq, struct err *e)
{
	*s = (struct service){ .arena = a, .rq = *rq, .engine = ENGINE_INIT };
	if (scope_resolve(a, &rq->scope, &s->scope, e) < 0)
		return -1;
	if (config_load(a, &s->scope, rq->environment, &s->config, e) < 0)
		return -1;
	if (state_load(a, &s->scope, &s->state, e) < 0)
		return -1;
	name_objects(a, s->scope.instance, &s->names);
	return 0;
}

int
service_connect(struct service *s, struct err *e)
{
	const char *url = s->rq.engine_url;
	struct engine_endpoint at;

	if (s->is_connected)
		return 0;
	if (!url && !s->rq.context && s->config.engine.url[0])
		url = s->config.engine.url;
	if (engine_find(s->arena, &s->rq.engine_env, url, s->rq.context, &at, e) < 0)
		return -1;
	s->is_remote = at.transport == ENGINE_SSH;
	if (!str_is(str_of(s->config.engine.location), "auto"))
		s->is_remote = str_is(str_of(s->config.engine.location), "remote");
	log_line("engine at %s (%s)%s", at.url, at.origin, s->is_remote ? ", remote" : "");
	int64_t due_ms = clock_due_ms(at.transport == ENGINE_SSH ? CONNECT_SSH_MS : CONNECT_MS);
	if (engine_open(&s->engine, &at, &s->rq.engine_env, due_ms, e) < 0)
		return -1;
	s->is_connected = true;
	return 0;
}

void
service_auto(struct service *s)
{
	engine_auto(&s->engine);
	s->is_connected = false;
}

static int
refuse_foreign(const struct service *s, const struct container *c, struct err *e)
{
	const char *owner = container_label(c, LABEL_OWNER);
	const char *deployment = container_label(c, LABEL_DEPLOYMENT);

	err_set(e, ERR_REFUSED, "the container %s belongs to somebody else", s->names.container);
	if (!deployment) {
		err_note(e, "found", "%.12s, not made by this program", c->id);
		err_note(e, "changed", "nothing");
		err_note(e, "try", "remove or rename it, or use another instance: --instance NAME");
		return -1;
	}
	err_note(e, "owner", "%s, deployment %s", owner ? owner : "unknown", deployment);
	err_note(e, "changed", "nothing");
	err_note(e, "try", "another instance: --instance NAME; if it is yours: occ start --adopt %s", deployment);
	return -1;
}

bool
service_owns(const struct service *s, const struct container *c)
{
	const char *deployment = container_label(c, LABEL_DEPLOYMENT);

	return deployment && str_is(str_of(deployment), s->state.deployment);
}

int
service_container(struct service *s, struct container *ret, struct err *e)
{
	struct err inner = ERR_INIT;

	if (container_inspect(&s->engine, s->arena, s->names.container, ret, &inner) < 0) {
		if (inner.code == ERR_NOT_FOUND)
			return 0;
		*e = inner;
		return -1;
	}
	return service_owns(s, ret) ? 1 : refuse_foreign(s, ret, e);
}

int
service_next_container(struct service *s, struct container *ret, struct err *e)
{
	if (container_inspect(&s->engine, s->arena, s->names.next_container, ret, e) == 0)
		return 1;
	return e->code == ERR_NOT_FOUND ? 0 : -1;
}

int
service_running(struct service *s, struct container *ret, struct err *e)
{
	int there = service_container(s, ret, e);

	if (there < 0)
		return -1;
	if (there == 0)
		err_set(e, ERR_NOT_RUNNING, "%s is not running: there is no container yet", s->names.container);
	else if (ret->state != CONTAINER_RUNNING)
		err_set(e, ERR_NOT_RUNNING, "%s is not running: its container is %s", s->names.container,
		    container_state_name(ret->state));
	else
		return 0;
	return err_note(e, "try", "occ start");
}

const char *
service_restart_policy(const struct service *s)
{
	if (!s->engine.is_podman && control_watchdog_lives(s->scope.watchdog_lock_path))
		return SPEC_RESTART_STOPPED;
	return spec_restart_policy(&s->config, s->engine.is_podman);
}

int
service_check_wanted(struct service *s, struct err *e)
{
	if (state_load(s->arena, &s->scope, &s->state, e) < 0)
		return -1;
	return s->state.is_desired_up ? 0 : err_set(e, ERR_LOCKED, "%s is to be down by now", s->names.container);
}

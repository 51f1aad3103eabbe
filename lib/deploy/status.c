/* status.c - gathers what `occ status` shows */
#include "lib/deploy/status.h"

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/tail.h"
#include "lib/deploy/up.h"
#include "lib/http/remote.h"

#define HEALTH_MS 5000
#define PUBLIC_MS 10000
#define PUBLIC_BODY_MAX 65536

static const char *const health_names[] = {
	[STATUS_ABSENT] = "absent",
	[STATUS_STOPPED] = "stopped",
	[STATUS_HEALTHY] = "healthy",
	[STATUS_UNHEALTHY] = "unhealthy",
};

const char *
status_health_name(enum status_health h)
{
	return (size_t)h < ARRAY_LEN(health_names) ? health_names[h] : "unknown";
}

/* The image is compared by id: a rebuild or pull leaves the tag and changes what is behind it. */
static int
find_drift(struct service *s, struct status *st, struct err *e)
{
	struct spec_input spec;
	struct image im;
	struct err inner = ERR_INIT;

	if (spec_input_of(s, &spec, e) < 0)
		return -1;
	st->drift = observe_drift(s, &spec, &st->container, e);
	if (!st->drift)
		return -1;
	if (st->drift[0])
		return 0;
	if (image_inspect(&s->engine, s->arena, spec.image, &im, &inner) < 0)
		st->drift = inner.code == ERR_NOT_FOUND ? "the image is gone" : "";
	else if (!str_is(str_of(st->container.image_id), im.id))
		st->drift = "the image changed";
	return 0;
}

static int
ask_health(struct service *s, const struct credentials *cr, struct status *st)
{
	struct err inner = ERR_INIT;

	if (ready_once(s, &st->container, cr, clock_due_ms(HEALTH_MS), &st->version, &inner) == 0) {
		st->health = STATUS_HEALTHY;
		return 0;
	}
	st->health = STATUS_UNHEALTHY;
	st->trouble = arena_strdup(s->arena, inner.msg);
	return -1;
}

static void
ask_public(struct service *s, const struct credentials *cr, struct status *st)
{
	const struct remote_request rq = { .url = arena_printf(s->arena, "%s/global/health", s->config.server.public_url),
		.allow_http = str_has_prefix(str_of(s->config.server.public_url), "http:"), .user = s->config.auth.username,
		.password = buf_str(&cr->password), .due_ms = clock_due_ms(PUBLIC_MS) };
	AUTO(buf) struct buf body = BUF_INIT(PUBLIC_BODY_MAX);
	struct remote_answer answer;
	struct err inner = ERR_INIT;

	st->has_public = true;
	if (remote_get(s->arena, &rq, &body, &answer, &inner) < 0)
		st->public_trouble = arena_strdup(s->arena, inner.msg);
	else if (answer.status != 200 || !ready_parse_health(s->arena, buf_str(&body)))
		st->public_trouble = arena_printf(s->arena, "answered %d, not as this service", answer.status);
}

static int
ask_more(struct service *s, const struct status_wish *w, const struct credentials *cr, struct status *st, struct err *e)
{
	if (w->sessions && up_busy(s, &st->container, &st->busy, e) < 0)
		return -1;
	if (w->public_url && s->config.server.public_url[0])
		ask_public(s, cr, st);
	return 0;
}

int
status_get(struct service *s, const struct status_wish *w, struct status *ret, struct err *e)
{
	AUTO(credentials) struct credentials cr;

	*ret = (struct status){ .drift = "" };
	credentials_init(&cr);
	if (service_connect(s, e) < 0)
		return -1;
	int there = service_container(s, &ret->container, e);
	if (there < 0)
		return -1;
	ret->url = service_url(s, there ? &ret->container : NULL);
	if (!there)
		return 0;
	if (find_drift(s, ret, e) < 0)
		return -1;
	if (ret->container.state != CONTAINER_RUNNING) {
		ret->health = STATUS_STOPPED;
		if (ret->container.finished_epoch_s)
			ret->trouble = arena_printf(s->arena, "exit code %d: %s", ret->container.exit_code,
			    tail_exit_meaning(s->arena, ret->container.exit_code, ret->container.is_oom_killed));
		return 0;
	}
	if (credentials_load(&s->scope, &cr, e) < 0)
		return -1;
	return ask_health(s, &cr, ret) < 0 ? 0 : ask_more(s, w, &cr, ret, e);
}

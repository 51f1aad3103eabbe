/* beside.c - another name, no way in but exec, and a question */
#include "lib/deploy/beside.h"

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/secret_file.h"
#include "lib/engine/object.h"
#include "lib/json/json.h"

#define START_MS 60000
#define ASK_MS 120000		/* the first question makes it load its plugins */
#define ANSWER_SHOWN 200
#define ANSWER_MAX (32u << 20)
#define MEMORY_BYTES (1ull << 30)

static const char *
other(const struct service *s, const char *name)
{
	return arena_printf(s->arena, "%s.verify", name);
}

int
beside_open(struct beside *b, struct service *s, const char *image, bool has_own_volumes, struct err *e)
{
	struct service *t = &b->there;
	struct config *c = &t->config;

	*t = *s;
	t->names.container = other(s, s->names.container);
	t->names.next_container = arena_printf(s->arena, "%s.next", t->names.container);
	t->names.network = other(s, s->names.network);
	t->is_remote = true;
	if (has_own_volumes) {
		t->names.home_volume = other(s, s->names.home_volume);
		t->names.workspace_volume = other(s, s->names.workspace_volume);
	}
	c->server.bind = "127.0.0.1";
	c->server.port = 0;		/* whatever is free: nobody asks there */
	c->container.ports.n = c->container.mounts.n = 0;
	c->container.restart = "no";
	c->edge.mode = "off";
	/* The service's own share of the memory is not touched. */
	if (c->container.memory == 0 || c->container.memory > MEMORY_BYTES)
		c->container.memory = MEMORY_BYTES;
	if (spec_input_of(t, &b->spec, e) < 0)
		return -1;
	b->spec.image = image;
	b->spec.is_beside = b->spec.is_helper = true;
	return build_check(s, e) < 0 ? err_wrap(e, "an opencode to try the data with") : 0;
}

void
beside_close(struct beside *b, struct service *s)
{
	s->engine = b->there.engine;
}

int
beside_remove(struct beside *b, size_t n_volumes, struct err *e)
{
	struct service *t = &b->there;
	const char *volumes[] = { t->names.home_volume, t->names.workspace_volume };

	if (helper_sweep(t, e) < 0)
		return -1;
	for (size_t i = 0; i < n_volumes && i < ARRAY_LEN(volumes); i++) {
		int there = observe_volume(t, volumes[i], e);
		if (there < 0 || (there && volume_remove(&t->engine, volumes[i], e) < 0))
			return -1;
	}
	return network_remove(&t->engine, t->names.network, e);
}

static int
count(struct beside *b, const struct container *c, const struct credentials *cr, int64_t *ret, struct err *e)
{
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MAX);
	const char *path = arena_printf(b->there.arena, "/experimental/session?archived=true&limit=%d", BESIDE_SESSIONS_MAX);
	int status = vantage_http_inside(&b->there, c, path, cr, &answer, clock_due_ms(ASK_MS), e);

	if (status < 0)
		return -1;
	const struct json *list = status == 200 ? json_parse(b->there.arena, buf_str(&answer), e) : NULL;
	if (!list || list->type != JSON_ARRAY)
		return err_set(e, ERR_UNHEALTHY, "opencode does not list its sessions: status %d, " STR_FMT, status, STR_ARG(str_take(buf_str(&answer), ANSWER_SHOWN)));
	*ret = (int64_t)list->n;
	return 0;
}

int
beside_ask(struct beside *b, const char **ret_version, int64_t *ret_n_sessions, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(SPEC_BODY_MAX);
	AUTO(credentials) struct credentials cr;
	struct service *t = &b->there;
	struct container c;
	const char *id;
	bool is_made;

	credentials_init(&cr);
	if (network_ensure(&t->engine, t->arena, t->names.network, spec_object_labels(t->arena, &b->spec), &is_made, e) < 0)
		return -1;
	if (credentials_generate_password(&cr, e) < 0 || spec_put_body(t->arena, &b->spec, &body, e) < 0 ||
	    container_create(&t->engine, t->arena, t->names.container, buf_str(&body), &id, e) < 0)
		return -1;
	if (container_inspect(&t->engine, t->arena, id, &c, e) < 0 || secret_file_put(t, &c, &cr, e) < 0 ||
	    container_start(&t->engine, id, clock_due_ms(START_MS), e) < 0 || container_inspect(&t->engine, t->arena, id, &c, e) < 0)
		return -1;
	return ready_wait(t, &c, &cr, clock_due_ms(READY_START_MS), ret_version, e) < 0 ? -1 : count(b, &c, &cr, ret_n_sessions, e);
}

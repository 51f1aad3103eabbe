/* apply.c - one function per kind of step, and a table of them */
#include "lib/deploy/apply.h"

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/log.h"
#include "lib/base/num.h"
#include "lib/deploy/apply_undo.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/busy.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/secret_file.h"
#include "lib/engine/object.h"

#define LEFT_OVER_MS 20000
#define LOOK_MS 200

typedef int step_run(struct apply *a, const struct plan_step *step, struct err *e);

static void
say(struct apply *a, const char *label, const char *text)
{
	const struct plan_report *r = &a->options->report;

	if (r->row)
		r->row(r->ctx, label, text);
}

static void
progress(struct apply *a, const char *label, const char *text)
{
	const struct plan_report *r = &a->options->report;

	if (r->progress)
		r->progress(r->ctx, label, text);
}

/* The container that a step is about. */
static const char *
target(const struct apply *a, const struct plan_step *step)
{
	const char *id = step->id ? step->id : a->created_id;

	if (!id)
		BUG("a step for a container that is not there");
	return id;
}

static int
run_build(struct apply *a, const struct plan_step *step, struct err *e)
{
	int64_t start_ms = clock_now_ms();
	AUTO(buf) struct buf text = BUF_INIT(1024);
	struct image_made made;

	if (image_source_make(a->s, a->options->is_rebuild, a->options->is_pull, &a->options->report, &made, e) < 0)
		return -1;
	buf_printf(&text, "%s %s in ", step->object, made.published ? "pulled" : "built");
	num_put_duration(&text, clock_now_ms() - start_ms);
	if (made.published)
		buf_printf(&text, ": %s", made.published);
	say(a, "Image", text.p);
	return 0;
}

static int
run_pull(struct apply *a, const struct plan_step *step, struct err *e)
{
	progress(a, "Image", arena_printf(a->s->arena, "pulling %s", step->object));
	if (image_source_pull(a->s, &a->options->report, e) < 0)
		return -1;
	say(a, "Image", arena_printf(a->s->arena, "%s pulled", step->object));
	return 0;
}

static int
run_network(struct apply *a, const struct plan_step *step, struct err *e)
{
	return network_ensure(&a->s->engine, a->s->arena, step->object, spec_object_labels(a->s->arena, a->spec), &a->made_network, e);
}

static int
run_volume(struct apply *a, const struct plan_step *step, struct err *e)
{
	bool is_made = false;
	int r = volume_ensure(&a->s->engine, a->s->arena, step->object, spec_object_labels(a->s->arena, a->spec), &is_made, e);

	if (r < 0)
		return -1;
	if (is_made)
		strlist_add(a->s->arena, &a->made_volumes, step->object);
	return 0;
}

static int
run_discard(struct apply *a, const struct plan_step *step, struct err *e)
{
	const char *id = target(a, step);
	bool is_left_over = !a->container_id || !str_is(str_of(id), a->container_id);

	if (container_remove(&a->s->engine, id, true, e) < 0)
		return -1;
	a->removed = step->object;
	/* It served in the old one's place: from here on only that one can come back. */
	if (a->stopped_id && str_is(str_of(id), a->stopped_id))
		a->stopped_id = is_left_over ? a->container_id : NULL;
	if (!is_left_over)
		a->container_id = NULL;
	return 0;
}

static void
say_created(struct apply *a, const char *name)
{
	AUTO(buf) struct buf text = BUF_INIT(512);
	uint64_t memory = spec_memory_bytes(&a->s->config, a->spec->host_memory_bytes);

	buf_printf(&text, "%s created: %zu volumes, ", name, (size_t)2 + a->s->config.container.mounts.n);
	if (memory) {
		num_put_bytes(&text, memory);
		buf_puts(&text, " memory, ");
	}
	buf_printf(&text, "%s:%llu", a->s->config.server.bind, (unsigned long long)a->s->config.server.port);
	say(a, "Container", text.p);
}

/* An engine goes on with what a killed command has asked for: the container may come after we have looked, and is seen only when it is whole. We hold the lock: nobody
 * needs it. */
static bool
remove_left_over(struct apply *a, const char *name)
{
	int64_t due_ms = clock_due_ms(LEFT_OVER_MS);
	struct container c;
	struct err e = ERR_INIT;

	while (container_inspect(&a->s->engine, a->s->arena, name, &c, &e) < 0) {
		if (e.code != ERR_NOT_FOUND || clock_now_ms() > due_ms)
			return false;
		err_clear(&e);
		if (fd_wait_many(NULL, 0, clock_due_ms(LOOK_MS), &e) < 0 && e.code != ERR_TIMEOUT)
			return false;
		err_clear(&e);
	}
	if (c.state != CONTAINER_CREATED || !service_owns(a->s, &c))
		return false;
	log_line("a container that a killed command has asked for is removed: %s", name);
	return container_remove(&a->s->engine, c.id, false, &e) == 0;
}

static int
create(struct apply *a, const char *name, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(SPEC_BODY_MAX);
	struct service *s = a->s;

	if (spec_put_body(s->arena, a->spec, &body, e) < 0)
		return -1;
	int r = container_create(&s->engine, s->arena, name, buf_str(&body), &a->created_id, e);
	if (r < 0 && e->code == ERR_CONFLICT && remove_left_over(a, name)) {
		err_clear(e);
		r = container_create(&s->engine, s->arena, name, buf_str(&body), &a->created_id, e);
	}
	if (r < 0)
		return err_wrap(e, "create the container");
	say_created(a, a->s->names.container);
	return 0;
}

static int
run_create(struct apply *a, const struct plan_step *step, struct err *e)
{
	return create(a, step->object, e);
}

static int
run_create_next(struct apply *a, const struct plan_step *step, struct err *e)
{
	a->has_replaced = true;
	a->spec->is_beside = true;
	int r = create(a, step->object, e);
	a->spec->is_beside = false;
	return r == 0 && a->update ? update_created(a->update, a->created_id, e) : r;
}

static int
run_wait_idle(struct apply *a, const struct plan_step *step, struct err *e)
{
	struct container c;

	if (container_inspect(&a->s->engine, a->s->arena, target(a, step), &c, e) < 0)
		return -1;
	return busy_wait(a->s, &c, a->credentials, &a->options->idle, &a->options->report, e);
}

static int
run_stop(struct apply *a, const struct plan_step *step, struct err *e)
{
	if (edge_hold_begin(&a->hold, a->s, "opencode is restarted", e) < 0)
		return -1;
	progress(a, "Container", "stopping");
	a->stopped_id = target(a, step);	/* also when we are told to end while the engine goes on stopping it */
	a->unpaused_id = NULL;
	return container_stop(&a->s->engine, a->stopped_id, BRING_UP_GRACE_S, e);
}

static int
run_unpause(struct apply *a, const struct plan_step *step, struct err *e)
{
	if (container_unpause(&a->s->engine, target(a, step), e) < 0)
		return -1;
	a->unpaused_id = target(a, step);
	return 0;
}

static int
run_secret(struct apply *a, const struct plan_step *step, struct err *e)
{
	struct container c;

	if (container_inspect(&a->s->engine, a->s->arena, target(a, step), &c, e) < 0)
		return -1;
	return secret_file_put(a->s, &c, a->credentials, e);
}

static int
run_start(struct apply *a, const struct plan_step *step, struct err *e)
{
	if (a->update && update_stopped(a->update, e) < 0)
		return -1;
	progress(a, "Container", "starting");
	a->started_id = target(a, step);
	a->started_ms = clock_now_ms();
	if (container_start(&a->s->engine, a->started_id, clock_due_ms(BRING_UP_START_MS), e) < 0)
		return err_wrap(e, "start the container");
	a->is_started = true;
	a->is_created_started = a->created_id != NULL;
	return 0;
}

static int
await_answer(struct apply *a, const char *id, struct err *e)
{
	int64_t timeout_ms = a->options->timeout_ms >= 0 ? a->options->timeout_ms : READY_START_MS;
	struct container *c = &a->result->container;

	progress(a, "Waiting", "for opencode's first answer");
	if (container_inspect(&a->s->engine, a->s->arena, id, c, e) < 0)
		return -1;
	return ready_wait(a->s, c, a->credentials, clock_due_ms(timeout_ms), &a->result->version, e);
}

/* It was paused with another password than that of today: a start has to give it ours. */
static int
start_anew(struct apply *a, const struct plan_step *step, struct err *e)
{
	say(a, "Password", "the container holds another one: it is started again with that of today");
	a->started_id = NULL;
	a->is_started = false;
	if (run_wait_idle(a, step, e) < 0 || run_stop(a, step, e) < 0 || run_secret(a, step, e) < 0 || run_start(a, step, e) < 0)
		return -1;
	return await_answer(a, a->started_id, e);
}

static int
run_ready(struct apply *a, const struct plan_step *step, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(256);

	if (!a->started_id) {		/* it was paused, not stopped */
		a->started_id = target(a, step);
		a->started_ms = clock_now_ms();
		a->is_started = true;
	}
	int r = await_answer(a, a->started_id, e);
	if (r < 0 && e->http == 401 && a->unpaused_id)
		r = start_anew(a, step, e);
	if (r == 0 && a->update)
		r = update_answered(a->update, &a->result->container, a->result->version, a->credentials, e);
	if (r < 0)
		return -1;
	edge_hold_end(&a->hold);
	a->result->ready_ms = clock_now_ms() - a->started_ms;
	buf_printf(&text, "opencode %s answered after ", a->result->version);
	num_put_duration(&text, a->result->ready_ms);
	say(a, "Ready", text.p);
	return a->update ? update_watched(a->update, &a->result->container, a->credentials, e) : 0;
}

/* The step is about the old one; when there is none any more (a replacement that was cut here), about the one that takes its name. */
static int
run_swap(struct apply *a, const struct plan_step *step, struct err *e)
{
	const char *new_id = a->created_id ? a->created_id : step->id;

	/* The new one has proved itself: from here on it is the service, whatever happens to the rest. */
	a->is_committed = true;
	cancel_hold();
	int r = a->created_id ? container_remove(&a->s->engine, step->id, true, e) : 0;
	if (r == 0)
		r = container_rename(&a->s->engine, new_id, step->object, e);
	cancel_release();
	if (r < 0)
		err_note(e, "changed", "the new container is there as %s; occ start finishes the replacement", a->s->names.next_container);
	return r;
}

static int
run_policy(struct apply *a, const struct plan_step *step, struct err *e)
{
	if (a->s->engine.is_podman)
		return 0;
	return container_set_restart_policy(&a->s->engine, target(a, step), service_restart_policy(a->s), e);
}

static step_run *const runs[] = {
	[PLAN_BUILD] = run_build,
	[PLAN_PULL] = run_pull,
	[PLAN_NETWORK] = run_network,
	[PLAN_VOLUME] = run_volume,
	[PLAN_DISCARD] = run_discard,
	[PLAN_CREATE] = run_create,
	[PLAN_CREATE_NEXT] = run_create_next,
	[PLAN_WAIT_IDLE] = run_wait_idle,
	[PLAN_STOP] = run_stop,
	[PLAN_UNPAUSE] = run_unpause,
	[PLAN_SECRET] = run_secret,
	[PLAN_START] = run_start,
	[PLAN_READY] = run_ready,
	[PLAN_SWAP] = run_swap,
	[PLAN_POLICY] = run_policy,
};

static int
run_steps(struct apply *a, const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_step *step = &p->steps[i];
		log_line("step: %s %s (%s)", plan_step_name(step->kind), step->object, step->why);
		if (runs[step->kind](a, step, e) < 0)
			return apply_undo(a, e);
	}
	return 0;
}

int
apply_plan(struct apply *a, const struct plan *p, struct err *e)
{
	int r = run_steps(a, p, e);

	edge_hold_end(&a->hold);
	return r;
}

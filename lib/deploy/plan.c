/* plan.c - the table of states behind `start` and `restart` */
#include "lib/deploy/plan.h"

#include "lib/base/mem.h"

static const char *const step_names[] = {
	[PLAN_BUILD] = "build image",
	[PLAN_PULL] = "pull image",
	[PLAN_NETWORK] = "create network",
	[PLAN_VOLUME] = "create volume",
	[PLAN_DISCARD] = "remove left-over container",
	[PLAN_CREATE] = "create container",
	[PLAN_CREATE_NEXT] = "create the new container beside the old one",
	[PLAN_WAIT_IDLE] = "wait for busy sessions",
	[PLAN_STOP] = "stop container",
	[PLAN_UNPAUSE] = "unpause container",
	[PLAN_SECRET] = "put the secret file",
	[PLAN_START] = "start container",
	[PLAN_READY] = "wait until opencode answers, and refuses without password",
	[PLAN_SWAP] = "the new container takes the old one's place",
	[PLAN_POLICY] = "set restart policy",
};

const char *
plan_step_name(enum plan_step_kind k)
{
	return (size_t)k < ARRAY_LEN(step_names) ? step_names[k] : "unknown step";
}

static void
add(struct plan *p, enum plan_step_kind kind, const char *object, const char *why)
{
	if (p->n == PLAN_STEPS_MAX)
		BUG("plan has more steps than PLAN_STEPS_MAX");
	p->steps[p->n++] = (struct plan_step){ .kind = kind, .object = object, .why = why };
}

static void
add_objects(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	if (!f->has_network)
		add(p, PLAN_NETWORK, o->network, "missing");
	if (!f->has_home)
		add(p, PLAN_VOLUME, o->home_volume, "missing");
	if (!f->has_workspace)
		add(p, PLAN_VOLUME, o->workspace_volume, "missing");
}

static void
add_bring_up(struct plan *p, const char *container)
{
	add(p, PLAN_SECRET, container, "before every start");
	add(p, PLAN_START, container, p->reason);
	add(p, PLAN_READY, container, "a listening port proves nothing");
}

/* An image step comes alone: only its outcome tells whether the container has to follow. */
static bool
plan_image(struct plan *p, const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o)
{
	enum plan_step_kind kind = f->is_pull ? PLAN_PULL : PLAN_BUILD;
	const char *why = NULL;

	if (!f->has_image)
		why = "not there yet";
	else if (w->is_pull || (w->is_rebuild && !f->is_pull))
		why = "asked for";
	else if (!f->is_image_current)
		why = "made from other inputs than the configuration asks for";
	if (!why)
		return false;
	p->reason = why;
	add(p, kind, o->image, why);
	p->is_partial = true;
	return true;
}

static void
plan_first(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	p->reason = "nothing runs yet";
	add_objects(p, f, o);
	add(p, PLAN_CREATE, o->container, p->reason);
	add_bring_up(p, o->container);
}

/* The old container stays until the new one has proved itself; the two never run at once (one database). */
static void
plan_replace(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	bool is_live = f->state == CONTAINER_RUNNING || f->state == CONTAINER_PAUSED || f->state == CONTAINER_RESTARTING;

	p->reason = !f->is_same_image ? "the image changed" : f->drift;
	add_objects(p, f, o);
	add(p, PLAN_CREATE_NEXT, o->next_container, p->reason);
	if (f->state == CONTAINER_RUNNING)
		add(p, PLAN_WAIT_IDLE, o->container, "work in progress is not cut");
	if (f->state == CONTAINER_PAUSED)
		add(p, PLAN_UNPAUSE, o->container, "a paused container cannot end by itself");
	if (is_live)
		add(p, PLAN_STOP, o->container, p->reason);
	add_bring_up(p, o->next_container);
	add(p, PLAN_SWAP, o->container, "the new one answers");
	add(p, PLAN_POLICY, o->container, "the engine may start it from now on");
}

static void
plan_broken(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	p->reason = "the engine cannot start the old container again";
	add(p, PLAN_DISCARD, o->container, p->reason);
	add_objects(p, f, o);
	add(p, PLAN_CREATE, o->container, p->reason);
	add_bring_up(p, o->container);
}

static void
plan_running(struct plan *p, const struct plan_wish *w, const struct plan_objects *o)
{
	if (!w->is_restart)
		return;
	p->reason = "asked for";
	add(p, PLAN_WAIT_IDLE, o->container, "work in progress is not cut");
	add(p, PLAN_STOP, o->container, p->reason);
	add_bring_up(p, o->container);
}

static void
plan_paused(struct plan *p, const struct plan_wish *w, const struct plan_objects *o)
{
	p->reason = "the container was paused";
	add(p, PLAN_UNPAUSE, o->container, p->reason);
	if (w->is_restart) {
		add(p, PLAN_STOP, o->container, "asked for");
		add_bring_up(p, o->container);
		return;
	}
	add(p, PLAN_READY, o->container, "after the pause");
}

static void
plan_same(struct plan *p, const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o)
{
	switch (f->state) {
	case CONTAINER_RUNNING:
		plan_running(p, w, o);
		break;
	case CONTAINER_PAUSED:
		plan_paused(p, w, o);
		break;
	case CONTAINER_RESTARTING:
		p->reason = "the container kept ending";
		add(p, PLAN_STOP, o->container, p->reason);
		add_bring_up(p, o->container);
		break;
	case CONTAINER_CREATED:
	case CONTAINER_EXITED:
		p->reason = "the container was stopped";
		add_bring_up(p, o->container);
		break;
	case CONTAINER_REMOVING:
	case CONTAINER_DEAD:
	case CONTAINER_UNKNOWN:
		plan_broken(p, f, o);
		break;
	}
	if (!f->is_same_policy)
		add(p, PLAN_POLICY, o->container, "after a stop, or container.restart changed");
}

void
plan_make(const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o, struct plan *ret)
{
	*ret = (struct plan){ .reason = "" };
	if (f->has_next && !f->has_container) {
		ret->reason = "an earlier replacement was cut at its last step";
		add(ret, PLAN_SWAP, o->container, ret->reason);
		ret->is_partial = true;
		return;
	}
	if (f->has_next)
		add(ret, PLAN_DISCARD, o->next_container, "an earlier replacement was cut");
	if (plan_image(ret, f, w, o))
		return;
	if (!f->has_container)
		plan_first(ret, f, o);
	else if (f->state == CONTAINER_DEAD || f->state == CONTAINER_REMOVING || f->state == CONTAINER_UNKNOWN)
		plan_broken(ret, f, o);
	else if (!f->is_same_spec || !f->is_same_image)
		plan_replace(ret, f, o);
	else
		plan_same(ret, f, w, o);
}

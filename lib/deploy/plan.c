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

bool
plan_is_live(enum container_state s)
{
	return s == CONTAINER_RUNNING || s == CONTAINER_PAUSED || s == CONTAINER_RESTARTING;
}

bool
plan_has(const struct plan *p, enum plan_step_kind kind)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == kind)
			return true;
	}
	return false;
}

void
plan_take_wish(const struct plan *done, struct plan_wish *w)
{
	if (plan_has(done, PLAN_BUILD) || plan_has(done, PLAN_PULL))
		w->is_rebuild = w->is_pull = false;
}

/* A container by name and, once there is one, id. */
struct named {
	const char *name, *id;
};

static void
add_to(struct plan *p, enum plan_step_kind kind, struct named c, const char *why)
{
	if (p->n == PLAN_STEPS_MAX)
		BUG("plan has more steps than PLAN_STEPS_MAX");
	p->steps[p->n++] = (struct plan_step){ .kind = kind, .object = c.name, .id = c.id, .why = why };
}

static void
add(struct plan *p, enum plan_step_kind kind, const char *object, const char *why)
{
	add_to(p, kind, (struct named){ object, NULL }, why);
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
add_bring_up(struct plan *p, struct named c)
{
	add_to(p, PLAN_SECRET, c, "before every start");
	add_to(p, PLAN_START, c, p->reason);
	add_to(p, PLAN_READY, c, "a listening port proves nothing");
}

/* From whatever it does to not running, with nobody's work cut unasked. One that keeps ending has no work to cut. */
static void
add_end(struct plan *p, struct named c, enum container_state state, const char *why)
{
	if (!plan_is_live(state))
		return;
	if (state == CONTAINER_PAUSED)
		add_to(p, PLAN_UNPAUSE, c, "a paused container can neither be asked nor end by itself");
	if (state != CONTAINER_RESTARTING)
		add_to(p, PLAN_WAIT_IDLE, c, "work in progress is not cut");
	add_to(p, PLAN_STOP, c, why);
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
	add_bring_up(p, (struct named){ o->container, NULL });
}

/* The old container stays until the new one has proved itself; the two never run at once (one database). */
static void
plan_replace(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	p->reason = !f->is_same_image ? "the image changed" : f->drift;
	add_objects(p, f, o);
	add(p, PLAN_CREATE_NEXT, o->next_container, p->reason);
	add_end(p, (struct named){ o->container, o->container_id }, f->state, p->reason);
	add_bring_up(p, (struct named){ o->next_container, NULL });
	add_to(p, PLAN_SWAP, (struct named){ o->container, o->container_id }, "the new one answers");
	add(p, PLAN_POLICY, o->container, "the engine may start it from now on");
}

static void
plan_broken(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	p->reason = "the engine cannot start the old container again";
	add_to(p, PLAN_DISCARD, (struct named){ o->container, o->container_id }, p->reason);
	add_objects(p, f, o);
	add(p, PLAN_CREATE, o->container, p->reason);
	add_bring_up(p, (struct named){ o->container, NULL });
}

static void
plan_restart(struct plan *p, struct named c, enum container_state state, const char *reason)
{
	p->reason = reason;
	add_end(p, c, state, reason);
	add_bring_up(p, c);
}

static void
plan_same(struct plan *p, const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o)
{
	const struct named c = { o->container, o->container_id };

	switch (f->state) {
	case CONTAINER_RUNNING:
		if (w->is_restart)
			plan_restart(p, c, f->state, "asked for");
		break;
	case CONTAINER_PAUSED:
		if (w->is_restart) {
			plan_restart(p, c, f->state, "asked for");
			break;
		}
		p->reason = "the container was paused";
		add_to(p, PLAN_UNPAUSE, c, p->reason);
		add_to(p, PLAN_READY, c, "after the pause");
		break;
	case CONTAINER_RESTARTING:
		plan_restart(p, c, f->state, "the container kept ending");
		break;
	case CONTAINER_CREATED:
	case CONTAINER_EXITED:
		plan_restart(p, c, f->state, "the container was stopped");
		break;
	case CONTAINER_REMOVING:
	case CONTAINER_DEAD:
	case CONTAINER_UNKNOWN:
		break;		/* plan_broken */
	}
	if (!f->is_same_policy)
		add_to(p, PLAN_POLICY, c, "after a stop, or container.restart changed");
}

/* Of a replacement that was cut; perhaps it is what serves now. */
static void
plan_discard_next(struct plan *p, const struct plan_facts *f, const struct plan_objects *o)
{
	static const char why[] = "an earlier replacement was cut";
	const struct named next = { o->next_container, o->next_id };

	add_end(p, next, f->next_state, why);
	add_to(p, PLAN_DISCARD, next, why);
}

void
plan_make(const struct plan_facts *f, const struct plan_wish *w, const struct plan_objects *o, struct plan *ret)
{
	*ret = (struct plan){ .reason = "" };
	if (f->has_next && !f->has_container) {
		ret->reason = "an earlier replacement was cut at its last step";
		add_to(ret, PLAN_SWAP, (struct named){ o->container, o->next_id }, ret->reason);
		ret->is_partial = true;
		return;
	}
	/* What serves goes on serving while an image is made. */
	if (plan_image(ret, f, w, o))
		return;
	if (f->has_next)
		plan_discard_next(ret, f, o);
	if (!f->has_container)
		plan_first(ret, f, o);
	else if (f->state == CONTAINER_DEAD || f->state == CONTAINER_REMOVING || f->state == CONTAINER_UNKNOWN)
		plan_broken(ret, f, o);
	else if (!f->is_same_spec || !f->is_same_image)
		plan_replace(ret, f, o);
	else
		plan_same(ret, f, w, o);
}

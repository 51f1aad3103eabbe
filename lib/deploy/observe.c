/* observe.c - looks at the engine's objects of one instance */
#include "lib/deploy/observe.h"

#include "lib/deploy/image_source.h"
#include "lib/engine/object.h"

const char *
observe_drift(struct service *s, const struct spec_input *spec, const struct container *c, struct err *e)
{
	const char *is = container_label(c, LABEL_SPEC), *keys = container_label(c, LABEL_KEYS);
	const char *want = spec_digest(s->arena, spec, e);

	if (!want)
		return NULL;
	if (is && str_is(str_of(is), want))
		return "";
	const char *changed = spec_changed_keys(s->arena, spec->config, keys ? keys : "");
	if (changed[0])
		return arena_printf(s->arena, "%s changed", changed);
	return "this version of the program describes the container differently";
}

static bool
is_same_policy(const struct service *s, const struct container *c)
{
	return str_is(str_of(container_restart_policy(c)), service_restart_policy(s));
}

static int
observe_image(struct service *s, struct observed *o, struct err *e)
{
	struct plan_facts *f = &o->facts;
	struct image im;

	f->is_pull = image_source_is_pull(s);
	if (image_inspect(&s->engine, s->arena, image_source_ref(s), &im, e) < 0)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	f->has_image = true;
	const char *inputs = image_label(&im, LABEL_INPUTS);
	f->is_image_current = f->is_pull || (inputs && str_is(str_of(inputs), image_source_inputs(s->arena, &s->config)));
	if (f->is_pull && image_source_check(&im, image_source_ref(s), e) < 0)
		return -1;
	f->is_same_image = f->has_container && str_is(str_of(o->container.image_id), im.id);
	return 0;
}

/* An absent object is fine, one of another deployment is not. */
static int
judge_object(struct service *s, const char *kind, const char *name, const struct json *j, struct err *e)
{
	const char *deployment = json_str(json_get(json_get(j, "Labels"), LABEL_DEPLOYMENT), NULL);

	if (deployment && str_is(str_of(deployment), s->state.deployment))
		return 0;
	err_set(e, ERR_REFUSED, "the %s %s belongs to somebody else", kind, name);
	err_note(e, "changed", "nothing");
	if (!deployment)
		return err_note(e, "try", "another instance: --instance NAME   (it was not made by this program)");
	err_note(e, "owner", "deployment %s", deployment);
	return err_note(e, "try", "another instance: --instance NAME; if it is yours: occ start --adopt %s", deployment);
}

int
observe_volume(struct service *s, const char *name, struct err *e)
{
	const struct json *j;

	if (volume_inspect(&s->engine, s->arena, name, &j, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	return judge_object(s, "volume", name, j, e) < 0 ? -1 : 1;
}

static int
observe_objects(struct service *s, struct plan_facts *f, struct err *e)
{
	const struct { const char *name; bool *ret_has; } volumes[] = {
		{ s->names.home_volume, &f->has_home },
		{ s->names.workspace_volume, &f->has_workspace },
	};
	const struct json *j;

	for (size_t i = 0; i < 2; i++) {
		int there = observe_volume(s, volumes[i].name, e);

		if (there < 0)
			return -1;
		*volumes[i].ret_has = there;
	}
	if (network_inspect(&s->engine, s->arena, s->names.network, &j, e) < 0)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	f->has_network = true;
	return judge_object(s, "network", s->names.network, j, e);
}

static int
observe_next(struct service *s, struct observed *o, struct err *e)
{
	int there = service_next_container(s, &o->next, e);

	if (there <= 0)
		return there;
	o->facts.has_next = true;
	o->facts.next_state = o->next.state;
	return judge_object(s, "container", s->names.next_container, json_get(o->next.raw, "Config"), e);
}

int
observe(struct service *s, const struct spec_input *spec, struct observed *ret, struct err *e)
{
	*ret = (struct observed){ .facts = { .drift = "" } };
	struct plan_facts *f = &ret->facts;
	int there = service_container(s, &ret->container, e);

	if (there < 0)
		return -1;
	f->has_container = there == 1;
	if (observe_next(s, ret, e) < 0 || observe_objects(s, f, e) < 0 || observe_image(s, ret, e) < 0)
		return -1;
	if (!f->has_container)
		return 0;
	f->state = ret->container.state;
	f->drift = observe_drift(s, spec, &ret->container, e);
	if (!f->drift)
		return -1;
	f->is_same_spec = !f->drift[0];
	f->is_same_policy = s->engine.is_podman || is_same_policy(s, &ret->container);
	return 0;
}

/* Deployment id and owner of what stands under our names: the container's, else the home volume's. */
static int
find_deployment(struct service *s, const char **ret_id, const char **ret_owner, struct err *e)
{
	struct container c;
	const struct json *volume;

	*ret_id = *ret_owner = NULL;
	if (container_inspect(&s->engine, s->arena, s->names.container, &c, e) == 0) {
		*ret_id = container_label(&c, LABEL_DEPLOYMENT);
		*ret_owner = container_label(&c, LABEL_OWNER);
		return 0;
	}
	if (e->code != ERR_NOT_FOUND)
		return -1;
	if (volume_inspect(&s->engine, s->arena, s->names.home_volume, &volume, e) == 0) {
		*ret_id = json_str(json_get(json_get(volume, "Labels"), LABEL_DEPLOYMENT), NULL);
		return 0;
	}
	return e->code == ERR_NOT_FOUND ? 0 : -1;
}

int
observe_adopt(struct service *s, const char *owner, const char *adopt, bool *ret_adopted, struct err *e)
{
	const char *id, *is_owner;

	*ret_adopted = false;
	if (!adopt && !s->state.is_new)
		return 0;
	if (find_deployment(s, &id, &is_owner, e) < 0)
		return -1;
	if (adopt && (!id || !str_is(str_of(id), adopt))) {
		err_set(e, ERR_NOT_FOUND, "there is no deployment %s under the name %s", adopt, s->names.container);
		return err_note(e, "found", "%s", id ? id : "none");
	}
	if (!id || (!adopt && !(is_owner && str_is(str_of(is_owner), owner))))
		return 0;
	s->state.deployment = id;
	*ret_adopted = true;
	return 0;
}

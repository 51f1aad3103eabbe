/* helper.c - found by their label */
#include "lib/deploy/helper.h"

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/deploy/image_source.h"
#include "lib/json/json.h"

const char *
helper_image(struct service *s, const struct plan_report *report, struct err *e)
{
	const char *ref = image_source_ref(s);
	struct container c;
	struct image_made made;
	struct image im;
	int there = service_container(s, &c, e);

	if (there != 0)
		return there < 0 ? NULL : c.image_id;
	if (image_inspect(&s->engine, s->arena, ref, &im, e) == 0)
		return ref;
	if (e->code != ERR_NOT_FOUND)
		return NULL;
	err_clear(e);
	int r = image_source_is_pull(s) ? image_source_pull(s, report, e) : image_source_make(s, false, false, report, &made, e);
	return r < 0 ? NULL : ref;
}

int
helper_sweep(struct service *s, struct err *e)
{
	const char *label = arena_printf(s->arena, LABEL_HELPER "=%s", s->state.deployment);
	const struct json *list = NULL;

	if (container_list(&s->engine, s->arena, label, &list, e) < 0)
		return -1;
	for (JSON_EACH(c, list)) {
		const char *id = json_str(json_get(c, "Id"), NULL);

		if (id && container_remove(&s->engine, id, true, e) < 0)
			return err_wrap(e, "remove what a killed command has left");
	}
	return 0;
}

int
helper_lock(struct file_lock *l, struct service *s, const char *verb, struct err *e)
{
	struct scope other = s->scope;

	other.lock_path = path_join(s->arena, s->scope.state_dir, "helper.lock");
	return state_lock(l, &other, verb, clock_due_ms(0), e);
}

int
helper_open(struct pipe *p, struct service *s, struct str body, bool has_stdin, struct err *e)
{
	return helper_sweep(s, e) < 0 ? -1 : pipe_open(p, &s->engine, s->arena, body, has_stdin, e);
}

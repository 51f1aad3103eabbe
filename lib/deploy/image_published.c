/* image_published.c - taken by digest, and given the name of a build */
#include "lib/deploy/image_published.h"

#include "lib/base/clock.h"
#include "lib/deploy/image_source.h"

const char *
image_published_ref(struct service *s)
{
	bool is_known = image_published_name[0] && str_is(str_of(image_source_inputs(s->arena, &s->config)), image_published_inputs);

	return is_known && str_is(str_of(s->config.image.source), "auto") ? image_published_name : NULL;
}

static int
check(struct service *s, const struct image *im, const char *ref, struct err *e)
{
	const char *inputs = image_label(im, LABEL_INPUTS);

	if (image_source_check(im, ref, e) < 0)
		return -1;
	if (inputs && str_is(str_of(inputs), image_source_inputs(s->arena, &s->config)))
		return 0;
	return err_set(e, ERR_IMAGE, "the image %s was built from something else", ref);
}

int
image_published_get(struct service *s, const char *published, const struct plan_report *report, struct err *e)
{
	struct image im;

	if (image_source_fetch(s, published, report, e) < 0 || image_inspect(&s->engine, s->arena, published, &im, e) < 0 || check(s, &im, published, e) < 0)
		return -1;
	return image_tag(&s->engine, im.id, s->names.container, s->config.image.opencode, e);
}

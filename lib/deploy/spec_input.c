/* spec_input.c - the facts of this host and engine that a container's description depends on */
#include <sys/resource.h>

#include "lib/deploy/image_source.h"
#include "lib/deploy/owner.h"
#include "lib/deploy/spec.h"

int
spec_input_of(struct service *s, struct spec_input *ret, struct err *e)
{
	const char *owner = owner_text(s->arena, &s->scope, e);
	struct rlimit files;

	if (!owner)
		return -1;
	*ret = (struct spec_input){ .config = &s->config, .names = &s->names, .instance = s->scope.instance,
		.deployment = s->state.deployment, .owner = owner, .image = image_source_ref(s),
		.restart = service_restart_policy(s), .is_podman = s->engine.is_podman };
	if (s->engine.is_podman && getrlimit(RLIMIT_NOFILE, &files) == 0)
		ret->nofile_max = files.rlim_max;
	return 0;
}

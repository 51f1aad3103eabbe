/*
 * snapshot INSTANCE VOLUME - a snapshot of the instance's data into a volume, which is made anew: both passes, as an update makes it
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/deploy/service.h"
#include "lib/deploy/snapshot.h"
#include "lib/engine/object.h"

extern char **environ;

static int
copy(struct arena *a, const char *instance, const char *volume, struct err *e)
{
	const struct service_request rq = { .scope = { .instance = instance, .is_user = true, .uid = geteuid(), .root = "", .home = getenv("HOME") },
		.engine_env = { .home = getenv("HOME"), .docker_host = getenv("DOCKER_HOST") }, .environment = (const char *const *)environ };
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(snapshot) struct snapshot x = SNAPSHOT_INIT;
	struct spec_input spec;
	struct container c;

	if (service_open(&s, a, &rq, e) < 0 || service_connect(&s, e) < 0 || service_container(&s, &c, e) < 0 || spec_input_of(&s, &spec, e) < 0)
		return -1;
	if (volume_remove(&s.engine, volume, e) < 0 && e->code != ERR_NOT_FOUND)
		return -1;
	err_clear(e);
	spec.image = c.image_id;
	return snapshot_begin(&x, &s, &spec, volume, e) < 0 ? -1 : snapshot_finish(&x, e);
}

int
main(int argc, char **argv)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	if (argc != 3)
		return 2;
	if (copy(&a, argv[1], argv[2], &e) == 0)
		return 0;
	fprintf(stderr, "snapshot: %s\n", e.msg);
	return 1;
}

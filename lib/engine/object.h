/*
 * object.h - networks and volumes of the engine
 */
#ifndef OCC_ENGINE_OBJECT_H
#define OCC_ENGINE_OBJECT_H

#include "lib/engine/engine.h"

/* Labels are NAME=VALUE, NULL-terminated. Creating what exists with our labels is success (*ret_created false); with others' it is ERR_REFUSED. */
int network_ensure(struct engine *en, struct arena *a, const char *name, const char *const *labels, bool *ret_created, struct err *e) MUST_CHECK;
int network_inspect(struct engine *en, struct arena *a, const char *name, const struct json **ret, struct err *e) MUST_CHECK;
int network_remove(struct engine *en, const char *name, struct err *e) MUST_CHECK;		/* absent is success */

int volume_ensure(struct engine *en, struct arena *a, const char *name, const char *const *labels, bool *ret_created, struct err *e) MUST_CHECK;
int volume_inspect(struct engine *en, struct arena *a, const char *name, const struct json **ret, struct err *e) MUST_CHECK;
int volume_remove(struct engine *en, const char *name, struct err *e) MUST_CHECK;		/* absent is success */
int volume_list(struct engine *en, struct arena *a, const char *label, const struct json **ret, struct err *e) MUST_CHECK;

#endif

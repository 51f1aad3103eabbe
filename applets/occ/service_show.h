/*
 * service_show.h - what the commands of `occ service` share: looking, showing a plan, carrying it out
 */
#ifndef OCC_APPLETS_OCC_SERVICE_SHOW_H
#define OCC_APPLETS_OCC_SERVICE_SHOW_H

#include "applets/occ/common.h"
#include "lib/deploy/unit_install.h"

/* unit_look for this program. */
int service_look(struct run *r, struct service *s, struct unit_options *o, struct unit_state *ret, struct err *e) MUST_CHECK;

/* "occ", "occ --system --instance work": a command that a person types after it means the same service. */
const char *service_program(struct run *r, const struct unit_state *st);

/* --dry-run: the units' texts, if wanted, and the steps. */
int service_show_plan(struct run *r, const struct unit_state *st, bool wants_texts, const struct unit_plan *p, struct err *e) MUST_CHECK;

/* Carries it out with rows; without steps says `nothing`. --json: {"changed": ..., "steps": [...]}. */
int service_apply(struct run *r, struct service *s, const struct unit_state *st, const struct unit_plan *p, const char *nothing, struct err *e) MUST_CHECK;

#endif

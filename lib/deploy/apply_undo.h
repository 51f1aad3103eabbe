/*
 * apply_undo.h - taking back what a failed apply has done
 */
#ifndef OCC_DEPLOY_APPLY_UNDO_H
#define OCC_DEPLOY_APPLY_UNDO_H

#include "lib/deploy/apply.h"

/* Stops a container and keeps the engine from starting it again; failures are logged. */
void apply_stop_for_good(struct service *s, const char *id);

/* With cancellation held, so that the clean-up itself is not cut. Keeps e and adds what state things are in. Returns -1. */
int apply_undo(struct apply *a, struct err *e);

#endif

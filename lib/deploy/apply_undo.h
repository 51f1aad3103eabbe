/*
 * apply_undo.h - taking back what a failed apply has done
 */
#ifndef OCC_DEPLOY_APPLY_UNDO_H
#define OCC_DEPLOY_APPLY_UNDO_H

#include "lib/deploy/apply.h"

/* With cancellation held, so that the clean-up itself is not cut. Keeps e and adds what state things are in. Returns -1. */
int apply_undo(struct apply *a, struct err *e);

#endif

/*
 * owner.h - who made a deployment, for people and for finding it again when the state file is lost
 */
#ifndef OCC_DEPLOY_OWNER_H
#define OCC_DEPLOY_OWNER_H

#include "lib/deploy/scope.h"

/* "root on web1, /root/.config/opencode-cloud/config.json". In the arena; NULL with e. */
const char *owner_text(struct arena *a, const struct scope *s, struct err *e);

#endif

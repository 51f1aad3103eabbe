/*
 * secret_file.h - the password and the agent's keys, put into a container that is created but not started
 *
 * An archive through the engine's API: no host path is involved, nothing shows in inspect (DESIGN.md section 6). Read back, because an engine
 * answers 200 also when it extracted nothing.
 */
#ifndef OCC_DEPLOY_SECRET_FILE_H
#define OCC_DEPLOY_SECRET_FILE_H

#include "lib/deploy/service.h"

int secret_file_put(struct service *s, const char *container_id, const struct credentials *cr, struct err *e) MUST_CHECK;

#endif

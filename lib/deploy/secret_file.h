/*
 * secret_file.h - the password and the agent's keys, put into a container that is created but not started
 *
 * An archive through the engine's API: no host path is involved, nothing shows in inspect (DESIGN.md section 6). That the engine
 * extracted it is not read back (80 ms): the entrypoint ends with 78 without the file, and the service is ready only when this password is let in.
 */
#ifndef OCC_DEPLOY_SECRET_FILE_H
#define OCC_DEPLOY_SECRET_FILE_H

#include "lib/deploy/service.h"

/* The password and the user name are those that this container was made for (vantage.h). ERR_CONFIG when the credentials lack that password: the container would
 * let everybody in. */
int secret_file_put(struct service *s, const struct container *c, const struct credentials *cr, struct err *e) MUST_CHECK;

/* Reads the password back that the container was last started with: ours may be another by now. Into *ret as the one for opencode; its other parts stay. */
int secret_file_get_password(struct service *s, const struct container *c, struct credentials *ret, struct err *e) MUST_CHECK;

#endif

/*
 * remedy.h - the next step for a person whose engine does not answer
 *
 * Looks at this machine (PATH, /etc/os-release, whether systemd runs) and adds notes to an error that is set already. Each cause has
 * its own words: nothing installed, only the docker command installed, not running, no permission, disk full. Blocks on nothing.
 */
#ifndef OCC_ENGINE_REMEDY_H
#define OCC_ENGINE_REMEDY_H

#include "lib/base/err.h"

/* What this machine has. A docker command alone is a client without an engine. */
enum remedy_installed { REMEDY_NOTHING, REMEDY_CLIENT_ONLY, REMEDY_DOCKER, REMEDY_PODMAN };
enum remedy_installed remedy_installed(void);

/* Sets ERR_ENGINE for an engine of this machine that is not there: not installed, or not running. `where` names what was tried. Returns -1. */
int remedy_absent(const char *where, struct err *e);
/* Sets ERR_PERM for a socket that this user may not open. Returns -1. */
int remedy_denied(const char *socket_path, struct err *e);
/* Adds the note for a full disk when the message speaks of one. Returns -1. */
int remedy_disk(struct err *e);

#endif

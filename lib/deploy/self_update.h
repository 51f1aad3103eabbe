/*
 * self_update.h - this program replaced by a later release of itself
 *
 * Nothing is believed but what is signed by a key of this program's own. The new one is put beside the old one, has to say its version, and takes the name by rename; the
 * old one stays as NAME.previous. Blocks for the downloads.
 */
#ifndef OCC_DEPLOY_SELF_UPDATE_H
#define OCC_DEPLOY_SELF_UPDATE_H

#include "lib/deploy/release.h"

#define SELF_UPDATE_PREVIOUS ".previous"

struct self_update {
	const char *base;		/* address of the releases */
	const char *keys;		/* public keys, PEM */
	const char *path;		/* of the program, links resolved */
	const char *version;		/* wanted; NULL: the latest */
};

/* What there is, its signature checked. ERR_REFUSED for a wrong signature, or another version than the one wanted; ERR_NOT_FOUND for none, or none for this machine. */
int self_update_find(struct arena *a, const struct self_update *u, struct release *ret, struct err *e) MUST_CHECK;

/* May it be replaced by us, with this version (NULL: the latest)? ERR_REFUSED with the command of the package manager that owns it; ERR_PERM. */
int self_update_check_place(struct arena *a, const char *path, const char *version, struct err *e) MUST_CHECK;

/* Gets it and puts it in the place of the old one. ERR_REFUSED when it is not what the signed list says, or does not run; then nothing is changed. */
int self_update_install(struct arena *a, const struct self_update *u, const struct release *r, struct err *e) MUST_CHECK;

#endif

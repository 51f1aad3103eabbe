/*
 * verify.h - is this the user's password? Answered in a time that does not depend on how much of it is right
 *
 * Of name and password only a keyed digest is kept, with a key of this process's own. Nothing blocks.
 */
#ifndef OCC_APPLETS_TLS_VERIFY_H
#define OCC_APPLETS_TLS_VERIFY_H

#include "lib/base/err.h"
#include "lib/tls/mac.h"

struct verify {
	unsigned char key[MAC_KEY_BYTES], user[MAC_BYTES], password[MAC_BYTES];
	bool has_password;		/* without one nobody is let in */
};

/* What is right from now on; an empty password is none. Fails when the kernel gives no random bytes, and then lets nobody in. */
int verify_set(struct verify *v, struct str user, struct str password, struct err *e) MUST_CHECK;
bool verify_is_right(const struct verify *v, struct str user, struct str password);

#endif

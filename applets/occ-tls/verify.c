/* verify.c - credentials compared by keyed digests: of one length whatever was typed */
#include "applets/occ-tls/verify.h"

#include "lib/base/mem.h"
#include "lib/base/rand.h"

int
verify_set(struct verify *v, struct str user, struct str password, struct err *e)
{
	*v = (struct verify){ .has_password = false };
	if (rand_bytes(v->key, sizeof v->key, e) < 0)
		return -1;
	mac_sha256(v->key, user, v->user);
	mac_sha256(v->key, password, v->password);
	v->has_password = password.n > 0;
	return 0;
}

/* Both are always compared: which of them was wrong is nobody's business. */
bool
verify_is_right(const struct verify *v, struct str user, struct str password)
{
	unsigned char got_user[MAC_BYTES], got_password[MAC_BYTES];

	mac_sha256(v->key, user, got_user);
	mac_sha256(v->key, password, got_password);
	int differs = mem_differs(got_user, v->user, MAC_BYTES) | mem_differs(got_password, v->password, MAC_BYTES);
	mem_wipe(got_password, sizeof got_password);
	return v->has_password && differs == 0;
}

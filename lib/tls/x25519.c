/*
 * x25519.c - Diffie-Hellman on Curve25519
 */
#include "lib/tls/x25519.h"

#include <mbedtls/ecdh.h>
#include <string.h>

#include "lib/base/mem.h"

static int
multiply(const unsigned char key[X25519_BYTES], const unsigned char point[X25519_BYTES], unsigned char ret[X25519_BYTES], struct err *e)
{
	mbedtls_x25519_context c;
	size_t n;

	memcpy(c.our_secret, key, X25519_BYTES);
	memcpy(c.peer_point, point, X25519_BYTES);
	int failed = mbedtls_x25519_calc_secret(&c, &n, ret, X25519_BYTES, NULL, NULL);
	mem_wipe(&c, sizeof c);
	return failed == 0 ? 0 : err_set(e, ERR_PARSE, "a public key of low order");
}

void
x25519_public(const unsigned char key[X25519_BYTES], unsigned char ret[X25519_BYTES])
{
	static const unsigned char base[X25519_BYTES] = { 9 };
	struct err e = ERR_INIT;

	if (multiply(key, base, ret, &e) < 0)
		BUG("no scalar takes the base point to zero");
}

int
x25519_shared(const unsigned char key[X25519_BYTES], const unsigned char peer[X25519_BYTES], unsigned char ret[X25519_BYTES], struct err *e)
{
	return multiply(key, peer, ret, e);
}

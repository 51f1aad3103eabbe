/*
 * signature.h - is a text signed by one of these keys? ECDSA on P-256 with SHA-256, as `openssl dgst -sha256 -sign` makes it, through the TLS library's fence
 */
#ifndef OCC_TLS_SIGNATURE_H
#define OCC_TLS_SIGNATURE_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#define SIGNATURE_KEYS_MAX 8

/* keys: public keys in PEM ("BEGIN PUBLIC KEY"), one after another. signature: DER. ERR_REFUSED when none of them made it; ERR_PARSE for keys that are none of P-256. */
int signature_check(struct str keys, struct str data, struct str signature, struct err *e) MUST_CHECK;

#endif

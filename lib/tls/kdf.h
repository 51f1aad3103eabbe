/*
 * kdf.h - keys from secrets: HKDF from the TLS library, scrypt on its HMAC
 */
#ifndef OCC_TLS_KDF_H
#define OCC_TLS_KDF_H

#include "lib/base/err.h"
#include "lib/base/str.h"

#define KDF_BYTES 32
#define KDF_SCRYPT_LOG2_N_MAX 20	/* 1 GiB */

/* HKDF-SHA-256 (RFC 5869); an empty salt is 32 zeros. */
void kdf_hkdf(struct str secret, struct str salt, struct str info, unsigned char ret[KDF_BYTES]);

/* scrypt (RFC 7914) with r 8 and p 1, the block size and parallelisation that everybody uses: 2^log2_n KiB of memory while it runs, and about 1 s for 2^18. log2_n is 1 to
 * KDF_SCRYPT_LOG2_N_MAX. ERR_SYS without that memory. */
int kdf_scrypt(struct str password, struct str salt, unsigned log2_n, unsigned char ret[KDF_BYTES], struct err *e) MUST_CHECK;

#endif

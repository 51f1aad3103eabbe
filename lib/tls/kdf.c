/*
 * kdf.c - HKDF, and scrypt, which mbedTLS does not have
 */
#include "lib/tls/kdf.h"

#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <stdint.h>
#include <sys/mman.h>

#include "lib/base/mem.h"

static const mbedtls_md_info_t *
sha256(void)
{
	return mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
}

static const unsigned char *
bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

void
kdf_hkdf(struct str secret, struct str salt, struct str info, unsigned char ret[KDF_BYTES])
{
	if (mbedtls_hkdf(sha256(), bytes(salt), salt.n, bytes(secret), secret.n, bytes(info), info.n, ret, KDF_BYTES) != 0)
		BUG("HKDF failed");
}

/* ---- scrypt: RFC 7914, whose names these are ---- */

#define R 8				/* block size parameter */
#define SALSA_WORDS 16
#define WORDS (2 * R * SALSA_WORDS)	/* of a block */
#define BLOCK_BYTES (WORDS * 4)

/* PBKDF2-HMAC-SHA-256 (RFC 8018 section 5.2) with one iteration; ret_n is a multiple of 32. */
static void
pbkdf2(struct str password, struct str salt, unsigned char *ret, size_t ret_n)
{
	mbedtls_md_context_t c;
	bool failed;

	mbedtls_md_init(&c);
	failed = mbedtls_md_setup(&c, sha256(), 1) != 0 || mbedtls_md_hmac_starts(&c, bytes(password), password.n) != 0;
	for (uint32_t i = 1; !failed && ret_n > 0; i++, ret += KDF_BYTES, ret_n -= KDF_BYTES) {
		const unsigned char number[4] = { (unsigned char)(i >> 24), (unsigned char)(i >> 16), (unsigned char)(i >> 8), (unsigned char)i };

		failed = mbedtls_md_hmac_update(&c, bytes(salt), salt.n) != 0 || mbedtls_md_hmac_update(&c, number, sizeof number) != 0 || mbedtls_md_hmac_finish(&c, ret) != 0 ||
			 mbedtls_md_hmac_reset(&c) != 0;
	}
	mbedtls_md_free(&c);
	if (failed)
		BUG("PBKDF2 failed");
}

static uint32_t
rotate(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void
quarter(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
	x[b] ^= rotate(x[a] + x[d], 7);
	x[c] ^= rotate(x[b] + x[a], 9);
	x[d] ^= rotate(x[c] + x[b], 13);
	x[a] ^= rotate(x[d] + x[c], 18);
}

/* Section 3: Salsa20/8 of b ^= in. */
static void
salsa20_8(uint32_t b[SALSA_WORDS], const uint32_t in[SALSA_WORDS])
{
	uint32_t x[SALSA_WORDS];

	for (unsigned i = 0; i < SALSA_WORDS; i++)
		x[i] = b[i] ^= in[i];
	for (unsigned round = 0; round < 8; round += 2) {
		quarter(x, 0, 4, 8, 12);
		quarter(x, 5, 9, 13, 1);
		quarter(x, 10, 14, 2, 6);
		quarter(x, 15, 3, 7, 11);
		quarter(x, 0, 1, 2, 3);
		quarter(x, 5, 6, 7, 4);
		quarter(x, 10, 11, 8, 9);
		quarter(x, 15, 12, 13, 14);
	}
	for (unsigned i = 0; i < SALSA_WORDS; i++)
		b[i] += x[i];
}

/* Section 4, scryptBlockMix: the even ones first, then the odd ones. */
static void
block_mix(const uint32_t b[WORDS], uint32_t ret[WORDS])
{
	uint32_t x[SALSA_WORDS];

	memcpy(x, b + WORDS - SALSA_WORDS, sizeof x);
	for (unsigned i = 0; i < 2 * R; i++) {
		salsa20_8(x, b + i * SALSA_WORDS);
		memcpy(ret + (i / 2 + i % 2 * R) * SALSA_WORDS, x, sizeof x);
	}
}

/* Section 5, scryptROMix, in place; v has n blocks, n a power of two. */
static void
ro_mix(uint32_t x[WORDS], uint32_t *v, size_t n)
{
	uint32_t y[WORDS];

	for (size_t i = 0; i < n; i++) {
		memcpy(v + i * WORDS, x, sizeof y);
		block_mix(v + i * WORDS, x);
	}
	for (size_t i = 0; i < n; i++) {
		const uint32_t *chosen = v + (x[WORDS - SALSA_WORDS] & (n - 1)) * WORDS;

		for (unsigned k = 0; k < WORDS; k++)
			y[k] = x[k] ^ chosen[k];
		block_mix(y, x);
	}
	mem_wipe(y, sizeof y);
}

/* Section 6. */
int
kdf_scrypt(struct str password, struct str salt, unsigned log2_n, unsigned char ret[KDF_BYTES], struct err *e)
{
	size_t n = (size_t)1 << log2_n;
	unsigned char block[BLOCK_BYTES];
	uint32_t x[WORDS];

	if (log2_n < 1 || log2_n > KDF_SCRYPT_LOG2_N_MAX)
		BUG("a work factor that was not checked");
	uint32_t *v = mmap(NULL, n * BLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED)
		return err_sys(e, "get %zu MiB of memory for scrypt", n * BLOCK_BYTES >> 20);
	pbkdf2(password, salt, block, sizeof block);
	for (unsigned i = 0; i < WORDS; i++)
		x[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 | (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
	ro_mix(x, v, n);
	for (unsigned i = 0; i < BLOCK_BYTES; i++)
		block[i] = (unsigned char)(x[i / 4] >> 8 * (i % 4));
	pbkdf2(password, str_from(block, sizeof block), ret, KDF_BYTES);
	/* Nobody else gets these pages before the kernel has cleared them. */
	(void)munmap(v, n * BLOCK_BYTES);
	mem_wipe(x, sizeof x);
	mem_wipe(block, sizeof block);
	return 0;
}

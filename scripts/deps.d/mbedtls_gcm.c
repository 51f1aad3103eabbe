/*
 * mbedtls_gcm.c - mbedTLS's AES-256-GCM of whole messages, by libsodium
 *
 * mbedTLS encrypts one block after the other; libsodium has seven in flight, and is ten times as fast. The two functions of mbedTLS's gcm.c that take
 * a whole message, as a TLS record is one, are compiled under other names (build.mk), and these stand in their place. What libsodium does not have goes
 * on to mbedTLS's own: keys of 128 bits, other nonces and tags, and processors without the instructions.
 */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <sodium/crypto_aead_aes256gcm.h>
#include <sodium/runtime.h>

#define ROUNDS_256 14
#define NONCE_BYTES crypto_aead_aes256gcm_NPUBBYTES
#define TAG_BYTES crypto_aead_aes256gcm_ABYTES

int occ_gcm_crypt_by_block(mbedtls_gcm_context *ctx, int mode, size_t n, const unsigned char *nonce, size_t nonce_n, const unsigned char *ad, size_t ad_n,
    const unsigned char *from, unsigned char *to, size_t tag_n, unsigned char *tag);
int occ_gcm_decrypt_by_block(mbedtls_gcm_context *ctx, size_t n, const unsigned char *nonce, size_t nonce_n, const unsigned char *ad, size_t ad_n,
    const unsigned char *tag, size_t tag_n, const unsigned char *from, unsigned char *to);

/* The processor is looked at once: in a virtual machine that is a way out of it and back. */
static int
has_instructions(void)
{
	static int has = -1;

	if (has < 0) {
		_sodium_runtime_get_cpu_features();
		has = crypto_aead_aes256gcm_is_available();
	}
	return has;
}

/* libsodium's state for the key of that context; 0 when the message is not for libsodium. A key's schedule begins with the key (FIPS 197 section 5.2), and
 * making libsodium's from it takes less than a tenth of a microsecond: no connection has to keep another one. */
static int
take(crypto_aead_aes256gcm_state *ret, const mbedtls_gcm_context *ctx, size_t nonce_n, size_t tag_n)
{
	const mbedtls_block_cipher_context_t *cipher = &ctx->block_cipher_ctx;

	if (nonce_n != NONCE_BYTES || tag_n != TAG_BYTES || cipher->id != MBEDTLS_BLOCK_CIPHER_ID_AES || cipher->ctx.aes.nr != ROUNDS_256 || !has_instructions())
		return 0;
	crypto_aead_aes256gcm_beforenm(ret, (const unsigned char *)(cipher->ctx.aes.buf + cipher->ctx.aes.rk_offset));
	return 1;
}

int
mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *ctx, int mode, size_t n, const unsigned char *nonce, size_t nonce_n, const unsigned char *ad, size_t ad_n,
    const unsigned char *from, unsigned char *to, size_t tag_n, unsigned char *tag)
{
	crypto_aead_aes256gcm_state state;

	if (mode != MBEDTLS_GCM_ENCRYPT || !take(&state, ctx, nonce_n, tag_n))
		return occ_gcm_crypt_by_block(ctx, mode, n, nonce, nonce_n, ad, ad_n, from, to, tag_n, tag);
	int failed = crypto_aead_aes256gcm_encrypt_detached_afternm(to, tag, NULL, from, n, ad, ad_n, NULL, nonce, &state);
	mbedtls_platform_zeroize(&state, sizeof state);
	return failed ? MBEDTLS_ERR_GCM_BAD_INPUT : 0;		/* longer than GCM allows */
}

int
mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *ctx, size_t n, const unsigned char *nonce, size_t nonce_n, const unsigned char *ad, size_t ad_n,
    const unsigned char *tag, size_t tag_n, const unsigned char *from, unsigned char *to)
{
	crypto_aead_aes256gcm_state state;

	if (!take(&state, ctx, nonce_n, tag_n))
		return occ_gcm_decrypt_by_block(ctx, n, nonce, nonce_n, ad, ad_n, tag, tag_n, from, to);
	int failed = crypto_aead_aes256gcm_decrypt_detached_afternm(to, NULL, from, n, tag, ad, ad_n, nonce, &state);
	mbedtls_platform_zeroize(&state, sizeof state);
	if (failed)
		mbedtls_platform_zeroize(to, n);
	return failed ? MBEDTLS_ERR_GCM_AUTH_FAILED : 0;
}

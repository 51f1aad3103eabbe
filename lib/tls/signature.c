/*
 * signature.c - each key in turn
 */
#include "lib/tls/signature.h"

#include <mbedtls/pk.h>

#include "lib/base/buf.h"
#include "lib/tls/digest.h"
#include "lib/tls/own.h"

#define KEY_MAX 1024
#define BEGIN "-----BEGIN PUBLIC KEY-----"
#define END "-----END PUBLIC KEY-----"

/* The next one of the text, with its two lines; false behind the last. */
static bool
next_key(struct str *keys, struct str *ret)
{
	size_t from = str_find(*keys, STR_LIT(BEGIN)), to;

	if (from == STR_NONE)
		return false;
	*keys = str_skip(*keys, from);
	to = str_find(*keys, STR_LIT(END));
	*ret = str_take(*keys, to == STR_NONE ? keys->n : to + sizeof END - 1);
	*keys = str_skip(*keys, ret->n);
	return true;
}

static int
read_key(struct str pem, mbedtls_pk_context *key, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(KEY_MAX);

	buf_putstr(&text, pem);
	if (buf_check(&text, "a public key", e) < 0)
		return -1;
	int r = mbedtls_pk_parse_public_key(key, (const unsigned char *)text.p, text.n + 1);
	if (r != 0)
		return err_set(e, ERR_PARSE, "a public key cannot be read (-0x%04x)", (unsigned)-r);
	if (mbedtls_pk_get_type(key) != MBEDTLS_PK_ECKEY || mbedtls_pk_get_bitlen(key) != 256)
		return err_set(e, ERR_PARSE, "a public key is not one of the curve P-256");
	return 0;
}

int
signature_check(struct str keys, struct str data, struct str signature, struct err *e)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct str pem;
	size_t n = 0;

	digest_sha256(data, hash);
	for (; next_key(&keys, &pem) && n < SIGNATURE_KEYS_MAX; n++) {
		mbedtls_pk_context key;

		mbedtls_pk_init(&key);
		int r = read_key(pem, &key, e);
		bool is_right = r == 0 && mbedtls_pk_verify(&key, MBEDTLS_MD_SHA256, hash, sizeof hash, (const unsigned char *)signature.p, signature.n) == 0;
		mbedtls_pk_free(&key);
		if (r < 0 || is_right)
			return r;
	}
	return err_set(e, ERR_REFUSED, n ? "its signature is not by a key that this program knows" : "this program knows no key that could have signed it");
}

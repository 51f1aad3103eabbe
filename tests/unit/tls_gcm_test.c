/*
 * tls_gcm_test.c - AES-GCM of whole messages, as scripts/deps.d/mbedtls_gcm.c puts it together: published cases, and every length against mbedTLS's own way, a
 * block at a time
 */
#include <mbedtls/gcm.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define TAG_BYTES 16
#define NONCE_BYTES 12
#define LENGTH_MAX 700			/* beyond two rounds of seven blocks, with every rest */
#define RECORD_BYTES 16385		/* the largest of TLS 1.3, RFC 8446 section 5.2 */

/* --- published: McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B: 2, 4 (128 bits), 13 to 18 (256 bits) --------------- */

#define KEY_128 "feffe9928665731c6d6a8f9467308308"
#define KEY_256 KEY_128 KEY_128
#define ZEROS_16 "00000000000000000000000000000000"
#define ZEROS_12 "000000000000000000000000"
#define NONCE "cafebabefacedbaddecaf888"
#define NONCE_LONG \
	"9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b"
#define PLAIN \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define PLAIN_64 PLAIN "1aafd255"
#define AD "feedfacedeadbeeffeedfacedeadbeefabaddad2"

static const struct {
	const char *key, *nonce, *ad, *plain, *sealed, *tag;
} rows[] = {
	{ ZEROS_16, ZEROS_12, "", ZEROS_16, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf" },
	{ KEY_128, NONCE, AD, PLAIN, "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	{ ZEROS_16 ZEROS_16, ZEROS_12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ ZEROS_16 ZEROS_16, ZEROS_12, "", ZEROS_16, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919" },
	{ KEY_256, NONCE, "", PLAIN_64, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
	  "b094dac5d93471bdec1a502270e3cc6c" },
	{ KEY_256, NONCE, AD, PLAIN, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
	{ KEY_256, "cafebabefacedbad", AD, PLAIN, "c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0feb582d33934a4f0954cc2363bc73f7862ac430e64abe499f47c9b1f",
	  "3a337dbf46a792c45e454913fe2ea8f2" },
	{ KEY_256, NONCE_LONG, AD, PLAIN, "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d82cdea2418997200ef82e44ae7e3f",
	  "a44a8266ee1c8eb0c8b5d4cf5ae9f19a" },
};

static size_t
unhex(const char *hex, unsigned char *ret)
{
	size_t n = strlen(hex) / 2;

	for (size_t i = 0; i < n; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

		ret[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	return n;
}

static void
set_key(mbedtls_gcm_context *c, const unsigned char *key, size_t n)
{
	mbedtls_gcm_init(c);
	T_EQ(mbedtls_gcm_setkey(c, MBEDTLS_CIPHER_ID_AES, key, (unsigned)n * 8), 0);
}

static void
check_published(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned char key[32], nonce[64], ad[64], plain[64], sealed[64], tag[TAG_BYTES], got[64], got_tag[TAG_BYTES];
		size_t n_nonce = unhex(rows[i].nonce, nonce), n_ad = unhex(rows[i].ad, ad), n = unhex(rows[i].plain, plain);
		mbedtls_gcm_context c;

		t_row("published case %zu", i + 1);
		set_key(&c, key, unhex(rows[i].key, key));
		T_EQ(unhex(rows[i].sealed, sealed), n);
		T_EQ(unhex(rows[i].tag, tag), TAG_BYTES);
		T_EQ(mbedtls_gcm_crypt_and_tag(&c, MBEDTLS_GCM_ENCRYPT, n, nonce, n_nonce, ad, n_ad, plain, got, TAG_BYTES, got_tag), 0);
		T_MEM(got, sealed, n);
		T_MEM(got_tag, tag, TAG_BYTES);
		T_EQ(mbedtls_gcm_auth_decrypt(&c, n, nonce, n_nonce, ad, n_ad, tag, TAG_BYTES, sealed, got), 0);
		T_MEM(got, plain, n);
		mbedtls_gcm_free(&c);
	}
}

/* --- beside mbedTLS's own ------------------------------------------------------------------------------------------- */

static unsigned char key[32], nonce[NONCE_BYTES], ad[LENGTH_MAX], plain[RECORD_BYTES], want[RECORD_BYTES], got[RECORD_BYTES];

/* In pieces, which mbedTLS does by itself. */
static void
seal_by_block(mbedtls_gcm_context *c, size_t n, size_t n_ad, unsigned char tag[TAG_BYTES])
{
	size_t done, more;

	T_EQ(mbedtls_gcm_starts(c, MBEDTLS_GCM_ENCRYPT, nonce, sizeof nonce), 0);
	T_EQ(mbedtls_gcm_update_ad(c, ad, n_ad), 0);
	T_EQ(mbedtls_gcm_update(c, plain, n, want, n, &done), 0);
	T_EQ(mbedtls_gcm_finish(c, want + done, n - done, &more, tag, TAG_BYTES), 0);
	T_EQ(done + more, n);
}

/* Sealed and opened in place, as a TLS record is. */
static void
check_length(mbedtls_gcm_context *c, size_t n, size_t n_ad)
{
	unsigned char tag[TAG_BYTES], got_tag[TAG_BYTES];

	seal_by_block(c, n, n_ad, tag);
	memcpy(got, plain, n);
	T_EQ(mbedtls_gcm_crypt_and_tag(c, MBEDTLS_GCM_ENCRYPT, n, nonce, sizeof nonce, ad, n_ad, got, got, TAG_BYTES, got_tag), 0);
	T_OK(memcmp(got, want, n) == 0);
	T_OK(memcmp(got_tag, tag, TAG_BYTES) == 0);
	T_EQ(mbedtls_gcm_auth_decrypt(c, n, nonce, sizeof nonce, ad, n_ad, tag, TAG_BYTES, got, got), 0);
	T_OK(memcmp(got, plain, n) == 0);
}

/* One bit wrong anywhere, and nothing of the message comes out. */
static void
check_damaged(mbedtls_gcm_context *c, size_t n)
{
	static const unsigned char nothing[LENGTH_MAX];
	unsigned char tag[TAG_BYTES];

	seal_by_block(c, n, n, tag);
	for (size_t i = 0; i < 3 * n + TAG_BYTES; i++) {
		unsigned char *byte = i < n ? &want[i] : i < 2 * n ? &ad[i - n] : i < 2 * n + TAG_BYTES ? &tag[i - 2 * n] : &nonce[i % NONCE_BYTES];

		*byte ^= 1 << i % 8;
		memset(got, 0xee, n);
		T_EQ(mbedtls_gcm_auth_decrypt(c, n, nonce, sizeof nonce, ad, n, tag, TAG_BYTES, want, got), MBEDTLS_ERR_GCM_AUTH_FAILED);
		T_OK(memcmp(got, nothing, n) == 0);
		*byte ^= 1 << i % 8;
	}
}

static void
check_against_blocks(size_t n_key)
{
	mbedtls_gcm_context c;

	set_key(&c, key, n_key);
	t_row("a key of %zu bits, every length to %d", n_key * 8, LENGTH_MAX);
	for (size_t n = 0; n < LENGTH_MAX; n++)
		check_length(&c, n, n * 7 % 61);
	t_row("a key of %zu bits, every length of what goes with it", n_key * 8);
	for (size_t n = 0; n < LENGTH_MAX; n++)
		check_length(&c, 40, n);
	t_row("a key of %zu bits, the largest record", n_key * 8);
	check_length(&c, RECORD_BYTES, 5);
	t_row("a key of %zu bits, damaged", n_key * 8);
	check_damaged(&c, 48);
	check_damaged(&c, 250);
	t_row("a key of %zu bits, a shorter tag", n_key * 8);
	unsigned char tag[TAG_BYTES], whole[TAG_BYTES];
	seal_by_block(&c, 100, 13, whole);
	T_EQ(mbedtls_gcm_crypt_and_tag(&c, MBEDTLS_GCM_ENCRYPT, 100, nonce, sizeof nonce, ad, 13, plain, got, 12, tag), 0);
	T_OK(memcmp(got, want, 100) == 0 && memcmp(tag, whole, 12) == 0);
	mbedtls_gcm_free(&c);
}

int
main(void)
{
	check_published();
	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (unsigned char)(i * 151 + i / 251);
	for (size_t i = 0; i < sizeof ad; i++)
		ad[i] = (unsigned char)(i * 29 + 7);
	for (size_t i = 0; i < sizeof key; i++)
		key[i] = (unsigned char)(i * 83 + 5);
	memcpy(nonce, "\xff\xff\xff\xfe\x80\x01", 6);
	check_against_blocks(16);
	check_against_blocks(32);
	return t_done();
}

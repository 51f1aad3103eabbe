/* kdf_test.c - HKDF by RFC 5869, scrypt by RFC 7914, X25519 by RFC 7748, ChaCha20-Poly1305 that opens only what was sealed */
#include "lib/tls/kdf.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/tls/aead.h"
#include "lib/tls/x25519.h"
#include "tests/t.h"

static void
hex_is(const unsigned char *p, size_t n, const char *want)
{
	AUTO(buf) struct buf hex = BUF_INIT(512);

	buf_puthex(&hex, p, n);
	T_STR(hex.p, want);
}

static void
test_hkdf(void)
{
	static const unsigned char secret[22] = { 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11 };
	static const unsigned char salt[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const unsigned char info[] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9 };
	unsigned char key[KDF_BYTES];

	t_row("HKDF: RFC 5869 A.1, its first 32 bytes");
	kdf_hkdf(str_from(t_guard(secret, sizeof secret), sizeof secret), str_from(salt, sizeof salt), str_from(info, sizeof info), key);
	hex_is(key, sizeof key, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
	t_row("HKDF: RFC 5869 A.3, no salt and no info");
	kdf_hkdf(str_from(secret, sizeof secret), STR_NULL, STR_NULL, key);
	hex_is(key, sizeof key, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

static void
test_scrypt(void)
{
	unsigned char key[KDF_BYTES];
	struct err e = ERR_INIT;

	t_row("scrypt: RFC 7914 section 12, N 16384, its first 32 bytes");
	T_CALL(kdf_scrypt(STR_LIT("pleaseletmein"), STR_LIT("SodiumChloride"), 14, key, &e));
	hex_is(key, sizeof key, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
	t_row("scrypt: the smallest work, nothing to work on");
	T_CALL(kdf_scrypt(STR_NULL, STR_NULL, 1, key, &e));
	hex_is(key, sizeof key, "ec57b472d742138d12501bc49372377b3b96d6a2ff9f6a53e769a63c429a1792");
}

static void
test_x25519(void)
{
	static const unsigned char alice[] = { 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1,
		0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a };
	static const unsigned char bob[] = { 0x5d, 0xab, 0x08, 0x7e, 0x62, 0x4a, 0x8a, 0x4b, 0x79, 0xe1, 0x7f, 0x8b, 0x83, 0x80, 0x0e, 0xe6, 0x6f, 0x3b, 0xb1, 0x29, 0x26, 0x18, 0xb6, 0xfd, 0x1c, 0x2f,
		0x8b, 0x27, 0xff, 0x88, 0xe0, 0xeb };
	static const unsigned char zero[X25519_BYTES], one[X25519_BYTES] = { 1 };
	unsigned char a[X25519_BYTES], b[X25519_BYTES], s[X25519_BYTES];
	struct err e = ERR_INIT;

	t_row("X25519: RFC 7748 section 6.1");
	x25519_public(alice, a);
	hex_is(a, sizeof a, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
	x25519_public(bob, b);
	hex_is(b, sizeof b, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
	T_CALL(x25519_shared(alice, b, s, &e));
	hex_is(s, sizeof s, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	T_CALL(x25519_shared(bob, a, s, &e));
	hex_is(s, sizeof s, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
	t_row("X25519: points of low order");
	T_FAILS(x25519_shared(alice, zero, s, &e), ERR_PARSE);
	T_FAILS(x25519_shared(alice, one, s, &e), ERR_PARSE);
}

static void
test_aead(void)
{
	static const unsigned char key[AEAD_KEY_BYTES] = { 3 }, nonce[AEAD_NONCE_BYTES] = { 4 }, other[AEAD_NONCE_BYTES] = { 5 };
	unsigned char sealed[5 + AEAD_TAG_BYTES], plain[5];

	t_row("ChaCha20-Poly1305: back, and no bit of it another");
	aead_seal(key, nonce, STR_LIT("hello"), sealed);
	T_OK(aead_open(key, nonce, str_from(sealed, sizeof sealed), plain));
	T_MEM((const char *)plain, "hello", sizeof plain);
	T_OK(!aead_open(key, other, str_from(sealed, sizeof sealed), plain));
	T_OK(!aead_open(key, nonce, str_from(sealed, AEAD_TAG_BYTES - 1), plain));
	for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		T_OK(!aead_open(key, nonce, str_from(sealed, sizeof sealed), plain));
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	t_row("ChaCha20-Poly1305: nothing has a tag, too");
	aead_seal(key, nonce, STR_NULL, sealed);
	T_OK(aead_open(key, nonce, str_from(sealed, AEAD_TAG_BYTES), plain));
}

int
main(void)
{
	test_hkdf();
	test_scrypt();
	test_x25519();
	test_aead();
	return t_done();
}

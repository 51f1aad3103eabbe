/*
 * mac_test.c - HMAC-SHA-256: the cases of RFC 4231 whose keys fit (a shorter key and one filled up with zeros give the same); SipHash-2-4 with 128 bits: cases of
 * its authors (key 00 to 0f, data 00, 01, ...)
 */
#include "lib/tls/mac.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *key, *data, *hex;
} rows[] = {
	{ "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b", "Hi There",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa",
	  "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd"
	  "\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd\xdd",
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
};

static const struct {
	size_t n;
	const char *hex;
} short_rows[] = {
	{ 0, "a3817f04ba25a8e66df67214c7550293" }, { 1, "da87c1d86b99af44347659119b22fc45" }, { 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
};

static void
check_short(void)
{
	unsigned char key[MAC_SHORT_KEY_BYTES], data[64], mac[MAC_SHORT_BYTES];

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (unsigned char)i;
	memcpy(key, data, sizeof key);
	for (size_t i = 0; i < ARRAY_LEN(short_rows); i++) {
		AUTO(buf) struct buf hex = BUF_INIT(100);
		size_t n = short_rows[i].n;

		t_row("short, %zu bytes", n);
		mac_short(t_guard(key, sizeof key), str_from(t_guard(data, n), n), mac);
		buf_puthex(&hex, mac, sizeof mac);
		T_STR(hex.p, short_rows[i].hex);
	}
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf hex = BUF_INIT(100);
		unsigned char key[MAC_KEY_BYTES] = { 0 }, mac[MAC_BYTES];
		size_t n = strlen(rows[i].data);

		t_row("case %zu", i + 1);
		memcpy(key, rows[i].key, strlen(rows[i].key));
		mac_sha256(t_guard(key, sizeof key), str_from(t_guard(rows[i].data, n), n), mac);
		buf_puthex(&hex, mac, sizeof mac);
		T_STR(hex.p, rows[i].hex);
	}
	t_row("nothing, without bytes");
	unsigned char key[MAC_KEY_BYTES] = { 0 }, mac[MAC_BYTES];
	AUTO(buf) struct buf hex = BUF_INIT(100);
	mac_sha256(key, STR_NULL, mac);
	buf_puthex(&hex, mac, sizeof mac);
	T_STR(hex.p, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	check_short();
	return t_done();
}

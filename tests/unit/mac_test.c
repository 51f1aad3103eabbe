/*
 * mac_test.c - HMAC-SHA-256: the cases of RFC 4231 whose keys fit (a shorter key and one filled up with zeros give the same)
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
	return t_done();
}

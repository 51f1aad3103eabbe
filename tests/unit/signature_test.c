/* signature_test.c - what openssl has signed (dgst -sha256 -sign), by a key of the list or by none */
#include "lib/tls/signature.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define ONE \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVhg57m0VATSCGhUzCGYGB4PDg0Gr\n" \
	"Vdak7BnOokHJvyP00JDwXvP6H44ZKJHT5muNF1/iAM33YQ4VyoYf9rW4uA==\n" \
	"-----END PUBLIC KEY-----\n"
#define TWO \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEv1PxiaR5LQC2CES9P4wMQAWKhZLY\n" \
	"GGNeIhDo8pOZhPAioDA1UQFZQ9SPE+7sgBJ9NCkFqZpSvxWNEt+2E7YdHg==\n" \
	"-----END PUBLIC KEY-----\n"
#define P384 \
	"-----BEGIN PUBLIC KEY-----\n" \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEzIkGVIPUNTlmgN3LFywCrd7zpd8ukBav\n" \
	"6Sizgwozm9NEt0+gfbSdAD+CD68MfB4RNZcABf/KnUaPjau9S7EwBWC5Oo0X/0ZO\n" \
	"0sixze2FyhJavXsBQIWlIGZl1wFTkFyz\n" \
	"-----END PUBLIC KEY-----\n"
#define TEXT "the text"

static const char by_one[] = "\x30\x45\x02\x20\x1a\xe8\xde\x33\x68\x85\x0c\x8e\x9a\x8c\xeb\x04\x8f\x4f\x56\xb7\x2a\x0f\x84\x27\x11\xd6\x35\x5b\xc8\xf1\xce\x7c\x96\xf2\x34\x60\x02\x21\x00\xb6\x38\x6f\x05\x73\x9a\x22\xa0\xef\x68\x2b\x3c\x7c\xfd\xed\x15\x7f\x73\xd7\x8b\xf5\x3f\x09\x8b\xd9\x2a\x28\x6b\x10\x94\xcf\x54";
static const char by_two[] = "\x30\x44\x02\x20\x21\x6d\x17\x4a\x19\x37\xab\x26\xa3\xb1\x18\xc6\x42\x54\xcb\x5f\x93\x48\xc5\x24\x66\x19\xe7\xd4\xa3\xeb\x3e\xc4\xaa\x88\x6e\x69\x02\x20\x0b\x98\xa7\x9f\xba\x36\xe2\xa4\x01\x32\x6a\x2e\xe1\x1e\x43\x72\xdf\xec\x1b\x46\x7a\x95\x22\xfd\x86\xf0\x78\x26\x4e\x04\x3d\x60";

static void
test_keys(void)
{
	static const struct { const char *name, *keys, *text; const char *signature; size_t n; enum err_code code; } rows[] = {
		{ "the only key", ONE, TEXT, by_one, sizeof by_one - 1, ERR_NONE },
		{ "the second of two", ONE TWO, TEXT, by_two, sizeof by_two - 1, ERR_NONE },
		{ "with words between", "# of 2026\n" ONE "\n# of 2027\n" TWO "# end", TEXT, by_two, sizeof by_two - 1, ERR_NONE },
		{ "by another key", ONE, TEXT, by_two, sizeof by_two - 1, ERR_REFUSED },
		{ "of another text", ONE, "the text ", by_one, sizeof by_one - 1, ERR_REFUSED },
		{ "cut", ONE, TEXT, by_one, sizeof by_one - 2, ERR_REFUSED },
		{ "with a byte behind it", ONE, TEXT, by_one, sizeof by_one, ERR_REFUSED },
		{ "none", ONE, TEXT, "", 0, ERR_REFUSED },
		{ "no key", "", TEXT, by_one, sizeof by_one - 1, ERR_REFUSED },
		{ "a key of another curve", P384, TEXT, by_one, sizeof by_one - 1, ERR_PARSE },
		{ "a key that is cut", "-----BEGIN PUBLIC KEY-----\nMFkw\n", TEXT, by_one, sizeof by_one - 1, ERR_PARSE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		struct str signature = str_from(t_guard(rows[i].signature, rows[i].n), rows[i].n);

		t_row("signature: %s", rows[i].name);
		if (rows[i].code)
			T_FAILS(signature_check(str_of(rows[i].keys), str_of(rows[i].text), signature, &e), rows[i].code);
		else
			T_CALL(signature_check(str_of(rows[i].keys), str_of(rows[i].text), signature, &e));
	}
}

static void
test_bits(void)
{
	char changed[sizeof by_one];

	t_row("signature: no bit of it another");
	for (size_t bit = 0; bit < (sizeof by_one - 1) * 8; bit++) {
		struct err e = ERR_INIT;

		memcpy(changed, by_one, sizeof changed);
		changed[bit / 8] = (char)(changed[bit / 8] ^ 1 << bit % 8);
		T_FAILS(signature_check(STR_LIT(ONE), STR_LIT(TEXT), str_from(changed, sizeof by_one - 1), &e), ERR_REFUSED);
	}
}

int
main(void)
{
	test_keys();
	test_bits();
	return t_done();
}

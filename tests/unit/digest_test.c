/*
 * digest_test.c - SHA-256: the examples of FIPS 180-4, and lengths on both sides of each block's end
 */
#include "lib/tls/digest.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *text, *hex;
} examples[] = {
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

/* As many letters 'a'. */
static const struct {
	size_t n;
	const char *hex;
} lengths[] = {
	{ 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ 1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb" },
	{ 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
	{ 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a" },
	{ 57, "f13b2d724659eb3bf47f2dd6af1accc87b81f09f59f2b75e5c0bed6589dfe8c6" },
	{ 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34" },
	{ 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
	{ 65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0" },
	{ 119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb" },
	{ 120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c" },
	{ 128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e" },
	{ 1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3" },
	{ 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

int
main(void)
{
	AUTO(buf) struct buf out = BUF_INIT(200);
	char *letters = mem_new(1000000);

	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		t_row("example %zu", i);
		buf_reset(&out);
		digest_sha256_hex(str_of(examples[i].text), &out);
		T_STR(out.p, examples[i].hex);
	}
	memset(letters, 'a', 1000000);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t n = lengths[i].n;

		t_row("%zu letters", n);
		buf_reset(&out);
		buf_puts(&out, "sha256:");
		digest_sha256_hex(str_from(t_guard(letters, n), n), &out);
		T_STR(out.p + 7, lengths[i].hex);
	}
	t_row("an empty view without bytes");
	buf_reset(&out);
	digest_sha256_hex(STR_NULL, &out);
	T_STR(out.p, lengths[0].hex);
	mem_free(letters);
	return t_done();
}

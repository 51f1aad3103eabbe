/* age_test.c - keys as age writes them, files back as they were, and nothing that is not what was written */
#include "lib/age/age.h"

#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "tests/t.h"
#include "tests/unit/age_kit.h"

#define LOG2_N 4
#define CHUNK 65536

/* The example of age's own manual page. */
#define RECIPIENT "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

static void
test_keys(void)
{
	AUTO(buf) struct buf text = BUF_INIT(256);
	struct age_identity id, back;
	struct age_recipient r;
	struct err e = ERR_INIT;

	t_row("keys: a recipient there and back");
	T_CALL(age_recipient_parse(STR_LIT(RECIPIENT), &r, &e));
	age_recipient_put(&r, &text);
	T_STR(text.p, RECIPIENT);

	t_row("keys: an identity there and back");
	buf_reset(&text);
	T_CALL(age_identity_new(&id, &e));
	age_identity_put(&id, &text);
	T_OK(str_has_prefix(buf_str(&text), "AGE-SECRET-KEY-1"));
	T_CALL(age_identity_parse(buf_str(&text), &back, &e));
	T_MEM((const char *)back.key, (const char *)id.key, sizeof id.key);

	t_row("keys: every character changed is a typing error, and never shown");
	for (size_t i = 0; i < text.n; i++) {
		char was = text.p[i];

		text.p[i] = was == 'Q' ? 'P' : 'Q';
		T_FAILS(age_identity_parse(buf_str(&text), &back, &e), ERR_PARSE);
		T_OK(!strstr(e.msg, text.p + 20));
		text.p[i] = was;
	}
}

static void
test_bad_keys(void)
{
	static const struct { const char *text, *why; } rows[] = {
		{ "", "does not begin with age1" }, { "age1", "has 4 characters" }, { "ssh-ed25519 AAAA", "does not begin with age1" },
		{ "AGE1QL3Z7HJY54PW3HYWW5AYYFG7ZQGVC7W3J2ELW8ZMRJ2KG5SFN9AQMCAC8P", "does not begin with age1" },
		{ "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8P", "upper" }, { RECIPIENT "q", "has 63 characters" },
		{ "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8b", "a character that none" },
		{ "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q", "a typing error" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct age_recipient r;
		struct err e = ERR_INIT;

		t_row("no recipient: \"%s\"", rows[i].text);
		T_FAILS(age_recipient_parse(str_of(t_guard(rows[i].text, strlen(rows[i].text) + 1)), &r, &e), ERR_PARSE);
		T_HAS(e.msg, rows[i].why);
	}
}

static void
test_identity_files(void)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);
	struct age_identity id, found[2];
	struct err e = ERR_INIT;
	size_t n;

	T_CALL(age_identity_new(&id, &e));
	t_row("identity files: comments, empty lines, either line end");
	buf_puts(&text, "# created: then\r\n\r\n  ");
	age_identity_put(&id, &text);
	buf_puts(&text, " \r\n# end");
	T_CALL(age_identities_parse(buf_str(&text), found, 2, &n, &e));
	T_EQ(n, 1);
	T_MEM((const char *)found[0].key, (const char *)id.key, sizeof id.key);
	t_row("identity files: the bad line is named, its text is not");
	buf_puts(&text, "\nAGE-SECRET-KEY-1CANARY");
	T_FAILS(age_identities_parse(buf_str(&text), found, 2, &n, &e), ERR_PARSE);
	T_HAS(e.msg, "line 5");
	T_OK(!strstr(e.msg, "CANARY"));
	t_row("identity files: none in it");
	T_FAILS(age_identities_parse(STR_LIT("# nothing\n"), found, 2, &n, &e), ERR_PARSE);
}

/* ---- files ---- */

static struct age_identity mine, another;
static struct age_recipient to[2];

static int
tell(void *ctx, struct buf *ret, struct err *e)
{
	(void)e;
	buf_puts(ret, ctx);
	return 0;
}

static void
test_sizes(void)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 3 * CHUNK + 7 };
	const struct age_for all = { .v = to, .n = 2 };

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		AUTO(buf) struct buf plain = BUF_INIT(AGE_KIT_MAX), file = BUF_INIT(AGE_KIT_MAX), back = BUF_INIT(AGE_KIT_MAX);
		struct age_keys k = { .v = &another, .n = 1 };
		struct err e = ERR_INIT;

		t_row("%zu bytes, for two, read by the second", sizes[i]);
		for (size_t n = 0; n < sizes[i]; n++)
			buf_putc(&plain, (char)(n * 7 >> 3));
		T_CALL(age_kit_write(buf_str(&plain), 1000 + i, &all, &file, &e));
		T_OK(age_is(buf_str(&file)));
		T_CALL(age_kit_read(buf_str(&file), i % 2 ? 977 : SIZE_MAX, &k, &back, &e));
		T_EQ(back.n, plain.n);
		T_MEM(back.p, plain.p, plain.n);
		t_row("%zu bytes, again with the file's key alone", sizes[i]);
		k.v = NULL;
		k.n = 0;
		buf_reset(&back);
		T_CALL(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e));
		T_EQ(back.n, plain.n);
		age_keys_wipe(&k);
		T_FAILS(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e), ERR_REFUSED);
	}
}

static void
test_passphrase(void)
{
	AUTO(buf) struct buf file = BUF_INIT(AGE_KIT_MAX), back = BUF_INIT(AGE_KIT_MAX);
	const struct age_for one = { .passphrase = STR_LIT("correct horse"), .log2_n = LOG2_N };
	struct age_keys k = { .ask = tell, .ctx = mem_unconst("correct horse") };
	struct err e = ERR_INIT;

	t_row("a passphrase");
	T_CALL(age_kit_write(STR_LIT("data"), 4, &one, &file, &e));
	T_CALL(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e));
	T_STR(back.p, "data");
	t_row("another passphrase, none, and a key instead");
	k = (struct age_keys){ .ask = tell, .ctx = mem_unconst("correct hose") };
	T_FAILS(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e), ERR_REFUSED);
	T_HAS(e.msg, "the passphrase is not the one");
	k = (struct age_keys){ .v = &mine, .n = 1 };
	T_FAILS(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e), ERR_REFUSED);
	T_HAS(e.msg, "with a passphrase");
}

/* What was given out before is right as far as it goes; the end is not reached. */
static void
test_changes(void)
{
	AUTO(buf) struct buf plain = BUF_INIT(AGE_KIT_MAX), file = BUF_INIT(AGE_KIT_MAX);
	const struct age_for all = { .v = to, .n = 2 };
	struct err e = ERR_INIT;

	for (size_t n = 0; n < CHUNK + 100; n++)
		buf_putc(&plain, (char)n);
	T_CALL(age_kit_write(buf_str(&plain), SIZE_MAX, &all, &file, &e));
	t_row("a bit changed, anywhere in the head and now and then behind it");
	for (size_t at = 0; at < file.n; at += at < 500 || at > file.n - 150 ? 1 : 4093) {
		AUTO(buf) struct buf back = BUF_INIT(AGE_KIT_MAX);
		struct age_keys k = { .v = &mine, .n = 1 };

		file.p[at] = (char)(file.p[at] ^ 1 << at % 7);
		e = (struct err)ERR_INIT;
		if (age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e) >= 0 || (e.code != ERR_PARSE && e.code != ERR_REFUSED))
			T_FAIL("byte %zu: %s", at, e.msg);
		T_OK(back.n <= plain.n && memcmp(back.p, plain.p, back.n) == 0);
		file.p[at] = (char)(file.p[at] ^ 1 << at % 7);
	}
	t_row("cut anywhere, and with something behind its end");
	for (size_t n = 0; n < file.n; n += n < 500 || n > file.n - 150 ? 1 : 4093) {
		AUTO(buf) struct buf back = BUF_INIT(AGE_KIT_MAX);
		struct age_keys k = { .v = &mine, .n = 1 };

		T_FAILS(age_kit_read(str_take(buf_str(&file), n), SIZE_MAX, &k, &back, &e), ERR_PARSE);
	}
	AUTO(buf) struct buf back = BUF_INIT(AGE_KIT_MAX);
	struct age_keys k = { .v = &mine, .n = 1 };
	buf_putc(&file, 'x');
	T_FAILS(age_kit_read(buf_str(&file), SIZE_MAX, &k, &back, &e), ERR_PARSE);
}

/* The chunks are there, but one is missing, or two are in another order. */
static void
test_order(void)
{
	AUTO(buf) struct buf plain = BUF_INIT(AGE_KIT_MAX), file = BUF_INIT(AGE_KIT_MAX), other = BUF_INIT(AGE_KIT_MAX), back = BUF_INIT(AGE_KIT_MAX);
	const struct age_for all = { .v = to, .n = 1 };
	struct age_keys k = { .v = &mine, .n = 1 };
	struct err e = ERR_INIT;
	size_t sealed = CHUNK + 16, head;

	for (size_t n = 0; n < 3 * CHUNK; n++)
		buf_putc(&plain, (char)n);
	T_CALL(age_kit_write(buf_str(&plain), SIZE_MAX, &all, &file, &e));
	head = file.n - 3 * sealed;
	t_row("a chunk is missing");
	buf_putstr(&other, str_take(buf_str(&file), head + sealed));
	buf_putstr(&other, str_skip(buf_str(&file), head + 2 * sealed));
	T_FAILS(age_kit_read(buf_str(&other), SIZE_MAX, &k, &back, &e), ERR_PARSE);
	t_row("the last chunk is missing");
	T_FAILS(age_kit_read(str_take(buf_str(&file), file.n - sealed), SIZE_MAX, &k, &back, &e), ERR_PARSE);
	t_row("two in another order");
	buf_reset(&other);
	buf_putstr(&other, str_take(buf_str(&file), head));
	buf_putstr(&other, str_take(str_skip(buf_str(&file), head + sealed), sealed));
	buf_putstr(&other, str_take(str_skip(buf_str(&file), head), sealed));
	buf_putstr(&other, str_skip(buf_str(&file), head + 2 * sealed));
	T_FAILS(age_kit_read(buf_str(&other), SIZE_MAX, &k, &back, &e), ERR_PARSE);
}

static void
test_heads(void)
{
	static const struct { const char *head; enum err_code code; } rows[] = {
		{ "", ERR_PARSE }, { "age-encryption.org/v1", ERR_PARSE }, { "age-encryption.org/v2\n", ERR_PARSE }, { AGE_MAGIC "--- AAAA\n", ERR_PARSE }, { AGE_MAGIC "-> \n\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> grease a b\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", ERR_REFUSED }, { AGE_MAGIC "-> grease  b\n\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> X25519\n\n--- A\n", ERR_PARSE }, { AGE_MAGIC "-> X25519 AAAA\nAAAA\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 31\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- A\n", ERR_REFUSED },
		{ AGE_MAGIC "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 04\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 4\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-> grease\n\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> grease\n\n---junk\nmore\n--- A\n", ERR_PARSE },
		{ AGE_MAGIC "-> grease\nAAA\nAAAA\n--- A\n", ERR_PARSE }, { AGE_MAGIC "-> grease\r\n\r\n--- A\n", ERR_PARSE }, { AGE_MAGIC "-> grease\nAAB\n--- A\n", ERR_PARSE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf back = BUF_INIT(AGE_KIT_MAX);
		struct age_keys k = { .v = &mine, .n = 1, .ask = tell, .ctx = mem_unconst("x") };
		struct err e = ERR_INIT;
		size_t n = strlen(rows[i].head);

		t_row("head %zu", i + 1);
		T_FAILS(age_kit_read(str_from(t_guard(rows[i].head, n), n), SIZE_MAX, &k, &back, &e), rows[i].code);
	}
}

int
main(void)
{
	struct err e = ERR_INIT;

	test_keys();
	test_bad_keys();
	test_identity_files();
	if (age_identity_new(&mine, &e) < 0 || age_identity_new(&another, &e) < 0)
		return 1;
	to[0] = age_recipient_of(&mine);
	to[1] = age_recipient_of(&another);
	test_sizes();
	test_passphrase();
	test_changes();
	test_order();
	test_heads();
	return t_done();
}

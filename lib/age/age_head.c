/* age_head.c - the head (C2SP age.md, "Header"): a stanza for each recipient, which wraps the file's key, and a MAC over them with it */
#include <string.h>

#include "lib/age/age_own.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/rand.h"
#include "lib/tls/mac.h"

#define COLUMNS 64
#define X25519_INFO "age-encryption.org/v1/X25519"
#define SCRYPT_SALT "age-encryption.org/v1/scrypt"
#define SALT_BYTES 16
#define WRAPPED_BYTES (AGE_FILE_KEY_BYTES + AEAD_TAG_BYTES)
#define STANZA_BYTES_MAX 8192
#define MAC_TEXT 43			/* characters */

/* A key is used once: its nonce is zero. */
static const unsigned char zero_nonce[AEAD_NONCE_BYTES];

/* ---- base64 without padding, and in one way only ---- */

static void
put_b64(struct buf *out, const void *p, size_t n)
{
	buf_putb64(out, str_from(p, n), false);
	while (out->n > 0 && out->p[out->n - 1] == '=')
		buf_trunc(out, out->n - 1);
}

/* Exactly n bytes. */
static bool
get_b64(struct str text, void *ret, size_t n)
{
	AUTO(buf) struct buf out = BUF_INIT(STANZA_BYTES_MAX);
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < text.n; i++) {
		if (strchr("=-_", text.p[i]))
			return false;
	}
	if (buf_unb64(&out, text, &ignored) < 0 || out.n != n)
		return false;
	memcpy(ret, out.p, n);
	return true;
}

/* ---- keys that wrap ---- */

static void
x25519_wrap_key(const unsigned char shared[X25519_BYTES], const unsigned char ephemeral[X25519_BYTES], const unsigned char recipient[X25519_BYTES],
		unsigned char ret[AEAD_KEY_BYTES])
{
	unsigned char salt[2 * X25519_BYTES];

	memcpy(salt, ephemeral, X25519_BYTES);
	memcpy(salt + X25519_BYTES, recipient, X25519_BYTES);
	kdf_hkdf(str_from(shared, X25519_BYTES), str_from(salt, sizeof salt), STR_LIT(X25519_INFO), ret);
}

static int
scrypt_wrap_key(struct str passphrase, const unsigned char salt[SALT_BYTES], unsigned log2_n, unsigned char ret[AEAD_KEY_BYTES], struct err *e)
{
	char whole[sizeof SCRYPT_SALT - 1 + SALT_BYTES];

	memcpy(whole, SCRYPT_SALT, sizeof SCRYPT_SALT - 1);
	memcpy(whole + sizeof SCRYPT_SALT - 1, salt, SALT_BYTES);
	return kdf_scrypt(passphrase, str_from(whole, sizeof whole), log2_n, ret, e);
}

static void
mac_of(const unsigned char file_key[AGE_FILE_KEY_BYTES], struct str head, unsigned char ret[MAC_BYTES])
{
	unsigned char key[MAC_KEY_BYTES];

	kdf_hkdf(str_from(file_key, AGE_FILE_KEY_BYTES), STR_NULL, STR_LIT("header"), key);
	mac_sha256(key, head, ret);
	mem_wipe(key, sizeof key);
}

/* ---- out ---- */

/* 32 bytes are 43 characters: one line, as short as the last one has to be. */
static void
put_wrapped(const unsigned char key[AEAD_KEY_BYTES], const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *out)
{
	unsigned char wrapped[WRAPPED_BYTES];

	aead_seal(key, zero_nonce, str_from(file_key, AGE_FILE_KEY_BYTES), wrapped);
	buf_putc(out, '\n');
	put_b64(out, wrapped, sizeof wrapped);
	buf_putc(out, '\n');
}

static int
put_x25519(const struct age_recipient *to, const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *out, struct err *e)
{
	unsigned char secret[X25519_BYTES], ephemeral[X25519_BYTES], shared[X25519_BYTES], key[AEAD_KEY_BYTES];

	if (rand_bytes(secret, sizeof secret, e) < 0)
		return -1;
	x25519_public(secret, ephemeral);
	int r = x25519_shared(secret, to->key, shared, e);
	x25519_wrap_key(shared, ephemeral, to->key, key);
	buf_puts(out, "-> X25519 ");
	put_b64(out, ephemeral, sizeof ephemeral);
	put_wrapped(key, file_key, out);
	mem_wipe(secret, sizeof secret);
	mem_wipe(shared, sizeof shared);
	mem_wipe(key, sizeof key);
	return r < 0 ? err_wrap(e, "a recipient") : 0;
}

static int
put_scrypt(const struct age_for *f, const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *out, struct err *e)
{
	unsigned char salt[SALT_BYTES], key[AEAD_KEY_BYTES];

	if (rand_bytes(salt, sizeof salt, e) < 0 || scrypt_wrap_key(f->passphrase, salt, f->log2_n, key, e) < 0)
		return -1;
	buf_puts(out, "-> scrypt ");
	put_b64(out, salt, sizeof salt);
	buf_printf(out, " %u", f->log2_n);
	put_wrapped(key, file_key, out);
	mem_wipe(key, sizeof key);
	return 0;
}

int
age_head_put(const struct age_for *f, const unsigned char file_key[AGE_FILE_KEY_BYTES], struct buf *out, struct err *e)
{
	unsigned char mac[MAC_BYTES];
	size_t from = out->n;

	buf_puts(out, AGE_MAGIC);
	if (f->n == 0 && put_scrypt(f, file_key, out, e) < 0)
		return -1;
	for (size_t i = 0; i < f->n; i++) {
		if (put_x25519(&f->v[i], file_key, out, e) < 0)
			return -1;
	}
	buf_puts(out, "---");
	mac_of(file_key, str_skip(buf_str(out), from), mac);
	buf_putc(out, ' ');
	put_b64(out, mac, sizeof mac);
	buf_putc(out, '\n');
	return buf_check(out, "the head", e);
}

/* ---- in ---- */

bool
age_is(struct str beginning)
{
	return str_has_prefix(beginning, AGE_MAGIC);
}

struct stanza {
	struct str type, args, body;	/* body: its lines, not decoded */
	size_t n_body;			/* bytes of it, decoded */
};

static int
malformed(struct err *e)
{
	return err_set(e, ERR_PARSE, "the head of the encrypted data is damaged");
}

static bool
is_argument(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '!' || s.p[i] > '~')
			return false;
	}
	return s.n > 0;
}

static bool
are_arguments(struct str s)
{
	for (;;) {
		struct str rest = s, one = str_cut(&rest, ' ');

		if (!is_argument(one))
			return false;
		if (one.n == s.n)
			return true;
		s = rest;
	}
}

/* A line with its line feed off; a carriage return is no part of the format, and stays. */
static bool
next_line(struct str *text, struct str *ret)
{
	if (str_find_char(*text, '\n') == STR_NONE)
		return false;
	*ret = str_cut(text, '\n');
	return true;
}

/* Full lines, and a last one that is shorter, perhaps empty. */
static bool
next_body(struct str *text, struct stanza *s)
{
	unsigned char decoded[COLUMNS];
	struct str line;

	s->body = STR_NULL;
	s->n_body = 0;
	do {
		size_t n;

		if (!next_line(text, &line) || line.n > COLUMNS)
			return false;
		n = line.n * 3 / 4;
		if (!get_b64(line, decoded, n))
			return false;
		s->body = s->body.p ? s->body : line;
		s->n_body += n;
	} while (line.n == COLUMNS);
	return true;
}

/* 1 with a stanza, 0 at the MAC's line, of which the text has the first three bytes, -1. */
static int
next_stanza(struct str *text, struct stanza *ret)
{
	struct str line;

	if (str_is(*text, "---"))
		return 0;
	if (!next_line(text, &line) || !str_has_prefix(line, "-> "))
		return -1;
	ret->args = str_skip(line, 3);
	if (!are_arguments(ret->args))
		return -1;
	ret->type = str_cut(&ret->args, ' ');
	return next_body(text, ret) ? 1 : -1;
}

/* Its MAC is the file key's, so that it is the right one. */
static bool
is_key_of(struct str head, struct str covered, const unsigned char file_key[AGE_FILE_KEY_BYTES])
{
	unsigned char want[MAC_BYTES], found[MAC_BYTES];
	struct str text = str_take(str_skip(head, covered.n + 1), MAC_TEXT);

	if (head.n != covered.n + 1 + MAC_TEXT + 1 || head.p[covered.n] != ' ' || !get_b64(text, found, sizeof found))
		return false;
	mac_of(file_key, covered, want);
	return mem_differs(want, found, sizeof want) == 0;
}

static bool
unwrap(const struct stanza *s, const unsigned char key[AEAD_KEY_BYTES], struct age_keys *k)
{
	unsigned char wrapped[WRAPPED_BYTES];

	struct str text = s->body;
	k->has_file_key = get_b64(str_cut(&text, '\n'), wrapped, sizeof wrapped) && aead_open(key, zero_nonce, str_from(wrapped, sizeof wrapped), k->file_key);
	return k->has_file_key;
}

/* Not with keys that are another's; one that has been opened is looked at all the same, so that a damaged one is told whoever reads. */
static int
try_x25519(const struct stanza *s, struct age_keys *k, struct err *e)
{
	unsigned char ephemeral[X25519_BYTES], shared[X25519_BYTES], key[AEAD_KEY_BYTES];

	if (!get_b64(s->args, ephemeral, sizeof ephemeral) || s->n_body != WRAPPED_BYTES)
		return malformed(e);
	for (size_t i = 0; i < k->n && !k->has_file_key; i++) {
		const struct age_recipient to = age_recipient_of(&k->v[i]);

		if (x25519_shared(k->v[i].key, ephemeral, shared, e) < 0)
			return malformed(e);
		x25519_wrap_key(shared, ephemeral, to.key, key);
		(void)unwrap(s, key, k);
		mem_wipe(shared, sizeof shared);
		mem_wipe(key, sizeof key);
	}
	return 0;
}

static int
derive(const struct stanza *s, struct age_keys *k, const unsigned char salt[SALT_BYTES], unsigned log2_n, struct err *e)
{
	AUTO(buf) struct buf passphrase = BUF_SECRET_INIT(AGE_PASSPHRASE_MAX);
	unsigned char key[AEAD_KEY_BYTES];

	if (!k->ask)
		return 0;
	if (k->ask(k->ctx, &passphrase, e) < 0 || scrypt_wrap_key(buf_str(&passphrase), salt, log2_n, key, e) < 0)
		return -1;
	bool is_opened = unwrap(s, key, k);
	mem_wipe(key, sizeof key);
	return is_opened ? 0 : err_set(e, ERR_REFUSED, "the passphrase is not the one it was encrypted with");
}

static int
try_scrypt(const struct stanza *s, struct age_keys *k, struct err *e)
{
	unsigned char salt[SALT_BYTES];
	struct str number = s->args, text = str_cut(&number, ' ');
	uint64_t log2_n;
	struct err ignored = ERR_INIT;

	if (!get_b64(text, salt, sizeof salt) || s->n_body != WRAPPED_BYTES || number.n == 0 || number.p[0] == '0' || number.n > 2 || num_u64(number, 1, 99, &log2_n, &ignored) < 0)
		return malformed(e);
	if (log2_n > KDF_SCRYPT_LOG2_N_MAX)
		return err_set(e, ERR_REFUSED, "its passphrase wants 2^%u KiB of memory, and this program gives 2^%d", (unsigned)log2_n, KDF_SCRYPT_LOG2_N_MAX);
	return derive(s, k, salt, (unsigned)log2_n, e);
}

static int
try_all(struct str stanzas, struct age_keys *k, struct err *e)
{
	bool has_scrypt = false;
	struct stanza s;
	size_t n = 0;
	int got;

	k->has_file_key = false;
	for (; (got = next_stanza(&stanzas, &s)) > 0; n++) {
		if (str_is(s.type, "X25519") && try_x25519(&s, k, e) < 0)
			return -1;
		if (!str_is(s.type, "scrypt"))
			continue;
		/* A passphrase stands alone: else it would tell nothing of who wrote the file. */
		if (n > 0 || !str_is(stanzas, "---"))
			return malformed(e);
		has_scrypt = true;
		if (try_scrypt(&s, k, e) < 0)
			return -1;
	}
	if (got < 0 || n == 0)
		return malformed(e);
	if (k->has_file_key)
		return 0;
	return err_set(e, ERR_REFUSED, has_scrypt ? "it is encrypted with a passphrase" : k->n ? "it is encrypted for other keys than those given" : "it is encrypted, and no key was given");
}

int
age_head_open(struct str head, struct age_keys *k, struct err *e)
{
	size_t at = str_find(head, STR_LIT("\n--- "));

	if (!age_is(head) || at == STR_NONE)
		return malformed(e);
	struct str covered = str_take(head, at + 4), stanzas = str_skip(covered, AGE_MAGIC_BYTES);
	if (k->has_file_key && is_key_of(head, covered, k->file_key))
		return 0;
	if (try_all(stanzas, k, e) < 0)
		return -1;
	return is_key_of(head, covered, k->file_key) ? 0 : malformed(e);
}

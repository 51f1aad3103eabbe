/* age_key.c - recipients and identities as people copy them */
#include <ctype.h>

#include "lib/age/age.h"
#include "lib/age/bech32.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"

#define RECIPIENT "age"
#define IDENTITY "age-secret-key-"
#define IDENTITY_MAX 128

int
age_recipient_parse(struct str text, struct age_recipient *ret, struct err *e)
{
	/* The format has it in lower case alone. */
	if (!str_has_prefix(text, RECIPIENT))
		return err_set(e, ERR_PARSE, "it does not begin with " RECIPIENT "1");
	return bech32_parse(text, RECIPIENT, ret->key, e);
}

void
age_recipient_put(const struct age_recipient *r, struct buf *out)
{
	bech32_put(out, RECIPIENT, r->key);
}

struct age_recipient
age_recipient_of(const struct age_identity *id)
{
	struct age_recipient r = { { 0 } };

	x25519_public(id->key, r.key);
	return r;
}

int
age_identity_new(struct age_identity *ret, struct err *e)
{
	return rand_bytes(ret->key, sizeof ret->key, e);
}

int
age_identity_parse(struct str text, struct age_identity *ret, struct err *e)
{
	return bech32_parse(text, IDENTITY, ret->key, e) < 0 ? err_wrap(e, "the secret key") : 0;
}

bool
age_is_identity(struct str text)
{
	return str_ieq(str_take(text, sizeof IDENTITY - 1), STR_LIT(IDENTITY));
}

void
age_identity_put(const struct age_identity *id, struct buf *out)
{
	AUTO(buf) struct buf lower = BUF_SECRET_INIT(IDENTITY_MAX);

	bech32_put(&lower, IDENTITY, id->key);
	for (size_t i = 0; i < lower.n; i++)
		buf_putc(out, (char)toupper((unsigned char)lower.p[i]));
}

int
age_identities_parse(struct str text, struct age_identity *ret, size_t max, size_t *ret_n, struct err *e)
{
	struct str line;

	*ret_n = 0;
	for (unsigned at = 1; str_line(&text, &line); at++) {
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (*ret_n == max)
			return err_set(e, ERR_PARSE, "there are more than %zu keys in it", max);
		if (age_identity_parse(line, &ret[*ret_n], e) < 0)
			return err_wrap(e, "line %u", at);
		(*ret_n)++;
	}
	return *ret_n > 0 ? 0 : err_set(e, ERR_PARSE, "there is no key in it");
}

void
age_keys_wipe(struct age_keys *k)
{
	mem_wipe(k->file_key, sizeof k->file_key);
	k->has_file_key = false;
}

/*
 * gate_session.c - the session cookie
 *
 * 1.UNTIL.GENERATION.RANDOM.MAC: the end in epoch seconds, the password's generation, random base64url to tell sessions apart, and the MAC over "NAME=" and all before it,
 * base64url without padding. The name is signed so that a cookie which was sent without TLS is worth nothing with it. Nothing of the value is read before its MAC has
 * been found right, and that is compared in constant time.
 */
#include <inttypes.h>

#include "applets/occ-tls/gate_own.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/rand.h"

#define VERSION "1"
#define RANDOM_BYTES 18			/* a multiple of 3: base64 without padding */
#define MAC_TEXT 43			/* base64 digits of a MAC */
#define VALUE_MAX 160
#define TRIES_MAX 4			/* cookies of our name that are looked at: each costs a MAC */

static const char *
cookie_name(bool is_secure)
{
	return is_secure ? GATE_COOKIE_SECURE : GATE_COOKIE_PLAIN;
}

/* "." and the MAC over all that was put from `from` on. */
static void
put_mac(const struct gate_config *c, size_t from, struct buf *out)
{
	unsigned char mac[MAC_BYTES];

	mac_sha256(c->key, str_skip(buf_str(out), from), mac);
	buf_putc(out, '.');
	size_t before = out->n;
	buf_putb64(out, str_from(mac, sizeof mac), true);
	buf_trunc(out, before + MAC_TEXT);
}

/* One number between two dots. */
static bool
read_number(struct str *rest, int64_t *ret)
{
	struct err ignored = ERR_INIT;

	return num_i64(str_cut(rest, '.'), 0, INT64_MAX, ret, &ignored) == 0;
}

static bool
is_valid(const struct gate_config *c, const struct gate_request *rq, struct str value)
{
	AUTO(buf) struct buf want = BUF_INIT(2 * VALUE_MAX);
	size_t dot = str_rfind_char(value, '.');
	int64_t until, generation;

	if (dot == STR_NONE || value.n > VALUE_MAX || value.n - dot - 1 != MAC_TEXT)
		return false;
	buf_printf(&want, "%s=", cookie_name(rq->is_secure));
	size_t n_name = want.n;
	buf_putstr(&want, str_take(value, dot));
	put_mac(c, 0, &want);
	if (want.fault != BUF_OK || mem_differs(str_skip(buf_str(&want), n_name).p, value.p, value.n))
		return false;
	return str_is(str_cut(&value, '.'), VERSION) && read_number(&value, &until) && read_number(&value, &generation) &&
	    until > rq->now_epoch_s && generation == (int64_t)c->generation;
}

bool
gate_read_cookies(const struct gate_config *c, const struct gate_request *rq, struct buf *rest)
{
	unsigned n_tries = 0;
	bool is_in = false;

	for (size_t i = 0; i < rq->head->n_fields; i++) {
		struct str list = rq->head->fields[i].value;

		if (!str_ieq(rq->head->fields[i].name, STR_LIT("cookie")))
			continue;
		while (list.n > 0) {
			struct str pair = str_trim(str_cut(&list, ';')), value = pair;
			struct str name = str_trim(str_cut(&value, '='));

			if (str_is(name, GATE_COOKIE_PLAIN) || str_is(name, GATE_COOKIE_SECURE)) {
				if (!is_in && str_is(name, cookie_name(rq->is_secure)) && n_tries++ < TRIES_MAX)
					is_in = is_valid(c, rq, str_trim(value));
			} else if (pair.n > 0) {
				buf_puts(rest, rest->n > 0 ? "; " : "");
				buf_putstr(rest, pair);
			}
		}
	}
	return is_in;
}

static void
put_attributes(bool is_secure, int max_age_s, struct buf *out)
{
	buf_printf(out, "; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", max_age_s, is_secure ? "; Secure" : "");
}

void
gate_put_cookie(const struct gate_config *c, bool is_secure, int64_t now_epoch_s, struct buf *out)
{
	unsigned char salt[RANDOM_BYTES];
	struct err ignored = ERR_INIT;
	size_t before = out->n;

	if (rand_bytes(salt, sizeof salt, &ignored) < 0)
		return;
	buf_printf(out, "%s=" VERSION ".%" PRId64 ".%" PRIu32 ".", cookie_name(is_secure), now_epoch_s + GATE_SESSION_S, c->generation);
	buf_putb64(out, str_from(salt, sizeof salt), true);
	put_mac(c, before, out);
	put_attributes(is_secure, GATE_SESSION_S, out);
}

void
gate_put_no_cookie(bool is_secure, struct buf *out)
{
	buf_printf(out, "%s=", cookie_name(is_secure));
	put_attributes(is_secure, 0, out);
}

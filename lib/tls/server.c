/*
 * server.c - what sessions are made from: policy, certificates, ticket keys
 *
 * Ticket keys are counted apart from the server: a reload hands them on.
 */
#include "lib/tls/server.h"

#include <errno.h>
#include <stdlib.h>

#include <mbedtls/ssl_ticket.h>
#include <psa/crypto.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/tls/own.h"
#include "lib/tls/server_own.h"

#define TICKET_KEY_BYTES 32
#define ROTATE_MS (TLS_TICKET_LIFE_S * INT64_C(1000) / 2)
#define TICKETS_A_HANDSHAKE 2		/* a browser opens several connections at once, and uses a ticket once */
#define MESSAGE_HEADS 64		/* bytes of a Certificate message and its record that are not the chain */
#define RSA_BITS_MIN 2048

struct tls_tickets {
	unsigned refs;
	mbedtls_ssl_ticket_context keys;
	int64_t rotated_ms;
	uint64_t n_good;		/* tickets that opened */
};

struct identity {
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
};

struct tls_server {
	unsigned refs;
	mbedtls_ssl_config conf;
	struct tls_tickets *tickets;
	struct identity ids[TLS_IDENTITIES_MAX];
	size_t n_ids;
	struct bio_stage stage;
};

/* --- policy: Mozilla's intermediate profile 6 ------------------------------------------------------------------ */

/* In TLS 1.2 our order counts, and it is by measured speed on a processor that has AES (tests/bench/tls.sh); in 1.3 mbedTLS takes the client's first. */
static const int suites[] = {
	MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
	MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	0,
};

static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

/* mbedTLS wants the array writable and never writes to it. */
static const char *protocols[] = { "http/1.1", NULL };

/* --- tickets (RFC 5077, RFC 8446 section 4.6.1) ------------------------------------------------------------------ */

static int
ticket_write(void *ctx, const mbedtls_ssl_session *session, unsigned char *start, const unsigned char *end, size_t *ret_n, uint32_t *ret_life_s)
{
	struct tls_tickets *t = ctx;

	return mbedtls_ssl_ticket_write(&t->keys, session, start, end, ret_n, ret_life_s);
}

static int
ticket_parse(void *ctx, mbedtls_ssl_session *session, unsigned char *p, size_t n)
{
	struct tls_tickets *t = ctx;
	int code = mbedtls_ssl_ticket_parse(&t->keys, session, p, n);

	t->n_good += code == 0;
	return code;
}

static void
tickets_unref(struct tls_tickets *t)
{
	if (!t || --t->refs > 0)
		return;
	mbedtls_ssl_ticket_free(&t->keys);
	mem_free(t);
}

static int
tickets_new(struct tls_tickets **ret, struct err *e)
{
	struct tls_tickets *t = mem_new(sizeof *t);
	int code;

	t->refs = 1;
	t->rotated_ms = clock_now_ms();
	mbedtls_ssl_ticket_init(&t->keys);
	code = mbedtls_ssl_ticket_setup(&t->keys, tls_random, NULL, MBEDTLS_CIPHER_AES_256_GCM, TLS_TICKET_LIFE_S);
	if (code != 0) {
		tickets_unref(t);
		return tls_fail(e, code, "make a key for session tickets");
	}
	*ret = t;
	return 0;
}

/* Tickets of the key before this one go on opening: two keys live, so each is of use for a ticket's whole life. */
void
tls_server_rotate(struct tls_server *s, int64_t now_ms)
{
	unsigned char key[TICKET_KEY_BYTES], name[MBEDTLS_SSL_TICKET_KEY_NAME_BYTES];
	struct tls_tickets *t = s->tickets;

	if (now_ms - t->rotated_ms < ROTATE_MS)
		return;
	/* Without randomness the old key stays, and the next call tries again. */
	if (tls_random(NULL, key, sizeof key) == 0 && tls_random(NULL, name, sizeof name) == 0 &&
	    mbedtls_ssl_ticket_rotate(&t->keys, name, sizeof name, key, sizeof key, TLS_TICKET_LIFE_S) == 0)
		t->rotated_ms = now_ms;
	mem_wipe(key, sizeof key);
}

static void
use_tickets(struct tls_server *s, struct tls_tickets *t)
{
	tickets_unref(s->tickets);
	s->tickets = t;
	mbedtls_ssl_conf_session_tickets_cb(&s->conf, ticket_write, ticket_parse, t);
}

void
tls_server_inherit(struct tls_server *fresh, struct tls_server *old)
{
	if (fresh->tickets == old->tickets)
		return;
	old->tickets->refs++;
	use_tickets(fresh, old->tickets);
}

/* --- identities -------------------------------------------------------------------------------------------------- */

static int
check_fit(const struct tls_chain *c, struct err *e)
{
	size_t room = MBEDTLS_SSL_OUT_CONTENT_LEN - MESSAGE_HEADS, n = tls_chain_bytes(c);

	if (n > room)
		return err_set(e, ERR_TLS, "the chain takes %zu bytes, and a handshake has room for %zu", n, room);
	const mbedtls_pk_context *pk = &c->v[0].pk;
	if (mbedtls_pk_can_do(pk, MBEDTLS_PK_RSA) && mbedtls_pk_get_bitlen(pk) < RSA_BITS_MIN)
		return err_set(e, ERR_TLS, "an RSA key of %zu bits is too short: at least %d are needed", mbedtls_pk_get_bitlen(pk), RSA_BITS_MIN);
	return 0;
}

static int
load(struct identity *id, const struct tls_identity *from, struct err *e)
{
	AUTO(tls_chain) struct tls_chain c = TLS_CHAIN_INIT;

	if (tls_chain_read(from->chain_pem, &c, e) < 0 || tls_key_read(from->key_pem, &id->key, e) < 0 || tls_key_check(&c.v[0], &id->key, e) < 0 ||
	    check_fit(&c, e) < 0)
		return -1;
	for (size_t i = 0; i < c.n; i++) {
		int code = tls_crt_append(&id->chain, c.v[i].raw.p, c.v[i].raw.len);
		if (code != 0)
			return tls_fail(e, code, "keep certificate %zu", i + 1);
	}
	return 0;
}

/* Every identity that covers the name may answer, in the order given: so an RSA certificate may stand beside an ECDSA one. A name that fits none gets
 * the first, as one who sends no name does. */
static int
choose(void *ctx, mbedtls_ssl_context *ssl, const unsigned char *p, size_t n)
{
	struct tls_server *s = ctx;
	struct str name = str_from(p, n);
	int code = 0;

	tls_session_named(mbedtls_ssl_get_user_data_p(ssl), name);
	for (size_t i = 0; i < s->n_ids && code == 0; i++)
		if (tls_crt_covers(&s->ids[i].chain, name))
			code = mbedtls_ssl_set_hs_own_cert(ssl, &s->ids[i].chain, &s->ids[i].key);
	return code;
}

/* --- the server ---------------------------------------------------------------------------------------------------- */

static int
set_up(struct tls_server *s, struct err *e)
{
	mbedtls_ssl_config *c = &s->conf;
	int code = mbedtls_ssl_config_defaults(c, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);

	if (code == 0)
		code = mbedtls_ssl_conf_alpn_protocols(c, protocols);
	if (code == 0)
		code = mbedtls_ssl_conf_own_cert(c, &s->ids[0].chain, &s->ids[0].key);
	/* Also what the write buffer of a session shrinks to after its handshake. */
	if (code == 0)
		code = mbedtls_ssl_conf_max_frag_len(c, MBEDTLS_SSL_MAX_FRAG_LEN_4096);
	if (code != 0)
		return tls_fail(e, code, "set the TLS server up");
	mbedtls_ssl_conf_rng(c, tls_random, NULL);
	mbedtls_ssl_conf_min_tls_version(c, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(c, MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_ciphersuites(c, suites);
	mbedtls_ssl_conf_groups(c, groups);
	mbedtls_ssl_conf_tls13_key_exchange_modes(c, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL_ALL);
	mbedtls_ssl_conf_new_session_tickets(c, TICKETS_A_HANDSHAKE);
	mbedtls_ssl_conf_sni(c, choose, s);
	return 0;
}

static int
fill(struct tls_server *s, const struct tls_identity *ids, size_t n, struct err *e)
{
	struct tls_tickets *t = NULL;

	if (n == 0 || n > ARRAY_LEN(s->ids))
		return err_set(e, ERR_TLS, "%zu certificates given, 1 to %zu are possible", n, ARRAY_LEN(s->ids));
	if (psa_crypto_init() != PSA_SUCCESS)
		return err_set(e, ERR_TLS, "the cryptography cannot start");
	for (s->n_ids = 0; s->n_ids < n; s->n_ids++)
		if (load(&s->ids[s->n_ids], &ids[s->n_ids], e) < 0)
			return n > 1 ? err_wrap(e, "certificate chain %zu of %zu", s->n_ids + 1, n) : -1;
	if (set_up(s, e) < 0 || tickets_new(&t, e) < 0)
		return -1;
	use_tickets(s, t);
	return 0;
}

int
tls_server_new(struct tls_server **ret, const struct tls_identity *ids, size_t n, struct err *e)
{
	struct tls_server *s = mem_new(sizeof *s);

	s->refs = 1;
	s->stage.out = (struct buf)BUF_INIT(BIO_OUT_MAX);
	mbedtls_ssl_config_init(&s->conf);
	for (size_t i = 0; i < ARRAY_LEN(s->ids); i++) {
		mbedtls_x509_crt_init(&s->ids[i].chain);
		mbedtls_pk_init(&s->ids[i].key);
	}
	if (fill(s, ids, n, e) < 0) {
		tls_server_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void
tls_server_free(struct tls_server *s)
{
	if (!s || --s->refs > 0)
		return;
	mbedtls_ssl_config_free(&s->conf);
	for (size_t i = 0; i < ARRAY_LEN(s->ids); i++) {
		mbedtls_x509_crt_free(&s->ids[i].chain);
		mbedtls_pk_free(&s->ids[i].key);
	}
	tickets_unref(s->tickets);
	buf_fini(&s->stage.out);
	mem_free(s);
}

struct tls_server *
tls_server_ref(struct tls_server *s)
{
	s->refs++;
	return s;
}

const mbedtls_ssl_config *
tls_server_config(const struct tls_server *s)
{
	return &s->conf;
}

struct bio_stage *
tls_server_stage(struct tls_server *s)
{
	return &s->stage;
}

uint64_t
tls_server_n_resumed(const struct tls_server *s)
{
	return s->tickets->n_good;
}

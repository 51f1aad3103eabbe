/*
 * session.c - one connection: handshake, reading, writing, goodbye
 *
 * mbedTLS never waits for the socket to take bytes (bio.h gathers them), so a call of it that wants to go on has nothing to read. What it has written
 * is sent before a call returns; what the socket does not take is told as TLS_AGAIN_WRITE.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/mem.h"
#include "lib/tls/own.h"
#include "lib/tls/server_own.h"

#define WRITE_MAX 16384			/* bytes taken at once: what a slow client can make us keep */
#define SERVER_NAME_MAX 256
#define RECORD_HANDSHAKE 22		/* RFC 8446 section 5.1: the first byte a client sends */

/* mbedTLS's own, which it calls at the end of a TLS 1.2 handshake and forgets in 1.3 (3.6): handshake secrets, transcripts and a full-sized write buffer,
 * 17 KiB, would stay for the session's whole life. */
void mbedtls_ssl_handshake_wrapup_free_hs_transform(mbedtls_ssl_context *ssl);

struct tls_session {
	mbedtls_ssl_context ssl;
	struct tls_server *server;
	struct bio bio;
	size_t held;			/* bytes of a write that are encrypted and not all sent */
	bool has_begun;			/* the first byte was looked at */
	bool is_done;			/* the handshake */
	bool has_said_bye;
	bool is_resumed;
	char server_name[SERVER_NAME_MAX];
};

int
tls_session_new(struct tls_session **ret, struct tls_server *s, int fd, struct err *e)
{
	struct tls_session *t = calloc(1, sizeof *t);
	int code;

	if (!t)
		return err_sys(e, "TLS session");
	t->server = tls_server_ref(s);
	bio_init(&t->bio, tls_server_stage(s), fd);
	mbedtls_ssl_init(&t->ssl);
	code = mbedtls_ssl_setup(&t->ssl, tls_server_config(s));
	if (code != 0) {
		tls_session_free(t);
		return tls_fail(e, code, "TLS session");
	}
	mbedtls_ssl_set_user_data_p(&t->ssl, t);
	mbedtls_ssl_set_bio(&t->ssl, &t->bio, bio_send, bio_recv, NULL);
	*ret = t;
	return 0;
}

void
tls_session_free(struct tls_session *t)
{
	if (!t)
		return;
	mbedtls_ssl_free(&t->ssl);
	bio_fini(&t->bio);
	tls_server_free(t->server);
	free(t);
}

void
tls_session_named(void *session, struct str name)
{
	struct tls_session *t = session;
	size_t n = name.n < sizeof t->server_name ? name.n : sizeof t->server_name - 1;

	for (size_t i = 0; i < n; i++)
		t->server_name[i] = name.p[i] > ' ' && name.p[i] < 0x7f ? name.p[i] : '?';
	t->server_name[n] = '\0';
}

/* Why the connection is of no more use. */
static int
fail(struct tls_session *t, int code, const char *what, struct err *e)
{
	int sys = t->bio.sys;

	if (sys == ECONNRESET || sys == EPIPE || code == MBEDTLS_ERR_SSL_CONN_EOF)
		return err_set(e, ERR_EOF, "%s: the client has gone", what);
	if (sys != 0) {
		errno = sys;
		return err_sys(e, "%s", what);
	}
	return tls_fail(e, code, "%s", what);
}

/* After a failure: what mbedTLS had to say (an alert) goes out as far as it can. */
static int
give_up(struct tls_session *t, int code, const char *what, struct err *e)
{
	fail(t, code, what, e);
	if (t->bio.sys == 0)
		(void)bio_settle(&t->bio);
	return -1;
}

/* mbedTLS ends some handshakes without a word (no group in common, in TLS 1.3): the client is told nevertheless, unless it was the one to end it. */
static int
give_up_handshake(struct tls_session *t, int code, struct err *e)
{
	if (tls_server_stage(t->server)->out.n == 0 && code != MBEDTLS_ERR_SSL_CONN_EOF && code != MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
		(void)mbedtls_ssl_send_alert_message(&t->ssl, MBEDTLS_SSL_ALERT_LEVEL_FATAL, MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
	return give_up(t, code, "TLS handshake", e);
}

/* What a plain request begins with is never the first byte of TLS. It stays in the socket, for the caller to read and answer. */
static int
look(struct tls_session *t, struct err *e)
{
	unsigned char first;
	ssize_t n;

	do {
		n = recv(t->bio.fd, &first, 1, MSG_PEEK);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return TLS_AGAIN_READ;
	if (n < 0) {
		t->bio.sys = errno;
		return fail(t, 0, "TLS handshake", e);
	}
	if (n == 0)
		return fail(t, MBEDTLS_ERR_SSL_CONN_EOF, "TLS handshake", e);
	if (first >= 'A' && first <= 'Z')
		return err_set(e, ERR_PARSE, "plain HTTP on a TLS port");
	if (first != RECORD_HANDSHAKE)
		return err_set(e, ERR_TLS, "TLS handshake: the client does not speak TLS");
	t->has_begun = true;
	return 0;
}

/* mbedTLS's code. */
static int
shake(struct tls_session *t)
{
	uint64_t before = tls_server_n_resumed(t->server);
	int code;

	if (t->is_done)
		return 0;
	do {
		code = mbedtls_ssl_handshake(&t->ssl);
	} while (code == MBEDTLS_ERR_SSL_WANT_READ && !t->bio.is_dry);
	if (tls_server_n_resumed(t->server) > before)
		t->is_resumed = true;
	if (code != 0)
		return code;
	t->is_done = true;
	if (mbedtls_ssl_get_version_number(&t->ssl) == MBEDTLS_SSL_VERSION_TLS1_3)
		mbedtls_ssl_handshake_wrapup_free_hs_transform(&t->ssl);
	return 0;
}

int
tls_handshake(struct tls_session *t, struct err *e)
{
	int code, rc;

	if (!t->has_begun && (rc = look(t, e)) != 0)
		return rc;
	code = shake(t);
	if (code != 0 && code != MBEDTLS_ERR_SSL_WANT_READ)
		return give_up_handshake(t, code, e);
	switch (bio_settle(&t->bio)) {
	case 0:
		return TLS_AGAIN_WRITE;
	case 1:
		return code == 0 ? 0 : TLS_AGAIN_READ;
	default:
		return fail(t, 0, "TLS handshake", e);
	}
}

ssize_t
tls_read(struct tls_session *t, void *p, size_t n, struct err *e)
{
	int code;

	if (n == 0)
		BUG("tls_read without room");
	do {
		code = mbedtls_ssl_read(&t->ssl, p, n);
	} while (code == MBEDTLS_ERR_SSL_WANT_READ && !t->bio.is_dry);
	if (code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
		return 0;
	/* 0 is an end of the connection without the goodbye that belongs before it: what came may have been cut. */
	if (code <= 0 && code != MBEDTLS_ERR_SSL_WANT_READ)
		return give_up(t, code == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : code, "read", e);
	if (bio_settle(&t->bio) < 0)
		return fail(t, 0, "read", e);
	return code > 0 ? code : TLS_AGAIN_READ;
}

/* Encrypts up to WRITE_MAX bytes into the gathering place: how many, or mbedTLS's code. */
static int
encrypt(struct tls_session *t, struct str data)
{
	size_t done = 0, n = data.n < WRITE_MAX ? data.n : WRITE_MAX;

	while (done < n) {
		struct str rest = str_skip(str_take(data, n), done);
		int put = mbedtls_ssl_write(&t->ssl, (const unsigned char *)rest.p, rest.n);

		if (put < 0)
			return put;
		done += (size_t)put;
	}
	return (int)done;
}

ssize_t
tls_write(struct tls_session *t, struct str data, struct err *e)
{
	size_t taken = t->held;

	if (data.n < taken || data.n == 0)
		BUG("tls_write without the bytes it was given before");
	if (taken == 0) {
		int n = encrypt(t, data);

		if (n < 0)
			return give_up(t, n, "write", e);
		taken = (size_t)n;
	}
	switch (bio_settle(&t->bio)) {
	case 0:
		t->held = taken;
		return TLS_AGAIN_WRITE;
	case 1:
		t->held = 0;
		return (ssize_t)taken;
	default:
		return fail(t, 0, "write", e);
	}
}

bool
tls_has_pending(const struct tls_session *t)
{
	return t->bio.ahead.n > 0 || mbedtls_ssl_check_pending(&t->ssl) != 0;
}

int
tls_bye(struct tls_session *t, struct err *e)
{
	int code = 0;

	/* Once: a second call only sends what is left. */
	if (!t->has_said_bye)
		code = mbedtls_ssl_close_notify(&t->ssl);
	t->has_said_bye = true;
	if (code != 0)
		return give_up(t, code, "end TLS", e);
	switch (bio_settle(&t->bio)) {
	case 0:
		return TLS_AGAIN_WRITE;
	case 1:
		return 0;
	default:
		return fail(t, 0, "end TLS", e);
	}
}

void
tls_session_facts(const struct tls_session *t, struct tls_facts *ret)
{
	const char *cipher = mbedtls_ssl_get_ciphersuite(&t->ssl);

	*ret = (struct tls_facts){
		.version = mbedtls_ssl_get_version(&t->ssl), .cipher = cipher ? cipher : "", .server_name = t->server_name, .is_resumed = t->is_resumed,
	};
}

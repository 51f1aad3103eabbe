/*
 * tls_hello_fuzz.c - what a client may begin with, through the handshake of a real server
 *
 * The first byte says where the rest is cut in two. No input can end in a session: a client would have to know what the server answers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/tls/cert.h"
#include "lib/tls/server.h"

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

#define INPUT_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct tls_server *
make_server(void)
{
	static const char *const name = "a.test";
	static const struct cert_names names = { .v = &name, .n = 1 };
	AUTO(buf) struct buf ca_key = BUF_SECRET_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf ca = BUF_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf key = BUF_SECRET_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf chain = BUF_INIT(CERT_TEXT_MAX);
	struct err e = ERR_INIT;
	struct tls_server *s;

	CHECK(cert_key_new(&ca_key, &e) == 0 && cert_key_new(&key, &e) == 0);
	CHECK(cert_ca_new(buf_str(&ca_key), "x", &names, clock_epoch_s(), &ca, &e) == 0);
	CHECK(cert_leaf_new(buf_str(&key), buf_str(&ca), buf_str(&ca_key), &names, clock_epoch_s(), 1, &chain, &e) == 0);
	CHECK(tls_server_new(&s, &(struct tls_identity){ .chain_pem = buf_str(&chain), .key_pem = buf_str(&key) }, 1, &e) == 0);
	return s;
}

static void
say(int fd, struct str s)
{
	CHECK(s.n == 0 || send(fd, s.p, s.n, MSG_NOSIGNAL) == (ssize_t)s.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct tls_server *server;
	struct tls_session *t = NULL;
	struct err e = ERR_INIT;
	int pair[2] = { -1, -1 };

	if (n < 1 || n > INPUT_MAX)
		return 0;
	if (!server)
		server = make_server();
	CHECK(fd_socketpair(pair, &e) == 0 && fd_nonblock(pair[0], &e) == 0 && tls_session_new(&t, server, pair[0], &e) == 0);
	struct str in = str_from(data + 1, n - 1);
	say(pair[1], str_take(in, data[0]));
	int rc = tls_handshake(t, &e);
	if (rc != -1) {
		CHECK(rc == TLS_AGAIN_READ);
		say(pair[1], str_skip(in, data[0]));
		CHECK(shutdown(pair[1], SHUT_WR) == 0);
		rc = tls_handshake(t, &e);
	}
	CHECK(rc == -1 && e.msg[0] && (e.code == ERR_TLS || e.code == ERR_EOF || e.code == ERR_PARSE));
	tls_session_free(t);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

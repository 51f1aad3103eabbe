/*
 * tls_hello_test.c - first messages written by hand: old versions, forbidden suites, cut anywhere, not TLS at all, and clients that go away
 */
#include "lib/tls/server.h"

#include <sys/socket.h>

#include "tests/unit/tls_kit.h"

#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION 70
#define SUITE_GOOD 0xc02b		/* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 */

static const char *const names[] = { "a.test" };

static void
put16(struct buf *b, size_t v)
{
	buf_putc(b, (char)(v >> 8));
	buf_putc(b, (char)(v & 0xff));
}

/* RFC 5246 section 7.4.1.2: one suite, P-256, uncompressed points, ECDSA with SHA-256. */
static void
put_hello(struct buf *out, unsigned version, unsigned suite)
{
	static const unsigned char extensions[] = {
		0, 10, 0, 4, 0, 2, 0, 23,	/* supported_groups */
		0, 11, 0, 2, 1, 0,		/* ec_point_formats */
		0, 13, 0, 4, 0, 2, 4, 3,	/* signature_algorithms */
	};
	size_t n = 2 + 32 + 1 + 2 + 2 + 2 + 2 + sizeof extensions;

	buf_put(out, "\x16\x03\x01", 3);
	put16(out, n + 4);
	buf_put(out, "\x01\x00", 2);
	put16(out, n);
	put16(out, version);
	for (int i = 0; i < 32; i++)
		buf_putc(out, 'x');
	buf_putc(out, 0);
	put16(out, 2);
	put16(out, suite);
	buf_put(out, "\x01\x00", 2);
	put16(out, sizeof extensions);
	buf_put(out, extensions, sizeof extensions);
}

static const struct {
	const char *name;
	unsigned version, suite;
	int alert;			/* 0: agreed */
} rows[] = {
	{ "TLS 1.2, ECDHE-ECDSA-AES128-GCM", 0x0303, SUITE_GOOD, 0 },
	{ "TLS 1.2, ECDHE-ECDSA-AES256-GCM", 0x0303, 0xc02c, 0 },
	{ "TLS 1.2, ECDHE-ECDSA-CHACHA20", 0x0303, 0xcca9, 0 },
	{ "SSL 3.0", 0x0300, SUITE_GOOD, ALERT_PROTOCOL_VERSION },
	{ "TLS 1.0", 0x0301, SUITE_GOOD, ALERT_PROTOCOL_VERSION },
	{ "TLS 1.1", 0x0302, SUITE_GOOD, ALERT_PROTOCOL_VERSION },
	{ "RC4", 0x0303, 0x0005, ALERT_HANDSHAKE_FAILURE },
	{ "ECDHE-ECDSA-RC4", 0x0303, 0xc007, ALERT_HANDSHAKE_FAILURE },
	{ "3DES", 0x0303, 0x000a, ALERT_HANDSHAKE_FAILURE },
	{ "AES128-CBC-SHA", 0x0303, 0x002f, ALERT_HANDSHAKE_FAILURE },
	{ "ECDHE-ECDSA-AES128-CBC-SHA256", 0x0303, 0xc023, ALERT_HANDSHAKE_FAILURE },
	{ "ECDHE-ECDSA-AES128-CCM", 0x0303, 0xc0ac, ALERT_HANDSHAKE_FAILURE },
	{ "AES128-GCM with static RSA", 0x0303, 0x009c, ALERT_HANDSHAKE_FAILURE },
	{ "DHE-RSA-AES128-GCM", 0x0303, 0x009e, ALERT_HANDSHAKE_FAILURE },
	{ "NULL", 0x0303, 0x0001, ALERT_HANDSHAKE_FAILURE },
};

struct end {
	struct tls_session *t;
	int near, far;
};

static void
end_auto(struct end *x)
{
	tls_session_free(x->t);
	close(x->near);
	close(x->far);
}

static void
begin(struct end *x, struct tls_server *s)
{
	struct err e = ERR_INIT;
	int pair[2] = { -1, -1 };

	T_CALL(fd_socketpair(pair, &e));
	x->near = pair[0];
	x->far = pair[1];
	T_CALL(fd_nonblock(x->near, &e));
	T_CALL(tls_session_new(&x->t, s, x->near, &e));
}

static void
say(const struct end *x, struct str s)
{
	T_EQ(send(x->far, s.p, s.n, MSG_NOSIGNAL), (ssize_t)s.n);
}

static void
check_row(struct tls_server *s, size_t i)
{
	AUTO(buf) struct buf hello = BUF_INIT(512);
	AUTO(end) struct end x = { .t = NULL };
	unsigned char answer[4096];
	struct err e = ERR_INIT;

	t_row("%s", rows[i].name);
	put_hello(&hello, rows[i].version, rows[i].suite);
	begin(&x, s);
	say(&x, buf_str(&hello));
	if (rows[i].alert == 0) {
		T_EQ(tls_handshake(x.t, &e), TLS_AGAIN_READ);
		T_OK(recv(x.far, answer, sizeof answer, 0) > 100 && answer[0] == 22);
		return;
	}
	T_FAILS(tls_handshake(x.t, &e), ERR_TLS);
	T_EQ(recv(x.far, answer, sizeof answer, 0), 7);
	T_EQ(answer[0], 21);
	T_EQ(answer[5], 2);
	T_EQ(answer[6], rows[i].alert);
}

/* Cut at every byte: the first part wants more, the second is as good as the whole; a client that leaves in between has gone. */
static void
check_cut(struct tls_server *s)
{
	AUTO(buf) struct buf hello = BUF_INIT(512);
	unsigned char answer[4096];
	struct err e = ERR_INIT;

	put_hello(&hello, 0x0303, SUITE_GOOD);
	for (size_t n = 0; n < hello.n; n++) {
		AUTO(end) struct end whole = { .t = NULL }, gone = { .t = NULL };

		t_row("cut at %zu", n);
		begin(&whole, s);
		if (n > 0)
			say(&whole, str_take(buf_str(&hello), n));
		T_EQ(tls_handshake(whole.t, &e), TLS_AGAIN_READ);
		say(&whole, str_skip(buf_str(&hello), n));
		T_EQ(tls_handshake(whole.t, &e), TLS_AGAIN_READ);
		T_OK(recv(whole.far, answer, sizeof answer, 0) > 100 && answer[0] == 22);
		begin(&gone, s);
		if (n > 0)
			say(&gone, str_take(buf_str(&hello), n));
		T_EQ(tls_handshake(gone.t, &e), TLS_AGAIN_READ);
		T_EQ(shutdown(gone.far, SHUT_RDWR), 0);
		T_FAILS(tls_handshake(gone.t, &e), ERR_EOF);
	}
}

static void
check_others(struct tls_server *s)
{
	static const struct {
		const char *name, *bytes;
		enum err_code want;
	} others[] = {
		{ "GET", "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", ERR_PARSE }, { "POST", "POST /x HTTP/1.1\r\n", ERR_PARSE },
		{ "OPTIONS, one byte", "O", ERR_PARSE }, { "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ERR_PARSE },
		{ "SSL 2", "\x80\x2e\x01", ERR_TLS }, { "an alert", "\x15\x03\x01", ERR_TLS }, { "PROXY v2", "\r\n\r\n", ERR_TLS },
		{ "a record that is too long", "\x16\x03\x01\xff\xff", ERR_TLS }, { "a record of another protocol", "\x16\x05\x01\x01\x01", ERR_TLS },
	};
	char back[64];

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		AUTO(end) struct end x = { .t = NULL };
		struct err e = ERR_INIT;
		size_t n = strlen(others[i].bytes);

		t_row("not TLS: %s", others[i].name);
		begin(&x, s);
		say(&x, str_of(others[i].bytes));
		T_FAILS(tls_handshake(x.t, &e), others[i].want);
		/* The plain request is still there to be read. */
		if (others[i].want == ERR_PARSE) {
			T_EQ(recv(x.near, back, sizeof back, 0), (ssize_t)n);
			T_MEM(back, others[i].bytes, n);
		}
	}
}

static void
check_gone_before_answer(struct tls_server *s)
{
	AUTO(buf) struct buf hello = BUF_INIT(512);
	AUTO(end) struct end x = { .t = NULL };
	struct err e = ERR_INIT;

	t_row("the client has closed before the answer goes out: no SIGPIPE");
	put_hello(&hello, 0x0303, SUITE_GOOD);
	begin(&x, s);
	say(&x, buf_str(&hello));
	close(x.far);
	x.far = -1;
	T_FAILS(tls_handshake(x.t, &e), ERR_EOF);
}

int
main(void)
{
	AUTO(tls_kit) struct tls_kit k = TLS_KIT_INIT;
	struct tls_server *s = NULL;
	struct err e = ERR_INIT;

	t_row("identity");
	tls_kit_make(&k, names, ARRAY_LEN(names));
	const struct tls_identity id = tls_kit_identity(&k);
	if (!T_CALL(tls_server_new(&s, &id, 1, &e)))
		return t_done();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(s, i);
	check_cut(s);
	check_others(s);
	check_gone_before_answer(s);
	tls_server_free(s);
	return t_done();
}

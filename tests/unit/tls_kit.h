/*
 * tls_kit.h - identities to serve, and tests/data/tls_client.py (OpenSSL) at the other end of a socket
 */
#ifndef OCC_TESTS_TLS_KIT_H
#define OCC_TESTS_TLS_KIT_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/net/unix.h"
#include "lib/proc/spawn.h"
#include "lib/tls/cert.h"
#include "lib/tls/server.h"
#include "tests/t.h"

#define TLS_SOON_MS 60000

struct tls_kit {
	struct buf ca_key, ca, key, chain;	/* PEM */
};

#define TLS_KIT_INIT { BUF_SECRET_INIT(CERT_TEXT_MAX), BUF_INIT(CERT_TEXT_MAX), BUF_SECRET_INIT(CERT_TEXT_MAX), BUF_INIT(CERT_TEXT_MAX) }

static inline void
tls_kit_auto(struct tls_kit *k)
{
	buf_fini(&k->ca_key);
	buf_fini(&k->ca);
	buf_fini(&k->key);
	buf_fini(&k->chain);
}

static inline void
tls_kit_make(struct tls_kit *k, const char *const *names, size_t n)
{
	const struct cert_names list = { .v = names, .n = n };
	int64_t now = clock_epoch_s();
	struct err e = ERR_INIT;

	T_CALL(cert_key_new(&k->ca_key, &e));
	T_CALL(cert_ca_new(buf_str(&k->ca_key), "test authority", &list, now, &k->ca, &e));
	T_CALL(cert_key_new(&k->key, &e));
	T_CALL(cert_leaf_new(buf_str(&k->key), buf_str(&k->ca), buf_str(&k->ca_key), &list, now, CERT_LEAF_DAYS, &k->chain, &e));
}

static inline struct tls_identity
tls_kit_identity(const struct tls_kit *k)
{
	return (struct tls_identity){ .chain_pem = buf_str(&k->chain), .key_pem = buf_str(&k->key) };
}

/* Path of a file in this program's directory with that text. */
static inline const char *
tls_kit_file(struct arena *a, const char *name, struct str text)
{
	const char *path = arena_printf(a, "%s/%s", t_tmpdir(), name);
	FILE *f = fopen(path, "wbe");

	bool is_whole = f && fwrite(text.p, 1, text.n, f) == text.n;

	if (f)
		is_whole = fclose(f) == 0 && is_whole;
	if (!is_whole)
		T_FAIL("%s cannot be written", path);
	return path;
}

/* Waits as the code says; false when it is over, one way or the other. */
static inline bool
tls_kit_again(int fd, ssize_t code)
{
	struct err e = ERR_INIT;

	if (code != TLS_AGAIN_READ && code != TLS_AGAIN_WRITE)
		return false;
	return T_CALL(fd_wait(fd, code == TLS_AGAIN_READ ? POLLIN : POLLOUT, clock_due_ms(TLS_SOON_MS), &e));
}

/* Serves one client: handshake, "hello", n_reply bytes 'r', goodbye. 0, or -1 with e as the failing call left it. */
static inline int
tls_kit_serve(struct tls_server *s, int fd, size_t n_reply, struct tls_facts *ret_facts, char ret_name[256], struct err *e)
{
	struct tls_session *t = NULL;
	char hello[16], *reply = mem_new(n_reply + 1);
	size_t n_hello = 0, done = 0;
	ssize_t n = -1;

	memset(reply, 'r', n_reply);
	if (tls_session_new(&t, s, fd, e) == 0) {
		do
			n = tls_handshake(t, e);
		while (tls_kit_again(fd, n));
		while (n >= 0 && n_hello < 5) {
			do
				n = tls_read(t, hello + n_hello, sizeof hello - n_hello, e);
			while (tls_kit_again(fd, n));
			if (n == 0)
				n = err_set(e, ERR_EOF, "no hello");
			n_hello += n > 0 ? (size_t)n : 0;
			/* What is short came in two records at once, of which poll(2) knows nothing any more. */
			T_EQ(tls_has_pending(t), n > 0 && n_hello < 5);
		}
		while (n >= 0 && done < n_reply) {
			do
				n = tls_write(t, str_from(reply + done, n_reply - done), e);
			while (tls_kit_again(fd, n));
			done += n > 0 ? (size_t)n : 0;
		}
		if (n >= 0) {
			T_MEM(hello, "hello", n_hello);
			do
				n = tls_bye(t, e);
			while (tls_kit_again(fd, n));
		}
		tls_session_facts(t, ret_facts);
		str_copy(ret_name, 256, ret_facts->server_name);
		ret_facts->server_name = ret_name;
	}
	tls_session_free(t);
	mem_free(reply);
	return n < 0 ? -1 : 0;
}

/* The client as a child: where it connects to, what it is told, what it tells. One for the whole program. */
static struct {
	int listener, to, from;
	pid_t pid;
} tls_client = { -1, -1, -1, -1 };

static inline void
tls_client_open(struct arena *a)
{
	const char *path = arena_printf(a, "%s/socket", t_tmpdir());
	const char *const argv[] = { "python3", "tests/data/tls_client.py", path, NULL };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	struct err e = ERR_INIT;

	tls_client.listener = unix_listen(path, 0600, 8, &e);
	T_CALL(tls_client.listener);
	T_CALL(fd_pipe(in, &e));
	T_CALL(fd_pipe(out, &e));
	T_CALL(spawn_start(&(struct spawn){ .argv = argv, .in_fd = in[0], .out_fd = out[1], .err_fd = -1 }, &tls_client.pid, &e));
	close(in[0]);
	close(out[1]);
	tls_client.to = in[1];
	tls_client.from = out[0];
	T_CALL(fd_nonblock(tls_client.to, &e));
	T_CALL(fd_nonblock(tls_client.from, &e));
}

static inline void
tls_client_close(void)
{
	struct err e = ERR_INIT;
	int status = -1;

	close(tls_client.to);
	T_CALL(spawn_wait(tls_client.pid, clock_due_ms(TLS_SOON_MS), &status, &e));
	T_EQ(status, 0);
	close(tls_client.from);
	close(tls_client.listener);
}

/* words: "max=1.2 sni=a.test"; a file after "ca=" is one of this program's directory. */
static inline void
tls_client_tell(const char *words)
{
	AUTO(buf) struct buf line = BUF_INIT(4096);
	struct str rest = str_of(words);
	struct err e = ERR_INIT;

	while (rest.n > 0) {
		struct str word = str_cut(&rest, ' ');
		if (str_has_prefix(word, "ca="))
			buf_printf(&line, "ca=%s/" STR_FMT, t_tmpdir(), STR_ARG(str_skip(word, 3)));
		else
			buf_putstr(&line, word);
		buf_putc(&line, ' ');
	}
	buf_putc(&line, '\n');
	T_CALL(fd_write_all(tls_client.to, buf_str(&line), clock_due_ms(TLS_SOON_MS), &e));
}

/* The client's next connection, non-blocking. */
static inline int
tls_client_accept(void)
{
	struct err e = ERR_INIT;
	int fd;

	do {
		err_clear(&e);
		fd = unix_accept(tls_client.listener, &e);
	} while (fd < 0 && e.code == ERR_NONE && T_CALL(fd_wait(tls_client.listener, POLLIN, clock_due_ms(TLS_SOON_MS), &e)));
	if (T_CALL(fd))
		T_CALL(fd_nonblock(fd, &e));
	return fd;
}

/* What the client told, up to its "."; one client that died says so here. */
static inline void
tls_client_report(struct buf *report)
{
	struct err e = ERR_INIT;
	ssize_t n;

	while (!str_has_suffix(buf_str(report), ".\n")) {
		void *p = buf_room(report, 256);

		if (!p || (n = fd_read(tls_client.from, p, 256, clock_due_ms(TLS_SOON_MS), &e)) <= 0) {
			T_FAIL("the client ends with: %s%s", report->p, e.msg);
			exit(t_done());
		}
		buf_grew(report, (size_t)n);
	}
	buf_trunc(report, report->n - 2);
}

#endif

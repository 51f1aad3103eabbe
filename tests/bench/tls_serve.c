/*
 * tls_serve CHAIN KEY - serves TLS on a port of its own choice, one connection after the other, until killed: "GET /N" is answered with N bytes.
 * Prints the port. For tests/bench/tls.sh.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/tls/cert.h"
#include "lib/tls/server.h"

#define PATIENCE_MS 10000

static char payload[1 << 18];

static bool
is_again(int fd, ssize_t code)
{
	struct err e = ERR_INIT;

	if (code != TLS_AGAIN_READ && code != TLS_AGAIN_WRITE)
		return false;
	return fd_wait(fd, code == TLS_AGAIN_READ ? POLLIN : POLLOUT, clock_due_ms(PATIENCE_MS), &e) > 0;
}

static void
answer(struct tls_session *t, int fd, struct str request)
{
	size_t left = str_has_prefix(request, "GET /") ? (size_t)strtoull(request.p + 5, NULL, 10) : 0;
	char head[128];
	struct err e = ERR_INIT;
	struct str out = { .p = head };
	ssize_t n;

	out.n = (size_t)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", left);
	for (;;) {
		do
			n = tls_write(t, out, &e);
		while (is_again(fd, n));
		if (n <= 0)
			return;
		out = str_skip(out, (size_t)n);
		if (out.n > 0)
			continue;
		if (left == 0)
			return;
		out = str_from(payload, left < sizeof payload ? left : sizeof payload);
		left -= out.n;
	}
}

static void
serve(struct tls_server *s, int fd)
{
	struct tls_session *t;
	struct err e = ERR_INIT;
	char request[4096];
	ssize_t n;

	if (fd_nonblock(fd, &e) < 0 || tls_session_new(&t, s, fd, &e) < 0)
		return;
	do
		n = tls_handshake(t, &e);
	while (is_again(fd, n));
	if (n == 0) {
		do
			n = tls_read(t, request, sizeof request - 1, &e);
		while (is_again(fd, n));
		if (n > 0) {
			request[n] = '\0';
			answer(t, fd, str_from(request, (size_t)n));
			do
				n = tls_bye(t, &e);
			while (is_again(fd, n));
		}
	}
	tls_session_free(t);
}

static int
start(char **argv, struct tls_server **ret, struct err *e)
{
	AUTO(buf) struct buf chain = BUF_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf key = BUF_SECRET_INIT(CERT_TEXT_MAX);

	if (file_read(argv[1], &chain, e) < 0 || file_read(argv[2], &key, e) < 0)
		return -1;
	return tls_server_new(ret, &(struct tls_identity){ .chain_pem = buf_str(&chain), .key_pem = buf_str(&key) }, 1, e);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sa;
	struct tls_server *s;
	struct err e = ERR_INIT;
	int one = 1, fd, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 3 || start(argv, &s, &e) < 0) {
		fprintf(stderr, "tls_serve CHAIN KEY: %s\n", e.msg);
		return 2;
	}
	if (bind(listener, (const struct sockaddr *)&sa, sizeof sa) < 0 || listen(listener, 64) < 0 || getsockname(listener, (struct sockaddr *)&sa, &n) < 0) {
		perror("listen");
		return 1;
	}
	printf("%u\n", (unsigned)ntohs(sa.sin_port));
	fflush(stdout);
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0)
			serve(s, fd);
		close(fd);
	}
	return 1;
}

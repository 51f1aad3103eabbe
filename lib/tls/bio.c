/*
 * bio.c - records gathered into few system calls
 */
#include "lib/tls/bio.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0			/* macOS: the program ignores SIGPIPE */
#endif

void
bio_init(struct bio *b, struct bio_stage *stage, int fd)
{
	*b = (struct bio){ .fd = fd, .stage = stage, .left = BUF_INIT(BIO_OUT_MAX), .ahead = BUF_INIT(BIO_AHEAD) };
}

void
bio_fini(struct bio *b)
{
	buf_fini(&b->left);
	buf_fini(&b->ahead);
}

int
bio_send(void *ctx, const unsigned char *p, size_t n)
{
	struct bio *b = ctx;

	buf_put(&b->stage->out, p, n);
	return b->stage->out.fault == BUF_OK ? (int)n : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

/* One recv(2): bytes, 0 at the end, or mbedTLS's code. */
static int
receive(struct bio *b, void *p, size_t n)
{
	ssize_t got;

	do {
		got = recv(b->fd, p, n, 0);
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		return (int)got;
	if (errno == EAGAIN) {
		b->is_dry = true;
		return MBEDTLS_ERR_SSL_WANT_READ;
	}
	b->sys = errno;
	return MBEDTLS_ERR_NET_RECV_FAILED;
}

int
bio_recv(void *ctx, unsigned char *p, size_t n)
{
	struct bio *b = ctx;
	struct bio_stage *s = b->stage;

	b->is_dry = false;
	if (b->ahead.n > 0) {
		struct str some = str_take(buf_str(&b->ahead), n);

		memcpy(p, some.p, some.n);
		buf_drop(&b->ahead, some.n);
		return (int)some.n;
	}
	if (s->ahead_n == 0) {
		if (n >= sizeof s->ahead)
			return receive(b, p, n);
		int got = receive(b, s->ahead, sizeof s->ahead);
		if (got <= 0)
			return got;
		s->ahead_at = 0;
		s->ahead_n = (size_t)got;
	}
	n = n < s->ahead_n ? n : s->ahead_n;
	memcpy(p, &s->ahead[s->ahead_at], n);
	s->ahead_at += n;
	s->ahead_n -= n;
	return (int)n;
}

/* Bytes of s that the socket took; -1 with b->sys. */
static ssize_t
push(struct bio *b, struct str s)
{
	size_t all = s.n;

	while (s.n > 0) {
		ssize_t n = send(b->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n > 0) {
			s = str_skip(s, (size_t)n);
		} else if (n < 0 && errno != EINTR) {
			if (errno == EAGAIN)
				break;
			b->sys = errno;
			return -1;
		}
	}
	return (ssize_t)(all - s.n);
}

static int
push_out(struct bio *b)
{
	struct buf *out = &b->stage->out;
	ssize_t n;

	if (b->left.n > 0) {
		buf_putstr(&b->left, buf_str(out));
		n = push(b, buf_str(&b->left));
		if (n > 0)
			buf_drop(&b->left, (size_t)n);
	} else {
		n = push(b, buf_str(out));
		if (n >= 0)
			buf_putstr(&b->left, str_skip(buf_str(out), (size_t)n));
	}
	if (n >= 0 && b->left.fault != BUF_OK) {
		b->sys = ENOMEM;
		return -1;
	}
	return n < 0 ? -1 : b->left.n == 0;
}

int
bio_settle(struct bio *b)
{
	struct bio_stage *s = b->stage;
	int sent = 1;

	if (s->ahead_n > 0)
		buf_put(&b->ahead, &s->ahead[s->ahead_at], s->ahead_n);
	s->ahead_n = 0;
	if (b->left.n > 0 || s->out.n > 0)
		sent = push_out(b);
	buf_reset(&s->out);
	if (b->ahead.fault != BUF_OK) {
		b->sys = ENOMEM;
		return -1;
	}
	/* An idle session keeps no buffer. */
	if (b->left.n == 0)
		buf_fini(&b->left);
	if (b->ahead.n == 0)
		buf_fini(&b->ahead);
	return sent;
}

/* transport.c - recv(2) and send(2), or their like inside a TLS session */
#include "applets/occ-tls/transport.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "lib/base/fd.h"

int
transport_open(struct transport *t, int fd, struct tls_server *tls, struct err *e)
{
	*t = (struct transport)TRANSPORT_INIT;
	t->fd = fd;
	if (tls && tls_session_new(&t->tls, tls, fd, e) < 0) {
		transport_close(t);
		return -1;
	}
	return 0;
}

void
transport_close(struct transport *t)
{
	if (t->tls)
		tls_session_free(t->tls);
	t->tls = NULL;
	fd_auto(&t->fd);
}

/* The session's answer in our words; *waits is set to what it waits for. */
static ssize_t
told(ssize_t n, short *waits, short usual)
{
	*waits = n == TLS_AGAIN_READ ? POLLIN : n == TLS_AGAIN_WRITE ? POLLOUT : usual;
	return n == TLS_AGAIN_READ || n == TLS_AGAIN_WRITE ? TRANSPORT_AGAIN : n;
}

int
transport_handshake(struct transport *t, struct err *e)
{
	return t->tls ? (int)told(tls_handshake(t->tls, e), &t->read_waits, POLLIN) : 0;
}

static ssize_t
recv_plain(int fd, void *p, size_t n, struct err *e)
{
	ssize_t got;

	do
		got = recv(fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return TRANSPORT_AGAIN;
	return got < 0 ? err_sys(e, "recv") : got;
}

static ssize_t
send_plain(int fd, struct str data, struct err *e)
{
	ssize_t sent;

	do
		sent = send(fd, data.p, data.n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0 && errno == EAGAIN)
		return TRANSPORT_AGAIN;
	return sent < 0 ? err_sys(e, "send") : sent;
}

ssize_t
transport_read(struct transport *t, void *p, size_t n, struct err *e)
{
	ssize_t got = t->tls ? told(tls_read(t->tls, p, n, e), &t->read_waits, POLLIN) : recv_plain(t->fd, p, n, e);

	if (got == 0 || got == -1)
		t->is_at_end = true;
	return got;
}

ssize_t
transport_write(struct transport *t, struct str data, struct err *e)
{
	return t->tls ? told(tls_write(t->tls, data, e), &t->write_waits, POLLOUT) : send_plain(t->fd, data, e);
}

bool
transport_has_pending(const struct transport *t)
{
	return t->tls && tls_has_pending(t->tls);
}

void
transport_finish(struct transport *t)
{
	struct err ignored = ERR_INIT;

	if (t->tls && tls_bye(t->tls, &ignored) < 0)
		err_clear(&ignored);		/* it has gone, or takes nothing: there is nobody to tell */
	shutdown(t->fd, SHUT_WR);
}

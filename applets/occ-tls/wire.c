/* wire.c - one message at a time over the pair of the edge's two processes */
#include "applets/occ-tls/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"

int
wire_pair(int *ret_keeper_fd, int *ret_worker_fd, struct err *e)
{
	int fds[2];

	/* Two calls instead of SOCK_CLOEXEC, which not every system has; no other thread can fork in between. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return err_sys(e, "socket pair of the edge");
	AUTO(fd) int keeper_fd = fds[0];
	AUTO(fd) int worker_fd = fds[1];

	if (fcntl(keeper_fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(worker_fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "socket pair of the edge");
	if (fd_nonblock(keeper_fd, e) < 0 || fd_nonblock(worker_fd, e) < 0)
		return -1;
	*ret_keeper_fd = fd_take(&keeper_fd);
	*ret_worker_fd = fd_take(&worker_fd);
	return 0;
}

/* What a failed call means: 0 it would block, -1. */
static int
failed(const char *what, struct err *e)
{
	if (errno == EAGAIN)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return err_set(e, ERR_EOF, "the edge's other process has gone");
	return err_sys(e, "%s the edge's other process", what);
}

int
wire_send(int fd, enum wire_kind kind, uint32_t id, struct str body, struct err *e)
{
	struct wire_head head = { .kind = kind, .n = (uint32_t)body.n, .id = id };
	struct iovec parts[2] = {
		{ .iov_base = &head, .iov_len = sizeof head },
		{ .iov_base = mem_unconst(body.p), .iov_len = body.n },
	};
	const struct msghdr m = { .msg_iov = parts, .msg_iovlen = body.n ? 2 : 1 };
	ssize_t n;

	if (body.n > WIRE_MAX)
		return err_set(e, ERR_TOO_BIG, "a message to the edge's other process is larger than %d bytes", WIRE_MAX);
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? failed("tell", e) : 1;
}

/* Looks at the head without taking the message, so that the room for its body is as large as it is. 1, 0, -1. */
static int
peek(int fd, struct wire_head *ret, struct err *e)
{
	ssize_t n;

	do
		n = recv(fd, ret, sizeof *ret, MSG_PEEK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed("hear", e);
	if (n == 0)
		return err_set(e, ERR_EOF, "the edge's other process has gone");
	if ((size_t)n < sizeof *ret || ret->kind >= WIRE__N || ret->n > WIRE_MAX)
		return err_set(e, ERR_PARSE, "the edge's other process sent what is no message");
	return 1;
}

int
wire_recv(int fd, struct buf *scratch, struct wire_head *ret, struct str *ret_body, struct err *e)
{
	struct wire_head head;
	ssize_t n;
	int got = peek(fd, &head, e);

	if (got <= 0)
		return got;
	buf_reset(scratch);
	void *room = buf_room(scratch, head.n);
	if (buf_check(scratch, "a message of the edge's other process", e) < 0)
		return -1;
	struct iovec parts[2] = { { .iov_base = &head, .iov_len = sizeof head }, { .iov_base = room, .iov_len = head.n } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = head.n ? 2 : 1 };
	do
		n = recvmsg(fd, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed("hear", e);
	if ((size_t)n != sizeof head + head.n || (m.msg_flags & MSG_TRUNC))
		return err_set(e, ERR_PARSE, "the edge's other process sent a message that is not of the length it names");
	buf_grew(scratch, head.n);
	*ret = head;
	*ret_body = buf_str(scratch);
	return 1;
}

bool
wire_struct(struct str body, void *ret, size_t n)
{
	if (body.n != n)
		return false;
	memcpy(ret, body.p, n);
	return true;
}

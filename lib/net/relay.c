/*
 * relay.c - one step of carrying bytes both ways
 *
 * Each step asks poll(2) without waiting what is possible and does each thing once, so that a blocking terminal or pipe is never
 * read or written when it is not ready. SIGPIPE has to be ignored (cancel_install).
 */
#include "lib/net/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { A_IN, A_OUT, B, N_FDS };

void
relay_init(struct relay *r, int a_in, int a_out, int b)
{
	r->a_in = a_in;
	r->a_out = a_out;
	r->b = b;
	r->a_to_b.start = r->a_to_b.end = 0;
	r->a_to_b.is_eof = r->a_to_b.is_shut = false;
	r->b_to_a.start = r->b_to_a.end = 0;
	r->b_to_a.is_eof = r->b_to_a.is_shut = false;
}

static bool
has_bytes(const struct relay_pipe *p)
{
	return p->start < p->end;
}

static bool
has_room(const struct relay_pipe *p)
{
	return !p->is_eof && p->end < RELAY_BYTES;
}

void
relay_want(const struct relay *r, short *ret_a_in, short *ret_a_out, short *ret_b)
{
	*ret_a_in = has_room(&r->a_to_b) ? POLLIN : 0;
	*ret_a_out = has_bytes(&r->b_to_a) ? POLLOUT : 0;
	*ret_b = (short)((has_room(&r->b_to_a) ? POLLIN : 0) | (has_bytes(&r->a_to_b) ? POLLOUT : 0));
}

/* EIO is a terminal that hung up, ECONNRESET a peer that closed with bytes unread: the end, when it comes from a. */
static int
fill(struct relay_pipe *p, int fd, bool is_reset_end, struct err *e)
{
	ssize_t n = read(fd, p->bytes + p->end, RELAY_BYTES - p->end);

	if (n > 0) {
		p->end += (size_t)n;
	} else if (n == 0 || (is_reset_end && (errno == EIO || errno == ECONNRESET))) {
		p->is_eof = true;
	} else if (errno != EAGAIN && errno != EINTR) {
		return err_sys(e, "read");
	}
	return 0;
}

/* How much a writable descriptor takes without blocking: a blocking pipe or terminal promises no more than PIPE_BUF. */
static size_t
write_limit(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	if ((flags >= 0 && (flags & O_NONBLOCK)) || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return RELAY_BYTES;
	return PIPE_BUF;
}

/* 0, or -1 with errno. A drained buffer starts at its beginning again. */
static int
drain(struct relay_pipe *p, int fd)
{
	size_t n = p->end - p->start, limit = write_limit(fd);
	ssize_t done = write(fd, p->bytes + p->start, n < limit ? n : limit);

	if (done < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	p->start += (size_t)done;
	if (p->start == p->end)
		p->start = p->end = 0;
	return 0;
}

/* Passes the end on, once. Only a socket can be half-closed; a pipe or terminal ends with its owner. */
static void
pass_end(struct relay_pipe *p, int fd)
{
	if (p->is_eof && !has_bytes(p) && !p->is_shut) {
		shutdown(fd, SHUT_WR);
		p->is_shut = true;
	}
}

/* Room at the end when the front has been written but not all of it: a slow peer must not halve the buffer. */
static void
compact(struct relay_pipe *p)
{
	if (p->start > 0 && p->end == RELAY_BYTES) {
		memmove(p->bytes, p->bytes + p->start, p->end - p->start);
		p->end -= p->start;
		p->start = 0;
	}
}

static int
move_a_to_b(struct relay *r, const short *got, struct err *e)
{
	struct relay_pipe *p = &r->a_to_b;

	if (got[A_IN] && has_room(p) && fill(p, r->a_in, true, e) < 0)
		return -1;
	if ((got[B] & (POLLOUT | POLLERR | POLLHUP)) && has_bytes(p) && drain(p, r->b) < 0) {
		if (errno != EPIPE && errno != ECONNRESET)
			return err_sys(e, "write");
		/* b reads no more; what it still says is carried to its end. */
		p->start = p->end = 0;
		p->is_eof = p->is_shut = true;
	}
	compact(p);
	pass_end(p, r->b);
	return 0;
}

static int
move_b_to_a(struct relay *r, const short *got, struct err *e)
{
	struct relay_pipe *p = &r->b_to_a;

	if ((got[B] & (POLLIN | POLLERR | POLLHUP)) && has_room(p) && fill(p, r->b, false, e) < 0)
		return -1;
	if (got[A_OUT] && has_bytes(p) && drain(p, r->a_out) < 0)
		return err_sys(e, "write");
	compact(p);
	pass_end(p, r->a_out);
	return 0;
}

int
relay_step(struct relay *r, struct err *e)
{
	struct pollfd fds[N_FDS] = { [A_IN] = { .fd = r->a_in }, [A_OUT] = { .fd = r->a_out }, [B] = { .fd = r->b } };
	short got[N_FDS];

	relay_want(r, &fds[A_IN].events, &fds[A_OUT].events, &fds[B].events);
	for (int i = 0; i < N_FDS; i++)
		if (fds[i].events == 0)
			fds[i].fd = -1;		/* else poll reports POLLHUP of what nobody waits for */
	if (poll(fds, N_FDS, 0) < 0 && errno != EINTR)
		return err_sys(e, "poll");
	for (int i = 0; i < N_FDS; i++)
		got[i] = fds[i].revents;

	if (move_a_to_b(r, got, e) < 0 || move_b_to_a(r, got, e) < 0)
		return -1;
	return r->b_to_a.is_shut ? 0 : 1;
}

int
relay_preload(struct relay *r, struct str from_b, struct err *e)
{
	struct relay_pipe *p = &r->b_to_a;

	if (from_b.n > RELAY_BYTES - p->end)
		return err_set(e, ERR_TOO_BIG, "%zu bytes read ahead are more than a relay holds", from_b.n);
	if (from_b.n > 0)
		memcpy(p->bytes + p->end, from_b.p, from_b.n);
	p->end += from_b.n;
	return 0;
}

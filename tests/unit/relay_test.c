/*
 * relay_test.c - bytes both ways, with slow sides, half-close, sides that vanish, pipes and sockets
 */
#include "lib/net/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define MUCH (1u << 20)

/* A relay between two socket pairs, and the far ends, which the test plays. */
struct rig {
	struct relay *r;
	int near[2];		/* a and b of the relay */
	int far[2];
};

static void
rig_open(struct rig *g)
{
	struct err e = ERR_INIT;

	g->r = mem_new(sizeof *g->r);
	for (int i = 0; i < 2; i++) {
		int ends[2];

		T_CALL(fd_socketpair(ends, &e));
		g->near[i] = ends[0];
		g->far[i] = ends[1];
		T_CALL(fd_nonblock(ends[0], &e));
		T_CALL(fd_nonblock(ends[1], &e));
	}
	relay_init(g->r, g->near[0], g->near[0], g->near[1]);
}

static void
rig_close(struct rig *g)
{
	for (int i = 0; i < 2; i++) {
		fd_auto(&g->near[i]);
		fd_auto(&g->far[i]);
	}
	mem_free(g->r);
}

/* Steps until nothing is wanted that is possible; the last result. */
static int
run(struct relay *r, struct err *e)
{
	for (;;) {
		struct pollfd fds[3] = { { .fd = r->a_in }, { .fd = r->a_out }, { .fd = r->b } };
		int got = relay_step(r, e);

		if (got <= 0)
			return got;
		relay_want(r, &fds[0].events, &fds[1].events, &fds[2].events);
		for (int i = 0; i < 3; i++)
			if (!fds[i].events)
				fds[i].fd = -1;
		if (poll(fds, 3, 0) <= 0)
			return got;
	}
}

/* Sends MUCH bytes from one far end and reads them slowly at the other, checking each. */
static void
stream_much(struct rig *g, int from)
{
	struct err e = ERR_INIT;
	size_t sent = 0, seen = 0;
	char bytes[700];

	while (seen < MUCH) {
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)((sent + i) % 251);
		size_t n = MUCH - sent < sizeof bytes ? MUCH - sent : sizeof bytes;
		ssize_t done = n ? write(g->far[from], bytes, n) : 0;
		if (done > 0)
			sent += (size_t)done;
		T_CALL(run(g->r, &e));
		ssize_t got = read(g->far[!from], bytes, sizeof bytes / 2);
		for (ssize_t i = 0; i < got; i++)
			if (bytes[i] != (char)((seen + (size_t)i) % 251))
				T_FAIL("wrong byte at %zu", seen);
		if (got > 0)
			seen += (size_t)got;
		else if (got == 0 || errno != EAGAIN)
			T_FAIL("read");
	}
	T_EQ(sent, MUCH);
}

static void
test_much(void)
{
	struct rig g;

	t_row("1 MiB from a to b, read slowly");
	rig_open(&g);
	stream_much(&g, 0);
	t_row("1 MiB from b to a, read slowly");
	stream_much(&g, 1);
	rig_close(&g);
}

static void
test_backpressure(void)
{
	struct err e = ERR_INIT;
	char *big = mem_new(MUCH);
	short a_in, a_out, b;
	struct rig g;

	t_row("a side that reads nothing pauses the other");
	rig_open(&g);
	relay_want(g.r, &a_in, &a_out, &b);
	T_EQ(a_in, POLLIN);
	T_EQ(a_out, 0);
	T_EQ(b, POLLIN);
	int quiet = 0;
	while (quiet < 3) {		/* until neither the socket nor the relay takes more */
		ssize_t n = write(g.far[0], big, MUCH);

		T_CALL(run(g.r, &e));
		quiet = n < 0 ? quiet + 1 : 0;
	}
	relay_want(g.r, &a_in, &a_out, &b);
	T_EQ(a_in, 0);
	T_EQ(a_out, 0);
	T_EQ(b, POLLIN | POLLOUT);
	rig_close(&g);
	mem_free(big);
}

static void
test_half_close(void)
{
	struct err e = ERR_INIT;
	char bytes[16];
	struct rig g;

	t_row("end of a's input is passed on, b's answer still comes back");
	rig_open(&g);
	T_EQ(write(g.far[0], "question", 8), 8);
	T_EQ(shutdown(g.far[0], SHUT_WR), 0);
	T_EQ(run(g.r, &e), 1);
	T_EQ(read(g.far[1], bytes, sizeof bytes), 8);
	T_EQ(read(g.far[1], bytes, sizeof bytes), 0);
	T_EQ(run(g.r, &e), 1);
	T_EQ(write(g.far[1], "answer", 6), 6);
	T_EQ(run(g.r, &e), 1);
	T_EQ(read(g.far[0], bytes, sizeof bytes), 6);
	T_EQ(shutdown(g.far[1], SHUT_WR), 0);
	T_EQ(run(g.r, &e), 0);
	T_EQ(read(g.far[0], bytes, sizeof bytes), 0);
	rig_close(&g);
}

static void
test_b_vanishes(void)
{
	struct err e = ERR_INIT;
	char bytes[16];
	struct rig g;

	t_row("b closes: what it said is delivered, then the relay is finished though a goes on");
	rig_open(&g);
	T_EQ(write(g.far[1], "last words", 10), 10);
	fd_auto(&g.far[1]);
	T_EQ(write(g.far[0], "unheard", 7), 7);
	T_EQ(run(g.r, &e), 0);
	T_EQ(read(g.far[0], bytes, sizeof bytes), 10);
	T_EQ(read(g.far[0], bytes, sizeof bytes), 0);
	rig_close(&g);

	t_row("a closes: an error, because nobody can be told b's bytes");
	rig_open(&g);
	fd_auto(&g.far[0]);
	T_EQ(write(g.far[1], "unheard", 7), 7);
	T_FAILS(run(g.r, &e), ERR_SYS);
	T_EQ(e.sys, EPIPE);
	rig_close(&g);
}

static void
test_preload(void)
{
	struct err e = ERR_INIT;
	char bytes[16], *big = mem_new(RELAY_BYTES + 1);
	struct rig g;

	t_row("bytes read ahead go first");
	rig_open(&g);
	T_EQ(write(g.far[1], " second", 7), 7);
	T_CALL(relay_preload(g.r, STR_LIT("first"), &e));
	T_EQ(run(g.r, &e), 1);
	T_EQ(recv(g.far[0], bytes, 12, MSG_WAITALL), 12);
	T_MEM(bytes, "first second", 12);
	T_CALL(relay_preload(g.r, STR_NULL, &e));
	T_FAILS(relay_preload(g.r, str_from(big, RELAY_BYTES + 1), &e), ERR_TOO_BIG);
	T_CALL(relay_preload(g.r, str_from(big, RELAY_BYTES), &e));
	T_FAILS(relay_preload(g.r, STR_LIT("x"), &e), ERR_TOO_BIG);
	rig_close(&g);
	mem_free(big);
}

/* Standard input and output as a shell gives them: blocking pipes, the reader slow. A step may not block. */
static void
test_blocking_pipes(void)
{
	struct err e = ERR_INIT;
	int in[2], out[2], b[2];
	char *big = mem_new(MUCH), bytes[4096];
	struct relay *r = mem_new(sizeof *r);
	size_t sent = 0, seen = 0;

	t_row("blocking pipes on the a side");
	T_CALL(fd_pipe(in, &e));
	T_CALL(fd_pipe(out, &e));
	T_CALL(fd_socketpair(b, &e));
	for (int i = 0; i < 2; i++)
		T_CALL(fd_nonblock(b[i], &e));
	relay_init(r, in[0], out[1], b[0]);
	T_CALL(relay_step(r, &e));		/* an empty pipe is not read */
	while (seen < MUCH) {
		ssize_t n = sent < MUCH ? write(b[1], big, MUCH - sent) : 0;

		if (n > 0)
			sent += (size_t)n;
		T_CALL(run(r, &e));		/* to the brim of the pipe */
		n = read(out[0], bytes, sizeof bytes);
		if (n > 0)
			seen += (size_t)n;
	}
	T_EQ(seen, MUCH);
	T_EQ(write(in[1], "typed", 5), 5);
	close(in[1]);
	T_EQ(run(r, &e), 1);
	T_EQ(read(b[1], bytes, sizeof bytes), 5);
	T_EQ(read(b[1], bytes, sizeof bytes), 0);
	close(b[1]);
	T_EQ(run(r, &e), 0);
	close(in[0]);
	close(out[0]);
	close(out[1]);
	close(b[0]);
	mem_free(r);
	mem_free(big);
}

int
main(void)
{
	struct err e = ERR_INIT;

	if (cancel_install(&e) < 0)
		return 2;
	test_much();
	test_backpressure();
	test_half_close();
	test_b_vanishes();
	test_preload();
	test_blocking_pipes();
	return t_done();
}

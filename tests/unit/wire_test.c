/* wire_test.c - messages between the edge's two processes: whole or not at all, bounded, and the other's end */
#include "applets/occ-tls/wire.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static int keeper_fd = -1, worker_fd = -1;
static char big[WIRE_MAX];

static void
begin(void)
{
	struct err e = ERR_INIT;

	fd_auto(&keeper_fd);
	fd_auto(&worker_fd);
	T_CALL(wire_pair(&keeper_fd, &worker_fd, &e));
}

/* One message there and back as it was. */
static void
test_whole(size_t n)
{
	AUTO(buf) struct buf scratch = BUF_SECRET_INIT(WIRE_MAX);
	struct wire_head head;
	struct err e = ERR_INIT;
	struct str body;

	t_row("a body of %zu bytes", n);
	begin();
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 0);
	T_EQ(wire_send(keeper_fd, WIRE_IDENTITY, 7, str_from(big, n), &e), 1);
	T_EQ(wire_send(keeper_fd, WIRE_SERVE, 8, STR_NULL, &e), 1);
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 1);
	T_EQ(head.kind, WIRE_IDENTITY);
	T_EQ(head.id, 7);
	T_EQ(head.n, n);
	T_EQ(body.n, n);
	T_OK(body.n == n && memcmp(body.p, big, n) == 0);
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 1);
	T_EQ(head.kind, WIRE_SERVE);
	T_EQ(body.n, 0);
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 0);
}

static void
test_bounds(void)
{
	AUTO(buf) struct buf scratch = BUF_SECRET_INIT(WIRE_MAX);
	struct wire_head head;
	struct err e = ERR_INIT;
	struct str body;
	int n_sent = 0, got;

	t_row("too long a body is refused, and nothing is sent");
	begin();
	T_FAILS(wire_send(keeper_fd, WIRE_IDENTITY, 0, str_from(big, WIRE_MAX + 1), &e), ERR_TOO_BIG);
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 0);
	t_row("a full pair blocks, and goes on where it was");
	while ((got = wire_send(keeper_fd, WIRE_FACTS, (uint32_t)n_sent, str_from(big, 60000), &e)) == 1)
		n_sent++;
	T_EQ(got, 0);
	T_OK(n_sent > 0);
	for (int i = 0; i < n_sent; i++) {
		T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 1);
		T_EQ(head.id, i);
	}
	T_EQ(wire_send(keeper_fd, WIRE_FACTS, 0, STR_NULL, &e), 1);
	t_row("a reader with too little room says so");
	AUTO(buf) struct buf small = BUF_INIT(10);
	begin();
	T_EQ(wire_send(keeper_fd, WIRE_FACTS, 0, STR_LIT("eleven byte"), &e), 1);
	T_FAILS(wire_recv(worker_fd, &small, &head, &body, &e), ERR_TOO_BIG);
}

/* What another program would send: heads that are none, and lengths that are lies. */
static const struct {
	const char *name;
	struct wire_head head;
	size_t head_bytes, body_bytes;
} lies[] = {
	{ "half a head", { WIRE_SERVE, 0, 0 }, sizeof(struct wire_head) - 1, 0 },
	{ "an unknown kind", { WIRE__N, 0, 0 }, sizeof(struct wire_head), 0 },
	{ "a length beyond the maximum", { WIRE_SERVE, WIRE_MAX + 1, 0 }, sizeof(struct wire_head), 1 },
	{ "less than it names", { WIRE_SERVE, 2, 0 }, sizeof(struct wire_head), 1 },
	{ "more than it names", { WIRE_SERVE, 2, 0 }, sizeof(struct wire_head), 3 },
	{ "a body where it names none", { WIRE_SERVE, 0, 0 }, sizeof(struct wire_head), 1 },
};

static void
test_lie(size_t i)
{
	AUTO(buf) struct buf scratch = BUF_INIT(WIRE_MAX);
	struct wire_head head = lies[i].head;
	struct iovec parts[2] = { { &head, lies[i].head_bytes }, { big, lies[i].body_bytes } };
	struct err e = ERR_INIT;
	struct str body;

	t_row("%s", lies[i].name);
	begin();
	T_EQ(writev(keeper_fd, parts, lies[i].body_bytes ? 2 : 1), (ssize_t)(lies[i].head_bytes + lies[i].body_bytes));
	T_FAILS(wire_recv(worker_fd, &scratch, &head, &body, &e), ERR_PARSE);
}

static void
test_end(void)
{
	AUTO(buf) struct buf scratch = BUF_INIT(WIRE_MAX);
	struct wire_head head;
	struct err e = ERR_INIT;
	struct str body;

	t_row("what was sent before the end is still heard; then the end, both ways");
	begin();
	T_EQ(wire_send(keeper_fd, WIRE_END, 0, STR_LIT("last"), &e), 1);
	fd_auto(&keeper_fd);
	keeper_fd = -1;
	T_EQ(wire_recv(worker_fd, &scratch, &head, &body, &e), 1);
	T_VIEW(body, "last");
	T_FAILS(wire_recv(worker_fd, &scratch, &head, &body, &e), ERR_EOF);
	T_FAILS(wire_send(worker_fd, WIRE_SERVING, 0, STR_NULL, &e), ERR_EOF);
	t_row("a struct is taken by its exact length");
	struct wire_ms ms = { .ms = 0 }, sent = { .ms = 70000 };
	T_OK(wire_struct(str_from(&sent, sizeof sent), &ms, sizeof ms));
	T_EQ(ms.ms, 70000);
	T_OK(!wire_struct(str_from(&sent, sizeof sent - 1), &ms, sizeof ms));
	T_OK(!wire_struct(STR_NULL, &ms, sizeof ms));
}

int
main(void)
{
	static const size_t sizes[] = { 0, 1, 11, 4096, sizeof(struct edge_settings), WIRE_MAX };

	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (char)(i * 31 >> 3);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		test_whole(sizes[i]);
	test_bounds();
	for (size_t i = 0; i < ARRAY_LEN(lies); i++)
		test_lie(i);
	test_end();
	fd_auto(&keeper_fd);
	fd_auto(&worker_fd);
	return t_done();
}

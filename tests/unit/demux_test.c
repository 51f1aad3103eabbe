/* demux_test.c - framed streams at every cut, and frames that are none */
#include "lib/engine/exec.h"
#include "tests/t.h"

#define STREAM "\1\0\0\0\0\0\0\3abc" "\2\0\0\0\0\0\0\1x" "\1\0\0\0\0\0\0\0" "\0\0\0\0\0\0\0\2in" "\3\0\0\0\0\0\0\4oops" "\1\0\0\0\0\0\0\1."

/* Takes a piece apart into one text per stream. */
static int
feed(struct demux *d, const char *p, size_t n, struct buf out[4], struct err *e)
{
	struct str in = str_from(t_guard(p, n), n), data;
	int stream, got;

	while ((got = demux_next(d, &in, &stream, &data, e)) > 0) {
		T_OK(data.n > 0);
		buf_putstr(&out[stream], data);
	}
	T_OK(got < 0 || in.n == 0);
	return got;
}

static void
check(struct buf out[4])
{
	T_VIEW(buf_str(&out[DEMUX_STDIN]), "in");
	T_VIEW(buf_str(&out[DEMUX_STDOUT]), "abc.");
	T_VIEW(buf_str(&out[DEMUX_STDERR]), "x");
	T_VIEW(buf_str(&out[DEMUX_SYSTEM]), "oops");
	for (int i = 0; i < 4; i++)
		buf_fini(&out[i]);
}

int
main(void)
{
	static const char bytes[] = STREAM;
	const size_t n = sizeof bytes - 1;
	struct err e = ERR_INIT;

	for (size_t cut = 0; cut <= n; cut++) {
		for (size_t second = cut; second <= n; second += 5) {
			struct buf out[4] = { BUF_INIT(100), BUF_INIT(100), BUF_INIT(100), BUF_INIT(100) };
			struct demux d = { .left = 0 };
			if (second == cut)
				t_row("cut at %zu", cut);
			T_CALL(feed(&d, bytes, cut, out, &e));
			T_CALL(feed(&d, bytes + cut, second - cut, out, &e));
			T_CALL(feed(&d, bytes + second, n - second, out, &e));
			check(out);
		}
	}
	t_row("byte by byte");
	struct buf out[4] = { BUF_INIT(100), BUF_INIT(100), BUF_INIT(100), BUF_INIT(100) };
	struct demux d = { .left = 0 };
	for (size_t i = 0; i < n; i++)
		T_CALL(feed(&d, bytes + i, 1, out, &e));
	check(out);
	T_EQ(d.left, 0);
	T_EQ(d.head_n, 0);

	static const char *const bad[] = { "\4\0\0\0\0\0\0\1x", "\1\1\0\0\0\0\0\1x", "\1\0\1\0\0\0\0\1x", "\1\0\0\1\0\0\0\1x", "HTTP/1.1", "\xff\0\0\0\0\0\0\1x" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct buf none[4] = { BUF_INIT(100), BUF_INIT(100), BUF_INIT(100), BUF_INIT(100) };
		t_row("no frame: %zu", i);
		d = (struct demux){ .left = 0 };
		T_FAILS(feed(&d, bad[i], 8, none, &e), ERR_PARSE);
	}
	t_row("a claim of 4 GiB allocates nothing and takes what comes");
	d = (struct demux){ .left = 0 };
	T_CALL(feed(&d, "\1\0\0\0\xff\xff\xff\xff" "abc", 11, out, &e));
	T_VIEW(buf_str(&out[DEMUX_STDOUT]), "abc");
	T_EQ(d.left, 0xffffffffu - 3);
	buf_fini(&out[DEMUX_STDOUT]);
	return t_done();
}

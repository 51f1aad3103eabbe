/* gzip_test.c - what is compressed comes out again, however it was cut; a full buffer is told and nothing more */
#include "lib/http/gzip.h"

#include "tests/t.h"
#include "tests/unit/gunzip.h"

#define PLAIN_MAX 300000

static const struct {
	const char *name;
	size_t n, step;
	bool is_noise;
} rows[] = {
	{ "nothing", 0, 1, false },
	{ "a byte", 1, 1, false },
	{ "text, byte by byte", 3000, 1, false },
	{ "text", 300000, 32768, false },
	{ "text in one go", 300000, 300000, false },
	{ "noise", 300000, 32768, true },
};

static void
fill(struct buf *b, size_t n, bool is_noise)
{
	uint32_t x = 12345;

	buf_reset(b);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		buf_putc(b, is_noise ? (char)(x >> 24) : "const value = [];\n"[i % 18]);
	}
}

static void
compress_all(struct str plain, size_t step, struct buf *out)
{
	struct err e = ERR_INIT;
	struct gzip *g;

	buf_reset(out);
	if (!T_CALL(gzip_new(&g, &e)))
		return;
	for (; plain.n > 0; plain = str_skip(plain, step))
		gzip_put(g, str_take(plain, step), out);
	gzip_end(g, out);
	gzip_free(g);
}

int
main(void)
{
	AUTO(buf) struct buf plain = BUF_INIT(PLAIN_MAX), z = BUF_INIT(2 * PLAIN_MAX), whole = BUF_INIT(2 * PLAIN_MAX), back = BUF_INIT(2 * PLAIN_MAX);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		t_row("%s", rows[i].name);
		fill(&plain, rows[i].n, rows[i].is_noise);
		compress_all(buf_str(&plain), rows[i].step, &z);
		buf_reset(&back);
		T_OK(gunzip(buf_str(&z), &back));
		T_OK(str_eq(buf_str(&back), buf_str(&plain)));
		compress_all(buf_str(&plain), PLAIN_MAX, &whole);
		T_OK(str_eq(buf_str(&whole), buf_str(&z)));
	}
	t_row("a ceiling latches");
	struct buf small = BUF_INIT(20000);
	compress_all(buf_str(&plain), 32768, &small);
	T_EQ(small.fault, BUF_CEILING);
	buf_fini(&small);
	gzip_free(NULL);
	return t_done();
}

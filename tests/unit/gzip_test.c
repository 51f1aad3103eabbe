/* gzip_test.c - what is compressed comes out again, however it was cut; a full buffer is told and nothing more */
#include "lib/http/gzip.h"

#include "tests/pieces.h"
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

/* ---- and back ---- */

static int
append(void *ctx, struct str data, struct err *e)
{
	(void)e;
	buf_putstr(ctx, data);
	return 0;
}

/* What comes out of z, and how it ends. */
static ssize_t
decompress(struct str z, size_t step, struct buf *out, struct buf *taken, struct buf *behind, struct err *e)
{
	struct pieces in = { .rest = z, .step = step };
	struct gunzip *g;
	char run[1000];
	ssize_t n;

	if (gunzip_new(&g, (struct source){ .read = pieces_read, .ctx = &in }, (struct sink){ .write = append, .ctx = taken }, e) < 0)
		return -2;
	while ((n = gunzip_read(g, run, sizeof run, e)) > 0)
		buf_put(out, run, (size_t)n);
	if (n == 0)
		T_EQ(gunzip_read(g, run, sizeof run, e), 0);
	while (n == 0 && (n = gunzip_read_behind(g, run, sizeof run, e)) > 0) {
		buf_put(behind, run, (size_t)n);
		n = 0;
		if (behind->n >= 3)
			break;
	}
	gunzip_free(g);
	return n;
}

static void
test_back(struct str plain, struct buf *z)
{
	static const struct {
		size_t at;
		const char *error;
	} bad[] = { { 0, "does not begin as gzip" }, { 3, "does not begin as gzip" }, { 8, "does not begin as gzip" }, { 9, "does not begin as gzip" } };
	AUTO(buf) struct buf out = BUF_INIT(2 * PLAIN_MAX), taken = BUF_INIT(2 * PLAIN_MAX), behind = BUF_INIT(100);
	struct err e = ERR_INIT;
	size_t whole = z->n;

	t_row("decompressed, with what stands behind it");
	buf_puts(z, "xyz");
	T_EQ(decompress(buf_str(z), 7, &out, &taken, &behind, &e), 0);
	T_OK(str_eq(buf_str(&out), plain));
	T_OK(str_eq(buf_str(&taken), str_take(buf_str(z), whole)));
	T_STR(behind.p, "xyz");
	buf_trunc(z, whole);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		t_row("another head at byte %zu", bad[i].at);
		err_clear(&e);
		z->p[bad[i].at] = (char)(z->p[bad[i].at] ^ 1);
		T_EQ(decompress(buf_str(z), 4096, &out, &taken, &behind, &e), -1);
		T_HAS(e.msg, bad[i].error);
		z->p[bad[i].at] = (char)(z->p[bad[i].at] ^ 1);
	}
	t_row("cut short");
	for (size_t n = 0; n < whole; n += whole / 50 + 1) {
		err_clear(&e);
		if (decompress(str_take(buf_str(z), n), 4096, &out, &taken, &behind, &e) != -1 || e.code != ERR_PARSE)
			T_FAIL("%zu bytes were taken for all", n);
		buf_reset(&out);
		buf_reset(&taken);
	}
	t_row("the check value and the length count");
	for (size_t i = 1; i <= 8; i += 3) {
		err_clear(&e);
		z->p[whole - i] = (char)(z->p[whole - i] ^ 4);
		buf_reset(&out);
		T_EQ(decompress(buf_str(z), 4096, &out, &taken, &behind, &e), -1);
		z->p[whole - i] = (char)(z->p[whole - i] ^ 4);
	}
	gunzip_free(NULL);
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
	compress_all(buf_str(&plain), 32768, &z);
	test_back(buf_str(&plain), &z);
	gzip_free(NULL);
	return t_done();
}

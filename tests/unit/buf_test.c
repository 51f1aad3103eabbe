/*
 * buf_test.c - ceilings, the latch, encodings, and every allocation failing in turn
 */
/* ldflags: -Wl,--wrap=malloc,--wrap=realloc,--wrap=free */
#include "lib/base/buf.h"

#include <errno.h>

#include "tests/t.h"

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

static int fail_at;		/* this allocation from now on fails; 0 is none */
static int allocations;
static const void *watched;	/* a block whose content is looked at when it is freed */
static size_t watched_bytes;
static bool was_wiped;

static bool
fails(void)
{
	allocations++;
	return fail_at > 0 && allocations == fail_at;
}

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

void
__wrap_free(void *p)
{
	if (p && p == watched) {
		const char *c = p;

		was_wiped = true;
		for (size_t i = 0; i < watched_bytes; i++)
			if (c[i])
				was_wiped = false;
		watched = NULL;
	}
	__real_free(p);
}

static void
sound(const struct buf *b)
{
	T_OK(b->p != NULL);
	T_OK(b->n <= b->ceiling);
	T_EQ(b->p[b->n], '\0');
	T_OK(b->cap == 0 ? b->n == 0 : b->n < b->cap);
	T_EQ(buf_empty[0], '\0');
}

/* ---- ceilings ---- */

static const struct {
	size_t ceiling;
	const char *left;
	enum buf_fault fault;
} ceiling_row[] = {
	{ 0, "", BUF_CEILING },
	{ 1, "h", BUF_CEILING },
	{ 4, "h", BUF_CEILING },	/* an append is whole or not at all */
	{ 5, "hello", BUF_CEILING },
	{ 10, "hello", BUF_CEILING },
	{ 11, "hello world", BUF_OK },
	{ 12, "hello world", BUF_OK },
};

static void
test_ceilings(void)
{
	for (size_t i = 0; i < sizeof ceiling_row / sizeof ceiling_row[0]; i++) {
		AUTO(buf) struct buf b = BUF_INIT(ceiling_row[i].ceiling);
		struct err e = ERR_INIT;

		t_row("ceiling %zu", ceiling_row[i].ceiling);
		buf_putc(&b, 'h');
		sound(&b);
		buf_puts(&b, "ello");
		sound(&b);
		buf_printf(&b, " %s", "world");
		sound(&b);
		T_STR(b.p, ceiling_row[i].left);
		T_EQ(b.fault, ceiling_row[i].fault);
		T_EQ(buf_check(&b, "greeting", &e), b.fault == BUF_OK ? 0 : -1);
		if (b.fault == BUF_OK)
			continue;
		T_ERR(ERR_TOO_BIG);
		T_HAS(e.msg, "greeting is larger than ");
		buf_puts(&b, "");
		buf_putc(&b, 'x');
		T_STR(b.p, ceiling_row[i].left);
		T_OK(!buf_room(&b, 1));
		buf_reset(&b);
		T_EQ(buf_check(&b, "greeting", &e), 0);
		T_EQ(b.n, 0);
		sound(&b);
	}
}

static void
test_room(void)
{
	AUTO(buf) struct buf b = BUF_INIT(10);
	char *p;

	t_row("room of nothing");
	T_OK(buf_room(&b, 0) != NULL);
	buf_grew(&b, 0);
	sound(&b);
	t_row("room up to the ceiling, and counted");
	p = buf_room(&b, 10);
	T_OK(p == b.p);
	if (p)
		memcpy(p, "0123456789", 10);
	buf_grew(&b, 7);
	T_STR(b.p, "0123456");
	sound(&b);
	t_row("dropping and cutting");
	buf_drop(&b, 0);
	buf_drop(&b, 2);
	T_STR(b.p, "23456");
	buf_trunc(&b, 9);
	T_STR(b.p, "23456");
	buf_trunc(&b, 3);
	T_STR(b.p, "234");
	buf_drop(&b, 100);
	T_STR(b.p, "");
	sound(&b);
	t_row("room beyond the ceiling latches");
	buf_puts(&b, "abc");
	T_OK(!buf_room(&b, 8));
	T_EQ(b.fault, BUF_CEILING);
	T_STR(b.p, "abc");
	t_row("sizes that would wrap round are refused");
	AUTO(buf) struct buf huge = BUF_INIT(SIZE_MAX);
	buf_puts(&huge, "x");
	T_OK(!buf_room(&huge, SIZE_MAX));
	T_EQ(huge.fault, BUF_CEILING);
	buf_fini(&huge);
	T_OK(huge.p == buf_empty);
	buf_puts(&huge, "again");
	T_STR(huge.p, "again");
}

/* ---- encodings ---- */

static const struct {
	const char *plain, *std, *url;
} b64_row[] = {
	{ "", "", "" },		/* RFC 4648 section 10 */
	{ "f", "Zg==", "Zg==" },
	{ "fo", "Zm8=", "Zm8=" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+", "-__-" },
};

static const char *const b64_bad[] = { "A", "AB=", "A===", "AB=A", "=", "====", "AB C", "AB\n=", "Zh==", "Zm9=", "Zm9vY", "A*==" };

static void
test_b64(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof b64_row / sizeof b64_row[0]; i++) {
		AUTO(buf) struct buf b = BUF_INIT(64);
		struct str bare = str_trim_char(str_of(b64_row[i].url), '=');

		t_row("base64 %s", b64_row[i].std);
		buf_putb64(&b, str_of(b64_row[i].plain), false);
		T_STR(b.p, b64_row[i].std);
		buf_reset(&b);
		buf_putb64(&b, str_of(b64_row[i].plain), true);
		T_STR(b.p, b64_row[i].url);
		buf_reset(&b);
		T_CALL(buf_unb64(&b, str_of(b64_row[i].std), &e));
		T_CALL(buf_unb64(&b, str_from(t_guard(bare.p, bare.n), bare.n), &e));
		T_EQ(b.n, 2 * strlen(b64_row[i].plain));
		T_MEM(b.p, b64_row[i].plain, strlen(b64_row[i].plain));
	}
	for (size_t i = 0; i < sizeof b64_bad / sizeof b64_bad[0]; i++) {
		AUTO(buf) struct buf b = BUF_INIT(64);

		t_row("not base64: row %zu", i);
		buf_puts(&b, "kept");
		T_FAILS(buf_unb64(&b, str_of(b64_bad[i]), &e), ERR_PARSE);
		T_STR(b.p, "kept");
	}
	AUTO(buf) struct buf tiny = BUF_INIT(5);

	t_row("decoding beyond the ceiling appends nothing");
	buf_puts(&tiny, "kept");
	T_FAILS(buf_unb64(&tiny, STR_LIT("Zm9v"), &e), ERR_TOO_BIG);
	T_STR(tiny.p, "kept");
}

static void
test_encodings(void)
{
	AUTO(buf) struct buf b = BUF_INIT(256);

	t_row("percent encoding");
	buf_puturl(&b, STR_LIT("aZ09-._~ /:%\xc3\xa4"), NULL);
	T_STR(b.p, "aZ09-._~%20%2F%3A%25%C3%A4");
	buf_reset(&b);
	buf_puturl(&b, str_from("a/b:c\0d", 7), "/:");
	T_STR(b.p, "a/b:c%00d");
	t_row("hexadecimal");
	buf_reset(&b);
	buf_puthex(&b, "\x00\x0f\xa5\xff", 4);
	T_STR(b.p, "000fa5ff");
	t_row("views");
	buf_reset(&b);
	buf_putstr(&b, STR_NULL);
	buf_putstr(&b, str_from("a\0b", 3));
	T_EQ(b.n, 3);
	T_OK(str_eq(buf_str(&b), str_from("a\0b", 3)));
}

/* ---- memory ---- */

/* Many appends of many kinds; the buf has to stay sound whichever allocation fails. */
static void
append_all(struct buf *b)
{
	for (int i = 0; i < 40; i++) {
		void *room;

		buf_printf(b, "%d-%s-", i, "some words to make it grow");
		sound(b);
		buf_putb64(b, buf_str(b).n > 50 ? str_take(buf_str(b), 0) : STR_LIT("abc"), false);
		buf_puthex(b, "abc", 3);
		sound(b);
		room = buf_room(b, 100);
		if (room) {
			memset(room, 'r', 100);
			buf_grew(b, 100);
		}
		sound(b);
		buf_drop(b, 3);
		buf_putc(b, '.');
		sound(b);
	}
}

static void
torture(bool secret)
{
	int n;

	t_row("every allocation of a %s fails in turn", secret ? "secret buf" : "buf");
	for (n = 1; n < 1000; n++) {
		struct buf b = BUF_INIT(1u << 20);
		struct err e = ERR_INIT;

		b.secret = secret;
		allocations = 0;
		fail_at = n;
		append_all(&b);
		fail_at = 0;
		if (b.fault == BUF_OK) {
			buf_fini(&b);
			break;
		}
		T_EQ(b.fault, BUF_NOMEM);
		T_FAILS(buf_check(&b, "text", &e), ERR_SYS);
		T_EQ(e.sys, ENOMEM);
		buf_fini(&b);
		sound(&b);
	}
	T_OK(n > 3 && n < 1000);
}

static void
watch(const struct buf *b)
{
	watched = b->p;
	watched_bytes = b->n;
	was_wiped = false;
}

static void
test_wiping(void)
{
	struct buf b = BUF_SECRET_INIT(4096);
	struct buf plain = BUF_INIT(4096);

	t_row("growing a secret wipes what it leaves");
	buf_puts(&b, "hunter2");
	watch(&b);
	T_OK(buf_room(&b, 1000) != NULL);
	T_OK(was_wiped);
	T_STR(b.p, "hunter2");
	t_row("so does its end");
	watch(&b);
	buf_fini(&b);
	T_OK(was_wiped);
	t_row("buf_wipe wipes any buf");
	buf_puts(&plain, "hunter2");
	watch(&plain);
	buf_wipe(&plain);
	T_OK(was_wiped);
	buf_wipe(&plain);
	sound(&plain);
}

int
main(void)
{
	test_ceilings();
	test_room();
	test_b64();
	test_encodings();
	torture(false);
	torture(true);
	test_wiping();
	return t_done();
}

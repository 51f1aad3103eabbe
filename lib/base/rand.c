/* rand.c - the kernel's random bytes through getentropy, which glibc, musl and macOS have in common */
#include "lib/base/rand.h"

#include <unistd.h>

/* macOS declares getentropy here, with macros that unistd.h brings. */
#include <sys/random.h>

#include "lib/base/mem.h"

/* getentropy gives at most this much at once. */
#define ENTROPY_MAX ((size_t)256)

static const char alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz";
#define ALPHABET_LEN (sizeof(alphabet) - 1)
_Static_assert(ALPHABET_LEN == 56, "letters and digits without 0 O 1 l I o");

int
rand_bytes(void *p, size_t n, struct err *e)
{
	unsigned char *to = p;

	while (n > 0) {
		size_t part = n < ENTROPY_MAX ? n : ENTROPY_MAX;

		if (getentropy(to, part) < 0)
			return err_sys(e, "random bytes from the kernel");
		to += part;
		n -= part;
	}
	return 0;
}

/* Six bits at a time; the eight values beyond the alphabet are thrown away, so that every letter is as likely. */
int
rand_token(struct buf *b, size_t n, struct err *e)
{
	unsigned char pool[64];
	size_t before = b->n;

	while (b->fault == BUF_OK && b->n - before < n) {
		if (rand_bytes(pool, sizeof pool, e) < 0) {
			buf_trunc(b, before);
			return -1;
		}
		for (size_t i = 0; i < sizeof pool && b->n - before < n && b->fault == BUF_OK; i++)
			if ((pool[i] & 63u) < ALPHABET_LEN)
				buf_putc(b, alphabet[pool[i] & 63u]);
	}
	mem_wipe(pool, sizeof pool);
	return buf_check(b, "random token", e);
}

int
rand_hex(struct buf *b, size_t n_bytes, struct err *e)
{
	unsigned char pool[64];
	size_t before = b->n;

	for (size_t left = n_bytes; left > 0;) {
		size_t part = left < sizeof pool ? left : sizeof pool;

		if (rand_bytes(pool, part, e) < 0) {
			buf_trunc(b, before);
			return -1;
		}
		buf_puthex(b, pool, part);
		left -= part;
	}
	mem_wipe(pool, sizeof pool);
	return buf_check(b, "random token", e);
}

/* buf.c - growing, appending and the latch of the byte buffer */
#include "lib/base/buf.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define CAP_MIN ((size_t)64)
#define COPY_MAX 128		/* bytes up to which pieces are quicker */

char buf_empty[1];

void
buf_fini(struct buf *b)
{
	if (b->cap > 0) {
		if (b->secret)
			mem_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = buf_empty;
	b->n = 0;
	b->cap = 0;
	b->fault = BUF_OK;
}

void
buf_auto(struct buf *b)
{
	buf_fini(b);
}

void
buf_wipe(struct buf *b)
{
	if (b->cap > 0)
		mem_wipe(b->p, b->cap);
	buf_fini(b);
}

void
buf_reset(struct buf *b)
{
	buf_trunc(b, 0);
	b->fault = BUF_OK;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

/* realloc, but for a secret: what it would leave behind in the heap is wiped first. */
static char *
resize(struct buf *b, size_t cap)
{
	char *p;

	if (b->cap > 0 && !b->secret)
		return realloc(b->p, cap);
	p = malloc(cap);
	if (!p)
		return NULL;
	memcpy(p, b->p, b->n + 1);
	if (b->cap > 0) {
		mem_wipe(b->p, b->cap);
		free(b->p);
	}
	return p;
}

/* Makes room for n more bytes and the NUL, doubling, but not beyond what the ceiling can ever use. */
static bool
grow(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (b->fault != BUF_OK)
		return false;
	if (n > b->ceiling - b->n || b->n + n > SIZE_MAX / 4) {
		b->fault = BUF_CEILING;
		return false;
	}
	need = b->n + n + 1;
	if (need <= b->cap)
		return true;
	cap = b->cap < CAP_MIN ? CAP_MIN : b->cap * 2;
	if (cap > b->ceiling && b->ceiling < SIZE_MAX)
		cap = b->ceiling + 1;
	if (cap < need)
		cap = need;
	p = resize(b, cap);
	if (!p) {
		b->fault = BUF_NOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

/* Most appends are a few words, and the library's memcpy is made for pages: as pieces of one size, of which the last overlaps. */
static inline void
copy(char *to, const char *from, size_t n)
{
	struct piece { uint64_t v[2]; } piece, last;
	uint64_t a, b;

	if (n < sizeof a) {
		for (size_t i = 0; i < n; i++)
			to[i] = from[i];
	} else if (n <= sizeof piece) {
		memcpy(&a, from, sizeof a);
		memcpy(&b, from + n - sizeof b, sizeof b);
		memcpy(to, &a, sizeof a);
		memcpy(to + n - sizeof b, &b, sizeof b);
	} else if (n <= COPY_MAX) {
		memcpy(&last, from + n - sizeof last, sizeof last);
		for (size_t i = 0; i < n - sizeof piece; i += sizeof piece) {
			memcpy(&piece, from + i, sizeof piece);
			memcpy(to + i, &piece, sizeof piece);
		}
		memcpy(to + n - sizeof last, &last, sizeof last);
	} else {
		memcpy(to, from, n);
	}
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	bool fits = b->fault == BUF_OK && n < b->cap - b->n;

	if (n == 0 || !(fits || grow(b, n)))
		return;
	copy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap > 0 ? b->cap - b->n : 0;
	va_list again;
	int n;

	if (b->fault != BUF_OK)
		return;
	va_copy(again, ap);
	n = vsnprintf(room ? b->p + b->n : NULL, room, fmt, again);
	va_end(again);
	if (n < 0)
		b->fault = BUF_CEILING;		/* longer than INT_MAX */
	if (n <= 0 || !grow(b, (size_t)n)) {
		if (room)
			b->p[b->n] = '\0';
		return;
	}
	if ((size_t)n >= room)
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void *
buf_room(struct buf *b, size_t n)
{
	return grow(b, n) ? b->p + b->n : NULL;
}

void
buf_grew(struct buf *b, size_t n)
{
	if (b->cap == 0 && n == 0)
		return;
	if (n >= b->cap - b->n)
		BUG("buf_grew beyond buf_room");
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		buf_trunc(b, 0);
		return;
	}
	if (n == 0)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n + 1);
}

void
buf_trunc(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

int
buf_check(const struct buf *b, const char *what, struct err *e)
{
	switch (b->fault) {
	case BUF_OK:
		return 0;
	case BUF_CEILING:
		return err_set(e, ERR_TOO_BIG, "%s is larger than %zu bytes", what, b->ceiling);
	case BUF_NOMEM:
		break;
	}
	errno = ENOMEM;
	return err_sys(e, "%s", what);
}

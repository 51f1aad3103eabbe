/* arena.c - blocks of zeroed memory handed out front to back, freed all at once */
#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SANITIZED 1
#endif

struct arena_block {
	struct arena_block *below;
	size_t used;
	size_t cap;
	alignas(max_align_t) unsigned char data[];
};

#if defined(ARENA_SANITIZED)
/* Under AddressSanitizer each allocation is a block of its own, no longer than asked, so that an overrun is seen. */
static size_t
rounded(size_t n)
{
	return n;
}

static size_t
next_cap(const struct arena *a)
{
	(void)a;
	return 1;
}
#else
#define BLOCK_MIN ((size_t)2 << 10)
#define BLOCK_MAX ((size_t)64 << 10)

static size_t
rounded(size_t n)
{
	return (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

/* Blocks double, so that a small tree costs little and a large one few calls. */
static size_t
next_cap(const struct arena *a)
{
	if (!a->top)
		return BLOCK_MIN;
	return a->top->cap < BLOCK_MAX / 2 ? a->top->cap * 2 : BLOCK_MAX;
}
#endif

static void
add_block(struct arena *a, size_t n)
{
	size_t cap = next_cap(a);
	struct arena_block *b;

	if (cap < n)
		cap = n;
	b = calloc(1, sizeof *b + cap);
	if (!b)
		mem_gone();
	b->cap = cap;
	b->below = a->top;
	a->top = b;
}

void *
arena_zero(struct arena *a, size_t n)
{
	unsigned char *p;

	if (n > SIZE_MAX / 4)
		mem_gone();
	n = rounded(n > 0 ? n : 1);
	if (!a->top || a->top->cap - a->top->used < n)
		add_block(a, n);
	p = a->top->data + a->top->used;
	a->top->used += n;
	a->total += n;
	return p;
}

void
arena_fini(struct arena *a)
{
	while (a->top) {
		struct arena_block *below = a->top->below;
		if (a->secret)
			mem_wipe(a->top->data, a->top->cap);
		free(a->top);
		a->top = below;
	}
	a->total = 0;
}

void
arena_auto(struct arena *a)
{
	arena_fini(a);
}

char *
arena_str(struct arena *a, struct str s)
{
	char *p = arena_zero(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *cstr)
{
	return arena_str(a, str_of(cstr));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("arena_printf: bad format");
	p = arena_zero(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
strlist_add(struct arena *a, struct strlist *l, const char *cstr)
{
	if (l->n + 1 >= l->cap) {
		size_t cap = l->cap < 8 ? 8 : l->cap * 2;
		const char **v = arena_zero(a, cap * sizeof *v);

		if (l->n > 0)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = cstr;	/* the slot behind it is still NULL */
}

bool
strlist_has(const struct strlist *l, const char *cstr)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], cstr) == 0)
			return true;
	return false;
}

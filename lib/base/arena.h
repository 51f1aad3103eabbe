/*
 * arena.h - memory of one data graph, freed at once
 *
 * Parsed JSON, a configuration, a container description live in an arena that the caller passes in.
 * Nothing is freed one by one. Allocation never returns NULL: without memory the process ends with
 * one message. So parsers of foreign bytes bound their input before they fill an arena.
 */
#ifndef OCC_BASE_ARENA_H
#define OCC_BASE_ARENA_H

#include "lib/base/err.h"
#include "lib/base/str.h"

struct arena_block;

struct arena {
	struct arena_block *top;
	size_t total;		/* bytes handed out */
	bool secret;		/* overwritten before it is freed */
};

#define ARENA_INIT { .top = NULL }
#define ARENA_SECRET_INIT { .top = NULL, .secret = true }

void arena_fini(struct arena *a);
void arena_auto(struct arena *a);
void *arena_zero(struct arena *a, size_t n);			/* zeroed, aligned for any type */
char *arena_str(struct arena *a, struct str s);			/* NUL-terminated copy */
char *arena_strdup(struct arena *a, const char *cstr);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* A growing list of strings in an arena, NULL-terminated from the first one on; starts zeroed. */
struct strlist {
	const char **v;		/* NULL while empty */
	size_t n;
	size_t cap;
};

void strlist_add(struct arena *a, struct strlist *l, const char *cstr);		/* keeps the pointer */
bool strlist_has(const struct strlist *l, const char *cstr);

#endif

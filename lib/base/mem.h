/*
 * mem.h - allocation of sizes that this program chooses, and wiping
 *
 * These end the process with one message when memory is gone: only for sizes a programmer wrote down.
 * Sizes that input chooses go into a buf with a ceiling, or an arena with one.
 */
#ifndef OCC_BASE_MEM_H
#define OCC_BASE_MEM_H

#include <stddef.h>

_Noreturn void mem_gone(void);			/* says "out of memory", ends the process with 1 */
void *mem_new(size_t n);			/* zeroed */
void mem_free(void *p);
void mem_wipe(void *p, size_t n);		/* not optimised away */
int mem_differs(const void *a, const void *b, size_t n);	/* constant time; 0 when equal */

/* For interfaces that forget to say const (an iovec, the words of a new program): what it points at is not written to. */
static inline void *
mem_unconst(const void *p)
{
	union { const void *is_const; void *is_not; } u = { .is_const = p };

	return u.is_not;
}

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The owner of an embedded member. */
#define CONTAINER_OF(p, type, member) ((type *)(void *)((char *)(p) - offsetof(type, member)))

#endif

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

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif

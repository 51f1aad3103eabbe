/* mem.c - allocation that ends the process when memory is gone; wiping; constant-time comparison */
#include "lib/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Writes to descriptor 2 and ends the process here: unwinding would need the memory that is not there. */
void
mem_gone(void)
{
	static const char text[] = "opencode-cloud: out of memory\n";

	if (write(2, text, sizeof text - 1) < 0)
		_exit(1);
	_exit(1);
}

void *
mem_new(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (!p)
		mem_gone();
	return p;
}

void
mem_free(void *p)
{
	free(p);
}

void
mem_wipe(void *p, size_t n)
{
	if (n == 0)
		return;
	memset(p, 0, n);
	/* The compiler has to believe that somebody reads the zeros. */
	__asm__ volatile("" : : "r"(p) : "memory");
}

int
mem_differs(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;
	unsigned char diff = 0;

	for (size_t i = 0; i < n; i++)
		diff = (unsigned char)(diff | (x[i] ^ y[i]));
	return diff != 0;
}

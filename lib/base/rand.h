/*
 * rand.h - random bytes from the kernel (getrandom(2), getentropy on macOS) and tokens made of them
 */
#ifndef OCC_BASE_RAND_H
#define OCC_BASE_RAND_H

#include "lib/base/buf.h"

int rand_bytes(void *p, size_t n, struct err *e) MUST_CHECK;
/* Appends n characters drawn without bias from an alphabet of 56 letters and digits that cannot be mistaken for one
 * another (no 0 O 1 l I o): 5.8 bits each. */
int rand_token(struct buf *b, size_t n, struct err *e) MUST_CHECK;
int rand_hex(struct buf *b, size_t n_bytes, struct err *e) MUST_CHECK;

#endif

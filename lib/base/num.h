/*
 * num.h - checked conversions between text and numbers, sizes and durations
 *
 * The whole text has to be the number: no leading space, no sign where none is asked for, no rest.
 * Failures are ERR_PARSE with the text quoted and the allowed form named.
 */
#ifndef OCC_BASE_NUM_H
#define OCC_BASE_NUM_H

#include <stdint.h>

#include "lib/base/buf.h"

int num_u64(struct str s, uint64_t min, uint64_t max, uint64_t *ret, struct err *e) MUST_CHECK;
int num_i64(struct str s, int64_t min, int64_t max, int64_t *ret, struct err *e) MUST_CHECK;
int num_hex(struct str s, uint64_t max, uint64_t *ret, struct err *e) MUST_CHECK;

/* "512m", "1.5g", "2 GiB", "1073741824": powers of 1024, as the engine's own command line reads them. */
int num_bytes(struct str s, uint64_t *ret, struct err *e) MUST_CHECK;
/* "90" or "90s", "5m", "1h30m", "500ms", "2d" in milliseconds. */
int num_duration_ms(struct str s, int64_t *ret, struct err *e) MUST_CHECK;
/* "1.5" with at most 9 decimals, times 10^9 (NanoCpus). */
int num_nano(struct str s, int64_t *ret, struct err *e) MUST_CHECK;

void num_put_u64(struct buf *b, uint64_t n);		/* decimal; what buf_printf would cost is felt where requests are forwarded */
/* "1.4 GB" (powers of 1000, two significant parts), "3 d 4 h", "2.4 s": for people. */
void num_put_bytes(struct buf *b, uint64_t bytes);
void num_put_duration(struct buf *b, int64_t ms);

#endif

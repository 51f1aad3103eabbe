/*
 * clock.h - time as this program uses it
 *
 * `_ms` is milliseconds of CLOCK_BOOTTIME (monotonic, counts suspend; CLOCK_MONOTONIC where there is none);
 * deadlines are absolute in it. `_epoch_s` is wall clock seconds, only for showing and storing.
 */
#ifndef OCC_BASE_CLOCK_H
#define OCC_BASE_CLOCK_H

#include <stdint.h>

#include "lib/base/buf.h"

#define CLOCK_NEVER INT64_MAX

int64_t clock_now_ms(void);
int64_t clock_due_ms(int64_t in_ms);			/* now + in_ms, saturating; CLOCK_NEVER stays never */
int64_t clock_epoch_s(void);
int64_t clock_epoch_ns(void);

/* RFC 3339 with fraction and zone, as the engine writes it; "0001-01-01T00:00:00Z" gives 0. */
int clock_parse_rfc3339(struct str s, int64_t *ret_epoch_ns, struct err *e) MUST_CHECK;
void clock_put_rfc3339(struct buf *b, int64_t epoch_s);		/* UTC */
/* "10m", "2026-11-01", "2026-11-01T10:00:00[Z]", "1700000000": as `--since` takes it, relative to now. */
int clock_parse_when(struct str s, int64_t now_epoch_s, int64_t *ret_epoch_s, struct err *e) MUST_CHECK;

#endif

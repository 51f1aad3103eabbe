/*
 * metrics.h - pure: what /metrics says (Prometheus text format 0.0.4)
 *
 * Durations are counted in buckets that are fixed, so that a time series stays comparable over restarts and versions. All names begin with occ_edge_ and carry their
 * unit.
 */
#ifndef OCC_APPLETS_TLS_METRICS_H
#define OCC_APPLETS_TLS_METRICS_H

#include "applets/occ-tls/wire.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define METRICS_BUCKETS 12
#define METRICS_TEXT_MAX 16384

/* Durations of requests, from the whole head to the first byte of the answer. */
struct metrics_durations {
	uint64_t n[METRICS_BUCKETS];	/* in each bucket alone */
	uint64_t n_all;			/* all, those beyond the last bucket as well */
	uint64_t sum_us;
};

void metrics_count(struct metrics_durations *d, uint64_t us);

/* cert_until_epoch_s 0: there is no certificate, and no line for it. */
void metrics_put(const struct wire_facts *f, const struct metrics_durations *d, int64_t cert_until_epoch_s, struct buf *out);

#endif

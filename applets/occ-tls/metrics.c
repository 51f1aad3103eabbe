/* metrics.c - Prometheus text */
#include "applets/occ-tls/metrics.h"

#include <inttypes.h>

#include "lib/base/mem.h"

#define US_PER_S 1000000

struct metric {
	const char *name, *type, *help;
};

/* Upper bounds, inclusive; the text is the label, in seconds. */
static const struct {
	uint64_t us;
	const char *le;
} buckets[METRICS_BUCKETS] = {
	{ 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" }, { 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" },
	{ 50000, "0.05" }, { 100000, "0.1" }, { 250000, "0.25" }, { 1000000, "1" }, { 2500000, "2.5" }, { 10000000, "10" },
};

void
metrics_count(struct metrics_durations *d, uint64_t us)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		if (us <= buckets[i].us) {
			d->n[i]++;
			break;
		}
	}
	d->n_all++;
	d->sum_us += us;
}

static void
put_head(const struct metric *m, struct buf *out)
{
	buf_printf(out, "# HELP occ_edge_%s %s\n# TYPE occ_edge_%s %s\n", m->name, m->help, m->name, m->type);
}

static void
put_one(const struct metric *m, int64_t value, struct buf *out)
{
	put_head(m, out);
	buf_printf(out, "occ_edge_%s %" PRId64 "\n", m->name, value);
}

static void
put_durations(const struct metrics_durations *d, struct buf *out)
{
	static const struct metric m = { "request_duration_seconds", "histogram", "From a request's head to the first byte of its answer." };
	uint64_t n = 0;

	put_head(&m, out);
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		n += d->n[i];
		buf_printf(out, "occ_edge_%s_bucket{le=\"%s\"} %" PRIu64 "\n", m.name, buckets[i].le, n);
	}
	buf_printf(out, "occ_edge_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", m.name, d->n_all);
	buf_printf(out, "occ_edge_%s_sum %" PRIu64 ".%06" PRIu64 "\n", m.name, d->sum_us / US_PER_S, d->sum_us % US_PER_S);
	buf_printf(out, "occ_edge_%s_count %" PRIu64 "\n", m.name, d->n_all);
}

static void
put_facts(const struct wire_facts *f, struct buf *out)
{
	const struct {
		struct metric m;
		uint64_t value;
	} rows[] = {
		{ { "requests_total", "counter", "Requests whose head was read whole." }, f->n_requests },
		{ { "requests_failed_total", "counter", "Requests that opencode did not answer." }, f->n_failed },
		{ { "requests_refused_total", "counter", "Requests that were not let in." }, f->n_refused },
		{ { "requests_held", "gauge", "Requests that wait for the service to come back." }, f->n_held },
		{ { "streams", "gauge", "Open event streams." }, f->n_streams },
		{ { "websockets", "gauge", "Open WebSockets." }, f->n_websockets },
		{ { "connections", "gauge", "Open connections of clients." }, f->n_connections },
		{ { "received_bytes_total", "counter", "Bytes from clients." }, f->bytes_in },
		{ { "sent_bytes_total", "counter", "Bytes to clients." }, f->bytes_out },
		{ { "tls_handshakes_total", "counter", "TLS handshakes that were completed." }, f->n_handshakes },
		{ { "tls_resumed_total", "counter", "TLS handshakes that resumed a session." }, f->n_resumed },
		{ { "backend_restarts_total", "counter", "Times that opencode went away and came back." }, f->n_restarts },
		{ { "backend_up", "gauge", "1 while opencode answers." }, f->is_back_up },
		{ { "asset_cache_bytes", "gauge", "Compressed assets that are kept." }, f->n_asset_bytes },
		{ { "clients_all_private", "gauge", "1 when all clients share one private address: a proxy that is not in edge.trusted_proxies?" },
		  f->all_private },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		put_one(&rows[i].m, (int64_t)rows[i].value, out);
}

void
metrics_put(const struct wire_facts *f, const struct metrics_durations *d, int64_t cert_until_epoch_s, struct buf *out)
{
	static const struct metric seen = { "backend_seen_seconds", "gauge", "Seconds since opencode answered last." };
	static const struct metric cert = { "certificate_expiry_timestamp_seconds", "gauge", "End of the certificate, in seconds since 1970." };

	put_facts(f, out);
	if (f->back_seen_s >= 0)
		put_one(&seen, f->back_seen_s, out);
	if (cert_until_epoch_s > 0)
		put_one(&cert, cert_until_epoch_s, out);
	put_durations(d, out);
}

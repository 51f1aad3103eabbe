/* edge_metrics_test.c - /metrics: every line of the format, buckets that add up */
#include "applets/occ-tls/metrics.h"

#include "lib/base/mem.h"
#include "tests/t.h"

/* HELP, TYPE, then samples of that name, which begin with a digit behind the space (exposition format 0.0.4). */
static void
check_format(struct str text)
{
	struct str line, name = STR_NULL;

	while (str_line(&text, &line)) {
		bool is_help = str_has_prefix(line, "# HELP "), is_type = str_has_prefix(line, "# TYPE ");
		struct str rest = str_skip(line, 7), word = str_cut(&rest, ' ');

		if (is_help || is_type) {
			T_OK(is_help || str_eq(word, name));
			T_OK(rest.n > 0);
			T_OK(!is_type || str_is(rest, "counter") || str_is(rest, "gauge") || str_is(rest, "histogram"));
			name = word;
		} else {
			rest = line;
			T_OK(str_eq(str_take(str_cut(&rest, ' '), name.n), name));
			T_OK(rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9');
		}
	}
}

static void
test_text(void)
{
	const struct wire_facts f = { .n_requests = 7, .bytes_out = 18446744073, .is_back_up = true, .back_seen_s = 3, .n_restarts = 2, .all_private = true };
	struct wire_facts never = f;
	struct metrics_durations d = { .n_all = 0 };
	AUTO(buf) struct buf out = BUF_INIT(METRICS_TEXT_MAX);

	t_row("format");
	metrics_put(&f, &d, 1800000000, &out);
	T_EQ(out.fault, BUF_OK);
	check_format(buf_str(&out));
	T_HAS(out.p, "# TYPE occ_edge_requests_total counter\nocc_edge_requests_total 7\n");
	T_HAS(out.p, "occ_edge_sent_bytes_total 18446744073\n");
	T_HAS(out.p, "occ_edge_backend_up 1\n");
	T_HAS(out.p, "occ_edge_backend_seen_seconds 3\n");
	T_HAS(out.p, "occ_edge_certificate_expiry_timestamp_seconds 1800000000\n");
	T_HAS(out.p, "occ_edge_clients_all_private 1\n");
	t_row("what is not known has no line");
	never.back_seen_s = -1;
	buf_reset(&out);
	metrics_put(&never, &d, 0, &out);
	check_format(buf_str(&out));
	T_OK(str_find(buf_str(&out), STR_LIT("expiry")) == STR_NONE);
	T_OK(str_find(buf_str(&out), STR_LIT("seen")) == STR_NONE);
}

static void
test_durations(void)
{
	static const uint64_t us[] = { 0, 500, 501, 1000, 99999, 100000, 100001, 10000000, 10000001, 60000000 };
	const struct wire_facts f = { .back_seen_s = -1 };
	struct metrics_durations d = { .n_all = 0 };
	AUTO(buf) struct buf out = BUF_INIT(METRICS_TEXT_MAX);

	t_row("buckets hold what is not above their bound, and all before them");
	for (size_t i = 0; i < ARRAY_LEN(us); i++)
		metrics_count(&d, us[i]);
	metrics_put(&f, &d, 0, &out);
	T_HAS(out.p, "_bucket{le=\"0.0005\"} 2\n");
	T_HAS(out.p, "_bucket{le=\"0.001\"} 4\n");
	T_HAS(out.p, "_bucket{le=\"0.05\"} 4\n");
	T_HAS(out.p, "_bucket{le=\"0.1\"} 6\n");
	T_HAS(out.p, "_bucket{le=\"0.25\"} 7\n");
	T_HAS(out.p, "_bucket{le=\"10\"} 8\n");
	T_HAS(out.p, "_bucket{le=\"+Inf\"} 10\n");
	T_HAS(out.p, "_sum 80.302002\n");
	T_HAS(out.p, "_count 10\n");
}

int
main(void)
{
	test_text();
	test_durations();
	return t_done();
}

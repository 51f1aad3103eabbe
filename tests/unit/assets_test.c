/* assets_test.c - the cache of assets: what is kept and served, what goes, and what never comes in */
#include "applets/occ-tls/assets.h"

#include "lib/base/mem.h"
#include "tests/t.h"
#include "tests/unit/assets_kit.h"
#include "tests/unit/gunzip.h"

#define JS "/assets/index-D4f8aB2c.js"
#define GZIP "Accept-Encoding: gzip, br\n"
#define VERSION STR_LIT("1.18.34")

static uint32_t noise = 1;

/* n bytes that shrink, or do not. */
static void
fill(struct buf *b, size_t n, bool is_noise)
{
	buf_reset(b);
	while (b->n < n) {
		noise = noise * 1664525 + 1013904223;
		buf_putc(b, is_noise ? (char)(noise >> 24) : "function f() { return 1 }\n"[b->n % 26]);
	}
}

/* Lets a response go by, its first n_sent bytes; what a client that takes gzip is sent goes into *sent. */
static enum asset_way
fetch(struct assets *a, const char *path, const char *request, struct str body, size_t n_sent, struct buf *sent)
{
	struct http_request_head rq = kit_request("GET", path, request);
	struct http_head h = kit_response(200, "text/javascript", HTTP_LENGTH, body.n, "Vary: Origin\n");
	struct asset_plan p;
	struct str piece;

	assets_plan(a, &rq, &h, &p);
	if (!p.job)
		return p.way;
	buf_reset(sent);
	for (struct str in = str_take(body, n_sent); in.n > 0;) {
		size_t took = asset_feed(p.job, str_take(in, 50000), &piece);
		T_OK(took > 0 && took <= ASSET_STEP_BYTES);
		buf_putstr(sent, piece);
		in = str_skip(in, took);
	}
	if (n_sent == body.n) {
		asset_end(p.job, &piece);
		buf_putstr(sent, piece);
	}
	asset_job_free(p.job);
	return p.way;
}

static bool
serve(struct assets *a, const char *method, const char *path, const char *fields, struct asset_reply *ret)
{
	struct http_request_head rq = kit_request(method, path, fields);

	return assets_serve(a, &rq, ret);
}

static bool
is_kept(struct assets *a, const char *path)
{
	struct asset_reply r;
	bool is = serve(a, "GET", path, GZIP, &r);

	asset_reply_release(&r);
	return is;
}

#define REPLY_FIELD(r, name) kit_find((r).head.fields, (r).head.n_fields, name)

static void
test_way_of_one(void)
{
	AUTO(buf) struct buf body = BUF_INIT(1u << 20), sent = BUF_INIT(1u << 20), back = BUF_INIT(2u << 20);
	struct assets *a = assets_new();
	struct asset_reply r;
	char line[128];

	assets_use(a, VERSION);
	fill(&body, 200001, false);
	t_row("the first client is sent the small form while it is made");
	T_OK(!serve(a, "GET", JS, GZIP, &r));
	T_EQ(fetch(a, JS, GZIP, buf_str(&body), body.n, &sent), ASSET_STORE);
	T_OK(gunzip(buf_str(&sent), &back) && str_eq(buf_str(&back), buf_str(&body)));
	T_OK(sent.n < body.n / 10 && assets_bytes(a) > sent.n && assets_bytes(a) < 2 * sent.n + 1024);

	t_row("the next one is served the same bytes");
	T_OK(serve(a, "GET", JS, GZIP, &r));
	T_EQ(r.head.status, 200);
	T_EQ(r.head.framing, HTTP_LENGTH);
	T_EQ(r.head.length, sent.n);
	T_OK(str_eq(r.body, buf_str(&sent)));
	T_VIEW(REPLY_FIELD(r, "Content-Type"), "text/javascript");
	T_VIEW(REPLY_FIELD(r, "Content-Encoding"), "gzip");
	T_VIEW(REPLY_FIELD(r, "Cache-Control"), "public, max-age=31536000, immutable");
	T_VIEW(REPLY_FIELD(r, "Vary"), "Accept-Encoding, Origin");
	T_VIEW(REPLY_FIELD(r, "ETag"), r.etag);

	t_row("who has it is told so");
	snprintf(line, sizeof line, "If-None-Match: \"x\", W/%s\n", r.etag);
	asset_reply_release(&r);
	T_OK(serve(a, "GET", JS, line, &r));
	T_EQ(r.head.status, 304);
	T_EQ(r.head.framing, HTTP_NO_BODY);
	T_EQ(r.body.n, 0);
	T_OK(strstr(line, r.etag) != NULL);
	T_VIEW(REPLY_FIELD(r, "Vary"), "Accept-Encoding, Origin");
	T_OK(!REPLY_FIELD(r, "Content-Type").p);
	asset_reply_release(&r);

	t_row("HEAD, in both forms; the plain form itself is not kept");
	T_OK(serve(a, "HEAD", JS, GZIP, &r));
	T_EQ(r.head.length, sent.n);
	T_EQ(r.body.n, 0);
	asset_reply_release(&r);
	T_OK(serve(a, "HEAD", JS, "", &r));
	T_EQ(r.head.length, body.n);
	T_OK(!REPLY_FIELD(r, "Content-Encoding").p && !strstr(r.etag, "gzip"));
	asset_reply_release(&r);
	T_OK(!serve(a, "GET", JS, "Accept-Encoding: gzip;q=0\n", &r));
	assets_free(a);
}

static void
test_plan(void)
{
	static const struct {
		const char *name, *path, *type, *request, *response;
		int status;
		const char *cache_control, *coding, *vary;	/* NULL: not set */
	} row[] = {
		{ "HTML", "/", "text/html", GZIP, "", 200, "no-store", NULL, NULL },
		{ "API", "/session", "application/json", GZIP, "", 200, "no-store", NULL, NULL },
		{ "an error", "/x", "text/plain", "", "", 500, "no-store", NULL, NULL },
		{ "the back end has said it", "/", "text/html", "", "Cache-Control: max-age=5\n", 200, NULL, NULL, NULL },
		{ "an upgrade", "/pty", NULL, "", "", 101, NULL, NULL, NULL },
		{ "not modified", "/", NULL, "", "", 304, NULL, NULL, NULL },
		{ "a script", JS, "text/javascript", GZIP, "", 200, "public, max-age=31536000, immutable", "gzip", "Accept-Encoding, Origin" },
		{ "a script, plain", JS, "text/javascript", "", "", 200, "public, max-age=31536000, immutable", NULL, "Accept-Encoding, Origin" },
		{ "a page instead of a script", JS, "text/html", GZIP, "", 200, "no-store", NULL, NULL },
		{ "a font", "/assets/Inter-CTGIdC2q.woff2", "font/woff2", GZIP, "", 200, "public, max-age=31536000, immutable", NULL,
		  "Accept-Encoding, Origin" },
		{ "a font without a hash", "/assets/Inter.ttf", "font/ttf", GZIP, "", 200, "no-cache", NULL, "Accept-Encoding, Origin" },
	};
	struct assets *a = assets_new();

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct http_request_head rq = kit_request("GET", row[i].path, row[i].request);
		struct http_head h = kit_response(row[i].status, row[i].type, HTTP_LENGTH, 5, row[i].response);
		struct asset_plan p;

		t_row("fields of %s", row[i].name);
		assets_use(a, VERSION);
		assets_plan(a, &rq, &h, &p);
		struct str got = kit_find(p.set, p.n_set, "Cache-Control");
		T_OK(got.p ? row[i].cache_control && str_is(got, row[i].cache_control) : !row[i].cache_control);
		got = kit_find(p.set, p.n_set, "Content-Encoding");
		T_OK(got.p ? row[i].coding && p.is_gzip : !row[i].coding && !p.is_gzip);
		got = kit_find(p.set, p.n_set, "Vary");
		T_OK(got.p ? row[i].vary && str_is(got, row[i].vary) : !row[i].vary);
		T_OK(kit_find(p.set, p.n_set, "ETag").p ? row[i].vary && str_is(kit_find(p.set, p.n_set, "ETag"), p.etag) : !row[i].vary);
		asset_job_free(p.job);
	}
	assets_free(a);
}

static void
test_never_kept(void)
{
	AUTO(buf) struct buf body = BUF_INIT(ASSET_BYTES_MAX + 100000), sent = BUF_INIT(16u << 20), back = BUF_INIT(16u << 20);
	struct assets *a = assets_new();
	struct str piece;

	t_row("nothing without a version");
	fill(&body, 1000, false);
	T_EQ(fetch(a, JS, GZIP, buf_str(&body), body.n, &sent), ASSET_PASS);
	T_OK(!is_kept(a, JS));
	char long_version[ASSETS_VERSION_MAX + 1];
	memset(long_version, '1', sizeof long_version);
	assets_use(a, VERSION);
	assets_use(a, str_from(long_version, sizeof long_version));
	T_EQ(fetch(a, JS, GZIP, buf_str(&body), body.n, &sent), ASSET_PASS);

	t_row("not a body that was cut short");
	assets_use(a, VERSION);
	T_EQ(fetch(a, JS, GZIP, buf_str(&body), body.n - 1, &sent), ASSET_STORE);
	T_OK(!is_kept(a, JS));
	struct http_request_head rq = kit_request("GET", JS, GZIP);
	struct http_head h = kit_response(200, "text/javascript", HTTP_LENGTH, body.n, "");
	struct asset_plan p;
	assets_plan(a, &rq, &h, &p);
	asset_feed(p.job, str_take(buf_str(&body), body.n - 1), &piece);
	asset_end(p.job, &piece);		/* ended all the same */
	asset_job_free(p.job);
	T_OK(!is_kept(a, JS));

	t_row("not one that is too large: it is streamed");
	fill(&body, ASSET_BYTES_MAX + 100000, true);
	T_EQ(fetch(a, JS, GZIP, buf_str(&body), body.n, &sent), ASSET_STORE);
	T_OK(gunzip(buf_str(&sent), &back) && str_eq(buf_str(&back), buf_str(&body)));
	T_OK(!is_kept(a, JS));
	T_EQ(assets_bytes(a), 0);

	t_row("nothing of a version that has gone meanwhile");
	fill(&body, 1000, false);
	h = kit_response(200, "text/javascript", HTTP_CHUNKED, 0, "");
	assets_plan(a, &rq, &h, &p);
	asset_feed(p.job, buf_str(&body), &piece);
	assets_use(a, STR_LIT("1.18.35"));
	asset_end(p.job, &piece);
	asset_job_free(p.job);
	T_OK(!is_kept(a, JS));
	assets_free(a);
}

static const char *
path_of(unsigned i)
{
	static char path[64];

	snprintf(path, sizeof path, "/assets/n%u-D4f8aB2c.js", i);
	return path;
}

static void
test_bounds(void)
{
	AUTO(buf) struct buf body = BUF_INIT(3u << 20), sent = BUF_INIT(4u << 20);
	struct assets *a = assets_new();
	struct asset_reply r;

	assets_use(a, VERSION);
	t_row("bytes: the longest unused goes");
	fill(&body, 3u << 20, true);
	unsigned n = 0;
	size_t before;
	fetch(a, path_of(n++), GZIP, buf_str(&body), body.n, &sent);
	do {
		T_OK(is_kept(a, path_of(0)));		/* so 1 becomes the oldest */
		before = assets_bytes(a);
		fetch(a, path_of(n++), GZIP, buf_str(&body), body.n, &sent);
	} while (assets_bytes(a) > before);
	T_OK(n > 3 && assets_bytes(a) <= ASSETS_BYTES_MAX);
	T_OK(is_kept(a, path_of(0)) && !is_kept(a, path_of(1)) && is_kept(a, path_of(2)) && is_kept(a, path_of(n - 1)));

	t_row("what goes lives on while it is being sent");
	T_OK(serve(a, "GET", path_of(2), GZIP, &r));
	assets_use(a, STR_LIT("2"));
	T_EQ(assets_bytes(a), 0);
	T_OK(!is_kept(a, path_of(2)) && str_eq(r.body, buf_str(&sent)));
	asset_reply_release(&r);

	t_row("entries");
	fill(&body, 10, false);
	for (unsigned i = 0; i <= ASSETS_ENTRIES_MAX; i++)
		fetch(a, path_of(i), GZIP, buf_str(&body), body.n, &sent);
	T_OK(!is_kept(a, path_of(0)) && is_kept(a, path_of(1)) && is_kept(a, path_of(ASSETS_ENTRIES_MAX)));

	t_row("jobs: one too many passes, with its fields; the first of two alike stays");
	struct asset_plan p[ASSETS_JOBS_MAX + 1];
	struct http_request_head rq = kit_request("GET", JS, GZIP);
	struct http_head h = kit_response(200, "text/javascript", HTTP_CHUNKED, 0, "");
	struct str piece;
	for (size_t i = 0; i <= ASSETS_JOBS_MAX; i++)
		assets_plan(a, &rq, &h, &p[i]);
	T_OK(p[ASSETS_JOBS_MAX - 1].job && !p[ASSETS_JOBS_MAX].job && !p[ASSETS_JOBS_MAX].is_gzip);
	T_EQ(p[ASSETS_JOBS_MAX].n_set, 3);
	before = assets_bytes(a);
	for (size_t i = 0; i < ASSETS_JOBS_MAX; i++) {
		asset_end(p[i].job, &piece);
		asset_job_free(p[i].job);
	}
	T_OK(is_kept(a, JS) && assets_bytes(a) <= before + 1024);
	asset_job_free(NULL);
	assets_free(a);
	assets_free(NULL);
}

int
main(void)
{
	test_way_of_one();
	test_plan();
	test_never_kept();
	test_bounds();
	return t_done();
}

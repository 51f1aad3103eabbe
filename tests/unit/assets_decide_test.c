/* assets_decide_test.c - which names carry a hash, and which responses may be kept by whom */
#include "applets/occ-tls/assets.h"
#include "lib/base/mem.h"
#include "tests/t.h"
#include "tests/unit/assets_kit.h"

#define JS "/assets/index-D4f8aB2c.js"

static const struct {
	const char *path;
	bool is_immutable;
} paths[] = {
	{ JS, true },
	{ "/assets/index-jLGkMci9.js", true },
	{ "/assets/index-DLiUNAg_.css", true },
	{ "/assets/antigravity-m-mWKI7R.svg", true },
	{ "/assets/angular-ts-DtEQuh-b.js", true },
	{ "/assets/coffee-Ch7k5sss.js", true },
	{ "/assets/KaTeX_AMS-Regular-DMm9YOAa.woff2", true },
	{ "/assets/a.b-d41d8cd9.js", true },
	{ "/assets/index-D4f8aB2c.js.map", false },
	{ "/assets/index-D4f8aB2c.html", false },
	{ "/assets/index-D4f8aB2c.JS", false },
	{ "/assets/index-D4f8aB2c", false },
	{ "/assets/index-D4f8aB2c.", false },
	{ "/assets/index-D4f8aB2.js", false },
	{ "/assets/index-D4f8aB2cd.js", false },
	{ "/assets/index.D4f8aB2c.js", false },
	{ "/assets/-D4f8aB2c.js", false },
	{ "/assets/D4f8aB2c.js", false },
	{ "/assets/.js", false },
	{ "/assets/", false },
	{ "/assets", false },
	{ "/index-D4f8aB2c.js", false },
	{ "/Assets/index-D4f8aB2c.js", false },
	{ "//assets/index-D4f8aB2c.js", false },
	{ "/assets//index-D4f8aB2c.js", false },
	{ "/assets/x/index-D4f8aB2c.js", false },
	{ "/assets/../index-D4f8aB2c.js", false },
	{ "/assets/..-D4f8aB2c.js", false },
	{ "/assets/%69ndex-D4f8aB2c.js", false },
	{ "/assets/index-D4f8aB2c.js/", false },
	{ "/assets/index-D4f8aB2c.js;x", false },
	{ "/assets/index-D4f8\xc3\xa4" "B2.js", false },
	{ "/assets/my-settings.js", false },
	{ "/assets/my-SETTINGS.js", false },
	{ "/assets/Mono-SemiBold.woff2", false },
	{ "/assets/Mono-Condense.ttf", false },
	{ "/assets/menu-dropDown.svg", false },
	{ "/assets/icon-apple180.png", false },
	{ "/assets/report-20240101.json", false },
	{ "/assets/Inter.ttf", false },
	{ "/assets/JetBrainsMonoNerdFontMono-Regular.woff2", false },
};

#define TYPE_JS "text/javascript"
static const struct {
	const char *method, *target, *request;
	int status;
	const char *type;
	enum http_framing framing;
	uint64_t length;
	const char *response;
	enum asset_way way;
} rows[] = {
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Vary: Origin\nDate: x\n", ASSET_STORE },
	{ "GET", JS, "", 200, "Text/JavaScript; charset=utf-8", HTTP_CHUNKED, 0, "", ASSET_STORE },
	{ "GET", JS, "", 200, "application/javascript", HTTP_LENGTH, 10, "Cache-Control: public, max-age=60\n", ASSET_STORE },
	{ "GET", "/assets/a-D4f8aB2c.svg", "", 200, "image/svg+xml", HTTP_LENGTH, 10, "", ASSET_STORE },
	{ "GET", "/assets/a-D4f8aB2c.wasm", "", 200, "application/wasm", HTTP_LENGTH, 10, "", ASSET_STORE },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, ASSET_PLAIN_MAX, "", ASSET_STORE },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, ASSET_PLAIN_MAX + 1, "", ASSET_KEEP },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_UNTIL_CLOSE, 0, "", ASSET_KEEP },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Content-Encoding: br\n", ASSET_KEEP },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Content-Security-Policy: x\n", ASSET_KEEP },
	{ "GET", JS, "Origin: http://a\n", 200, TYPE_JS, HTTP_LENGTH, 10, "Vary: Origin\n", ASSET_KEEP },
	{ "GET", JS, "Range: bytes=0-\n", 200, TYPE_JS, HTTP_LENGTH, 10, "", ASSET_KEEP },
	{ "HEAD", JS, "", 200, TYPE_JS, HTTP_NO_BODY, 0, "", ASSET_KEEP },
	{ "GET", "/assets/a-D4f8aB2c.woff2", "", 200, "font/woff2", HTTP_LENGTH, 10, "", ASSET_KEEP },
	{ "GET", "/assets/Inter.ttf", "", 200, "font/ttf", HTTP_LENGTH, 10, "", ASSET_KEEP },
	{ "GET", JS, "Range: bytes=0-1\n", 206, TYPE_JS, HTTP_LENGTH, 2, "", ASSET_PASS },
	{ "GET", JS, "", 200, "text/html", HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS, "", 200, "application/json", HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS, "", 200, NULL, HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS, "", 404, TYPE_JS, HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS "?v=1", "", 200, TYPE_JS, HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS "?", "", 200, TYPE_JS, HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "POST", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Set-Cookie: a=b\n", ASSET_PASS },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Vary: Cookie\n", ASSET_PASS },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Vary: *\n", ASSET_PASS },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Cache-Control: no-store\n", ASSET_PASS },
	{ "GET", JS, "", 200, TYPE_JS, HTTP_LENGTH, 10, "Cache-Control: max-age=3, private\n", ASSET_PASS },
	{ "GET", "/", "", 200, "text/html", HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", "/session", "", 200, "application/json", HTTP_LENGTH, 10, "", ASSET_PASS },
	{ "GET", "/event", "", 200, "text/event-stream", HTTP_CHUNKED, 0, "", ASSET_PASS },
};

static void
test_serve(void)
{
	static const struct {
		const char *method, *target, *fields;
		bool may;
	} row[] = {
		{ "GET", JS, "", true },
		{ "HEAD", JS, "", true },
		{ "GET", "/assets/Inter.ttf", "", true },
		{ "POST", JS, "", false },
		{ "OPTIONS", JS, "", false },
		{ "GET", JS "?a", "", false },
		{ "GET", JS, "Range: bytes=0-1\n", false },
		{ "GET", JS, "Origin: http://a\n", false },
		{ "GET", "/", "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct http_request_head rq = kit_request(row[i].method, row[i].target, row[i].fields);

		t_row("may be served: %s %s %s", row[i].method, row[i].target, row[i].fields[0] ? "with a field" : "");
		T_EQ(asset_may_serve(&rq), row[i].may);
	}
	t_row("not with a body");
	struct http_request_head rq = kit_request("GET", JS, "");
	rq.framing = HTTP_LENGTH;
	T_OK(!asset_may_serve(&rq));
}

static void
test_etag(void)
{
	char a[ASSET_ETAG_MAX], b[ASSET_ETAG_MAX];

	t_row("a tag for each path, version and coding");
	asset_etag(STR_LIT(JS), STR_LIT("1.18.34"), false, a);
	T_EQ(strlen(a), 34);
	asset_etag(STR_LIT(JS), STR_LIT("1.18.34"), false, b);
	T_STR(a, b);
	asset_etag(STR_LIT(JS), STR_LIT("1.18.35"), false, b);
	T_OK(strcmp(a, b) != 0);
	asset_etag(STR_LIT(JS "x"), STR_LIT("1.18.34"), false, b);
	T_OK(strcmp(a, b) != 0);
	asset_etag(STR_LIT(JS), STR_LIT("1.18.34"), true, b);
	T_HAS(b, "-gzip\"");
	T_MEM(a, b, 33);
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		size_t n = strlen(paths[i].path);

		t_row("immutable %s", paths[i].path);
		T_EQ(asset_is_immutable(str_from(t_guard(paths[i].path, n), n)), paths[i].is_immutable);
		for (size_t k = 0; k < n; k++)
			if (asset_is_immutable(str_from(t_guard(paths[i].path, k), k)) && !paths[i].is_immutable && paths[i].path[k] != '.' &&
					paths[i].path[k] != '/' && paths[i].path[k] != ';')
				T_FAIL("its first %zu bytes are", k);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_request_head rq = kit_request(rows[i].method, rows[i].target, rows[i].request);
		struct http_head h = kit_response(rows[i].status, rows[i].type, rows[i].framing, rows[i].length, rows[i].response);

		t_row("way %zu: %s %s", i, rows[i].method, rows[i].target);
		T_EQ(asset_decide(&rq, &h), rows[i].way);
	}
	test_serve();
	test_etag();
	return t_done();
}

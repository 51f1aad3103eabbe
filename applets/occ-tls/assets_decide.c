/*
 * assets_decide.c - which responses may be kept, by whom
 *
 * opencode answers every path that it does not know with its page and 200, so a response counts as a file only if its content type is the one of its name's
 * extension. What the back end says of a response beyond the fields below would be lost by keeping it: then it is not kept here.
 */
#include <stdio.h>

#include "applets/occ-tls/assets.h"
#include "lib/base/mem.h"
#include "lib/tls/digest.h"

#define PREFIX "/assets/"
#define ETAG_BYTES 16		/* of the hash: enough to tell files apart */
#define HASH_N 8		/* Vite's: -XXXXXXXX before the extension */
#define WORD_MIN 3		/* letters of the shortest word of a name in camel case */

static const struct kind {
	const char *extension;
	const char *types[2];
	bool shrinks;
} kinds[] = {
	{ "js", { "text/javascript", "application/javascript" }, true },
	{ "mjs", { "text/javascript", "application/javascript" }, true },
	{ "css", { "text/css", NULL }, true },
	{ "svg", { "image/svg+xml", NULL }, true },
	{ "json", { "application/json", NULL }, true },
	{ "map", { "application/json", NULL }, true },
	{ "wasm", { "application/wasm", NULL }, true },
	{ "ttf", { "font/ttf", "application/x-font-ttf" }, true },
	{ "otf", { "font/otf", NULL }, true },
	{ "woff", { "font/woff", NULL }, false },
	{ "woff2", { "font/woff2", NULL }, false },
	{ "png", { "image/png", NULL }, false },
	{ "jpg", { "image/jpeg", NULL }, false },
	{ "gif", { "image/gif", NULL }, false },
	{ "webp", { "image/webp", NULL }, false },
	{ "avif", { "image/avif", NULL }, false },
	{ "ico", { "image/x-icon", "image/vnd.microsoft.icon" }, false },
	{ "aac", { "audio/aac", NULL }, false },
	{ "mp3", { "audio/mpeg", NULL }, false },
	{ "ogg", { "audio/ogg", NULL }, false },
	{ "mp4", { "video/mp4", NULL }, false },
	{ "webm", { "video/webm", NULL }, false },
};

static const char *const losable[] = {
	"content-type", "content-length", "transfer-encoding", "connection", "keep-alive", "date", "server", "vary", "etag", "last-modified",
	"cache-control", "expires", "age", "accept-ranges",
};

static bool
is_one_of(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] && str_ieq(s, str_of(list[i])))
			return true;
	return false;
}

static bool
is_between(char c, char from, char to)
{
	return c >= from && c <= to;
}

static bool
is_letter(char c)
{
	return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

static bool
is_base64url(char c)
{
	return is_letter(c) || is_between(c, '0', '9') || c == '-' || c == '_';
}

/* The file's name, when the path is that of a plain file below /assets/; else empty. */
static struct str
name_of(struct str path)
{
	struct str name = str_skip(path, sizeof PREFIX - 1);

	if (!str_has_prefix(path, PREFIX) || path.n > ASSET_PATH_MAX)
		return STR_NULL;
	for (size_t i = 0; i < name.n; i++)
		if (!is_base64url(name.p[i]) && (name.p[i] != '.' || i == 0))
			return STR_NULL;
	return name;
}

static const struct kind *
kind_of(struct str path)
{
	struct str name = name_of(path);
	size_t dot = str_rfind_char(name, '.');

	if (dot == STR_NONE)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(str_skip(name, dot + 1), kinds[i].extension))
			return &kinds[i];
	return NULL;
}

/* "settings", "SemiBold", "SETTINGS", "apple180", "20240101": what people write behind a hyphen. Words of small letters, each with a capital first
 * or not, then digits. */
static bool
reads_like_words(struct str s)
{
	size_t n_word = 0, n_capitals = 0;
	bool is_short = false;		/* a word that ends before it has enough letters */

	while (s.n > 0 && is_between(s.p[s.n - 1], '0', '9'))
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		bool is_capital = is_between(s.p[i], 'A', 'Z');

		if (!is_letter(s.p[i]))
			return false;
		is_short |= is_capital && i > 0 && n_word < WORD_MIN;
		n_capitals += is_capital;
		n_word = is_capital ? 1 : n_word + 1;
	}
	return n_capitals == s.n || (!is_short && n_word >= WORD_MIN);
}

bool
asset_is_immutable(struct str path)
{
	struct str name = name_of(path);
	size_t dot = str_rfind_char(name, '.');

	if (!name.p || !kind_of(path) || dot < HASH_N + 2 || name.p[dot - HASH_N - 1] != '-')
		return false;
	struct str hash = str_skip(str_take(name, dot), dot - HASH_N);
	for (size_t i = 0; i < hash.n; i++)
		if (!is_base64url(hash.p[i]))
			return false;
	return !reads_like_words(hash);
}

static bool
has_field(const struct http_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(fields[i].name, str_of(name)))
			return true;
	return false;
}

bool
asset_may_serve(const struct http_request_head *rq)
{
	bool is_read = str_is(rq->method, "GET") || str_is(rq->method, "HEAD");

	return is_read && !rq->query.p && rq->framing == HTTP_NO_BODY && kind_of(rq->path) && !has_field(rq->fields, rq->n_fields, "range") &&
		!has_field(rq->fields, rq->n_fields, "origin");
}

/* Has the list only these words? */
static bool
is_list_of(struct str list, const char *const *words, size_t n)
{
	while (list.n > 0) {
		struct str word = str_trim(str_cut(&list, ','));

		if (word.n > 0 && !is_one_of(word, words, n))
			return false;
	}
	return true;
}

/* Does the back end itself want nobody to keep it, or is it one client's own? */
static bool
is_private(const struct http_head *h)
{
	static const char *const vary[] = { "accept-encoding", "origin" };
	static const char *const open[] = { "public", "immutable", "must-revalidate", "proxy-revalidate", "no-transform" };

	for (size_t i = 0; i < h->n_fields; i++) {
		struct str name = h->fields[i].name, value = h->fields[i].value;

		if (str_ieq(name, STR_LIT("set-cookie")) || (str_ieq(name, STR_LIT("vary")) && !is_list_of(value, vary, ARRAY_LEN(vary))))
			return true;
		if (!str_ieq(name, STR_LIT("cache-control")))
			continue;
		while (value.n > 0) {
			struct str word = str_trim(str_cut(&value, ','));

			if (!str_has_prefix(word, "max-age=") && !str_has_prefix(word, "s-maxage=") && !is_one_of(word, open, ARRAY_LEN(open)))
				return true;
		}
	}
	return false;
}

static bool
loses_nothing(const struct http_head *h)
{
	for (size_t i = 0; i < h->n_fields; i++)
		if (!is_one_of(h->fields[i].name, losable, ARRAY_LEN(losable)))
			return false;
	return true;
}

enum asset_way
asset_decide(const struct http_request_head *rq, const struct http_head *h)
{
	const struct kind *kind = kind_of(rq->path);
	struct str type = http_field(h, "content-type");
	bool is_get = str_is(rq->method, "GET");

	if (!kind || rq->query.p || !(is_get || str_is(rq->method, "HEAD")) || h->status != 200 || is_private(h))
		return ASSET_PASS;
	if (!is_one_of(str_trim(str_cut(&type, ';')), kind->types, ARRAY_LEN(kind->types)))
		return ASSET_PASS;
	if (!kind->shrinks || !is_get || !asset_may_serve(rq) || !asset_is_immutable(rq->path) || !loses_nothing(h))
		return ASSET_KEEP;
	return h->framing == HTTP_CHUNKED || (h->framing == HTTP_LENGTH && h->length <= ASSET_PLAIN_MAX) ? ASSET_STORE : ASSET_KEEP;
}

void
asset_etag(struct str path, struct str version, bool is_gzip, char ret[ASSET_ETAG_MAX])
{
	static const char digits[] = "0123456789abcdef";
	char text[ASSET_PATH_MAX + ASSETS_VERSION_MAX + 2], hex[2 * ETAG_BYTES + 1] = "";
	unsigned char hash[DIGEST_SHA256_BYTES];

	snprintf(text, sizeof text, STR_FMT "\n" STR_FMT, STR_ARG(version), STR_ARG(path));
	digest_sha256(str_of(text), hash);
	for (size_t i = 0; i < ETAG_BYTES; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	snprintf(ret, ASSET_ETAG_MAX, "\"%s%s\"", hex, is_gzip ? "-gzip" : "");
}

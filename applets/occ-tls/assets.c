/*
 * assets.c - the cache: a bounded list of counted entries, and the jobs that fill it
 *
 * A job compresses while the response goes by, so the first client is already sent the small form and nothing is done twice. An entry that goes while it is being sent lives
 * until that has ended; it counts no more.
 */
#include "applets/occ-tls/assets.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/http/gzip.h"
#include "lib/http/negotiate.h"

#define PIECE_MAX (8 * ASSET_STEP_BYTES)	/* what a step gives: its own bytes, and what the compressor had put by */
#define TYPE_MAX 96

struct asset {
	unsigned n_users;		/* the list, and each reply */
	uint64_t used;			/* when: a count, not a time */
	uint64_t n_plain;		/* bytes as the back end sent them */
	struct buf gzip;
	size_t n_path;
	char path[ASSET_PATH_MAX + 1];
	char type[TYPE_MAX];
};

struct assets {
	struct asset *v[ASSETS_ENTRIES_MAX];
	size_t n, n_bytes;
	unsigned n_jobs;
	uint64_t now;			/* counts uses */
	uint64_t generation;		/* counts versions */
	char version[ASSETS_VERSION_MAX];
};

struct asset_job {
	struct assets *owner;
	uint64_t generation;
	struct asset *asset;		/* being made */
	struct gzip *gzip;
	struct buf piece;
	bool has_length;
	uint64_t length;		/* that was promised */
};

/* ---- entries ---- */

static void
release(struct asset *s)
{
	if (--s->n_users > 0)
		return;
	buf_fini(&s->gzip);
	mem_free(s);
}

static size_t
cost(const struct asset *s)
{
	return s->gzip.cap + sizeof *s;
}

static void
forget(struct assets *a, size_t i)
{
	struct asset *s = a->v[i];

	a->v[i] = a->v[--a->n];
	a->n_bytes -= cost(s);
	release(s);
}

static void
forget_oldest(struct assets *a)
{
	size_t oldest = 0;

	for (size_t i = 1; i < a->n; i++)
		if (a->v[i]->used < a->v[oldest]->used)
			oldest = i;
	forget(a, oldest);
}

static struct asset *
find(struct assets *a, struct str path)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(str_from(a->v[i]->path, a->v[i]->n_path), path))
			return a->v[i];
	return NULL;
}

/* Two clients may have asked for it at the same time: the first one's stays. */
static void
keep(struct assets *a, struct asset *s)
{
	if (find(a, str_from(s->path, s->n_path)))
		return;
	while (a->n == ASSETS_ENTRIES_MAX || a->n_bytes + cost(s) > ASSETS_BYTES_MAX)
		forget_oldest(a);
	s->n_users++;
	s->used = ++a->now;
	a->n_bytes += cost(s);
	a->v[a->n++] = s;
}

/* ---- the cache ---- */

struct assets *
assets_new(void)
{
	return mem_new(sizeof(struct assets));
}

void
assets_free(struct assets *a)
{
	if (!a)
		return;
	if (a->n_jobs > 0)
		BUG("assets freed before their jobs");
	while (a->n > 0)
		forget(a, a->n - 1);
	mem_free(a);
}

void
assets_use(struct assets *a, struct str version)
{
	if (version.n >= sizeof a->version)
		version = STR_NULL;
	if (str_eq(version, str_of(a->version)))
		return;
	while (a->n > 0)
		forget(a, a->n - 1);
	a->generation++;
	snprintf(a->version, sizeof a->version, STR_FMT, STR_ARG(version));
}

size_t
assets_bytes(const struct assets *a)
{
	return a->n_bytes;
}

/* ---- what goes with an answer ---- */

static void
put_field(struct http_field *fields, size_t *n, const char *name, struct str value)
{
	fields[(*n)++] = (struct http_field){ str_of(name), value };
}

/* For the browser's cache. The back end lets Origin decide about its CORS fields, so other caches have to as well. */
static void
put_keeping(struct http_field *fields, size_t *n, struct str path, const char *etag)
{
	put_field(fields, n, "Cache-Control", str_of(asset_is_immutable(path) ? "public, max-age=31536000, immutable" : "no-cache"));
	put_field(fields, n, "ETag", str_of(etag));
	put_field(fields, n, "Vary", STR_LIT("Accept-Encoding, Origin"));
}

/* Does the client have it, in either form? Then ret->etag is the tag of the one it has. */
static bool
has_already(const struct assets *a, const struct http_request_head *rq, char etag[ASSET_ETAG_MAX])
{
	for (int is_gzip = 0; is_gzip < 2; is_gzip++) {
		asset_etag(rq->path, str_of(a->version), is_gzip, etag);
		if (http_none_match_has(rq->fields, rq->n_fields, str_of(etag)))
			return true;
	}
	return false;
}

static void
reply_not_modified(const struct http_request_head *rq, struct asset_reply *r)
{
	r->head.status = 304;
	r->head.reason = STR_LIT("Not Modified");
	r->head.framing = HTTP_NO_BODY;
	put_keeping(r->head.fields, &r->head.n_fields, rq->path, r->etag);
}

static void
reply_asset(const struct http_request_head *rq, struct asset *s, bool is_gzip, struct asset_reply *r)
{
	r->head.status = 200;
	r->head.reason = STR_LIT("OK");
	r->head.framing = HTTP_LENGTH;
	r->head.length = is_gzip ? s->gzip.n : s->n_plain;
	put_field(r->head.fields, &r->head.n_fields, "Content-Type", str_of(s->type));
	if (is_gzip)
		put_field(r->head.fields, &r->head.n_fields, "Content-Encoding", STR_LIT("gzip"));
	put_keeping(r->head.fields, &r->head.n_fields, rq->path, r->etag);
	if (str_is(rq->method, "GET"))
		r->body = buf_str(&s->gzip);
	r->asset = s;
	s->n_users++;
}

bool
assets_serve(struct assets *a, const struct http_request_head *rq, struct asset_reply *ret)
{
	*ret = (struct asset_reply){ .head.keep_alive = true };
	if (!a->version[0] || !asset_may_serve(rq))
		return false;
	if (has_already(a, rq, ret->etag)) {
		reply_not_modified(rq, ret);
		return true;
	}
	struct asset *s = find(a, rq->path);
	bool is_gzip = http_accepts_gzip(rq->fields, rq->n_fields);
	if (!s || (!is_gzip && str_is(rq->method, "GET")))	/* the plain form is not kept */
		return false;
	s->used = ++a->now;
	asset_etag(rq->path, str_of(a->version), is_gzip, ret->etag);
	reply_asset(rq, s, is_gzip, ret);
	return true;
}

void
asset_reply_release(struct asset_reply *r)
{
	if (r->asset)
		release(r->asset);
	r->asset = NULL;
	r->body = STR_NULL;
}

/* ---- jobs ---- */

static struct asset_job *
begin_job(struct assets *a, const struct http_request_head *rq, const struct http_head *h)
{
	struct str type = http_field(h, "content-type");
	struct err e = ERR_INIT;
	struct gzip *gzip;

	if (a->n_jobs == ASSETS_JOBS_MAX || type.n >= TYPE_MAX || gzip_new(&gzip, &e) < 0)
		return NULL;
	struct asset *s = mem_new(sizeof *s);
	s->n_users = 1;
	s->gzip = (struct buf)BUF_INIT(ASSET_BYTES_MAX);
	s->n_path = rq->path.n;
	memcpy(s->path, rq->path.p, rq->path.n);
	memcpy(s->type, type.p, type.n);
	struct asset_job *j = mem_new(sizeof *j);
	*j = (struct asset_job){
		.owner = a, .generation = a->generation, .asset = s, .gzip = gzip, .piece = BUF_INIT(PIECE_MAX),
		.has_length = h->framing == HTTP_LENGTH, .length = h->length,
	};
	a->n_jobs++;
	return j;
}

void
assets_plan(struct assets *a, const struct http_request_head *rq, const struct http_head *h, struct asset_plan *ret)
{
	*ret = (struct asset_plan){ .way = a->version[0] ? asset_decide(rq, h) : ASSET_PASS };
	if (ret->way == ASSET_PASS) {
		bool is_an_answer = h->status >= 200 && h->status != 304;

		if (is_an_answer && !http_field(h, "cache-control").p)
			put_field(ret->set, &ret->n_set, "Cache-Control", STR_LIT("no-store"));
		return;
	}
	if (ret->way == ASSET_STORE) {
		ret->job = begin_job(a, rq, h);
		ret->is_gzip = ret->job && http_accepts_gzip(rq->fields, rq->n_fields);
	}
	asset_etag(rq->path, str_of(a->version), ret->is_gzip, ret->etag);
	put_keeping(ret->set, &ret->n_set, rq->path, ret->etag);
	if (ret->is_gzip)
		put_field(ret->set, &ret->n_set, "Content-Encoding", STR_LIT("gzip"));
}

/* What the compressor gave goes to the client and, as long as it is not too large, to the entry. */
static struct str
take_piece(struct asset_job *j)
{
	if (j->piece.fault == BUF_NOMEM)
		mem_gone();
	if (j->piece.fault != BUF_OK)
		BUG("a step of compression gave more than a piece holds");
	buf_putstr(&j->asset->gzip, buf_str(&j->piece));
	return buf_str(&j->piece);
}

size_t
asset_feed(struct asset_job *j, struct str in, struct str *ret_gzip)
{
	struct str now = str_take(in, ASSET_STEP_BYTES);

	buf_reset(&j->piece);
	gzip_put(j->gzip, now, &j->piece);
	j->asset->n_plain += now.n;
	*ret_gzip = take_piece(j);
	return now.n;
}

void
asset_end(struct asset_job *j, struct str *ret_gzip)
{
	struct asset *s = j->asset;

	buf_reset(&j->piece);
	gzip_end(j->gzip, &j->piece);
	*ret_gzip = take_piece(j);
	bool is_whole = !j->has_length || s->n_plain == j->length;
	if (is_whole && j->generation == j->owner->generation && s->gzip.fault == BUF_OK)
		keep(j->owner, s);
}

void
asset_job_free(struct asset_job *j)
{
	if (!j)
		return;
	j->owner->n_jobs--;
	gzip_free(j->gzip);
	buf_fini(&j->piece);
	release(j->asset);
	mem_free(j);
}

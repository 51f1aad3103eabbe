/* age_payload.c - the payload: STREAM (C2SP age.md, "Payload"), chunks of 64 KiB with a counter and a mark on the last one */

#include "lib/age/age_own.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"

#define PAYLOAD_NONCE_BYTES 16
#define CHUNK_BYTES 65536
#define SEALED_BYTES (CHUNK_BYTES + AEAD_TAG_BYTES)
#define LAST (AEAD_NONCE_BYTES - 1)

/* The chunks' counter. */
struct nonce { unsigned char v[AEAD_NONCE_BYTES]; };

static void
payload_key(const unsigned char file_key[AGE_FILE_KEY_BYTES], struct str nonce, unsigned char ret[AEAD_KEY_BYTES])
{
	kdf_hkdf(str_from(file_key, AGE_FILE_KEY_BYTES), nonce, STR_LIT("payload"), ret);
}

/* 2^88 of them do not come to an end. */
static void
nonce_next(struct nonce *n)
{
	for (size_t i = LAST; i-- > 0 && ++n->v[i] == 0;)
		;
}

static void
nonce_last(struct nonce *n, bool is_last)
{
	n->v[LAST] = is_last;
}

/* ---- out ---- */

struct age_writer {
	struct sink out;
	unsigned char key[AEAD_KEY_BYTES];
	struct nonce nonce;
	size_t n;
	unsigned char plain[CHUNK_BYTES], sealed[SEALED_BYTES];
};

static int
begin(struct age_writer *w, const struct age_for *f, struct err *e)
{
	AUTO(buf) struct buf head = BUF_INIT(AGE_HEAD_MAX);
	unsigned char file_key[AGE_FILE_KEY_BYTES], nonce[PAYLOAD_NONCE_BYTES];

	if (rand_bytes(file_key, sizeof file_key, e) < 0 || rand_bytes(nonce, sizeof nonce, e) < 0)
		return -1;
	int r = age_head_put(f, file_key, &head, e);
	payload_key(file_key, str_from(nonce, sizeof nonce), w->key);
	mem_wipe(file_key, sizeof file_key);
	buf_put(&head, nonce, sizeof nonce);
	return r < 0 || buf_check(&head, "the head", e) < 0 ? -1 : sink_write(&w->out, buf_str(&head), e);
}

int
age_writer_open(struct age_writer **ret, struct sink out, const struct age_for *f, struct err *e)
{
	struct age_writer *w = mem_new(sizeof *w);

	w->out = out;
	if (begin(w, f, e) < 0) {
		age_writer_free(w);
		return -1;
	}
	*ret = w;
	return 0;
}

void
age_writer_free(struct age_writer *w)
{
	if (!w)
		return;
	mem_wipe(w, sizeof *w);
	mem_free(w);
}

static int
seal(struct age_writer *w, bool is_last, struct err *e)
{
	nonce_last(&w->nonce, is_last);
	aead_seal(w->key, w->nonce.v, str_from(w->plain, w->n), w->sealed);
	struct str sealed = str_from(w->sealed, w->n + AEAD_TAG_BYTES);
	nonce_next(&w->nonce);
	w->n = 0;
	return sink_write(&w->out, sealed, e);
}

int
age_writer_put(struct age_writer *w, struct str data, struct err *e)
{
	while (data.n > 0) {
		/* A full one goes when something follows: the last may be full, but not empty. */
		if (w->n == sizeof w->plain && seal(w, false, e) < 0)
			return -1;
		struct str now = str_take(data, sizeof w->plain - w->n);
		memcpy(w->plain + w->n, now.p, now.n);
		w->n += now.n;
		data = str_skip(data, now.n);
	}
	return 0;
}

int
age_writer_end(struct age_writer *w, struct err *e)
{
	return seal(w, true, e);
}

/* ---- in ---- */

struct age_reader {
	struct source in;
	unsigned char key[AEAD_KEY_BYTES];
	struct nonce nonce;
	struct buf sealed;		/* what came and is not opened */
	bool is_at_end, is_last, is_first;	/* of the source; the chunk in plain; no chunk was opened */
	size_t n, at;			/* of plain */
	unsigned char plain[CHUNK_BYTES];
};

static int
damaged(const char *what, struct err *e)
{
	return err_set(e, ERR_PARSE, "the encrypted data %s", what);
}

/* Until there are n bytes, or the source ends. */
static int
more(struct age_reader *r, size_t n, struct err *e)
{
	while (!r->is_at_end && r->sealed.n < n) {
		void *room = buf_room(&r->sealed, n - r->sealed.n);

		if (!room)
			return buf_check(&r->sealed, "the encrypted data", e);
		ssize_t got = source_read(&r->in, room, n - r->sealed.n, e);
		if (got < 0)
			return -1;
		buf_grew(&r->sealed, (size_t)got);
		r->is_at_end = got == 0;
	}
	return 0;
}

/* Bytes of the head, its last line feed included; 0: not yet all there. */
static size_t
head_end(struct str s)
{
	size_t at = str_find(s, STR_LIT("\n--- ")), end = at == STR_NONE ? STR_NONE : str_find_char(str_skip(s, at + 1), '\n');

	return end == STR_NONE ? 0 : at + 1 + end + 1;
}

static int
read_head(struct age_reader *r, struct age_keys *k, struct err *e)
{
	enum { STEP = 512 };
	size_t n = 0;

	while (n == 0 && !r->is_at_end && r->sealed.n < AGE_HEAD_MAX) {
		if (more(r, r->sealed.n + STEP, e) < 0)
			return -1;
		n = head_end(buf_str(&r->sealed));
	}
	if (!age_is(buf_str(&r->sealed)) || n == 0)
		return damaged("does not begin as the format wants it", e);
	if (age_head_open(str_take(buf_str(&r->sealed), n), k, e) < 0)
		return -1;
	buf_drop(&r->sealed, n);
	if (more(r, PAYLOAD_NONCE_BYTES, e) < 0)
		return -1;
	if (r->sealed.n < PAYLOAD_NONCE_BYTES)
		return damaged("ends too early", e);
	payload_key(k->file_key, str_take(buf_str(&r->sealed), PAYLOAD_NONCE_BYTES), r->key);
	buf_drop(&r->sealed, PAYLOAD_NONCE_BYTES);
	return 0;
}

int
age_reader_open(struct age_reader **ret, struct source in, struct age_keys *k, struct err *e)
{
	struct age_reader *r = mem_new(sizeof *r);

	r->in = in;
	r->sealed = (struct buf)BUF_INIT(AGE_HEAD_MAX + SEALED_BYTES);
	r->is_first = true;
	if (read_head(r, k, e) < 0) {
		age_reader_free(r);
		return -1;
	}
	*ret = r;
	return 0;
}

void
age_reader_free(struct age_reader *r)
{
	if (!r)
		return;
	buf_fini(&r->sealed);
	mem_wipe(r, sizeof *r);
	mem_free(r);
}

static bool
opens(struct age_reader *r, struct str sealed, bool is_last)
{
	nonce_last(&r->nonce, is_last);
	return aead_open(r->key, r->nonce.v, sealed, r->plain);
}

/* Whether a full one is the last is not known before it has been tried; one that is not full has to be. */
static int
open_chunk(struct age_reader *r, struct err *e)
{
	if (more(r, SEALED_BYTES, e) < 0)
		return -1;
	struct str sealed = str_take(buf_str(&r->sealed), SEALED_BYTES);
	if (sealed.n < AEAD_TAG_BYTES)
		return damaged("ends too early", e);
	bool is_full = sealed.n == SEALED_BYTES;
	r->is_last = !is_full || !opens(r, sealed, false);
	if (r->is_last && !opens(r, sealed, true))
		return damaged(is_full ? "is not as it was written" : "is not as it was written, or ends too early", e);
	r->n = sealed.n - AEAD_TAG_BYTES;
	r->at = 0;
	if (r->n == 0 && !r->is_first)
		return damaged("has an empty piece at its end", e);
	r->is_first = false;
	buf_drop(&r->sealed, sealed.n);
	nonce_next(&r->nonce);
	if (!r->is_last)
		return 0;
	if (more(r, 1, e) < 0)
		return -1;
	return r->sealed.n > 0 ? damaged("goes on behind its end", e) : 0;
}

ssize_t
age_reader_read(struct age_reader *r, void *p, size_t n, struct err *e)
{
	while (r->at == r->n && !r->is_last) {
		if (open_chunk(r, e) < 0)
			return -1;
	}
	size_t now = r->n - r->at < n ? r->n - r->at : n;
	memcpy(p, r->plain + r->at, now);
	r->at += now;
	return (ssize_t)now;
}

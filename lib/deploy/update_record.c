/* update_record.c - a record as JSON, and the two files */
#include "lib/deploy/update_record.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/note_file.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define MARK "update.json"
#define HISTORY "history.json"
#define FORMAT 1
#define MARK_MAX 65536
#define HISTORY_BYTES_MAX (1u << 20)

/* ---- a record ---- */

static const char *const state_names[] = { [UPDATE_PREPARED] = "prepared", [UPDATE_SWITCHING] = "switching", [UPDATE_ANSWERED] = "answered", [UPDATE_DONE] = "done", [UPDATE_UNDONE] = "undone" };

static void
put_side(const struct update_side *s, const char *key, struct jsonw *w)
{
	jsonw_object(w, key);
	jsonw_str(w, "opencode", s->opencode);
	jsonw_str(w, "ref", s->ref);
	jsonw_str(w, "image_id", s->image_id);
	jsonw_end(w);
}

void
update_record_put(const struct update_record *r, struct jsonw *w)
{
	jsonw_int(w, "number", (int64_t)r->number);
	jsonw_int(w, "at_epoch_s", r->at_epoch_s);
	jsonw_str(w, "state", state_names[r->state]);
	jsonw_int(w, "back_to", (int64_t)r->back_to);
	put_side(&r->from, "from", w);
	put_side(&r->to, "to", w);
	jsonw_object(w, "set");
	jsonw_str(w, "image.source", r->set_source);
	jsonw_str(w, "image.ref", r->set_ref);
	jsonw_str(w, "image.opencode", r->set_opencode);
	jsonw_end(w);
	jsonw_str(w, "snapshot", r->snapshot);
	jsonw_int(w, "bytes", (int64_t)r->n_bytes);
	jsonw_str(w, "why", r->why);
}

static const char *
text(const struct json *j, const char *key)
{
	return json_str(json_get(j, key), "");
}

static struct update_side
side(const struct json *j)
{
	return (struct update_side){ .opencode = text(j, "opencode"), .ref = text(j, "ref"), .image_id = text(j, "image_id") };
}

bool
update_record_parse(const struct json *j, struct update_record *ret)
{
	const struct json *set = json_get(j, "set");
	const char *state = text(j, "state");

	*ret = (struct update_record){ .number = (uint64_t)json_int(json_get(j, "number"), 0), .at_epoch_s = json_int(json_get(j, "at_epoch_s"), 0),
		.back_to = (uint64_t)json_int(json_get(j, "back_to"), 0), .from = side(json_get(j, "from")), .to = side(json_get(j, "to")),
		.set_source = text(set, "image.source"), .set_ref = text(set, "image.ref"), .set_opencode = text(set, "image.opencode"),
		.snapshot = text(j, "snapshot"), .n_bytes = (uint64_t)json_int(json_get(j, "bytes"), 0), .why = text(j, "why") };
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++) {
		if (strcmp(state, state_names[i]) == 0) {
			ret->state = (enum update_state)i;
			return ret->number > 0;
		}
	}
	return false;
}

/* ---- files ---- */

/* A note of ours in a format that is known. */
static int
load(struct arena *a, const struct scope *s, const char *name, size_t max, const struct json **ret, struct err *e)
{
	int there = note_load(a, s, name, max, ret, e);

	if (there <= 0 || json_int(json_get(*ret, "format"), 0) <= FORMAT)
		return there;
	return err_set(e, ERR_CONFIG, "%s is of a newer program: use that one", path_tilde(a, path_join(a, s->state_dir, name), s->home));
}

int
update_mark_put(const struct scope *s, const struct update_record *r, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(MARK_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", FORMAT);
	update_record_put(r, &w);
	jsonw_end(&w);
	return note_save(s, MARK, &out, e);
}

int
update_mark_get(struct arena *a, const struct scope *s, struct update_record *ret, struct err *e)
{
	const struct json *j;
	int there = load(a, s, MARK, MARK_MAX, &j, e);

	if (there <= 0)
		return there;
	if (update_record_parse(j, ret))
		return 1;
	return err_set(e, ERR_CONFIG, "%s is no journal of an update", path_tilde(a, path_join(a, s->state_dir, MARK), s->home));
}

int
update_mark_remove(const struct scope *s, struct err *e)
{
	return note_remove(s, MARK, e);
}

/* ---- history ---- */

int
history_load(struct arena *a, const struct scope *s, struct history *ret, struct err *e)
{
	const struct json *j;
	int there = load(a, s, HISTORY, HISTORY_BYTES_MAX, &j, e);

	ret->n = 0;
	if (there <= 0)
		return there;
	for (JSON_EACH(item, json_get(j, "updates"))) {
		if (ret->n < HISTORY_MAX && update_record_parse(item, &ret->records[ret->n]))
			ret->n++;
	}
	return 0;
}

int
history_save(const struct scope *s, const struct history *h, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(HISTORY_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", FORMAT);
	jsonw_array(&w, "updates");
	for (size_t i = 0; i < h->n; i++) {
		jsonw_object(&w, NULL);
		update_record_put(&h->records[i], &w);
		jsonw_end(&w);
	}
	jsonw_end(&w);
	jsonw_end(&w);
	return note_save(s, HISTORY, &out, e);
}

int
history_put(const struct scope *s, struct history *h, const struct update_record *r, struct err *e)
{
	struct update_record *old = history_find(h, r->number);

	if (!old && h->n == HISTORY_MAX) {
		memmove(h->records, h->records + 1, (HISTORY_MAX - 1) * sizeof h->records[0]);
		h->n--;
	}
	if (!old)
		old = &h->records[h->n++];
	*old = *r;
	return history_save(s, h, e);
}

int
history_remove(const struct scope *s, struct err *e)
{
	return note_remove(s, HISTORY, e);
}

uint64_t
history_next_number(const struct history *h)
{
	return h->n ? h->records[h->n - 1].number + 1 : 1;
}

struct update_record *
history_find(struct history *h, uint64_t number)
{
	for (size_t i = h->n; i > 0; i--) {
		struct update_record *r = &h->records[i - 1];

		if (number ? r->number == number : r->state == UPDATE_DONE)
			return r;
	}
	return NULL;
}

bool
history_is_excess(const struct history *h, size_t i, size_t keep, uint64_t max_bytes)
{
	size_t n_newer = 0;
	uint64_t n_bytes = h->records[i].n_bytes;

	if (!h->records[i].snapshot[0])
		return false;
	if (h->records[i].state == UPDATE_UNDONE)
		return true;
	for (size_t k = i + 1; k < h->n; k++) {
		if (!h->records[k].snapshot[0] || h->records[k].state == UPDATE_UNDONE)
			continue;
		n_newer++;
		n_bytes += h->records[k].n_bytes;
	}
	return n_newer > 0 && (n_newer >= keep || n_bytes > max_bytes);
}

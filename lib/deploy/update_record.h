/*
 * update_record.h - one change of version, in writing: the journal while it is under way, and the history of those that have been
 *
 * Journal: "update.json" in the state, there from before the new container starts on the data until the change is done or undone. Whoever finds it without its update
 * undoes what did not answer and completes what did (update.h). History: "history.json", newest last.
 */
#ifndef OCC_DEPLOY_UPDATE_RECORD_H
#define OCC_DEPLOY_UPDATE_RECORD_H

#include <stdint.h>

#include "lib/deploy/scope.h"

enum update_state {
	UPDATE_PREPARED,		/* names of images may have been moved; nothing else has been touched */
	UPDATE_SWITCHING,		/* the new one may have written to the data; the snapshot is whole */
	UPDATE_ANSWERED,		/* it has answered every question, and people are let in */
	UPDATE_DONE,
	UPDATE_UNDONE,
};

/* What runs, or ran. Strings, "" where unknown. */
struct update_side {
	const char *opencode;		/* its version, by the image's label */
	const char *ref;		/* the reference that the container was made from */
	const char *image_id;
};

struct update_record {
	uint64_t number;		/* from 1 on */
	int64_t at_epoch_s;
	enum update_state state;
	uint64_t back_to;		/* of a rollback: the number of what was taken back; 0: an update */
	struct update_side from, to;
	/* Configuration that becomes the one in the file when it is done; "": as it is. */
	const char *set_source, *set_ref, *set_opencode;
	const char *snapshot;		/* the volume with the data of before; "": none any more */
	uint64_t n_bytes;		/* in it */
	const char *why;		/* UNDONE: in a line */
};

int update_mark_put(const struct scope *s, const struct update_record *r, struct err *e) MUST_CHECK;
/* 1, strings in the arena; 0: none is under way. */
int update_mark_get(struct arena *a, const struct scope *s, struct update_record *ret, struct err *e) MUST_CHECK;
int update_mark_remove(const struct scope *s, struct err *e) MUST_CHECK;

#define HISTORY_MAX 100			/* older ones are forgotten */

struct history {
	struct update_record records[HISTORY_MAX];	/* oldest first */
	size_t n;
};

/* No file: none. ERR_CONFIG for a newer format. */
int history_load(struct arena *a, const struct scope *s, struct history *ret, struct err *e) MUST_CHECK;
/* Adds it, or puts it in the place of the one with its number, and saves. */
int history_put(const struct scope *s, struct history *h, const struct update_record *r, struct err *e) MUST_CHECK;
int history_save(const struct scope *s, const struct history *h, struct err *e) MUST_CHECK;
int history_remove(const struct scope *s, struct err *e) MUST_CHECK;
uint64_t history_next_number(const struct history *h);
/* With that number, or for 0 the newest that is done; NULL. */
struct update_record *history_find(struct history *h, uint64_t number);

/* Pure: the newest `keep` that have a snapshot keep it while all of theirs together are at most max_bytes, and the newest one always; one that was undone has been put back. True:
 * this one's goes. */
bool history_is_excess(const struct history *h, size_t i, size_t keep, uint64_t max_bytes);

/* Pure: as JSON within an object that has been begun, and back; false: not a record. */
struct json;
struct jsonw;
void update_record_put(const struct update_record *r, struct jsonw *w);
bool update_record_parse(const struct json *j, struct update_record *ret);

#endif

/*
 * note_file.h - a small JSON file of this program's own in the state of an instance: 0600, whole or not there
 */
#ifndef OCC_DEPLOY_NOTE_FILE_H
#define OCC_DEPLOY_NOTE_FILE_H

#include "lib/base/buf.h"
#include "lib/deploy/scope.h"
#include "lib/json/json.h"

/* text: a whole object; its newline is added. */
int note_save(const struct scope *s, const char *name, struct buf *text, struct err *e) MUST_CHECK;
/* 1 with its tree in the arena; 0 without one; ERR_CONFIG for what is no JSON. */
int note_load(struct arena *a, const struct scope *s, const char *name, size_t max_bytes, const struct json **ret, struct err *e) MUST_CHECK;
/* A moment that was noted: 0 without one, and for one that is more than a day ahead of now: written by a clock that was, it tells nothing. */
int64_t note_epoch_s(const struct json *j, const char *name);
int note_remove(const struct scope *s, const char *name, struct err *e) MUST_CHECK;

#endif

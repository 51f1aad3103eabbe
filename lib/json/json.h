/*
 * json.h - strict JSON (RFC 8259) and JSONC read into a tree of views
 *
 * jsmn finds the tokens; this module validates what jsmn leaves open (UTF-8, numbers, structure, one value). The
 * tree lives in the caller's arena and keeps its own copy of the text. Accessors accept NULL and any type, so that a
 * chain of gets over an engine's tolerant output needs one check at its end. Depth is at most JSON_DEPTH_MAX.
 */
#ifndef OCC_JSON_JSON_H
#define OCC_JSON_JSON_H

#include <stdint.h>

#include "lib/base/arena.h"

#define JSON_DEPTH_MAX 512
#define JSON_TEXT_MAX (64u << 20)
#define JSON_NODES_MAX (1u << 20)	/* values and keys: a tree takes about 100 bytes for each */

enum json_type { JSON_ABSENT, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	struct str raw;			/* the value's text in the tree's copy of the input: strict JSON, comments blanked */
	size_t offset;			/* of raw in the input, for line:column */
	struct str text;		/* string: decoded (may hold NUL bytes); number, bool: as written */
	const struct json *key;		/* of an object's member, else NULL */
	const struct json *next;	/* sibling */
	const struct json *child;	/* first member or element */
	size_t n;			/* number of children */
};

/* One value, white space around it. ERR_PARSE "line L, column C: what", ERR_TOO_BIG beyond the limits above. */
const struct json *json_parse(struct arena *a, struct str text, struct err *e);
/* The same with // and block comments, a comma before ] or }, and a byte order mark in front. */
const struct json *jsonc_parse(struct arena *a, struct str text, struct err *e);

/* 1-based line and column (in bytes) of an offset in a text. */
void json_where(struct str text, size_t offset, unsigned *ret_line, unsigned *ret_column);

/* Member of an object (the last one when a key is repeated, as everywhere), or NULL. */
const struct json *json_get(const struct json *j, const char *key);
const struct json *json_member(const struct json *j, struct str key);
/* "State.Health.Status": json_get along the dots. */
const struct json *json_path(const struct json *j, const char *dotted);
const struct json *json_at(const struct json *j, size_t i);

/* Values with a default for NULL, absent and other types. */
const char *json_str(const struct json *j, const char *dflt);
int64_t json_int(const struct json *j, int64_t dflt);		/* also dflt when it is no integer of 64 bits */
bool json_bool(const struct json *j, bool dflt);
bool json_is(const struct json *j, enum json_type type);

/* for (JSON_EACH(m, obj)) */
#define JSON_EACH(var, parent) const struct json *var = json_first(parent); var; var = var->next
const struct json *json_first(const struct json *j);		/* NULL for scalars */

#endif

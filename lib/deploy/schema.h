/*
 * schema.h - every configuration key once: type, default, range, text, and what a change costs
 *
 * Drives load, validation, `occ config`, the JSON Schema, the commented default file, completion and the README's table. A key stands here only
 * with the code that obeys it.
 */
#ifndef OCC_DEPLOY_SCHEMA_H
#define OCC_DEPLOY_SCHEMA_H

#include <stdint.h>

#include "lib/base/buf.h"

enum schema_type {
	SCHEMA_BOOL,		/* bool */
	SCHEMA_STRING,		/* const char * */
	SCHEMA_ENUM,		/* const char *, one of .allowed */
	SCHEMA_UINT,		/* uint64_t, min..max; or "auto" (SCHEMA_AUTO) when that is the default */
	SCHEMA_BYTES,		/* uint64_t; "512m" or "auto" (0) */
	SCHEMA_CPUS,		/* int64_t in 10^-9; "1.5" or "all" (0) */
	SCHEMA_LIST,		/* struct strlist of strings, each through .check */
};

/* SCHEMA_SWITCH: of an enumeration whose first value is off; recreate when switched on or off, nothing between the other values. */
enum schema_cost { SCHEMA_NOTHING, SCHEMA_RECREATE, SCHEMA_REBUILD, SCHEMA_SWITCH };

#define SCHEMA_AUTO UINT64_MAX	/* SCHEMA_UINT whose default is "auto": not given as a number */

struct schema_key {
	const char *name;		/* "server.port" */
	enum schema_type type;
	size_t offset;			/* in struct config */
	const char *dflt;		/* JSON text: "3000", "\"auto\"", "[]" */
	uint64_t min, max;
	const char *const *allowed;	/* SCHEMA_ENUM: NULL-terminated */
	enum schema_cost cost;
	const char *text;		/* one line for people */
	/* Checks one string (of a list: each element); NULL: anything without control characters. */
	int (*check)(struct str value, struct err *e);
};

extern const struct schema_key schema_keys[];	/* sorted by group as shown; ends with a NULL name */

const struct schema_key *schema_find(const char *name);		/* NULL if unknown */
const char *schema_nearest(const char *name);			/* nearest known key, or NULL */
const char *const *schema_key_names(void);			/* NULL-terminated, for completion */
const char *schema_cost_name(enum schema_cost c);		/* "nothing", "recreate", "rebuild", ... */
/* What this change costs: never SCHEMA_SWITCH. Values as JSON; before NULL: not known. */
enum schema_cost schema_cost_of(const struct schema_key *k, const char *before, const char *after);
bool schema_is_off(const struct schema_key *k, const char *json);	/* of SCHEMA_SWITCH: is this its first value? */

void schema_put_md(struct buf *out);				/* the README's table */
void schema_put_json_schema(struct buf *out);			/* draft 2020-12 */
void schema_put_default_file(struct buf *out);			/* every key commented out, with its text */

#endif

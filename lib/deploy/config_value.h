/*
 * config_value.h - one value of the configuration: from JSON or typed text into struct config, and back
 *
 * Shared by loading (config.c), editing (config_edit.c) and the texts of the schema. Strings go into the arena given. Errors are
 * ERR_CONFIG, a sentence part without the key's name: the caller says where.
 */
#ifndef OCC_DEPLOY_CONFIG_VALUE_H
#define OCC_DEPLOY_CONFIG_VALUE_H

#include "lib/deploy/config.h"

/* Checks and stores. *ret_at is the value at fault: of a list the element, else the value itself. */
int config_apply(struct arena *a, const struct schema_key *k, const struct json *value, struct config *c, const struct json **ret_at,
    struct err *e) MUST_CHECK;
/* The same from what a person typed, as JSON text appended to out; with_commas: a list's elements may stand between commas. */
int config_text_to_json(const struct schema_key *k, struct str text, bool with_commas, struct buf *out, struct err *e) MUST_CHECK;

/* The default, as JSON without quotes: for people. */
void config_put_default(const struct schema_key *k, struct buf *out);
/* "OCC_SERVER_PORT" */
void config_put_env_name(const char *key, struct buf *out);
/* "true or false", "1 to 65535", "auto, local, remote", "a size such as 512m". */
void config_put_allowed(const struct schema_key *k, struct buf *out);
/* "512m": exact, in the largest unit of 1024 that keeps it so. */
void config_put_size(uint64_t bytes, struct buf *out);
bool config_has_auto(const struct schema_key *k);	/* a size or number that may be "auto" */

/* Syntax, outermost object and format number of a text; NULL with ERR_CONFIG "path:line:column: what". */
const struct json *config_root(struct arena *a, struct str text, const char *path, struct err *e);

/* What one key's rules cannot say: keys that need or exclude each other. ERR_CONFIG, with "key: what". *ret_key is the key at fault. */
int config_check_whole(const struct config *c, const char **ret_key, struct err *e) MUST_CHECK;

/* Adds an element (JSON) to an array of a JSONC text, or takes its i-th away, keeping comments and layout. The whole new text is appended to out. */
void config_list_insert(struct str text, const struct json *array, struct str element, struct buf *out);
void config_list_delete(struct str text, const struct json *array, size_t i, struct buf *out);

#endif

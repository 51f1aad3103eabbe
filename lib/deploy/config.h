/*
 * config.h - the configuration of one instance: read through the schema, overridden by the environment, edited in place
 *
 * The file is JSONC, safe to commit, never holds a secret. Strings live in the arena given at load. A missing file is the defaults.
 */
#ifndef OCC_DEPLOY_CONFIG_H
#define OCC_DEPLOY_CONFIG_H

#include "lib/deploy/schema.h"
#include "lib/deploy/scope.h"
#include "lib/json/json.h"

#define CONFIG_BYTES_MAX (1u << 20)
#define CONFIG_FORMAT 1
#define CONFIG_KEYS_MAX 96

struct config {
	struct { const char *url, *location; } engine;			/* location: auto, local, remote */
	struct {
		const char *bind; uint64_t port; const char *public_url; struct strlist cors; bool allow_plain_http;
	} server;
	struct { const char *username; } auth;
	struct {
		const char *source, *ref, *base, *opencode, *variant, *ca_bundle; struct strlist packages;
	} image;			/* source: auto, build, pull; variant: auto, standard, baseline; ca_bundle: auto, none, or a path */
	struct {
		uint64_t memory; int64_t cpus; uint64_t pids; struct strlist env, mounts, ports, extra_hosts; bool sudo; const char *restart;
	} container;			/* mounts: "/host/dir:/container/dir[:ro]"; ports: "[ADDR:]HOST:CONTAINER" */
	struct {
		uint64_t first_delay_s, max_delay_s, reset_s, budget, budget_s; const char *when_failed;
		uint64_t hang_s, start_s, memory_percent, wait_idle_s;
	} watchdog;
	struct {
		const char *mode, *bind; uint64_t port, redirect_port; struct strlist names; const char *certificate, *key, *login;
		struct strlist trusted_proxies, metrics_from; uint64_t hold_s; const char *access_log;
	} edge;				/* mode: off, plain, self-signed, files; bind and ports may be auto: edge.h has what holds */
	struct { struct strlist events; bool allow_http; } notify;
	struct { uint64_t max_size, max_files; } log;
	struct { const char *check, *feed, *releases; uint64_t keep, keep_size, watch_s; } update;	/* check: never, daily, always */
	struct { const char *schedule, *after, *identity; struct strlist recipients; uint64_t keep, verify_days; bool workspace; } backup;	/* schedule: off, hourly, daily, weekly */
	unsigned char origin[CONFIG_KEYS_MAX];	/* enum config_origin by index in schema_keys */
	unsigned line[CONFIG_KEYS_MAX];		/* in the file, 0 elsewhere */
	struct strlist warnings;		/* unknown keys, with the nearest known one */
};

enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENV };

/* environ-like NULL-terminated list for OCC_<GROUP>_<KEY>, or NULL. ERR_CONFIG: "file:line:column: what", with what is allowed and the fixing command. A newer
 * format is refused by name. */
int config_load(struct arena *a, const struct scope *s, const char *const *environment, struct config *ret, struct err *e) MUST_CHECK;
/* Validates a text as config_load would (for `edit` and `validate`); path is for messages. */
int config_parse(struct arena *a, struct str text, const char *path, const char *const *environment, struct config *ret, struct err *e) MUST_CHECK;

enum config_origin config_origin_of(const struct config *c, const char *key);
/* "server.port in ~/.config/opencode-cloud/config.json:7", "OCC_SERVER_PORT", "the default of server.port". */
const char *config_where(struct arena *a, const struct config *c, const struct scope *s, const char *key);
/* The value as JSON, appended. */
void config_put_value(const struct config *c, const struct schema_key *k, struct buf *out);
const char *config_value_json(struct arena *a, const struct config *c, const struct schema_key *k);	/* the same, in the arena */
/* The value as a person types it: no quotes; lists one per line. */
void config_put_plain(const struct config *c, const struct schema_key *k, struct buf *out);

/* Edits keep comments, order and unknown keys, and are validated as a whole before the atomic save; a missing file is made from the commented default. text is
 * what a person types ("4000", "true", "auto"; for a list a JSON array or a single element). add and remove are for lists. */
int config_set(struct arena *a, const struct scope *s, const char *key, const char *text, struct err *e) MUST_CHECK;
int config_unset(struct arena *a, const struct scope *s, const char *key, struct err *e) MUST_CHECK;
int config_add(struct arena *a, const struct scope *s, const char *key, const char *element, bool *ret_changed, struct err *e) MUST_CHECK;
int config_remove(struct arena *a, const struct scope *s, const char *key, const char *element, bool *ret_changed, struct err *e) MUST_CHECK;

/* Several keys, all of them or none, in one save; json is a value's JSON text. The first changes a text in place and validates the outcome: what
 * config_set_many would save, for showing it before. Keys are the program's own words: an unknown one is a BUG. */
struct config_pair { const char *key, *json; };
int config_edit_text(struct arena *a, const char *path, const struct config_pair *pairs, size_t n, struct buf *text, struct err *e) MUST_CHECK;
int config_set_many(struct arena *a, const struct scope *s, const struct config_pair *pairs, size_t n, struct err *e) MUST_CHECK;

/* The file's text, or the commented default when there is none; and the save that keeps its mode (0644 when new). Neither validates. */
int config_text(const struct scope *s, struct buf *out, bool *ret_exists, struct err *e) MUST_CHECK;
int config_save_text(const struct scope *s, struct str text, struct err *e) MUST_CHECK;

/* Taken apart forms of list elements; used by validation and by the container's spec. */
struct config_mount { struct str host, target; bool is_read_only; };
int config_mount_parse(struct str text, struct config_mount *ret, struct err *e) MUST_CHECK;
struct config_port { struct str address; unsigned host, container; };		/* address empty: server.bind */
int config_port_parse(struct str text, struct config_port *ret, struct err *e) MUST_CHECK;

#endif

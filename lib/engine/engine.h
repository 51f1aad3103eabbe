/*
 * engine.h - a connection to a Docker-compatible engine: negotiation and single calls
 *
 * One keep-alive connection for short calls, reopened when it went stale; a long stream (logs, build, exec) opens its own. All answers
 * are read tolerantly into the caller's arena. Every call is bounded by the deadline given. Talks Engine API 1.24 ... 1.51: the smaller
 * of ours and the engine's (header Api-Version of /_ping), DOCKER_API_VERSION honoured.
 */
#ifndef OCC_ENGINE_ENGINE_H
#define OCC_ENGINE_ENGINE_H

#include "lib/engine/endpoint.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

#define ENGINE_API_OURS 51		/* 1.51 */
#define ENGINE_API_LEAST 40		/* Engine 19.03 */
#define ENGINE_CALL_MS 30000		/* deadline of a short call, unless said otherwise */

struct engine {
	struct engine_endpoint at;
	struct engine_env env;
	struct http_conn conn;
	unsigned api_minor;
	bool is_podman;			/* Libpod-API-Version or Server field of the ping */
	char version[64];		/* engine's own, from the ping's Server field ("Docker/28.5.2 (linux)"); "" until known */
	int ssh_err_fd;			/* where ssh writes its complaints; 0 until the first ssh */
};

#define ENGINE_INIT { .conn = HTTP_CONN_INIT }

/* Connects and pings. Each cause has its own error and remedy: no such socket, refused (not running), permission denied (group docker,
 * sudo), ssh failure (its last line), timeout, too old, too new. */
int engine_open(struct engine *en, const struct engine_endpoint *at, const struct engine_env *env, int64_t due_ms, struct err *e) MUST_CHECK;
void engine_auto(struct engine *en);

/* One call. path without version prefix, encoded ("/containers/json?all=1"). body may be STR_NULL, else JSON. Returns the status (200..299, or
 * 304) with the parsed answer (NULL when there is none), or -1: e->http is the status, the message the engine's own; 404 is ERR_NOT_FOUND, 409
 * ERR_CONFLICT; "no space left on device" gets the remedy; a connection that ends inside is ERR_ENGINE. GET and HEAD are repeated once
 * on a stale connection; others only when no byte of the request can have been acted upon. */
int engine_call(struct engine *en, struct arena *a, const char *method, const char *path, struct str body, int64_t due_ms,
    const struct json **ret, struct err *e) MUST_CHECK;

/* Opens a connection of its own, sends the request and reads the head: for streams. Status >= 400 becomes the error as above.
 * is_hijack adds Connection: Upgrade, Upgrade: tcp. The caller fini's *ret. Returns the status. */
struct engine_stream_request {
	const char *method, *path;
	struct str body;			/* with content_type, else none */
	const char *content_type;
	const struct http_field *fields;	/* X-Registry-Auth, X-Registry-Config */
	size_t n_fields;
	bool is_hijack;
	bool is_chunked;			/* the caller sends the body with http_send_chunk and reads the head itself */
};
int engine_stream(struct engine *en, const struct engine_stream_request *r, struct http_conn *ret, int64_t due_ms, struct err *e) MUST_CHECK;
/* For is_chunked, when the body is sent: reads the head and turns >= 400 into the error. */
int engine_stream_head(struct engine *en, struct http_conn *c, int64_t due_ms, struct err *e) MUST_CHECK;

/* GET /version and /info: only where a person waits for a longer action (5 ms to 1 s). */
struct engine_info {
	const char *version;		/* "28.5.2" */
	const char *os, *arch;		/* "linux", "amd64" as in GOARCH */
	uint64_t memory_bytes;		/* 0: unknown */
	unsigned cpus;
	const char *root_dir;		/* DockerRootDir, on the engine's host */
	const char *operating_system;	/* "Debian GNU/Linux 12", "Docker Desktop" */
	bool has_swap_limit;
};
int engine_info_get(struct engine *en, struct arena *a, struct engine_info *ret, struct err *e) MUST_CHECK;

#endif

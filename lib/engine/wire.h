/*
 * wire.h - what the files of lib/engine share: connecting, one exchange, paths with a query, the engine's refusals as errors
 *
 * An exchange goes over the engine's keep-alive connection and blocks up to its deadline; whatever fails closes that connection, so that
 * the next call starts on a clean one.
 */
#ifndef OCC_ENGINE_WIRE_H
#define OCC_ENGINE_WIRE_H

#include "lib/engine/engine.h"

#define WIRE_PATH_MAX 65536		/* path and query, build arguments included */
#define WIRE_ANSWER_MAX (64u << 20)	/* largest answer that is not a stream */
#define WIRE_REFUSAL_MAX 65536		/* largest body of a refusal that is read */

/* Opens a connection to en->at into *ret. */
int wire_dial(struct engine *en, struct http_conn *ret, int64_t due_ms, struct err *e) MUST_CHECK;

struct wire_request {
	const char *method;
	const char *path;			/* without version prefix, encoded */
	struct str body;			/* sent when content_type is given */
	const char *content_type;
	const struct http_field *fields;
	size_t n_fields;
	bool is_unversioned;			/* _ping, version */
};
/* One call over en->conn with the retries that engine.h promises; the body of a good answer is appended to out. Returns the status. */
int wire_exchange(struct engine *en, const struct wire_request *r, struct buf *out, int64_t due_ms, struct err *e) MUST_CHECK;

/* A call whose answer does not matter beyond its status. */
int wire_do(struct engine *en, const char *method, const char *path, struct str json, int64_t due_ms, struct err *e) MUST_CHECK;

/* Turns a refusal (its whole or first part of body) into the error. Returns -1. */
int wire_refusal(int status, struct str body, struct err *e);
/* Turns a failure of the connection itself into the error that a person understands; `what` is what was under way. Returns -1. */
int wire_lost(struct engine *en, const char *what, struct err *e);
/* True when a 400 named another API version and en->api_minor was changed to suit; false with *e made clear if it was about the version. */
bool wire_renegotiate(struct engine *en, struct err *e);

/* "/containers/" + name encoded + "/json" */
void wire_path(struct buf *path, const char *head, const char *name, const char *tail);
/* Appends ?key=value or &key=value, encoded. */
void wire_query(struct buf *path, const char *key, struct str value);
/* ...&filters={"key":["value"]}; a NULL value adds nothing. */
void wire_filter(struct buf *path, const char *key, const char *value);

/* Reads from a connection that was taken over. A reset is an end here: ssh that exits with input unread gives one. */
ssize_t wire_read(struct http_conn *c, void *p, size_t n, int64_t due_ms, struct err *e) MUST_CHECK;

/* A foreign text made fit for one line of a message: control bytes and escape sequences become spaces, the middle of a long one "...". */
void wire_clean(struct buf *out, struct str text, size_t max);

/* For "%.*s" in messages: a full id as its first 12 digits, a name whole. */
#define WIRE_ID(id) wire_id_length(id), (id)
int wire_id_length(const char *id);

/* ssh://: the argument list, and the last thing ssh said turned into the error (what is added in front is the host). */
struct ssh_argv {
	const char *v[16];
	char port[12];
};
void ssh_argv_of(const struct engine_endpoint *at, struct ssh_argv *ret);
int ssh_err_open(struct err *e) MUST_CHECK;		/* an unlinked file for ssh's standard error: a full pipe would stop it */
int ssh_fault(const struct engine_endpoint *at, int err_fd, struct err *e);
/* Did the server close the door before a word, as sshd does when many log in at once (MaxStartups)? Then waits a moment: 1 to try again, 0 when it
 * is something else or there is no time left, -1 when interrupted. */
int ssh_was_turned_away(int err_fd, int64_t due_ms, struct err *e);

#endif

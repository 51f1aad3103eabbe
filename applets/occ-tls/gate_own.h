/* gate_own.h - what the files of the gate share */
#ifndef OCC_APPLETS_TLS_GATE_OWN_H
#define OCC_APPLETS_TLS_GATE_OWN_H

#include "applets/occ-tls/gate.h"

/* How often a field of this name (ASCII case folded) is there; *ret is the value of the first one, p == NULL when there is none. */
size_t gate_field(const struct http_request_head *h, const char *name, struct str *ret);

/* Who made the browser send this: a page of ours, a page of somebody else's, or no page that one knows of (curl, an app, an old browser). */
enum gate_origin { GATE_ORIGIN_OURS, GATE_ORIGIN_FOREIGN, GATE_ORIGIN_UNKNOWN };
enum gate_origin gate_origin_of(const struct gate_config *c, const struct gate_request *rq);

/* Takes our cookies out of the request's, the rest goes into `rest`; is one of them a session that holds? */
bool gate_read_cookies(const struct gate_config *c, const struct gate_request *rq, struct buf *rest);

/* user:password in base64, into the result; false when it is no such thing or too long. */
bool gate_read_userpass(struct str base64, struct gate_result *ret);

/* Would the back end take this path for one that the edge keeps closed? It may be written in many ways. The sentence for the refusal, NULL when it is open. */
const char *gate_closed(struct str method, struct str path);
/* A path that a browser fetches without credentials, and which opencode gives away as well. */
bool gate_is_open(struct str path);

#endif

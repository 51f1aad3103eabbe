/*
 * served.h - the files of the web interface on their way: out of the cache, or past the compressor that fills it
 *
 * A connection has a struct served only while one of these goes on. What the cache holds is sent from there, piece by piece as the client takes it, and never copied
 * whole.
 */
#ifndef OCC_APPLETS_TLS_SERVED_H
#define OCC_APPLETS_TLS_SERVED_H

#include "applets/occ-tls/assets.h"

struct conn;

struct served {
	struct asset_reply reply;
	struct str rest;		/* of its body */
	struct asset_job *job;
	bool is_gzip;
};

/* The request in edge->request: true when the cache has its answer, which is on its way then. */
bool served_begin(struct conn *c);
void served_more(struct conn *c);		/* the client has taken what it was given */

/* The answer's head in edge->response, which is changed where the body will be: fills set with at most ASSET_FIELDS_MAX fields, good until the next call; how many. */
size_t served_plan(struct conn *c, struct http_field *set);
/* A piece of the body from opencode (at most EDGE_RX_BYTES), and whether it was the last: what goes to the client in its place, good until the next call. */
struct str served_pass(struct conn *c, struct str payload, bool is_last);
bool served_is_working(const struct conn *c);	/* each piece takes the time of a compressor's step */
void served_free(struct conn *c);

#endif

/*
 * access_log.h - pure: one line for each request, without secrets
 *
 * Credentials never get here: no Authorization, no Cookie, and of the target's query members auth_token, t and ticket are left out. What a peer sent is escaped, so that no
 * line can be forged and no terminal driven.
 */
#ifndef OCC_APPLETS_TLS_ACCESS_LOG_H
#define OCC_APPLETS_TLS_ACCESS_LOG_H

#include "applets/occ-tls/wire.h"

#define ACCESS_LOG_TARGET_MAX 2048	/* bytes of a target or agent that are shown */
#define ACCESS_LOG_LINE_MAX 65536	/* of the longest line */

struct access_entry {
	int64_t at_epoch_s;
	const char *client;		/* address as text */
	struct str method, target, host, agent;		/* as the client sent them; empty: unknown */
	const char *protocol;		/* "HTTP/1.1" */
	int status;			/* 0: no answer was sent */
	uint64_t bytes_in, bytes_out;	/* of bodies */
	int64_t took_us;		/* from the whole head to the last byte */
	const char *note;		/* of a stream or websocket, who ended it: "ended by opencode, code 1001"; or NULL */
};

/* Appends one line with its LF; nothing with EDGE_LOG_OFF.
 * text: TIME CLIENT "METHOD TARGET PROTOCOL" STATUS BYTES-OUT SECONDS "AGENT" [NOTE]
 * json: an object with the entry's names. */
void access_log_put(enum edge_log form, const struct access_entry *a, struct buf *out);

#endif

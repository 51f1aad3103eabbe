/*
 * callback.h - a provider's redirect to http://localhost:PORT, seen in what a login prints and in what a person pastes
 *
 * Pure: bytes in, bytes out, the time as a number. A login that names such an address waits for it inside the container, where no browser can
 * reach it; the person copies it from the browser and pastes it, and only then is the input looked at.
 */
#ifndef OCC_APPLETS_OCC_CALLBACK_H
#define OCC_APPLETS_OCC_CALLBACK_H

#include <stdint.h>

#include "lib/base/buf.h"

#define CALLBACK_URL_MAX 8192
#define CALLBACK_PAUSE_MS 200		/* a paste without Enter ends with this silence */

/* ---- what the program prints ---- */

struct callback_spot {
	char text[512];			/* the last printable bytes, without escape sequences, white space and line drawing */
	size_t n;
	int escape;
};

/* Port of the redirect_uri that data completes, however it was cut; 0: none. */
unsigned callback_spot(struct callback_spot *c, struct str data);

/* ---- what a person pastes ---- */

struct callback_paste {
	struct buf held;		/* a secret: the address carries the login's code */
	int64_t due_ms;			/* CLOCK_NEVER while nothing is held */
};
#define CALLBACK_PASTE_INIT { .held = BUF_SECRET_INIT(CALLBACK_URL_MAX), .due_ms = INT64_MAX }

/* Input while a redirect to this port is awaited. What is not the beginning of its address is appended to pass. 1 when an address is complete in
 * held (see callback_url), else 0. Empty data only looks at the time. */
int callback_paste(struct callback_paste *c, unsigned port, struct str data, int64_t now_ms, struct buf *pass);

/* The address in a text: white space and the marks of bracketed paste taken off; http, localhost or a loopback address, the port (0: any), no byte that
 * may not stand in an address. Empty view when it is none. */
struct str callback_url(struct str text, unsigned port);

#endif

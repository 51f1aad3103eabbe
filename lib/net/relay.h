/*
 * relay.h - carries bytes both ways between two descriptors, with bounded buffers and half-close
 *
 * Non-blocking state machine: the owner polls what relay_want says for all its relays together, then calls relay_step. When
 * one side is slow its peer is not read (backpressure). Owns neither descriptor; a terminal's, a socket's and a pipe's
 * ends serve alike.
 */
#ifndef OCC_NET_RELAY_H
#define OCC_NET_RELAY_H

#include <poll.h>

#include "lib/base/buf.h"

#define RELAY_BYTES 16384

struct relay_pipe {
	char bytes[RELAY_BYTES];
	size_t start, end;
	bool is_eof;			/* the reading side ended */
	bool is_shut;			/* and the writing side has been told */
};

struct relay {
	int a_in, a_out;		/* the same number for a socket */
	int b;
	struct relay_pipe a_to_b, b_to_a;
};

void relay_init(struct relay *r, int a_in, int a_out, int b);
/* Events to poll for on each descriptor; 0 pauses. */
void relay_want(const struct relay *r, short *ret_a_in, short *ret_a_out, short *ret_b);
/* Moves what can be moved without blocking. 1 goes on, 0 both directions are finished (or b closed), -1 on an error. */
int relay_step(struct relay *r, struct err *e) MUST_CHECK;
/* Bytes read ahead by somebody else that belong to the b side's output. At most RELAY_BYTES. */
int relay_preload(struct relay *r, struct str from_b, struct err *e) MUST_CHECK;

#endif

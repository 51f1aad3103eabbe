/*
 * sse.h - Server-Sent Events (WHATWG HTML, section 9.2), incrementally, in bounded memory
 *
 * Only what an event's data says is kept; its name, identifier and retry time are passed over. An event whose data is larger than the
 * ceiling is told of without it.
 */
#ifndef OCC_HTTP_SSE_H
#define OCC_HTTP_SSE_H

#include "lib/base/buf.h"

#define SSE_FIELD_MAX 8

struct sse {
	struct buf data;		/* of the event being gathered, or just completed */
	bool is_complete;		/* data is an event's: it goes with the next feed */
	bool is_too_big;
	bool has_data;
	bool is_first_line;
	bool was_cr;
	int state;
	size_t n_field;
	char field[SSE_FIELD_MAX];
};

#define SSE_INIT(ceiling_bytes) { .data = BUF_INIT(ceiling_bytes), .is_first_line = true }

/* Takes bytes until an event is complete: how many, and whether one is (*ret_event), with its data in s->data until the next feed (empty when
 * s->is_too_big). Call again with the rest. */
size_t sse_feed(struct sse *s, struct str in, bool *ret_event);
void sse_fini(struct sse *s);

#endif

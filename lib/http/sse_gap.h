/*
 * sse_gap.h - is a Server-Sent Events stream between two events? (WHATWG HTML, section 9.2)
 *
 * A comment line may be put into such a stream only there: behind an empty line, or at its very beginning. Bytes pass by; three of them are remembered. CR, LF and CRLF
 * all end a line.
 */
#ifndef OCC_HTTP_SSE_GAP_H
#define OCC_HTTP_SSE_GAP_H

#include <stdbool.h>

#include "lib/base/str.h"

struct sse_gap {
	bool has_begun;		/* a byte has passed */
	bool is_between;	/* as said above; true before the first byte */
	bool at_line_start, was_cr;
};

#define SSE_GAP_INIT { .is_between = true, .at_line_start = true }
#define SSE_KEEPALIVE ": keepalive\n\n"

void sse_gap_pass(struct sse_gap *g, struct str bytes);

#endif

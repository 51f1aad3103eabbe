/*
 * sse_gap.h - is a Server-Sent Events stream between two events? (WHATWG HTML, section 9.2)
 *
 * A comment may be put into such a stream only there: behind an empty line, or before its first byte. Bytes pass by; what the last three left behind is remembered. CR,
 * LF and CRLF all end a line. The one exception: a byte order mark counts only at the very beginning, so a comment before the first byte (has_begun is false) would make
 * it part of the first line's name. Servers send none; and who must not risk it waits for has_begun.
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

/* Bytes of the body that have been passed on, without what was put in. Costs the same for any number of them. */
void sse_gap_pass(struct sse_gap *g, struct str bytes);

#endif

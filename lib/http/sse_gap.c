/* sse_gap.c - the last bytes of an event stream */
#include "lib/http/sse_gap.h"

#define TAIL 3		/* CR LF CR, LF CR LF: the longest that it takes to see an empty line end */

void
sse_gap_pass(struct sse_gap *g, struct str bytes)
{
	if (bytes.n > 0)
		g->has_begun = true;
	if (bytes.n > TAIL) {
		bytes = str_skip(bytes, bytes.n - TAIL);
		g->at_line_start = g->was_cr = false;
	}
	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];
		bool is_end = c == '\n' || c == '\r';

		if (c == '\n' && g->was_cr) {		/* the second half of a line's end */
			g->was_cr = false;
			continue;
		}
		g->is_between = is_end && g->at_line_start;
		g->at_line_start = is_end;
		g->was_cr = c == '\r';
	}
}

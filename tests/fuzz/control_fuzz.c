/* control_fuzz.c - what is taken for a request, written again, is the same request */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/deploy/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_one(const struct control_protocol *p, struct str line)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(CONTROL_REQUEST_MAX);
	struct control_request r, again;
	struct err e = ERR_INIT;

	if (control_parse(p, &a, line, &r, &e) < 0) {
		if (e.code != ERR_USAGE || memchr(e.msg, '\n', strlen(e.msg)))
			abort();
		return;
	}
	control_put(p, &r, &text);
	if (buf_check(&text, "request", &e) < 0 || control_parse(p, &a, buf_str(&text), &again, &e) < 0)
		abort();
	if (again.verb != r.verb || again.seconds != r.seconds || (p->verbs[r.verb].kind == CONTROL_TAKE && strcmp(again.why, r.why) != 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_one(&control_watchdog, str_from(data, size));
	try_one(&control_edge, str_from(data, size));
	return 0;
}

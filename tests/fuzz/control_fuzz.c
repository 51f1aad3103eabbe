/* control_fuzz.c - what is taken for a request, written again, is the same request */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/deploy/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(CONTROL_REQUEST_MAX);
	struct control_request r, again;
	struct err e = ERR_INIT;

	if (control_parse(&a, str_from(data, size), &r, &e) < 0) {
		if (e.code != ERR_USAGE || memchr(e.msg, '\n', strlen(e.msg)))
			abort();
		return 0;
	}
	control_put(&r, &text);
	if (buf_check(&text, "request", &e) < 0 || control_parse(&a, buf_str(&text), &again, &e) < 0)
		abort();
	if (again.verb != r.verb || (r.verb == CONTROL_SUSPEND && (again.seconds != r.seconds || strcmp(again.why, r.why) != 0)))
		abort();
	return 0;
}

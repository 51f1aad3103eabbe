/* log.c - hands one line at a time to the sink of the applet */
#include "lib/base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_BYTES 1024

static log_sink *sink_fn;
static void *sink_ctx;

void
log_set_sink(log_sink *sink, void *ctx)
{
	sink_fn = sink;
	sink_ctx = ctx;
}

bool
log_is_on(void)
{
	return sink_fn != NULL;
}

void
log_line(const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list ap;

	if (!sink_fn)
		return;
	va_start(ap, fmt);
	if (vsnprintf(line, sizeof line, fmt, ap) < 0)
		line[0] = '\0';
	va_end(ap);
	/* What a peer sent may be in it: one line stays one line, and a terminal keeps its state. */
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	sink_fn(sink_ctx, line);
}

/*
 * log.h - what `-v` shows: one line per thing done, to a sink that the applet sets
 *
 * Library code reports facts here (requests with status and time, steps, files read), never secrets. Without a sink it
 * costs one test of a pointer. The sink is process-wide: a log with a parameter through every call would be noise.
 */
#ifndef OCC_BASE_LOG_H
#define OCC_BASE_LOG_H

#include "lib/base/err.h"

typedef void log_sink(void *ctx, const char *line);

void log_set_sink(log_sink *sink, void *ctx);		/* NULL turns it off */
bool log_is_on(void);
void log_line(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif

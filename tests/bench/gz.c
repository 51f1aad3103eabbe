/*
 * gz - standard input to standard output through the program's own compressor: what a peer of a backup pipes into
 */
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/http/gzip.h"

#define RUN 65536

int
main(void)
{
	AUTO(buf) struct buf out = BUF_INIT(8 * RUN);
	struct err e = ERR_INIT;
	struct gzip *g;
	char run[RUN];
	ssize_t n;

	if (gzip_new(&g, &e) < 0)
		return 1;
	while ((n = fd_read(STDIN_FILENO, run, sizeof run, CLOCK_NEVER, &e)) > 0) {
		gzip_put(g, str_from(run, (size_t)n), &out);
		if (buf_check(&out, "compressed data", &e) < 0 || fd_write_all(STDOUT_FILENO, buf_str(&out), CLOCK_NEVER, &e) < 0)
			return 1;
		buf_reset(&out);
	}
	gzip_end(g, &out);
	gzip_free(g);
	return n < 0 || fd_write_all(STDOUT_FILENO, buf_str(&out), CLOCK_NEVER, &e) < 0;
}

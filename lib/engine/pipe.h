/*
 * pipe.h - a throw-away container as a filter: its standard output is read, or its standard input written, a piece at a time
 *
 * It has a name of ours drawn at random, and is removed at the end whatever happens. What it says on standard error is kept for messages. Every wait for its next bytes is
 * bounded by PIPE_PATIENCE_MS, and ends on Ctrl-C.
 */
#ifndef OCC_ENGINE_PIPE_H
#define OCC_ENGINE_PIPE_H

#include "lib/base/source.h"
#include "lib/engine/container.h"
#include "lib/engine/exec.h"

#define PIPE_PATIENCE_MS (10 * 60 * 1000)
#define PIPE_RUN_BYTES 65536
#define PIPE_SAID_MAX 4096

struct pipe {
	struct engine *en;
	struct http_conn conn;
	struct demux demux;
	char name[48];			/* "": there is none */
	char *run;			/* what has been read and not taken */
	struct str rest;
	struct buf said;		/* the first of its standard error */
	bool is_over;
};
#define PIPE_INIT { .conn = HTTP_CONN_INIT, .said = BUF_INIT(PIPE_SAID_MAX) }

/* body: of POST /containers/create, without a terminal. has_stdin: it is written to; the body has OpenStdin and StdinOnce. */
int pipe_open(struct pipe *p, struct engine *en, struct arena *a, struct str body, bool has_stdin, struct err *e) MUST_CHECK;
/* Its standard output, as a source; and its standard input, as a sink: what it does not read is an error that names what it said. */
struct source pipe_source(struct pipe *p);
struct sink pipe_sink(struct pipe *p);
/* Ends its input, reads what is left of its output, waits and removes it. ret_said: "": nothing. */
int pipe_end(struct pipe *p, int *ret_exit_code, struct err *e) MUST_CHECK;
void pipe_auto(struct pipe *p);

#endif

/*
 * exec.h - commands in a running container, and the streams of logs, exec and attach
 *
 * Without a terminal the engine frames both output streams (8-byte header: stream, 0, 0, 0, length big-endian); demux takes them
 * apart at any cut, never allocating what a header claims. With a terminal the bytes are raw.
 */
#ifndef OCC_ENGINE_EXEC_H
#define OCC_ENGINE_EXEC_H

#include "lib/engine/engine.h"

enum { DEMUX_STDIN = 0, DEMUX_STDOUT = 1, DEMUX_STDERR = 2, DEMUX_SYSTEM = 3 };

struct demux {
	unsigned char head[8];
	size_t head_n;
	uint32_t left;			/* payload bytes left of this frame */
	int stream;
};
/* Feeds *in (cut off its front); 1 with a run of payload bytes and its stream, 0 when *in is used up, -1 ERR_PARSE. */
int demux_next(struct demux *d, struct str *in, int *ret_stream, struct str *ret_data, struct err *e) MUST_CHECK;

struct exec_spec {
	const char *const *argv;
	const char *const *env;		/* NAME=VALUE or NULL */
	const char *user;		/* NULL: the container's */
	const char *workdir;		/* NULL: the container's */
	bool has_tty, has_stdin;
	unsigned columns, rows;		/* with has_tty; 0: the engine's default */
};

/* Creates and starts; *ret is the hijacked connection (http_surplus first, then ->stream). ERR_NOT_FOUND / ERR_NOT_RUNNING. */
int exec_open(struct engine *en, struct arena *a, const char *container, const struct exec_spec *s, struct http_conn *ret, const char **ret_exec_id,
    int64_t due_ms, struct err *e) MUST_CHECK;
int exec_resize(struct engine *en, const char *exec_id, unsigned columns, unsigned rows, struct err *e) MUST_CHECK;
/* Exit code once it has ended; waits for the engine to notice, up to due_ms. */
int exec_exit_code(struct engine *en, const char *exec_id, int64_t due_ms, int *ret_exit_code, struct err *e) MUST_CHECK;

/* 1 or 0; one question, answered by due_ms. Engine 28 does not answer while a command that ended has output left that nobody takes. */
int exec_is_running(struct engine *en, const char *exec_id, int64_t due_ms, struct err *e) MUST_CHECK;

/* Runs to its end: `in` on standard input, output collected (err may be NULL: dropped). */
int exec_capture(struct engine *en, struct arena *a, const char *container, const struct exec_spec *s, struct str in, struct buf *out, struct buf *err_out,
    int64_t due_ms, int *ret_exit_code, struct err *e) MUST_CHECK;

struct logs_spec {
	bool follow, timestamps;
	int64_t tail;			/* lines; -1: all */
	int64_t since_epoch_s, until_epoch_s;	/* 0: none */
};
/* *ret is at the body; *ret_framed tells whether demux is needed (the container's Config.Tty, not the content type). */
int logs_open(struct engine *en, struct arena *a, const char *container, const struct logs_spec *s, struct http_conn *ret, bool *ret_framed,
    int64_t due_ms, struct err *e) MUST_CHECK;

#endif

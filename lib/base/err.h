/*
 * err.h - the error a callee fills and its callers wrap on the way up
 *
 * A function that can fail takes `struct err *e` last, returns -1 (or NULL) and fills it;
 * nobody below applets/ prints. The message is one line, lower case, without full stop,
 * object first, cause last, and never holds a secret. Notes are the indented lines under
 * it ("changed", "try", ...), printed once by main. Nothing here allocates.
 */
#ifndef OCC_BASE_ERR_H
#define OCC_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define AUTO(type) __attribute__((cleanup(type##_auto)))

enum err_code {
	ERR_NONE,
	ERR_FAIL,		/* anything without a code of its own */
	ERR_SYS,		/* a system call; errno in .sys */
	ERR_USAGE,		/* wrong words on the command line */
	ERR_CONFIG,		/* configuration or credentials invalid */
	ERR_ENGINE,		/* engine unreachable, too old, too new, connection lost */
	ERR_PERM,		/* permission denied */
	ERR_NOT_RUNNING,
	ERR_UNHEALTHY,
	ERR_ADDR_IN_USE,
	ERR_IMAGE,		/* image or registry */
	ERR_LOCKED,		/* another command holds the instance */
	ERR_TLS,
	ERR_REFUSED,		/* insecure or foreign */
	ERR_TIMEOUT,
	ERR_INTERRUPTED,
	ERR_TOO_BIG,		/* a ceiling of ours was reached */
	ERR_PARSE,		/* a peer or file sent something malformed */
	ERR_NOT_FOUND,		/* 404 or ENOENT where the caller cares */
	ERR_CONFLICT,		/* 409, or 304 where it is not success */
	ERR_EOF,		/* the peer closed where more had to come */
	ERR_ROLLED_BACK,	/* an update failed, and what was before is there again */
	ERR_ROLLBACK_FAILED,	/* ... and is not */
	ERR__N
};

#define ERR_MSG_BYTES 512
#define ERR_NOTES_MAX 4
#define ERR_NOTE_BYTES 320

struct err_note {
	char label[12];
	char text[ERR_NOTE_BYTES];
};

struct err {
	enum err_code code;
	int sys;		/* errno when code is ERR_SYS, else 0 */
	int http;		/* HTTP status of the peer's refusal, else 0 */
	size_t n_notes;
	char msg[ERR_MSG_BYTES];
	struct err_note notes[ERR_NOTES_MAX];
};

#define ERR_INIT { .code = ERR_NONE }

/* Fills e and returns -1. Replaces whatever e held, notes included. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ERR_SYS (ERR_PERM for EACCES/EPERM, ERR_TIMEOUT for ETIMEDOUT) from errno as it is at the call:
 * "<fmt>: <strerror>". Returns -1. */
int err_sys(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "<fmt>: " before the message; keeps code, sys, http and notes. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Adds a note line; beyond ERR_NOTES_MAX it is dropped. Returns -1, so that it can end a function. */
int err_note(struct err *e, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);

void err_clear(struct err *e);

/* The exit status of DESIGN.md section 10 for a code; a system error is 1. */
int err_exit_status(enum err_code code);

/* One row per exit status, for help and manual; ends with a NULL text. */
struct err_exit_row {
	int status;
	const char *text;
};
extern const struct err_exit_row err_exit_rows[];

/* A broken invariant of ours: file:line on stderr, abort. Never for input. */
_Noreturn void err_bug(const char *file, int line, const char *what);
#define BUG(what) err_bug(__FILE__, __LINE__, (what))

#endif

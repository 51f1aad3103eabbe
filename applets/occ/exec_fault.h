/*
 * exec_fault.h - what an engine says about a command that it could not start
 *
 * Engines tell that in the command's own output, with whatever status: Docker on standard output, Podman on standard error and with remarks about its
 * own sockets. Only the first words count; a command that prints them later means them. Pure.
 */
#ifndef OCC_APPLETS_OCC_EXEC_FAULT_H
#define OCC_APPLETS_OCC_EXEC_FAULT_H

#include "lib/base/buf.h"

#define EXEC_FAULT_MAX 4096

struct exec_fault {
	struct buf said;
	bool has_output;		/* the command has begun to speak */
};
#define EXEC_FAULT_INIT { .said = BUF_INIT(EXEC_FAULT_MAX) }

/* True when these are the engine's words: kept, and not to be shown. */
bool exec_fault_take(struct exec_fault *f, struct str data, bool is_podman);

/* True when the command was not started: a line for the person is appended to out, and the status is 127 for an absent command, else 126. */
bool exec_fault_tell(const struct exec_fault *f, const char *prog, const char *command, const char *workdir, int *status, struct buf *out);

#endif

/*
 * cause.h - why the service is not running, or was restarted: one name, one sentence, one remedy each
 *
 * Pure, one table. Exit codes are opencode's or its init's; 125 is the docker command's own and never seen here, 126 to 128 come with the engine's own words
 * when it could not start the program at all: these are read first. Commands in remedies begin with `occ`.
 */
#ifndef OCC_DEPLOY_CAUSE_H
#define OCC_DEPLOY_CAUSE_H

#include "lib/engine/container.h"

enum cause {
	CAUSE_NONE,
	/* it ended */
	CAUSE_EXIT_0,		/* by itself, without an error */
	CAUSE_EXIT,		/* any other code */
	CAUSE_SECRET,		/* 78: the entrypoint found no password */
	CAUSE_NOT_EXECUTABLE,	/* 126 */
	CAUSE_NO_PROGRAM,	/* 127 */
	CAUSE_ABORT,		/* 134 */
	CAUSE_CPU,		/* 132: the CPU lacks an instruction; image.variant baseline cures it */
	CAUSE_OOM,		/* 137, and the kernel said so */
	CAUSE_KILLED,		/* 137 by somebody */
	CAUSE_SEGV,		/* 139 */
	CAUSE_TERM,		/* 143 by somebody inside or on the host */
	CAUSE_STOPPED,		/* through the engine: docker stop, docker kill */
	CAUSE_ENGINE,		/* the engine ended it with itself */
	CAUSE_ABSENT,		/* the container is gone */
	CAUSE_PAUSED,
	/* a start was refused */
	CAUSE_IMAGE,		/* the image is missing */
	CAUSE_PORT,		/* the port is taken */
	CAUSE_MOUNT,		/* a directory to mount is missing */
	CAUSE_DISK,		/* the engine's disk is full */
	CAUSE_FOREIGN,		/* the name belongs to another container */
	CAUSE_CONFIG,		/* configuration or credentials invalid */
	CAUSE_START,		/* anything else the engine says */
	/* it runs, but */
	CAUSE_HANG,		/* no answer and no heartbeat */
	CAUSE_NEVER_READY,	/* started, never answered */
	CAUSE_PASSWORD,		/* 401 with our password */
	CAUSE_OPEN,		/* lets in without a password */
	CAUSE_MEMORY,		/* planned: above the threshold */
	CAUSE_CHANGED,		/* planned: the configuration or the image is another */
	CAUSE_UPDATE,		/* another version did not prove itself, and was taken back */
	CAUSE__N
};

const char *cause_name(enum cause c);		/* "out-of-memory": for JSON and records; "none" for CAUSE_NONE */
const char *cause_text(enum cause c);		/* "killed for want of memory" */
/* What to do, or NULL when nothing needs doing: "occ config set container.memory SIZE". */
const char *cause_remedy(enum cause c);
enum cause cause_of_name(struct str name);	/* CAUSE_NONE when unknown */

/* What an exit code alone says. */
enum cause cause_of_exit(int exit_code, bool is_oom_killed);
/* A container that has ended. is_by_engine: a kill or stop event of the engine came before. An out-of-memory kill is never the engine's. */
enum cause cause_of_end(const struct container *c, bool is_by_engine);
/* A create or start that failed with this error; CAUSE_ENGINE when the engine could not be reached or lost the call. */
enum cause cause_of_refusal(const struct err *e);
/* A person has to act: trying again soon cannot help (image, port, mount, foreign, configuration, password, open). */
bool cause_is_blocking(enum cause c);

#endif

/*
 * snapshot.h - opencode's own data as it was before a change of version, in a volume beside the home
 *
 * Data, configuration and state of opencode (sessions, logins to providers); not caches, not logs, not the rest of the home, not the workspace. Made in two passes: while
 * opencode goes on, and once more, for what has changed since, when it is stopped. Nothing leaves the engine. The caller holds the helpers' lock (helper.h).
 */
#ifndef OCC_DEPLOY_SNAPSHOT_H
#define OCC_DEPLOY_SNAPSHOT_H

#include "lib/deploy/spec.h"
#include "lib/engine/pipe.h"

/* "opencode-cloud-home.before-7". In the arena. */
const char *snapshot_volume(struct service *s, uint64_t number);

struct snapshot {
	struct pipe pipe;
	uint64_t n_bytes;			/* of files in it */
};
#define SNAPSHOT_INIT { .pipe = PIPE_INIT }

/* The first pass. spec->image: one that meets the contract. ERR_SYS when the engine's disk has no room, which is looked at first. */
int snapshot_begin(struct snapshot *x, struct service *s, const struct spec_input *spec, const char *volume, struct err *e) MUST_CHECK;
/* The second, while nobody writes. */
int snapshot_finish(struct snapshot *x, struct err *e) MUST_CHECK;
void snapshot_auto(struct snapshot *x);

/* The home as the snapshot has it: files of opencode's that came since are removed. Cut, it is done again. Nobody else may use the home. */
int snapshot_put_back(struct service *s, const struct spec_input *spec, const char *volume, struct err *e) MUST_CHECK;

/* Pure: the bodies of both containers. */
void snapshot_put_copy_body(const struct spec_input *spec, const char *volume, struct buf *out);
void snapshot_put_back_body(const struct spec_input *spec, const char *volume, struct buf *out);

#endif

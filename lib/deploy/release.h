/*
 * release.h - pure: what a release of this program is called, and who put this program where it is
 *
 * A release is a directory: opencode-cloud-VERSION-TARGET for each target, SHA256SUMS with their hashes, SHA256SUMS.sig over that. So the signature covers the version, too.
 */
#ifndef OCC_DEPLOY_RELEASE_H
#define OCC_DEPLOY_RELEASE_H

#include "lib/base/arena.h"
#include "lib/tls/digest.h"

#define RELEASE_PROGRAM "opencode-cloud"
#define RELEASE_SUMS "SHA256SUMS"
#define RELEASE_SIGNATURE RELEASE_SUMS ".sig"

/* "linux-x86_64"; NULL on a machine that no release is made for. */
const char *release_target(void);

struct release {
	const char *version, *file;
	unsigned char hash[DIGEST_SHA256_BYTES];
};
/* The one line of such a list that is this target's. In the arena. ERR_NOT_FOUND without one, ERR_PARSE for two, or a line that is none of sha256sum's. */
int release_find(struct arena *a, struct str sums, const char *target, struct release *ret, struct err *e) MUST_CHECK;

/* Three numbers: what all of ours are called by. */
bool release_is_version(struct str text);

/* Where files of a version lie below an address of releases, which is laid out as GitHub has it: "BASE/latest/download/FILE", or "BASE/download/vVERSION/FILE". In the arena. */
const char *release_url(struct arena *a, const char *base, const char *version, const char *file);

/* A package manager that owns a program in such a place, by its path alone, and what it is updated by; NULL: none. */
struct release_owner {
	const char *name, *command;
};
#define RELEASE_OWNER_CARGO { "cargo", "cargo install opencode-cloud" }
const struct release_owner *release_owner_of(const char *path);

#endif

/*
 * incident_redact.h - known secrets, and what looks like one, taken out of text that will be kept
 *
 * Made once from the credentials, used for many lines, wiped at its end. A known secret is found as it is, percent-encoded, escaped as in JSON, and inside of base64
 * whatever stands before it ("user:password" of any user); one of less than INCIDENT_SHORT_BYTES only where it stands alone, or nothing would be left to read.
 * The text is expected to begin and end with whole lines: half a secret is not found.
 */
#ifndef OCC_DEPLOY_INCIDENT_REDACT_H
#define OCC_DEPLOY_INCIDENT_REDACT_H

#include "lib/deploy/credentials.h"

#define INCIDENT_SHORT_BYTES 4
#define REDACT_MARK "***"
#define REDACT_SECRETS_MAX (2 + CREDENTIALS_SECRETS_MAX + 2 * CREDENTIALS_NOTIFY_MAX)	/* two passwords; of an address: the whole, and its path */
#define REDACT_PATTERNS_MAX (REDACT_SECRETS_MAX * 4)		/* as it is, and in base64 at three offsets */

struct redact_pattern {
	size_t at, n;			/* in bytes */
	bool is_base64;
	int next;			/* of those with the same first byte; -1 the last */
};

struct redactor {
	struct buf bytes;		/* of all patterns */
	size_t n;
	struct redact_pattern patterns[REDACT_PATTERNS_MAX];
	int plain[256], base64[256];	/* first pattern by its first byte; -1 none */
};

/* cr may be NULL: then only what looks like a secret is taken out. */
void redactor_init(struct redactor *r, const struct credentials *cr);
void redactor_auto(struct redactor *r);

void redactor_put(const struct redactor *r, struct str text, struct buf *out);

/* Pure (incident_marks.c): what stands behind "Authorization:", "Bearer ", "://user:", "..._KEY=", "password=" and the like, and tokens of known shapes. */
void redact_marks(struct str text, struct buf *out);

#endif

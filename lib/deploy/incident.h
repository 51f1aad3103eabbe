/*
 * incident.h - what happened, written down before anything is done about it: a ring of INCIDENTS_MAX records of at most INCIDENT_BYTES_MAX
 *
 * JSON in preallocated slots: writable on a full disk. Secrets (the password, the agent's keys, notification URLs, Authorization values) are taken out before writing;
 * what does not fit is cut from the log lines' oldest end. The reader needs no lock.
 */
#ifndef OCC_DEPLOY_INCIDENT_H
#define OCC_DEPLOY_INCIDENT_H

#include "lib/base/slots.h"
#include "lib/deploy/cause.h"
#include "lib/deploy/credentials.h"

#define INCIDENTS_MAX 20
#define INCIDENT_BYTES_MAX 65536
#define INCIDENT_LOG_LINES 200
#define INCIDENT_SAMPLES_MAX 32

/* One look at the service: a probe's answer or a memory sample. */
struct incident_sample {
	int64_t at_epoch_s;
	int status;			/* of the probe; 0: no answer; -1: not asked */
	int64_t took_ms;
	uint64_t memory_bytes;		/* 0: unknown */
};

struct incident {
	uint64_t number;		/* at load; given by the ring */
	int64_t at_epoch_s;
	enum cause cause;
	const char *action;		/* "restarted", "waiting 4 s", "gave up": what was decided */
	int exit_code;
	bool is_oom_killed;
	const char *error;		/* the engine's or the start's, "" */
	int64_t started_epoch_s, finished_epoch_s;
	const char *container_id, *image_id, *image_ref;
	struct strlist busy;		/* sessions at work: "ses_... in ~/workspace/shop", and what they lose */
	size_t n_samples;
	struct incident_sample samples[INCIDENT_SAMPLES_MAX];	/* oldest first */
	struct str log;			/* last lines of the container */
	int64_t evidence_ms;		/* how long taking it took */
};

struct incident_ring {
	struct slots slots;
};
#define INCIDENT_RING_INIT { .slots = SLOTS_INIT }

int incident_ring_open(struct incident_ring *r, const char *path, struct err *e) MUST_CHECK;		/* for writing */
int incident_ring_read(struct incident_ring *r, const char *path, struct err *e) MUST_CHECK;		/* ERR_NOT_FOUND: none yet */
void incident_ring_auto(struct incident_ring *r);

/* cr: what to take out; may be NULL. */
int incident_put(struct incident_ring *r, const struct incident *i, const struct credentials *cr, uint64_t *ret_number, struct err *e) MUST_CHECK;
/* Numbers, newest first. */
size_t incident_numbers(const struct incident_ring *r, uint64_t ret[INCIDENTS_MAX]);
int incident_get(const struct incident_ring *r, struct arena *a, uint64_t number, struct incident *ret, struct err *e) MUST_CHECK;

/* Pure: replaces every occurrence of a known secret, and whatever stands behind "Authorization:", "Bearer ", "://user:" by "***". */
void incident_redact(struct str text, const struct credentials *cr, struct buf *out);

#endif

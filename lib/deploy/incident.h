/*
 * incident.h - what happened, written down before anything is done about it: a ring of INCIDENTS_MAX records of at most INCIDENT_BYTES_MAX
 *
 * JSON in preallocated slots: writable on a full disk. Secrets (the password, the agent's keys, notification URLs, Authorization values) are taken out before writing;
 * what does not fit is cut from the log lines' oldest end. The reader needs no lock. A record, and what `occ incidents show N --json` prints:
 * {"format":1,"number":7,"at_epoch_s":N,"cause":"out-of-memory","text":"killed: out of memory","action":"waiting 4 s","exit_code":137,"signal":9,
 *  "oom_killed":true,"error":"","started_epoch_s":N,"finished_epoch_s":N,"container":"ID","image_id":"sha256:...","image_ref":"...","busy":["ses_... in DIR",...],
 *  "samples":[{"at_epoch_s":N,"status":200,"took_ms":6,"memory_bytes":N},...],"evidence_ms":N,"log_cut":false,"log":["oldest line",...]}
 * exit_code is null when the container had not ended; times are 0 when unknown; bytes that are no UTF-8 are U+FFFD.
 */
#ifndef OCC_DEPLOY_INCIDENT_H
#define OCC_DEPLOY_INCIDENT_H

#include "lib/base/slots.h"
#include "lib/deploy/cause.h"
#include "lib/deploy/credentials.h"

#define INCIDENT_FORMAT 1
#define INCIDENTS_MAX 20
#define INCIDENT_BYTES_MAX 65536	/* the slot's head included */
#define INCIDENT_LOG_LINES 200
#define INCIDENT_SAMPLES_MAX 32
#define INCIDENT_BUSY_MAX 64		/* sessions; further ones are counted in a last entry */

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
	int exit_code;			/* -1: it had not ended */
	bool is_oom_killed;
	const char *error;		/* the engine's or the start's, "" */
	int64_t started_epoch_s, finished_epoch_s;
	const char *container_id, *image_id, *image_ref;
	struct strlist busy;		/* sessions at work: "ses_... in ~/workspace/shop", and what they lose */
	size_t n_samples;
	struct incident_sample samples[INCIDENT_SAMPLES_MAX];	/* oldest first */
	struct str log;			/* last lines of the container, whole ones: half a secret would not be found */
	bool is_log_cut;		/* at load: older ones of these lines did not fit */
	int64_t evidence_ms;		/* how long taking it took */
};

struct incident_ring {
	struct slots slots;
};
#define INCIDENT_RING_INIT { .slots = SLOTS_INIT }

int incident_ring_open(struct incident_ring *r, const char *path, struct err *e) MUST_CHECK;		/* for writing */
int incident_ring_read(struct incident_ring *r, const char *path, struct err *e) MUST_CHECK;		/* ERR_NOT_FOUND: none yet */
void incident_ring_auto(struct incident_ring *r);

/* cr: what to take out; may be NULL. Texts may be NULL, long, or of any bytes. */
int incident_put(struct incident_ring *r, const struct incident *i, const struct credentials *cr, uint64_t *ret_number, struct err *e) MUST_CHECK;
/* Into the scope's ring, with what its credentials hold taken out; without the log when they cannot be read. Faults are logged, *ret_number is 0 then. */
void incident_record(const struct scope *s, const struct incident *i, uint64_t *ret_number);
/* Numbers, newest first. */
size_t incident_numbers(const struct incident_ring *r, uint64_t ret[INCIDENTS_MAX]);
/* ERR_NOT_FOUND says which there are; ERR_CONFIG for the record of a newer program. */
int incident_get(const struct incident_ring *r, struct arena *a, uint64_t number, struct incident *ret, struct err *e) MUST_CHECK;

/* Pure: the record's text, laid out with so many spaces (0: one line), and back. */
void incident_emit(const struct incident *i, unsigned indent, struct buf *out);
int incident_parse(struct arena *a, struct str text, struct incident *ret, struct err *e) MUST_CHECK;
/* The newest line of *s without its end, cut off; false when *s is empty. */
bool incident_last_line(struct str *s, struct str *ret_line);

/* Pure: replaces every occurrence of a known secret, and whatever stands behind "Authorization:", "Bearer ", "://user:" by "***" (incident_redact.h says more). */
void incident_redact(struct str text, const struct credentials *cr, struct buf *out);

#endif

/*
 * slots.h - records in a preallocated file: fixed slots with sequence number and CRC-32, a ring
 *
 * For what must be writable on a full disk (of a file system that writes in place) and readable after a kill at any point: a put overwrites the oldest slot only, so
 * a cut write loses that one and leaves the others valid. The file is made whole (every byte written, fsync, rename) or not at all. One writer at a time: the
 * caller's lock. Readers need none: what is overwritten under them is ERR_NOT_FOUND.
 *
 * Head of a slot, little-endian: magic "OCCS", u16 format, u16 number of slots, u64 sequence (0: empty), u32 bytes of a slot, u32 bytes of the payload,
 * u32 zero, u32 CRC of the head before it and the payload.
 */
#ifndef OCC_BASE_SLOTS_H
#define OCC_BASE_SLOTS_H

#include <stdint.h>

#include "lib/base/buf.h"

#define SLOTS_MAX 64
#define SLOT_HEAD_BYTES 32
#define SLOT_BYTES_MAX (1u << 20)
#define SLOTS_FORMAT 1
#define SLOTS_SEQ_MAX (UINT64_C(1) << 52)	/* a larger one is damage: no writer lives that long, and JSON numbers end there */

struct slots {
	int fd;
	unsigned n;
	size_t slot_bytes;		/* head included */
	uint64_t seq[SLOTS_MAX];	/* by slot; 0: empty or damaged */
	uint64_t last;			/* highest valid sequence number; 0: none */
};

#define SLOTS_INIT { .fd = -1 }

/* Opens, making the file (0600) when it is missing or of another shape (then *ret_is_new; what was there is kept beside it as NAME.old). n <= SLOTS_MAX.
 * ERR_CONFIG for the file of a newer program, which is left alone. */
int slots_open(struct slots *s, const char *path, unsigned n, size_t slot_bytes, bool *ret_is_new, struct err *e) MUST_CHECK;
/* Reads only; ERR_NOT_FOUND when there is no file, ERR_PARSE when it is none of ours. */
int slots_open_read(struct slots *s, const char *path, struct err *e) MUST_CHECK;
/* Writes payload into the oldest slot and syncs it. ERR_TOO_BIG beyond slot_bytes - SLOT_HEAD_BYTES. After a failure that slot is taken for damaged, and the next
 * put writes it again. */
int slots_put(struct slots *s, struct str payload, uint64_t *ret_seq, struct err *e) MUST_CHECK;
/* Appends the payload with this sequence number to out. ERR_NOT_FOUND when it is overwritten or was damaged. */
int slots_get(const struct slots *s, uint64_t seq, struct buf *out, struct err *e) MUST_CHECK;
/* The valid sequence numbers, newest first; how many. */
unsigned slots_list(const struct slots *s, uint64_t ret[SLOTS_MAX]);
void slots_auto(struct slots *s);

#endif

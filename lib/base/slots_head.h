/*
 * slots_head.h - the head of a slot as bytes, and the file calls on them
 *
 * Private to slots*.c. No call is cut by a signal: what began is finished.
 */
#ifndef OCC_BASE_SLOTS_HEAD_H
#define OCC_BASE_SLOTS_HEAD_H

#include "lib/base/slots.h"

struct slot_head {
	bool has_magic;
	unsigned format, n;
	uint64_t seq;
	size_t slot_bytes, bytes;
	uint32_t crc;
};

struct slot_head slot_head_read(const unsigned char head[SLOT_HEAD_BYTES]);
/* Appends head and payload. */
void slot_put(const struct slots *s, uint64_t seq, struct str payload, struct buf *out);
/* Is this slot of a file of such a shape, whole, and its payload as it was written? payload: what follows the head, at least head->bytes. */
bool slot_is_valid(const struct slots *s, const unsigned char head[SLOT_HEAD_BYTES], struct str payload);

/* All n bytes at this place, or -1. */
int slot_pread(int fd, void *p, size_t n, size_t at, struct err *e) MUST_CHECK;
int slot_pwrite(int fd, struct str data, size_t at, struct err *e) MUST_CHECK;
int slot_sync(int fd, struct err *e) MUST_CHECK;

#endif

/* slots_head.c - bytes of a slot, and whole reads and writes of them */
#include "lib/base/slots_head.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/crc.h"

#define CRC_AT (SLOT_HEAD_BYTES - 4)

static const char magic[4] = { 'O', 'C', 'C', 'S' };

static uint64_t
get_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | p[--n];
	return v;
}

static void
put_le(struct buf *out, uint64_t v, size_t n)
{
	for (; n > 0; n--, v >>= 8)
		buf_putc(out, (char)(v & 0xff));
}

struct slot_head
slot_head_read(const unsigned char head[SLOT_HEAD_BYTES])
{
	return (struct slot_head){
		.has_magic = memcmp(head, magic, sizeof magic) == 0,
		.format = (unsigned)get_le(head + 4, 2),
		.n = (unsigned)get_le(head + 6, 2),
		.seq = get_le(head + 8, 8),
		.slot_bytes = (size_t)get_le(head + 16, 4),
		.bytes = (size_t)get_le(head + 20, 4),
		.crc = (uint32_t)get_le(head + CRC_AT, 4),
	};
}

void
slot_put(const struct slots *s, uint64_t seq, struct str payload, struct buf *out)
{
	size_t at = out->n;

	buf_put(out, magic, sizeof magic);
	put_le(out, SLOTS_FORMAT, 2);
	put_le(out, s->n, 2);
	put_le(out, seq, 8);
	put_le(out, s->slot_bytes, 4);
	put_le(out, payload.n, 4);
	put_le(out, 0, 4);
	put_le(out, crc_32(crc_32(0, str_skip(buf_str(out), at)), payload), 4);
	buf_putstr(out, payload);
}

bool
slot_is_valid(const struct slots *s, const unsigned char head[SLOT_HEAD_BYTES], struct str payload)
{
	struct slot_head h = slot_head_read(head);

	return h.has_magic && h.format == SLOTS_FORMAT && h.n == s->n && h.slot_bytes == s->slot_bytes && h.bytes <= payload.n &&
	       h.seq <= SLOTS_SEQ_MAX && h.crc == crc_32(crc_32(0, str_from(head, CRC_AT)), str_take(payload, h.bytes));
}

/* ---- file calls ---- */

int
slot_pread(int fd, void *p, size_t n, size_t at, struct err *e)
{
	for (size_t done = 0; done < n;) {
		ssize_t got = pread(fd, (char *)p + done, n - done, (off_t)(at + done));

		if (got > 0)
			done += (size_t)got;
		else if (got == 0)
			return err_set(e, ERR_EOF, "the file has become shorter");
		else if (errno != EINTR)
			return err_sys(e, "read");
	}
	return 0;
}

int
slot_pwrite(int fd, struct str data, size_t at, struct err *e)
{
	while (data.n > 0) {
		ssize_t n = pwrite(fd, data.p, data.n, (off_t)at);

		if (n == 0)
			errno = EIO;
		if (n == 0 || (n < 0 && errno != EINTR))
			return err_sys(e, "write");
		if (n > 0) {
			data = str_skip(data, (size_t)n);
			at += (size_t)n;
		}
	}
	return 0;
}

int
slot_sync(int fd, struct err *e)
{
	while (fsync(fd) < 0) {
		if (errno != EINTR)
			return err_sys(e, "sync");
	}
	return 0;
}

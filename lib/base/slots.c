/*
 * slots.c - a ring of records in a file that never grows
 *
 * The oldest slot is the one with the lowest sequence number, a damaged one before all; it alone is written to. So at every moment all others hold what
 * they held, and the newest of them is the state before this put.
 */
#include "lib/base/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/slots_head.h"

enum shape { SHAPE_OURS, SHAPE_OTHER, SHAPE_NEWER };

void
slots_auto(struct slots *s)
{
	fd_auto(&s->fd);
	*s = (struct slots)SLOTS_INIT;
}

/* ---- what is in the file ---- */

/* Does a file of so many bytes hold slots of this shape? A single head that says so is enough: the others may be damaged. */
static int
find_shape(int fd, const struct slots *s, size_t file_bytes, enum shape *ret, struct err *e)
{
	unsigned char head[SLOT_HEAD_BYTES];
	bool has_newer = false;

	*ret = SHAPE_OTHER;
	for (unsigned i = 0; i < s->n && (i + 1) * s->slot_bytes <= file_bytes; i++) {
		if (slot_pread(fd, head, sizeof head, i * s->slot_bytes, e) < 0)
			return -1;
		struct slot_head h = slot_head_read(head);
		has_newer |= h.has_magic && h.format > SLOTS_FORMAT;
		if (h.has_magic && h.format == SLOTS_FORMAT && h.n == s->n && h.slot_bytes == s->slot_bytes && s->n * s->slot_bytes == file_bytes) {
			*ret = SHAPE_OURS;
			return 0;
		}
	}
	if (has_newer)
		*ret = SHAPE_NEWER;
	return 0;
}

static int
refuse_newer(const char *path, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s has a format newer than this program knows (%d): use the newer program", path, SLOTS_FORMAT);
}

static int
scan(struct slots *s, struct err *e)
{
	AUTO(buf) struct buf slot = BUF_INIT(s->slot_bytes);
	unsigned char *p = buf_room(&slot, s->slot_bytes);

	if (!p)
		return buf_check(&slot, "slot", e);
	for (unsigned i = 0; i < s->n; i++) {
		if (slot_pread(s->fd, p, s->slot_bytes, i * s->slot_bytes, e) < 0)
			return -1;
		s->seq[i] = slot_is_valid(s, p, str_from(p + SLOT_HEAD_BYTES, s->slot_bytes - SLOT_HEAD_BYTES)) ? slot_head_read(p).seq : 0;
		if (s->seq[i] > s->last)
			s->last = s->seq[i];
	}
	return 0;
}

/* ---- opening ---- */

/* O_NONBLOCK: a pipe in the file's place must not hold us. -1 also for ERR_NOT_FOUND. */
static int
open_file(struct slots *s, const char *path, int flags, size_t *ret_bytes, struct err *e)
{
	struct stat st;

	s->fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (s->fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_NOT_FOUND, "open %s: %s", path, strerror(errno));
	if (s->fd < 0)
		return err_sys(e, "open %s", path);
	if (fstat(s->fd, &st) < 0)
		return err_sys(e, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_FAIL, "%s is not a regular file", path);
	*ret_bytes = (size_t)st.st_size;
	return 0;
}

/* Every slot empty, every byte written, so that the file has all the blocks it will ever need. */
static int
make_file(const struct slots *s, const char *path, struct err *e)
{
	size_t bytes = s->n * s->slot_bytes;
	AUTO(buf) struct buf all = BUF_INIT(bytes);

	for (unsigned i = 0; i < s->n; i++) {
		size_t rest;

		slot_put(s, 0, STR_NULL, &all);
		rest = (i + 1) * s->slot_bytes - all.n;
		void *p = buf_room(&all, rest);
		if (!p)
			return buf_check(&all, path, e);
		memset(p, 0, rest);
		buf_grew(&all, rest);
	}
	return file_save(path, buf_str(&all), 0600, e);
}

/* 1 opened, 0 there is none of this shape (is_there: another one), -1. */
static int
open_existing(struct slots *s, const char *path, bool *ret_is_there, struct err *e)
{
	enum shape shape = SHAPE_OTHER;
	size_t bytes = 0;

	*ret_is_there = false;
	if (open_file(s, path, O_RDWR, &bytes, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	*ret_is_there = true;
	if (find_shape(s->fd, s, bytes, &shape, e) < 0)
		return err_wrap(e, "%s", path);
	if (shape == SHAPE_NEWER)
		return refuse_newer(path, e);
	if (shape == SHAPE_OURS)
		return 1;
	fd_auto(&s->fd);
	s->fd = -1;
	return 0;
}

/* What cannot be used is kept for whoever wants to look; without room for a new file it stays where it is. */
static int
replace_file(struct slots *s, const char *path, bool is_there, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *old = arena_printf(&a, "%s.old", path);
	size_t bytes = 0;

	if (is_there && rename(path, old) < 0)
		return err_sys(e, "rename %s to %s", path, old);
	if (make_file(s, path, e) < 0) {
		if (is_there && !file_exists(path))
			(void)!rename(old, path);
		return -1;
	}
	return open_file(s, path, O_RDWR, &bytes, e);
}

int
slots_open(struct slots *s, const char *path, unsigned n, size_t slot_bytes, bool *ret_is_new, struct err *e)
{
	bool is_there = false;
	int got;

	if (n == 0 || n > SLOTS_MAX || slot_bytes <= SLOT_HEAD_BYTES || slot_bytes > SLOT_BYTES_MAX)
		BUG("slots of that shape");
	*s = (struct slots){ .fd = -1, .n = n, .slot_bytes = slot_bytes };
	got = open_existing(s, path, &is_there, e);
	*ret_is_new = got == 0;
	if (got == 0)
		got = replace_file(s, path, is_there, e);
	else if (got > 0 && scan(s, e) < 0)
		got = err_wrap(e, "%s", path);
	if (got < 0)
		slots_auto(s);
	return got < 0 ? -1 : 0;
}

/* The file tells its shape itself: a number of slots is right when a head says the same. */
static int
guess_shape(struct slots *s, size_t file_bytes, const char *path, struct err *e)
{
	bool has_newer = false;

	for (unsigned n = 1; n <= SLOTS_MAX; n++) {
		enum shape shape = SHAPE_OTHER;

		if (file_bytes % n != 0 || file_bytes / n <= SLOT_HEAD_BYTES || file_bytes / n > SLOT_BYTES_MAX)
			continue;
		s->n = n;
		s->slot_bytes = file_bytes / n;
		if (find_shape(s->fd, s, file_bytes, &shape, e) < 0)
			return err_wrap(e, "%s", path);
		if (shape == SHAPE_OURS)
			return 0;
		has_newer |= shape == SHAPE_NEWER;
	}
	return has_newer ? refuse_newer(path, e) : err_set(e, ERR_PARSE, "%s is damaged, or is no file of records", path);
}

int
slots_open_read(struct slots *s, const char *path, struct err *e)
{
	size_t bytes = 0;

	*s = (struct slots)SLOTS_INIT;
	if (open_file(s, path, O_RDONLY, &bytes, e) < 0 || guess_shape(s, bytes, path, e) < 0) {
		slots_auto(s);
		return -1;
	}
	if (scan(s, e) < 0) {
		slots_auto(s);
		return err_wrap(e, "%s", path);
	}
	return 0;
}

/* ---- records ---- */

int
slots_put(struct slots *s, struct str payload, uint64_t *ret_seq, struct err *e)
{
	AUTO(buf) struct buf slot = BUF_INIT(s->slot_bytes);
	unsigned oldest = 0;

	if (payload.n > s->slot_bytes - SLOT_HEAD_BYTES)
		return err_set(e, ERR_TOO_BIG, "a record of %zu bytes does not fit into a slot of %zu", payload.n, s->slot_bytes - SLOT_HEAD_BYTES);
	if (s->last >= SLOTS_SEQ_MAX)
		return err_set(e, ERR_TOO_BIG, "the numbers of records are used up");
	for (unsigned i = 1; i < s->n; i++) {
		if (s->seq[i] < s->seq[oldest])
			oldest = i;
	}
	slot_put(s, s->last + 1, payload, &slot);
	if (buf_check(&slot, "record", e) < 0)
		return -1;
	s->seq[oldest] = 0;
	if (slot_pwrite(s->fd, buf_str(&slot), oldest * s->slot_bytes, e) < 0 || slot_sync(s->fd, e) < 0)
		return -1;
	s->seq[oldest] = ++s->last;
	*ret_seq = s->last;
	return 0;
}

int
slots_get(const struct slots *s, uint64_t seq, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf slot = BUF_INIT(s->slot_bytes);
	unsigned at = 0;
	unsigned char *p;

	while (at < s->n && s->seq[at] != seq)
		at++;
	if (seq == 0 || at == s->n)
		return err_set(e, ERR_NOT_FOUND, "there is no record %llu", (unsigned long long)seq);
	p = buf_room(&slot, s->slot_bytes);
	if (!p)
		return buf_check(&slot, "slot", e);
	if (slot_pread(s->fd, p, s->slot_bytes, at * s->slot_bytes, e) < 0)
		return -1;
	/* The writer may have been here since the file was opened. */
	struct str payload = str_from(p + SLOT_HEAD_BYTES, s->slot_bytes - SLOT_HEAD_BYTES);
	struct slot_head h = slot_head_read(p);
	if (!slot_is_valid(s, p, payload) || h.seq != seq)
		return err_set(e, ERR_NOT_FOUND, "record %llu has been overwritten", (unsigned long long)seq);
	buf_putstr(out, str_take(payload, h.bytes));
	return buf_check(out, "record", e);
}

unsigned
slots_list(const struct slots *s, uint64_t ret[SLOTS_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++) {
		unsigned at = n;

		if (s->seq[i] == 0)
			continue;
		for (; at > 0 && ret[at - 1] < s->seq[i]; at--)
			ret[at] = ret[at - 1];
		ret[at] = s->seq[i];
		n++;
	}
	return n;
}

/*
 * slots_fuzz.c - any bytes as the file of a ring: read without harm, and usable as a ring afterwards
 *
 * The first byte damages a good ring at a place the next two tell, instead of being the file's first byte, when it is odd.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/slots.h"

#define N 3
#define BYTES 64
#define FILE_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64], path[96], old[96];

static void
clean_up(void)
{
	unlink(path);
	unlink(old);
	rmdir(dir);
}

static void
set_up(void)
{
	if (dir[0])
		return;
	snprintf(dir, sizeof dir, "%s/occ-fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof path, "%s/ring", dir);
	snprintf(old, sizeof old, "%s/ring.old", dir);
	atexit(clean_up);
}

static void
write_file(struct str s)
{
	FILE *f = fopen(path, "wbe");

	if (!f || fwrite(s.p, 1, s.n, f) != s.n || fclose(f) != 0)
		abort();
}

static void
read_all(const struct slots *s)
{
	uint64_t seq[SLOTS_MAX];
	unsigned n = slots_list(s, seq);
	struct err e = ERR_INIT;

	if (n > s->n || (n > 0 && seq[0] != s->last))
		abort();
	for (unsigned i = 0; i < n; i++) {
		AUTO(buf) struct buf out = BUF_INIT(SLOT_BYTES_MAX);

		if (seq[i] == 0 || seq[i] > SLOTS_SEQ_MAX || (i > 0 && seq[i] > seq[i - 1]))
			abort();
		if (slots_get(s, seq[i], &out, &e) < 0 || out.n > s->slot_bytes - SLOT_HEAD_BYTES)
			abort();
	}
}

static void
damage(struct str how)
{
	AUTO(buf) struct buf all = BUF_INIT(FILE_MAX);
	struct slots s = SLOTS_INIT;
	struct err e = ERR_INIT;
	uint64_t seq;
	bool is_new;

	unlink(path);
	if (slots_open(&s, path, N, BYTES, &is_new, &e) < 0)
		abort();
	for (int i = 0; i < 4; i++)
		if (slots_put(&s, STR_LIT("payload"), &seq, &e) < 0)
			abort();
	slots_auto(&s);
	if (file_read(path, &all, &e) < 0)
		abort();
	for (size_t i = 0; i + 1 < how.n; i += 2)
		all.p[(unsigned char)how.p[i] % all.n] = how.p[i + 1];
	write_file(buf_str(&all));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(slots) struct slots s = SLOTS_INIT;
	struct str in = str_from(data, size < FILE_MAX ? size : FILE_MAX);
	struct err e = ERR_INIT;
	uint64_t seq = 0;
	bool is_new;

	set_up();
	if (in.n > 0 && in.p[0] & 1)
		damage(str_skip(in, 1));
	else
		write_file(in);
	if (slots_open_read(&s, path, &e) == 0)
		read_all(&s);
	slots_auto(&s);
	if (slots_open(&s, path, N, BYTES, &is_new, &e) < 0) {
		if (e.code != ERR_CONFIG)
			abort();
		return 0;
	}
	read_all(&s);
	if (s.last < SLOTS_SEQ_MAX && (slots_put(&s, STR_LIT("x"), &seq, &e) < 0 || seq != s.last))
		abort();
	read_all(&s);
	return 0;
}

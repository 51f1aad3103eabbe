/* tar_fuzz.c - both readers on anything, which have to agree; and what the writer makes of anything, read back */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/engine/tar.h"
#include "lib/engine/tar_block.h"
#include "lib/engine/tar_stream.h"
#include "tests/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned char sink;

static void
touch(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		sink = (unsigned char)(sink ^ (unsigned char)s.p[i]);
}

/* The next entry of the stream is the one that the other reader has seen. False when the stream, which is the stricter one, has refused it. */
static bool
follow(struct tar_stream *s, const struct tar_entry *t)
{
	struct tar_entry same;
	struct err e = ERR_INIT;
	char run[700];
	size_t at = 0;
	ssize_t n;
	int got = tar_stream_next(s, &same, &e);

	if (got < 0 && (strstr(e.msg, "two headers") || strstr(e.msg, "empty or too large")))
		return false;
	if (got != 1 || !str_eq(same.name, t->name) || !str_eq(same.link, t->link) || same.type != t->type || same.mode != t->mode || same.uid != t->uid ||
	    same.gid != t->gid || same.size != t->size || same.mtime_epoch_s != t->mtime_epoch_s)
		abort();
	while ((n = tar_stream_read(s, run, sizeof run, &e)) > 0) {
		if (at + (size_t)n > t->data.n || memcmp(run, t->data.p + at, (size_t)n) != 0)
			abort();
		at += (size_t)n;
	}
	if (n < 0 || at != t->data.n)
		abort();
	return true;
}

/* Where the other one ends or fails, so does the stream; but behind the end it takes zeros only. */
static void
follow_end(struct tar_stream *s, int got)
{
	struct tar_entry t;
	struct err e = ERR_INIT;
	int mine;

	while ((mine = tar_stream_next(s, &t, &e)) > 0)
		touch(t.name);
	if (got < 0 && mine == 0)
		abort();
	if (got == 0 && mine < 0 && !strstr(e.msg, "follows its end") && !strstr(e.msg, "two headers") && !strstr(e.msg, "empty or too large"))
		abort();
}

static void
read_all(struct str in)
{
	struct pieces pieces = { .rest = in, .step = in.n % 997 + 1 };
	AUTO(tar_stream) struct tar_stream stream;
	struct tar_entry t;
	struct err e = ERR_INIT;
	size_t before = in.n + 1;
	bool follows = true;
	int got;

	tar_stream_init(&stream, (struct source){ .read = pieces_read, .ctx = &pieces });
	while ((got = tar_next(&in, &t, &e)) > 0) {
		follows = follows && follow(&stream, &t);
		if (in.n >= before || t.name.n == 0 || t.name.p[0] == '/' || t.size != t.data.n)
			abort();
		before = in.n;
		touch(t.name);
		touch(t.link);
		touch(t.data);
	}
	if (got < 0 && e.code != ERR_PARSE)
		abort();
	if (follows)
		follow_end(&stream, got);
}

/* The same with every checksum made right: a mutation of a header would else never get past it. */
static void
read_repaired(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	if (!copy)
		return;
	if (size)
		memcpy(copy, data, size);
	for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
		struct tar_block b;
		memcpy(&b, copy + at, sizeof b);
		if (memcmp(b.magic, "ustar", 5) != 0)
			continue;
		unsigned sum = tar_checksum(&b);
		for (size_t i = 6; i-- > 0; sum >>= 3)
			b.checksum[i] = (char)('0' + (sum & 7));
		b.checksum[6] = '\0';
		memcpy(copy + at, &b, sizeof b);
	}
	read_all(str_from(copy, size));
	free(copy);
}

/* The input's first bytes are the fields, then a name, then the data. */
static void
round_trip(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf out = BUF_INIT(4u << 20);
	struct err e = ERR_INIT;
	uint32_t field[4];
	struct tar_entry t;

	if (size < sizeof field + 2)
		return;
	memcpy(field, data, sizeof field);
	struct str rest = str_from(data + sizeof field + 2, size - sizeof field - 2);
	size_t n = (size_t)(data[sizeof field] | data[sizeof field + 1] << 8) % 5000;
	struct str name = str_take(rest, n), content = str_skip(rest, name.n);
	const struct tar_entry in = {
		.name = name, .type = field[0] & 1 ? TAR_FILE : field[0] & 2 ? TAR_DIR : TAR_SYMLINK, .mode = field[1] & 07777, .uid = field[2], .gid = field[3],
		.size = field[0] & 1 ? content.n : 0, .mtime_epoch_s = field[1], .link = field[0] & 3 ? STR_NULL : content,
	};
	if (tar_put_header(&out, &in, &e) < 0)
		return;
	if (in.type == TAR_FILE) {
		buf_putstr(&out, content);
		tar_put_padding(&out, content.n);
	}
	tar_put_end(&out);
	struct str archive = buf_str(&out);
	if (tar_next(&archive, &t, &e) != 1)
		abort();
	while (name.n > 1 && str_has_suffix(name, "/"))
		name = str_take(name, name.n - 1);
	if (!str_eq(t.name, name) || t.uid != in.uid || t.gid != in.gid || t.mode != in.mode || t.type != in.type)
		abort();
	if (in.type == TAR_FILE && !str_eq(t.data, content))
		abort();
	if (in.type == TAR_SYMLINK && str_find_char(content, '\0') == STR_NONE && !str_eq(t.link, content))
		abort();
	if (tar_next(&archive, &t, &e) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_all(str_from(data, size));
	read_repaired(data, size);
	round_trip(data, size);
	return 0;
}

/* backup_kit.h - for tests of backups: archives in memory, written entry by entry and read back */
#ifndef OCC_TESTS_BACKUP_KIT_H
#define OCC_TESTS_BACKUP_KIT_H

#include "lib/base/clock.h"
#include "lib/deploy/backup_read.h"
#include "lib/deploy/backup_write.h"
#include "tests/pieces.h"

#define KIT_MAX (8u << 20)

/* ---- the end of the chain ---- */

struct kit_out {
	struct buf *to;
	size_t fails_after;		/* bytes; 0: never */
};

static inline int
kit_write(void *ctx, struct str data, struct err *e)
{
	struct kit_out *o = ctx;

	if (o->fails_after && o->to->n + data.n > o->fails_after)
		return err_set(e, ERR_SYS, "no space left on device");
	buf_putstr(o->to, data);
	return 0;
}

/* ---- a backup from rows ---- */

struct kit_entry {
	const char *name;
	enum tar_type type;
	const char *link, *data;
};

/* Head first, then the rows as they are; is_ended: with the manifest. */
static inline int
kit_make(const struct kit_entry *rows, size_t n, bool has_head, struct kit_out *out, const char *dir, struct err *e)
{
	const struct backup_head head = { .created_epoch_s = 1700000000, .instance = "default", .deployment = "0123", .program = "0.1.0", .opencode = "1.2.3", .has_workspace = true,
		.n_sessions = 4 };
	AUTO(backup_writer) struct backup_writer w = { .manifest_fd = -1 };
	AUTO(buf) struct buf text = BUF_INIT(BACKUP_HEAD_MAX);
	int r = backup_writer_open(&w, (struct sink){ .write = kit_write, .ctx = out }, dir, e);

	backup_put_head(&head, &text);
	if (r == 0 && has_head)
		r = backup_put_file(&w, BACKUP_HEAD, 0644, 0, buf_str(&text), e);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct pieces in = { .rest = rows[i].data ? str_of(rows[i].data) : STR_NULL };
		const struct source data = { .read = pieces_read, .ctx = &in };
		const struct tar_entry t = { .name = str_of(rows[i].name), .type = rows[i].type, .mode = 0640, .uid = 1000, .gid = 1001, .mtime_epoch_s = 1700000001,
			.size = in.rest.n, .link = rows[i].link ? str_of(rows[i].link) : STR_NULL };

		r = backup_put_entry(&w, &t, &data, e);
	}
	return r == 0 ? backup_writer_end(&w, e) : r;
}

/* The same without the writer's rules: as somebody may make one who wants to do harm. */
static inline int
kit_make_any(const struct kit_entry *rows, size_t n, struct buf *to, struct err *e)
{
	const struct backup_head head = { .created_epoch_s = 1700000000, .instance = "a", .deployment = "", .program = "", .opencode = "" };
	AUTO(buf) struct buf plain = BUF_INIT(KIT_MAX), lines = BUF_INIT(KIT_MAX), text = BUF_INIT(BACKUP_HEAD_MAX);
	unsigned char hash[DIGEST_SHA256_BYTES];
	uint64_t n_bytes = 0;
	struct gzip *g;

	backup_put_head(&head, &text);
	for (size_t i = 0; i <= n; i++) {
		struct str data = i == 0 ? buf_str(&text) : rows[i - 1].data ? str_of(rows[i - 1].data) : STR_NULL;
		const struct tar_entry t = { .name = str_of(i == 0 ? BACKUP_HEAD : rows[i - 1].name), .type = i == 0 ? TAR_FILE : rows[i - 1].type, .mode = 0644, .size = data.n,
			.link = i > 0 && rows[i - 1].link ? str_of(rows[i - 1].link) : STR_NULL };

		if (tar_put_header(&plain, &t, e) < 0)
			return -1;
		buf_putstr(&plain, data);
		tar_put_padding(&plain, data.n);
		digest_sha256(data, hash);
		backup_put_line(&t, hash, &lines);
		n_bytes += data.n;
	}
	backup_put_total(n + 1, n_bytes, &lines);
	if (tar_put_file(&plain, BACKUP_MANIFEST, 0644, 0, 0, buf_str(&lines), e) < 0)
		return -1;
	tar_put_end(&plain);
	if (gzip_new(&g, e) < 0)
		return -1;
	gzip_put(g, buf_str(&plain), to);
	gzip_end(g, to);
	gzip_free(g);
	digest_sha256(buf_str(to), hash);
	backup_put_seal(hash, to);
	return 0;
}

/* Reads all of it, "NAME=DATA " of each entry into seen. */
static inline int
kit_read_all(struct str archive, size_t step, const char *dir, struct buf *seen, struct backup_head *ret_head, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(backup_reader) struct backup_reader r = BACKUP_READER_INIT;
	struct pieces in = { .rest = archive, .step = step };
	enum backup_part part;
	struct str name;
	char run[100];
	int got = backup_reader_open(&r, (struct source){ .read = pieces_read, .ctx = &in }, dir, &a, e);

	while (got >= 0 && (got = backup_reader_next(&r, &part, &name, e)) > 0) {
		ssize_t n;

		buf_printf(seen, "%s:" STR_FMT, backup_part_dir(part), STR_ARG(name));
		if (r.entry.link.n)
			buf_printf(seen, ">" STR_FMT, STR_ARG(r.entry.link));
		buf_putc(seen, '=');
		while ((n = backup_reader_read(&r, run, sizeof run, e)) > 0)
			buf_put(seen, run, (size_t)n);
		buf_putc(seen, ' ');
		if (n < 0)
			return -1;
	}
	if (ret_head)
		*ret_head = (struct backup_head){ .created_epoch_s = r.head.created_epoch_s, .n_sessions = r.head.n_sessions };
	return got;
}

#endif

/* backup_read.c - the same lines as the writer's, from what came, against the manifest's */
#include "lib/deploy/backup_read.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define RUN_BYTES 32768

static ssize_t
read_plain(void *ctx, void *p, size_t n, struct err *e)
{
	return gunzip_read(ctx, p, n, e);
}

static int
count_packed(void *ctx, struct str data, struct err *e)
{
	struct backup_reader *r = ctx;

	(void)e;
	digest_put(r->packed_digest, data);
	return 0;
}

void
backup_reader_auto(struct backup_reader *r)
{
	gunzip_free(r->gunzip);
	tar_stream_auto(&r->tar);
	digest_free(r->digest);
	digest_free(r->packed_digest);
	backup_rules_auto(&r->rules);
	fd_auto(&r->manifest_fd);
	buf_fini(&r->line);
}

/* ---- entries ---- */

static int
no_backup(struct err *e)
{
	return err_set(e, ERR_PARSE, "this is no backup of this program");
}

/* Of the same file as the others, so that what follows it in the archive is known by where it stands. */
static int
end_entry(struct backup_reader *r, struct err *e)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	char run[RUN_BYTES];
	ssize_t n;

	if (!r->has_entry)
		return 0;
	while ((n = backup_reader_read(r, run, sizeof run, e)) > 0)
		;
	if (n < 0)
		return -1;
	r->has_entry = false;
	r->n_entries++;
	digest_end(r->digest, hash);
	buf_reset(&r->line);
	backup_put_line(&r->entry, hash, &r->line);
	if (buf_check(&r->line, "a line of the manifest", e) < 0)
		return -1;
	return fd_write_all(r->manifest_fd, buf_str(&r->line), CLOCK_NEVER, e) < 0 ? err_wrap(e, "write down what was read") : 0;
}

ssize_t
backup_reader_read(struct backup_reader *r, void *p, size_t n, struct err *e)
{
	ssize_t got = tar_stream_read(&r->tar, p, n, e);

	if (got < 0)
		return err_wrap(e, STR_FMT, STR_ARG(str_take(r->entry.name, 200)));
	if (got > 0)
		digest_put(r->digest, str_from(p, (size_t)got));
	r->n_bytes += (uint64_t)got;
	return got;
}

/* ---- the end ---- */

static int
differs(const struct backup_reader *r, struct err *e)
{
	struct str name = backup_line_name(buf_str(&r->line));

	if (name.n == 0)
		return err_set(e, ERR_PARSE, BACKUP_MANIFEST ": there are more or fewer entries than were saved");
	return err_set(e, ERR_PARSE, STR_FMT ": is not as it was saved", STR_ARG(str_take(name, 200)));
}

/* The line of ours that is being compared, for the message; lines end with '\n', which names never hold unescaped. */
static void
remember(struct buf *line, char c)
{
	if (line->n > 0 && line->p[line->n - 1] == '\n')
		buf_reset(line);
	buf_putc(line, c);
}

static int
compare_run(struct backup_reader *r, const char *theirs, size_t n, struct err *e)
{
	char ours[RUN_BYTES];

	for (size_t at = 0; at < n;) {
		ssize_t got = fd_read(r->manifest_fd, ours, n - at, CLOCK_NEVER, e);

		if (got < 0)
			return -1;
		if (got == 0) {
			buf_reset(&r->line);
			return differs(r, e);
		}
		for (ssize_t i = 0; i < got; i++) {
			remember(&r->line, ours[i]);
			if (ours[i] == theirs[at + (size_t)i])
				continue;
			/* The rest of the line, for the name in it. */
			while (++i < got && ours[i - 1] != '\n')
				buf_putc(&r->line, ours[i]);
			return differs(r, e);
		}
		at += (size_t)got;
	}
	return 0;
}

/* The last bytes, and nothing behind them. */
static int
check_seal(struct backup_reader *r, struct err *e)
{
	AUTO(buf) struct buf want = BUF_INIT(2 * BACKUP_SEAL_BYTES), have = BUF_INIT(2 * BACKUP_SEAL_BYTES);
	unsigned char hash[DIGEST_SHA256_BYTES];
	char run[BACKUP_SEAL_BYTES];
	ssize_t n;

	digest_end(r->packed_digest, hash);
	backup_put_seal(hash, &want);
	while ((n = gunzip_read_behind(r->gunzip, run, sizeof run, e)) > 0 && have.fault == BUF_OK)
		buf_put(&have, run, (size_t)n);
	if (n < 0)
		return -1;
	return str_eq(buf_str(&have), buf_str(&want)) ? 0 : err_set(e, ERR_PARSE, "its bytes are not those that were written, or something stands behind them");
}

static int
check_manifest(struct backup_reader *r, struct err *e)
{
	char run[RUN_BYTES], byte;
	struct tar_entry after;
	ssize_t n;
	int got;

	buf_reset(&r->line);
	backup_put_total(r->n_entries, r->n_bytes, &r->line);
	if (fd_write_all(r->manifest_fd, buf_str(&r->line), CLOCK_NEVER, e) < 0)
		return err_wrap(e, "write down what was read");
	if (lseek(r->manifest_fd, 0, SEEK_SET) < 0)
		return err_sys(e, "read what was written down");
	buf_reset(&r->line);
	while ((n = tar_stream_read(&r->tar, run, sizeof run, e)) > 0) {
		if (compare_run(r, run, (size_t)n, e) < 0)
			return -1;
	}
	if (n < 0)
		return err_wrap(e, BACKUP_MANIFEST);
	n = fd_read(r->manifest_fd, &byte, 1, CLOCK_NEVER, e);
	if (n != 0) {
		buf_reset(&r->line);
		return n < 0 ? -1 : differs(r, e);
	}
	got = tar_stream_next(&r->tar, &after, e);
	if (got > 0)
		return err_set(e, ERR_PARSE, STR_FMT ": stands behind the manifest", STR_ARG(str_take(after.name, 200)));
	return got < 0 ? -1 : check_seal(r, e);
}

int
backup_reader_next(struct backup_reader *r, enum backup_part *ret_part, struct str *ret_name, struct err *e)
{
	int got;

	if (end_entry(r, e) < 0)
		return -1;
	got = tar_stream_next(&r->tar, &r->entry, e);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(e, ERR_PARSE, "it ends without " BACKUP_MANIFEST);
	*ret_part = backup_part_of(r->entry.name, ret_name);
	if (*ret_part == BACKUP_IS_MANIFEST)
		return check_manifest(r, e);
	if (backup_rules_check(&r->rules, &r->entry, e) < 0)
		return -1;
	r->has_entry = true;
	return 1;
}

/* ---- the head ---- */

static int
read_head(struct backup_reader *r, struct arena *a, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(BACKUP_HEAD_MAX);
	char run[RUN_BYTES];
	struct str rest;
	ssize_t n;
	int got = tar_stream_next(&r->tar, &r->entry, e);

	if (got < 0)
		return e->code == ERR_PARSE ? err_note(e, "why", "this may be no backup of this program") : -1;
	if (got == 0 || backup_part_of(r->entry.name, &rest) != BACKUP_IS_HEAD || r->entry.type != TAR_FILE || r->entry.size > BACKUP_HEAD_MAX)
		return no_backup(e);
	r->has_entry = true;
	while ((n = backup_reader_read(r, run, sizeof run, e)) > 0)
		buf_put(&text, run, (size_t)n);
	if (n < 0 || end_entry(r, e) < 0)
		return -1;
	return backup_parse_head(a, buf_str(&text), &r->head, e);
}

int
backup_reader_open(struct backup_reader *r, struct source in, const char *scratch_dir, struct arena *a, struct err *e)
{
	*r = (struct backup_reader){ .manifest_fd = -1, .line = BUF_INIT(BACKUP_LINE_MAX), .rules = BACKUP_RULES_INIT };
	tar_stream_init(&r->tar, (struct source){ .read = NULL });
	r->digest = digest_new();
	r->packed_digest = digest_new();
	r->manifest_fd = file_scratch(scratch_dir, e);
	if (r->manifest_fd < 0 || gunzip_new(&r->gunzip, in, (struct sink){ .write = count_packed, .ctx = r }, e) < 0)
		return -1;
	r->tar.in = (struct source){ .read = read_plain, .ctx = r->gunzip };
	return read_head(r, a, e);
}

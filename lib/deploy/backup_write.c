/* backup_write.c - headers, data and padding through one compressor, a line for each entry */
#include "lib/deploy/backup_write.h"

#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define RUN_BYTES 65536
#define PACKED_MAX (4u * RUN_BYTES)

int
backup_writer_open(struct backup_writer *w, struct sink out, const char *scratch_dir, struct err *e)
{
	*w = (struct backup_writer){ .out = out, .manifest_fd = -1, .plain = BUF_INIT(RUN_BYTES), .packed = BUF_INIT(PACKED_MAX), .line = BUF_INIT(BACKUP_LINE_MAX) };
	w->manifest_fd = file_scratch(scratch_dir, e);
	if (w->manifest_fd < 0 || gzip_new(&w->gzip, e) < 0)
		return -1;
	w->digest = digest_new();
	w->packed_digest = digest_new();
	return 0;
}

void
backup_writer_auto(struct backup_writer *w)
{
	fd_auto(&w->manifest_fd);
	gzip_free(w->gzip);
	digest_free(w->digest);
	digest_free(w->packed_digest);
	backup_rules_auto(&w->rules);
	buf_fini(&w->plain);
	buf_fini(&w->packed);
	buf_fini(&w->line);
}

/* Compressed, and what is ready of it goes on. */
static int
pack(struct backup_writer *w, struct str data, struct err *e)
{
	gzip_put(w->gzip, data, &w->packed);
	if (buf_check(&w->packed, "compressed data", e) < 0)
		return -1;
	digest_put(w->packed_digest, buf_str(&w->packed));
	if (w->packed.n > 0 && sink_write(&w->out, buf_str(&w->packed), e) < 0)
		return -1;
	buf_reset(&w->packed);
	return 0;
}

static int
seal(struct backup_writer *w, struct err *e)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	gzip_end(w->gzip, &w->packed);
	digest_put(w->packed_digest, buf_str(&w->packed));
	digest_end(w->packed_digest, hash);
	backup_put_seal(hash, &w->packed);
	return buf_check(&w->packed, "compressed data", e) < 0 ? -1 : sink_write(&w->out, buf_str(&w->packed), e);
}

static int
pack_plain(struct backup_writer *w, struct err *e)
{
	int r = buf_check(&w->plain, "an entry's header", e) < 0 ? -1 : pack(w, buf_str(&w->plain), e);

	buf_reset(&w->plain);
	return r;
}

static int
put_header(struct backup_writer *w, const struct tar_entry *t, struct err *e)
{
	return tar_put_header(&w->plain, t, e) < 0 ? -1 : pack_plain(w, e);
}

/* A file that shrinks while it is read would else shift all that follows. */
static int
pack_data(struct backup_writer *w, uint64_t size, const struct source *data, struct err *e)
{
	char run[RUN_BYTES];
	uint64_t left = size;

	while (left > 0) {
		ssize_t n = source_read(data, run, left < sizeof run ? (size_t)left : sizeof run, e);

		if (n < 0)
			return -1;
		if (n == 0)
			return err_set(e, ERR_FAIL, "it is shorter than its header says");
		struct str now = str_from(run, (size_t)n);
		digest_put(w->digest, now);
		if (pack(w, now, e) < 0)
			return -1;
		left -= (uint64_t)n;
		w->n_bytes += (uint64_t)n;
		if (w->progress)
			w->progress(w->ctx, w->n_bytes);
	}
	tar_put_padding(&w->plain, size);
	return pack_plain(w, e);
}

int
backup_put_entry(struct backup_writer *w, const struct tar_entry *t, const struct source *data, struct err *e)
{
	unsigned char hash[DIGEST_SHA256_BYTES];

	if ((w->n_entries > 0 || !str_is(t->name, BACKUP_HEAD)) && backup_rules_check(&w->rules, t, e) < 0)
		return -1;
	if (put_header(w, t, e) < 0 || (t->type == TAR_FILE && pack_data(w, t->size, data, e) < 0))
		return err_wrap(e, STR_FMT, STR_ARG(str_take(t->name, 200)));
	digest_end(w->digest, hash);
	w->n_entries++;
	buf_reset(&w->line);
	backup_put_line(t, hash, &w->line);
	if (buf_check(&w->line, "a line of the manifest", e) < 0)
		return -1;
	return fd_write_all(w->manifest_fd, buf_str(&w->line), CLOCK_NEVER, e) < 0 ? err_wrap(e, "write the manifest") : 0;
}

static ssize_t
read_str(void *ctx, void *p, size_t n, struct err *e)
{
	struct str *s = ctx, now = str_take(*s, n);

	(void)e;
	if (now.n > 0)
		memcpy(p, now.p, now.n);
	*s = str_skip(*s, now.n);
	return (ssize_t)now.n;
}

int
backup_put_file(struct backup_writer *w, const char *name, unsigned mode, int64_t mtime_epoch_s, struct str data, struct err *e)
{
	const struct tar_entry t = { .name = str_of(name), .type = TAR_FILE, .mode = mode, .size = data.n, .mtime_epoch_s = mtime_epoch_s };
	const struct source from = { .read = read_str, .ctx = &data };

	return backup_put_entry(w, &t, &from, e);
}

static ssize_t
read_fd(void *ctx, void *p, size_t n, struct err *e)
{
	return fd_read(*(int *)ctx, p, n, CLOCK_NEVER, e);
}

int
backup_writer_end(struct backup_writer *w, struct err *e)
{
	const struct source from = { .read = read_fd, .ctx = &w->manifest_fd };

	buf_reset(&w->line);
	backup_put_total(w->n_entries, w->n_bytes, &w->line);
	if (fd_write_all(w->manifest_fd, buf_str(&w->line), CLOCK_NEVER, e) < 0)
		return err_wrap(e, "write the manifest");
	off_t size = lseek(w->manifest_fd, 0, SEEK_CUR);
	if (size < 0 || lseek(w->manifest_fd, 0, SEEK_SET) < 0)
		return err_sys(e, "read the manifest again");
	const struct tar_entry t = { .name = STR_LIT(BACKUP_MANIFEST), .type = TAR_FILE, .mode = 0644, .size = (uint64_t)size };
	w->progress = NULL;
	if (put_header(w, &t, e) < 0 || pack_data(w, t.size, &from, e) < 0)
		return err_wrap(e, BACKUP_MANIFEST);
	tar_put_end(&w->plain);
	return pack_plain(w, e) < 0 ? -1 : seal(w, e);
}

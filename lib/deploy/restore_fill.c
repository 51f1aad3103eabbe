/* restore_fill.c - entries of a backup as an archive into the helper's standard input */
#include "lib/base/mem.h"
#include "lib/deploy/backup_helper.h"
#include "lib/deploy/backup_read.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/helper_body.h"
#include "lib/deploy/restore.h"

#define RUN_BYTES 65536

struct fill {
	struct backup_reader reader;
	struct pipe pipe;
	struct sink out;
	struct buf plain;
	bool has_workspace;
};

static void
fill_auto(struct fill *f)
{
	backup_reader_auto(&f->reader);
	pipe_auto(&f->pipe);
	buf_fini(&f->plain);
}

static ssize_t
read_entry(void *ctx, void *p, size_t n, struct err *e)
{
	return backup_reader_read(ctx, p, n, e);
}

/* Within the home: what is of the workspace stands below it there. */
static struct str
name_there(enum backup_part part, struct str whole, struct str rest)
{
	return part == BACKUP_WORKSPACE ? whole : rest;
}

static int
put_entry(struct fill *f, enum backup_part part, struct str rest, struct err *e)
{
	struct tar_entry *from = &f->reader.entry;
	const struct tar_entry t = { .name = name_there(part, from->name, rest), .type = from->type, .mode = from->mode, .uid = from->uid, .gid = from->gid, .size = from->size,
		.mtime_epoch_s = from->mtime_epoch_s, .link = from->link };
	const struct source data = { .read = read_entry, .ctx = &f->reader };
	struct tar_entry there = t;
	struct str link_rest;

	if (t.type == TAR_HARDLINK && backup_part_of(t.link, &link_rest) == part)
		there.link = name_there(part, t.link, link_rest);
	return tar_send(&f->out, &f->plain, &there, &data, e);
}

static int
put_all(struct fill *f, struct err *e)
{
	enum backup_part part;
	struct str rest;
	int got;

	while ((got = backup_reader_next(&f->reader, &part, &rest, e)) > 0) {
		if (part == BACKUP_HOME || (part == BACKUP_WORKSPACE && f->has_workspace)) {
			if (put_entry(f, part, rest, e) < 0)
				return -1;
		}
	}
	return got < 0 ? -1 : tar_send_end(&f->out, &f->plain, e);
}

int
restore_fill(struct service *s, const struct restore_wish *w, struct backup_input *in, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(HELPER_BODY_MAX);
	AUTO(fill) struct fill f = { .reader = BACKUP_READER_INIT, .pipe = PIPE_INIT, .plain = BUF_INIT(RUN_BYTES), .has_workspace = w->has_workspace };
	struct source from;
	int status = 0;

	if (backup_input_begin(in, "putting back", &from, e) < 0 || backup_reader_open(&f.reader, from, s->scope.state_dir, s->arena, e) < 0)
		return -1;
	backup_helper_put_writer(w->spec, w->has_workspace, &body);
	if (buf_check(&body, "container specification", e) < 0 || (w->begin && w->begin(w->ctx, e) < 0))
		return -1;
	if (helper_open(&f.pipe, s, buf_str(&body), true, e) < 0)
		return err_wrap(e, "write into the volumes");
	f.out = pipe_sink(&f.pipe);
	if (put_all(&f, e) < 0 || pipe_end(&f.pipe, &status, e) < 0)
		return -1;
	if (status != 0)
		return err_set(e, ERR_FAIL, "the volumes cannot be written: " STR_FMT, STR_ARG(str_trim(buf_str(&f.pipe.said))));
	return 0;
}

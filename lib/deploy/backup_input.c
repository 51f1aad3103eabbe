/* backup_input.c - a backup's file from its beginning, as often as it is asked for, and all of it compared */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
#include "lib/deploy/backup_read.h"

static ssize_t
read_input(void *ctx, void *p, size_t n, struct err *e)
{
	struct backup_input *in = ctx;
	ssize_t got = (ssize_t)(in->n_head - in->at_head < n ? in->n_head - in->at_head : n);
	AUTO(buf) struct buf text = BUF_INIT(64);

	memcpy(p, in->head + in->at_head, (size_t)got);
	in->at_head += (size_t)got;
	if (got == 0)
		got = fd_read(in->fd, p, n, CLOCK_NEVER, e);
	if (got < 0)
		return err_wrap(e, "read %s", in->path);
	in->n_read += (uint64_t)got;
	if (!in->report || !in->report->progress || in->n_read - in->n_told < BACKUP_PROGRESS_EVERY)
		return got;
	in->n_told = in->n_read;
	buf_printf(&text, "%s %llu %%", in->verb, (unsigned long long)(in->size ? in->n_read * 100 / in->size : 100));
	in->report->progress(in->report->ctx, "Backup", text.p);
	return got;
}

static ssize_t
read_decrypted(void *ctx, void *p, size_t n, struct err *e)
{
	return age_reader_read(ctx, p, n, e);
}

void
backup_input_auto(struct backup_input *in)
{
	age_reader_free(in->age);
	fd_auto(&in->fd);
}

int
backup_input_open(struct backup_input *in, const char *path, bool is_twice, struct age_keys *keys, const struct plan_report *report, struct err *e)
{
	struct stat st;

	*in = (struct backup_input){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), .path = path, .keys = keys, .report = report };
	if (in->fd < 0 || fstat(in->fd, &st) < 0)
		return err_sys(e, "open %s", path);
	if (is_twice && !S_ISREG(st.st_mode)) {
		err_set(e, ERR_USAGE, "%s is no file: it is read more than once", path);
		return err_note(e, "try", "save it to a file first");
	}
	in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return 0;
}

static int
read_head(struct backup_input *in, struct err *e)
{
	if (in->is_begun && lseek(in->fd, 0, SEEK_SET) < 0)
		return err_sys(e, "read %s again", in->path);
	in->is_begun = true;
	in->n_read = in->n_told = 0;
	in->n_head = in->at_head = 0;
	while (in->n_head < sizeof in->head) {
		ssize_t got = fd_read(in->fd, in->head + in->n_head, sizeof in->head - in->n_head, CLOCK_NEVER, e);

		if (got < 0)
			return err_wrap(e, "read %s", in->path);
		if (got == 0)
			break;
		in->n_head += (size_t)got;
	}
	return 0;
}

int
backup_input_begin(struct backup_input *in, const char *verb, struct source *ret, struct err *e)
{
	const struct source plain = { .read = read_input, .ctx = in };

	age_reader_free(in->age);
	in->age = NULL;
	in->verb = verb;
	if (read_head(in, e) < 0)
		return -1;
	*ret = plain;
	if (!age_is(str_from(in->head, in->n_head)))
		return 0;
	if (age_reader_open(&in->age, plain, in->keys, e) < 0) {
		if (e->code == ERR_REFUSED)
			err_note(e, "try", "--identity FILE with the secret key, or --passphrase-file FILE for one that has a passphrase");
		return -1;
	}
	*ret = (struct source){ .read = read_decrypted, .ctx = in->age };
	return 0;
}

int
backup_check(struct service *s, struct backup_input *in, struct backup_result *ret, struct err *e)
{
	AUTO(backup_reader) struct backup_reader r = BACKUP_READER_INIT;
	enum backup_part part;
	struct source from;
	struct str name;
	int got;

	*ret = (struct backup_result){ .path = in->path };
	if (scope_prepare_state(&s->scope, e) < 0)
		return -1;
	got = backup_input_begin(in, "reading", &from, e) < 0 ? -1 : backup_reader_open(&r, from, s->scope.state_dir, s->arena, e);
	while (got >= 0 && (got = backup_reader_next(&r, &part, &name, e)) > 0)
		;
	if (got < 0) {
		err_wrap(e, "%s", path_tilde(s->arena, in->path, s->scope.home));
		return e->code == ERR_PARSE ? err_note(e, "changed", "nothing: it is damaged, or no backup of this program") : -1;
	}
	ret->head = r.head;
	ret->n_entries = r.n_entries;
	ret->n_bytes = r.n_bytes;
	ret->n_packed = in->n_read;
	ret->is_encrypted = in->age;
	return 0;
}

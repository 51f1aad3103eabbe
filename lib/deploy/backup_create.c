/* backup_create.c - from the volumes into a file or a pipe */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/backup.h"
#include "lib/deploy/backup_helper.h"
#include "lib/deploy/backup_write.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/helper_body.h"
#include "lib/deploy/update.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/restore_mark.h"
#include "lib/engine/tar_stream.h"
#include "lib/json/json.h"

#define INFO_MAX 65536
#define PROGRESS_EVERY (1u << 20)	/* bytes */
#define FILE_MODE 0600
#define PARTIAL ".partial"

struct create {
	struct service *s;
	const struct backup_options *o;
	struct backup_result *result;
	struct backup_writer writer;
	struct backup_recipients recipients;	/* of the configuration */
	struct age_for encrypts_for;	/* has_cipher */
	bool has_cipher;
	struct age_writer *age;
	struct pipe pipe;
	struct tar_stream tar;
	struct backup_names left_out;	/* what is no entry of a backup: links to it are none either */
	int fd;				/* where the archive goes */
	const char *partial;		/* the file while it is not whole; NULL: a pipe */
	uint64_t told;
};

/* ---- where it goes ---- */

static int
write_out(void *ctx, struct str data, struct err *e)
{
	struct create *c = ctx;

	c->result->n_packed += data.n;
	return fd_write_all(c->fd, data, CLOCK_NEVER, e) < 0 ? err_wrap(e, "write the backup") : 0;
}

static int
encrypt_out(void *ctx, struct str data, struct err *e)
{
	return age_writer_put(ctx, data, e);
}

/* Asked for, or as the configuration has it. */
static int
choose_cipher(struct create *c, struct err *e)
{
	const struct backup_options *o = c->o;

	if (!o->encrypts_for && backup_recipients_parse(&c->s->config.backup.recipients, &c->recipients, e) < 0)
		return err_wrap(e, "backup.recipients");
	c->has_cipher = o->encrypts_for || c->recipients.n > 0;
	c->encrypts_for = o->encrypts_for ? *o->encrypts_for : (struct age_for){ .v = c->recipients.v, .n = c->recipients.n };
	c->result->is_encrypted = c->has_cipher;
	return 0;
}

/* Of a backup that was killed: with the lock held nobody writes it any more. */
static void
sweep_partials(struct create *c)
{
	struct service *s = c->s;
	DIR *d = opendir(s->scope.backups_dir);
	struct dirent *entry;
	int64_t ignored;

	while (d && (entry = readdir(d))) {
		struct str name = str_of(entry->d_name);

		if (str_has_suffix(name, PARTIAL) && backup_file_name(str_take(name, name.n - (sizeof PARTIAL - 1)), s->scope.instance, &ignored))
			(void)unlink(path_join(s->arena, s->scope.backups_dir, entry->d_name));
	}
	if (d)
		closedir(d);
}

/* In the backups' directory, under a name that is not taken: a clock that was set back replaces nothing. */
static const char *
own_path(struct create *c, struct err *e)
{
	struct service *s = c->s;

	if (file_mkdirs(s->scope.backups_dir, 0700, e) < 0)
		return NULL;
	sweep_partials(c);
	for (int64_t at = c->result->head.created_epoch_s;; at++) {
		const char *paths[2];		/* without and with encryption: a time is one backup's */

		for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
			AUTO(buf) struct buf name = BUF_INIT(NAME_MAX);

			backup_put_file_name(s->scope.instance, at, i > 0, &name);
			paths[i] = path_join(s->arena, s->scope.backups_dir, name.p);
		}
		if (!file_exists(paths[0]) && !file_exists(paths[1]))
			return paths[c->has_cipher];
	}
}

/* Locked while it is written, so that one of a backup that was killed is known by that. */
static int
open_partial(struct create *c, const char *partial, struct err *e)
{
	c->fd = open(partial, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (c->fd < 0)
		return err_sys(e, "make %s", partial);
	if (flock(c->fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, ERR_LOCKED, "%s is being written by another backup", partial);
	c->partial = partial;
	if (fchmod(c->fd, FILE_MODE) < 0 || ftruncate(c->fd, 0) < 0)
		return err_sys(e, "make %s", partial);
	return 0;
}

static int
open_target(struct create *c, struct err *e)
{
	struct service *s = c->s;
	const char *path = c->o->to;
	struct stat st;

	if (c->o->to_fd >= 0) {
		c->fd = c->o->to_fd;
		return 0;
	}
	if (!path && !(path = own_path(c, e)))
		return -1;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		err_set(e, ERR_USAGE, "%s is %s", path, S_ISDIR(st.st_mode) ? "a directory" : "no file");
		return err_note(e, "try", "-o FILE, or -o - for a pipe");
	}
	c->result->path = path;
	return open_partial(c, arena_printf(s->arena, "%s" PARTIAL, path), e);
}

/* Whole, or not there at all. */
static int
close_target(struct create *c, struct err *e)
{
	if (!c->partial)
		return 0;
	if (fsync(c->fd) < 0)
		return err_sys(e, "write %s", c->partial);
	if (rename(c->partial, c->result->path) < 0)
		return err_sys(e, "rename %s", c->partial);
	c->partial = NULL;
	return file_sync_dir(path_dir(c->s->arena, c->result->path), e);
}

static void
create_auto(struct create *c)
{
	if (c->partial)
		(void)unlink(c->partial);
	if (c->o->to_fd < 0)
		fd_auto(&c->fd);
	backup_writer_auto(&c->writer);
	age_writer_free(c->age);
	tar_stream_auto(&c->tar);
	backup_names_auto(&c->left_out);
	pipe_auto(&c->pipe);
}

static void
progress(void *ctx, uint64_t n_bytes)
{
	struct create *c = ctx;
	const struct plan_report *r = &c->o->report;
	AUTO(buf) struct buf text = BUF_INIT(64);

	if (!r->progress || n_bytes - c->told < PROGRESS_EVERY)
		return;
	c->told = n_bytes;
	num_put_bytes(&text, n_bytes);
	r->progress(r->ctx, "Backup", text.p);
}

/* ---- what goes in ---- */

/* The first entry of the helper's archive: what it knows of the database. */
static int
read_info(struct create *c, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(INFO_MAX);
	char run[4096];
	struct tar_entry t;
	ssize_t n;
	int got = tar_stream_next(&c->tar, &t, e);

	if (got < 0 || (got > 0 && !str_is(t.name, BACKUP_INFO)) || t.size > INFO_MAX)
		return got < 0 ? -1 : err_set(e, ERR_FAIL, "the helper container's archive does not begin as it should");
	if (got == 0)
		return err_set(e, ERR_FAIL, "the helper container's archive is empty");
	while ((n = tar_stream_read(&c->tar, run, sizeof run, e)) > 0)
		buf_put(&text, run, (size_t)n);
	const struct json *info = n < 0 ? NULL : json_parse(c->s->arena, buf_str(&text), e);
	if (!info)
		return -1;
	c->result->head.n_sessions = json_int(json_get(info, "sessions"), -1);
	c->result->head.fault = json_str(json_get(info, "database"), "");
	if (c->result->head.fault[0])
		c->result->remark = arena_printf(c->s->arena, "SQLite cannot copy the session database (%s): its files are in the backup as they are", c->result->head.fault);
	return 0;
}

static int
put_file_of(struct create *c, const char *path, const char *name, struct err *e)
{
	AUTO(buf) struct buf text = BUF_SECRET_INIT(CONFIG_BYTES_MAX);

	if (file_read(path, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	return backup_put_file(&c->writer, name, FILE_MODE, c->result->head.created_epoch_s, buf_str(&text), e);
}

static int
put_settings(struct create *c, struct err *e)
{
	AUTO(buf) struct buf head = BUF_INIT(BACKUP_HEAD_MAX);
	const struct scope *scope = &c->s->scope;

	backup_put_head(&c->result->head, &head);
	if (buf_check(&head, "the backup's head", e) < 0 ||
	    backup_put_file(&c->writer, BACKUP_HEAD, 0644, c->result->head.created_epoch_s, buf_str(&head), e) < 0 ||
	    put_file_of(c, scope->config_path, "settings/config.json", e) < 0)
		return -1;
	return c->o->has_credentials ? put_file_of(c, scope->credentials_path, "settings/credentials.json", e) : 0;
}

/* Where an entry of the helper's archive stands in ours; NULL for what is left out. */
static const char *
name_in_backup(struct arena *a, const struct create *c, struct str name)
{
	if (str_is(name, BACKUP_DATABASE))
		return "home/" BACKUP_DATABASE_AT;
	if (str_is(name, "."))
		return "home";
	if (!str_has_prefix(name, "./"))
		return NULL;
	struct str rest = str_skip(name, 2), tail = rest, first = str_cut(&tail, '/');
	if (str_is(first, "workspace"))
		return c->o->has_workspace ? arena_str(a, rest) : NULL;
	return arena_printf(a, "home/" STR_FMT, STR_ARG(rest));
}

static ssize_t
read_entry(void *ctx, void *p, size_t n, struct err *e)
{
	return tar_stream_read(ctx, p, n, e);
}

static int
put_volumes(struct create *c, struct err *e)
{
	const struct source data = { .read = read_entry, .ctx = &c->tar };
	struct tar_entry t;
	int got;

	while ((got = tar_stream_next(&c->tar, &t, e)) > 0) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const char *name = name_in_backup(&a, c, t.name), *link = t.type == TAR_HARDLINK ? name_in_backup(&a, c, t.link) : NULL;
		bool is_left_out = !name || t.type == TAR_OTHER || (t.type == TAR_HARDLINK && (!link || backup_names_has(&c->left_out, str_of(link))));

		if (is_left_out && name && backup_names_add(&c->left_out, str_of(name), e) < 0)
			return -1;
		if (is_left_out)
			continue;
		t.name = str_of(name);
		if (link)
			t.link = str_of(link);
		if (backup_put_entry(&c->writer, &t, &data, e) < 0)
			return -1;
	}
	return got;
}

/* ---- the way of it ---- */

/* The helper's mount would make an absent volume. */
static int
check_volumes(struct create *c, struct err *e)
{
	struct service *s = c->s;
	int home = observe_volume(s, s->names.home_volume, e), workspace = home < 0 || !c->o->has_workspace ? 0 : observe_volume(s, s->names.workspace_volume, e);

	if (home < 0 || workspace < 0)
		return -1;
	if (home && (workspace || !c->o->has_workspace))
		return 0;
	err_set(e, ERR_NOT_RUNNING, "there is nothing to back up: there is no volume %s", home ? s->names.workspace_volume : s->names.home_volume);
	return err_note(e, "try", "occ start");
}

/* With the container's own image: that one is there, and made these files. */
static int
start_helper(struct create *c, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(HELPER_BODY_MAX);
	struct service *s = c->s;
	struct spec_input in;
	struct container found;
	int there;

	if (spec_input_of(s, &in, e) < 0 || (there = service_container(s, &found, e)) < 0)
		return -1;
	if (there) {
		in.image = found.image_id;
		c->result->head.opencode = container_label(&found, LABEL_VERSION);
	}
	backup_helper_put_reader(&in, c->o->has_workspace, &body);
	if (buf_check(&body, "container specification", e) < 0)
		return -1;
	if (helper_open(&c->pipe, s, buf_str(&body), false, e) < 0) {
		if (e->code == ERR_IMAGE)
			err_note(e, "try", "occ start   (it makes the image)");
		return err_wrap(e, "read the volumes");
	}
	tar_stream_init(&c->tar, pipe_source(&c->pipe));
	return 0;
}

/* What the helper complained about says more than an archive that ends too early. */
static int
explain(struct create *c, struct err *e)
{
	struct err why = ERR_INIT;
	int status = 0;

	if (e->code != ERR_PARSE && e->code != ERR_FAIL)
		return -1;
	if (pipe_end(&c->pipe, &status, &why) < 0) {
		*e = why;
		return -1;
	}
	if (status == 0)
		return -1;
	return err_set(e, ERR_FAIL, "the volumes cannot be read: " STR_FMT, STR_ARG(str_trim(buf_str(&c->pipe.said))));
}

/* Where the manifest grows: never in clear on the medium of an encrypted one. */
static const char *
scratch_of(const struct create *c)
{
	return c->partial && !c->has_cipher ? path_dir(c->s->arena, c->partial) : c->s->scope.state_dir;
}

static int
fill(struct create *c, struct err *e)
{
	struct sink out = { .write = write_out, .ctx = c };
	int status = 0;

	if (choose_cipher(c, e) < 0 || check_volumes(c, e) < 0 || open_target(c, e) < 0 || start_helper(c, e) < 0)
		return -1;
	if (read_info(c, e) < 0)
		return explain(c, e);
	if (c->has_cipher) {
		if (age_writer_open(&c->age, out, &c->encrypts_for, e) < 0)
			return -1;
		out = (struct sink){ .write = encrypt_out, .ctx = c->age };
	}
	if (backup_writer_open(&c->writer, out, scratch_of(c), e) < 0)
		return -1;
	c->writer.progress = progress;
	c->writer.ctx = c;
	if (put_settings(c, e) < 0)
		return -1;
	if (put_volumes(c, e) < 0)
		return explain(c, e);
	if (pipe_end(&c->pipe, &status, e) < 0)
		return -1;
	if (status != 0)
		return err_set(e, ERR_FAIL, "the volumes cannot be read: " STR_FMT, STR_ARG(str_trim(buf_str(&c->pipe.said))));
	if (c->pipe.said.n > 0 && !c->result->remark)
		c->result->remark = arena_str(c->s->arena, str_trim(buf_str(&c->pipe.said)));
	if (backup_writer_end(&c->writer, e) < 0 || (c->age && age_writer_end(c->age, e) < 0))
		return -1;
	c->result->n_entries = c->writer.n_entries;
	c->result->n_bytes = c->writer.n_bytes;
	return close_target(c, e);
}

int
backup_create_locked(struct service *s, const struct backup_options *o, struct backup_result *ret, struct err *e)
{
	struct create c = { .s = s, .o = o, .result = ret, .pipe = PIPE_INIT, .fd = -1, .writer = { .manifest_fd = -1 } };

	*ret = (struct backup_result){ .head = { .created_epoch_s = clock_epoch_s(), .instance = s->scope.instance, .deployment = s->state.deployment,
		.program = o->program, .opencode = "", .has_workspace = o->has_workspace, .has_credentials = o->has_credentials, .n_sessions = -1 } };
	int r = fill(&c, e);
	create_auto(&c);
	return r;
}

int
backup_create(struct service *s, const struct backup_options *o, struct backup_result *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;

	if (scope_prepare_state(&s->scope, e) < 0 || helper_lock(&lock, s, "backup", e) < 0 || update_check_whole(s, e) < 0 || restore_mark_check(s->arena, &s->scope, e) < 0 ||
	    service_connect(s, e) < 0)
		return -1;
	return backup_create_locked(s, o, ret, e);
}

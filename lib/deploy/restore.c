/* restore.c - check, stop, keep, empty, fill */
#include "lib/deploy/restore.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/backup_read.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/restore_mark.h"
#include "lib/deploy/spec.h"
#include "lib/engine/object.h"

#define SETTINGS_MODE 0600

struct restore {
	struct service *s;
	const char *path;
	const struct restore_options *o;
	struct restore_result *result;
	struct spec_input spec;
	bool has_workspace, had_home;
};

/* ---- what is there ---- */

static int
look(struct restore *r, struct err *e)
{
	struct service *s = r->s;
	struct container c;
	int there;

	if (spec_input_of(s, &r->spec, e) < 0 || (there = service_container(s, &c, e)) < 0)
		return -1;
	if (there)
		r->spec.image = c.image_id;
	r->result->was_up = there && plan_is_live(c.state);
	there = observe_volume(s, s->names.home_volume, e);
	r->had_home = there > 0;
	return there < 0 ? -1 : 0;
}

static int
stop(struct restore *r, struct err *e)
{
	struct up_stopped stopped;

	return r->result->was_up ? up_stop(r->s, false, r->o->grace_s, &r->o->idle, &stopped, e) : 0;
}

/* Nothing is lost by a restore: what is there is the newest backup. */
static int
keep(struct restore *r, struct err *e)
{
	const struct backup_options o = { .has_workspace = r->has_workspace, .program = r->o->program, .to_fd = -1, .report = r->o->report };
	struct backup_result made;

	if (!r->had_home)
		return 0;
	if (backup_create(r->s, &o, &made, e) < 0)
		return err_wrap(e, "keep what is there");
	r->result->before = made.path;
	return 0;
}

/* ---- the volumes ---- */

static int
ensure_volumes(struct restore *r, struct err *e)
{
	struct service *s = r->s;
	const char *const *labels = spec_object_labels(s->arena, &r->spec);
	const char *names[] = { s->names.home_volume, s->names.workspace_volume };

	/* A killed command must find what it owns. */
	if (state_save(&s->scope, &s->state, e) < 0)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		bool is_made;

		if (volume_ensure(&s->engine, s->arena, names[i], labels, &is_made, e) < 0)
			return -1;
	}
	return 0;
}

static int
fill(struct restore *r, struct err *e)
{
	struct service *s = r->s;

	if (restore_mark_put(&s->scope, r->path, r->result->before ? r->result->before : "", e) < 0)
		return -1;
	if (restore_fill(s, &r->spec, r->path, r->has_workspace, &r->o->report, e) < 0) {
		err_note(e, "changed", "the volumes hold a part of the backup");
		err_note(e, "try", "occ backup restore %s   (again)", path_tilde(s->arena, r->path, s->scope.home));
		return r->result->before ? err_note(e, "or", "occ backup restore %s   (what was there before)", r->result->before) : -1;
	}
	return restore_mark_remove(&s->scope, e);
}

/* ---- the settings ---- */

static int
read_settings(struct restore *r, struct buf *config, struct buf *credentials, struct err *e)
{
	AUTO(backup_reader) struct backup_reader reader = BACKUP_READER_INIT;
	AUTO(backup_input) struct backup_input in = BACKUP_INPUT_INIT;
	enum backup_part part;
	struct str name;
	char run[4096];
	int got;

	if (backup_input_open(&in, r->path, "reading", NULL, e) < 0 ||
	    backup_reader_open(&reader, (struct source){ .read = backup_file_read, .ctx = &in }, r->s->scope.state_dir, r->s->arena, e) < 0)
		return -1;
	/* They stand before all others. */
	while ((got = backup_reader_next(&reader, &part, &name, e)) > 0 && part == BACKUP_SETTINGS) {
		struct buf *to = str_is(name, "config.json") ? config : str_is(name, "credentials.json") ? credentials : NULL;
		ssize_t n;

		while ((n = backup_reader_read(&reader, run, sizeof run, e)) > 0) {
			if (to)
				buf_put(to, run, (size_t)n);
		}
		if (n < 0)
			return -1;
	}
	return got < 0 ? -1 : 0;
}

/* Looked at before anything is changed: a configuration that does not hold is no configuration. */
static int
put_settings(struct restore *r, struct err *e)
{
	AUTO(buf) struct buf config = BUF_INIT(CONFIG_BYTES_MAX), credentials = BUF_SECRET_INIT(CONFIG_BYTES_MAX);
	struct service *s = r->s;
	struct config parsed;

	if (!r->o->has_settings)
		return 0;
	if (scope_prepare(&s->scope, e) < 0 || read_settings(r, &config, &credentials, e) < 0 || buf_check(&config, "settings/config.json", e) < 0 ||
	    buf_check(&credentials, "settings/credentials.json", e) < 0)
		return -1;
	if (config.n > 0 && (config_parse(s->arena, buf_str(&config), "settings/config.json", NULL, &parsed, e) < 0 ||
	                     file_save(s->scope.config_path, buf_str(&config), SETTINGS_MODE, e) < 0))
		return -1;
	if (credentials.n > 0 && file_save(s->scope.credentials_path, buf_str(&credentials), SETTINGS_MODE, e) < 0)
		return -1;
	r->result->has_settings = config.n > 0 || credentials.n > 0;
	return 0;
}

/* ---- the way of it ---- */

static int
locked(struct restore *r, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT, helpers = FILE_LOCK_INIT;

	if (state_lock(&lock, &r->s->scope, "restore", clock_due_ms(0), e) < 0 || helper_lock(&helpers, r->s, "restore", e) < 0)
		return -1;
	return ensure_volumes(r, e) < 0 || fill(r, e) < 0 || put_settings(r, e) < 0 ? -1 : 0;
}

int
restore_run(struct service *s, const char *path, const struct restore_options *o, struct restore_result *ret, struct err *e)
{
	struct restore r = { .s = s, .path = path, .o = o, .result = ret };

	*ret = (struct restore_result){ .before = NULL };
	if (backup_check(s, path, &o->report, &ret->backup, e) < 0 || service_connect(s, e) < 0 || look(&r, e) < 0)
		return -1;
	r.has_workspace = o->has_workspace && ret->backup.head.has_workspace;
	if (stop(&r, e) < 0)
		return -1;
	if (keep(&r, e) < 0)
		return ret->was_up ? err_note(e, "changed", "opencode is stopped; occ start brings it back") : -1;
	return locked(&r, e);
}

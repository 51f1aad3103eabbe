/* restore.c - read all of it, stop, keep what is there, empty, fill */
#include "lib/deploy/restore.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/backup_read.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/restore_mark.h"
#include "lib/deploy/spec.h"
#include "lib/deploy/update.h"
#include "lib/engine/object.h"

#define CREDENTIALS_MODE 0600
#define SETTINGS_MAX (4u << 20)

/* How far it came, for telling what an error has left. */
enum phase { LOOKED, STOPPED, EMPTIED, FILLED };

struct restore {
	struct service *s;
	const struct restore_options *o;
	struct restore_result *result;
	struct backup_input in;
	struct spec_input spec;
	struct buf config, credentials;		/* of the backup, with has_settings */
	bool has_workspace;			/* is put back */
	bool had_home, had_workspace;		/* volumes that are there */
	bool is_again;				/* a restore before this one was cut */
	struct restore_mark mark;		/* of that; from begin on of this one */
	enum phase phase;
};

static void
restore_auto(struct restore *r)
{
	backup_input_auto(&r->in);
	buf_fini(&r->config);
	buf_wipe(&r->credentials);
}

/* ---- the settings in it ---- */

static int
read_settings(struct restore *r, struct err *e)
{
	AUTO(backup_reader) struct backup_reader reader = BACKUP_READER_INIT;
	enum backup_part part;
	struct source from;
	struct str name;
	char run[4096];
	int got;

	if (backup_input_begin(&r->in, "reading", &from, e) < 0 || backup_reader_open(&reader, from, r->s->scope.state_dir, r->s->arena, e) < 0)
		return -1;
	/* They stand before all others. */
	while ((got = backup_reader_next(&reader, &part, &name, e)) > 0 && part == BACKUP_SETTINGS) {
		struct buf *to = str_is(name, "config.json") ? &r->config : str_is(name, "credentials.json") ? &r->credentials : NULL;
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

/* Looked at before anything is changed: settings that do not hold are no settings. */
static int
load_settings(struct restore *r, struct err *e)
{
	struct config parsed = { .line = { 0 } };

	if (!r->o->has_settings)
		return 0;
	if (read_settings(r, e) < 0 || buf_check(&r->config, "settings/config.json", e) < 0 || buf_check(&r->credentials, "settings/credentials.json", e) < 0)
		return -1;
	if (r->config.n > 0 && config_parse(r->s->arena, buf_str(&r->config), "settings/config.json", r->s->rq.environment, &parsed, e) < 0)
		return -1;
	if (r->config.n > 0 && !r->s->rq.engine_url && !r->s->rq.context && strcmp(parsed.engine.url, r->s->config.engine.url) != 0) {
		err_set(e, ERR_REFUSED, "its settings name another engine (%s) than those of now", parsed.engine.url[0] ? parsed.engine.url : "the default one");
		return err_note(e, "try", "--engine URL, which says where to");
	}
	/* The image that is missing is the one of these. What is there now is kept for those who can read it now, whoever made the backup. */
	parsed.backup.recipients = r->s->config.backup.recipients;
	if (r->config.n > 0)
		r->s->config = parsed;
	return r->credentials.n > 0 && credentials_check(buf_str(&r->credentials), e) < 0 ? err_wrap(e, "settings/credentials.json") : 0;
}

static int
save_settings(struct restore *r, struct err *e)
{
	struct scope *scope = &r->s->scope;

	if (r->config.n + r->credentials.n == 0)
		return 0;
	if (scope_prepare(scope, e) < 0 || (r->config.n > 0 && config_save_text(scope, buf_str(&r->config), e) < 0))
		return -1;
	if (r->credentials.n > 0 && file_save(scope->credentials_path, buf_str(&r->credentials), CREDENTIALS_MODE, e) < 0)
		return -1;
	r->result->has_settings = true;
	return 0;
}

/* ---- what is there ---- */

int
restore_is_live(struct service *s, struct err *e)
{
	struct container c;
	int there = service_container(s, &c, e);

	if (there > 0 && plan_is_live(c.state))
		return 1;
	if (there >= 0)
		there = service_next_container(s, &c, e);
	return there < 0 ? -1 : there > 0 && plan_is_live(c.state);
}

static int
look(struct restore *r, struct err *e)
{
	struct service *s = r->s;
	int live = restore_is_live(s, e);
	int home = live < 0 ? -1 : observe_volume(s, s->names.home_volume, e), workspace = home < 0 ? -1 : observe_volume(s, s->names.workspace_volume, e);
	int mark = workspace < 0 ? -1 : restore_mark_get(s->arena, &s->scope, &r->mark, e);

	if (mark < 0 || spec_input_of(s, &r->spec, e) < 0)
		return -1;
	r->result->was_up = live || (home && s->state.is_desired_up);
	r->had_home = home;
	r->had_workspace = workspace;
	r->is_again = mark;
	r->result->before = r->mark.before[0] ? r->mark.before : NULL;
	/* Before anything is stopped: it may have to be built. */
	r->spec.image = helper_image(s, &r->o->report, e);
	return r->spec.image ? 0 : -1;
}

/* Always, for it is also what keeps the watchdog and the engine from starting it meanwhile. */
static int
stop(struct restore *r, struct err *e)
{
	struct up_stopped stopped;

	if (up_stop(r->s, false, r->o->grace_s, &r->o->idle, &stopped, e) < 0)
		return -1;
	r->phase = STOPPED;
	return 0;
}

/* ---- the volumes ---- */

int
restore_ensure_volumes(struct service *s, const struct spec_input *spec, struct err *e)
{
	const char *const *labels = spec_object_labels(s->arena, spec);
	const char *names[] = { s->names.home_volume, s->names.workspace_volume };

	/* A killed command must find what it owns. */
	if (state_save(&s->scope, &s->state, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		bool is_made;

		if (volume_ensure(&s->engine, s->arena, names[i], labels, &is_made, e) < 0)
			return -1;
	}
	return 0;
}

/* Nothing is lost by a restore: what it replaces is the newest backup. A second try has only the half of another one to keep. */
static int
keep(struct restore *r, struct err *e)
{
	bool is_wanted = r->had_home || (r->has_workspace && r->had_workspace);
	const struct backup_options o = { .has_workspace = r->has_workspace, .has_credentials = r->o->has_settings, .program = r->o->program, .to_fd = -1, .report = r->o->report };
	struct backup_result made;

	if (!is_wanted || r->is_again || r->o->keeps_nothing)
		return 0;
	if (backup_create_locked(r->s, &o, &made, e) < 0) {
		err_wrap(e, "keep what is there");
		return err_note(e, "or", "occ backup restore --no-keep ...   (it is lost then)");
	}
	r->result->before = made.path;
	return 0;
}

static int
begin(void *ctx, struct err *e)
{
	struct restore *r = ctx;

	r->phase = EMPTIED;
	r->mark = (struct restore_mark){ .from = r->in.path, .before = r->result->before ? r->result->before : "", .has_workspace = r->has_workspace,
		.has_settings = r->o->has_settings };
	return restore_mark_put(&r->s->scope, &r->mark, e);
}

/* With the instance's lock, and after another look: somebody may have started it since. */
static int
fill(struct restore *r, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	const struct restore_wish w = { .spec = &r->spec, .has_workspace = r->has_workspace, .begin = begin, .ctx = r };
	struct service *s = r->s;

	if (state_lock(&lock, &s->scope, "restore", clock_due_ms(0), e) < 0)
		return -1;
	int live = restore_is_live(s, e);
	if (live)
		return live < 0 ? -1 : err_set(e, ERR_CONFLICT, "%s was started meanwhile", s->names.container);
	if (restore_fill(s, &w, &r->in, e) < 0)
		return -1;
	r->phase = FILLED;
	return save_settings(r, e) < 0 ? -1 : restore_mark_remove(&s->scope, e);
}

/* What the one that was cut did not touch has not been kept either; what it did touch is whole only when it is replaced again. */
static int
check_again(struct restore *r, struct err *e)
{
	bool is_more = (r->has_workspace && !r->mark.has_workspace) || (r->o->has_settings && !r->mark.has_settings);
	bool is_less = (!r->has_workspace && r->mark.has_workspace) || (!r->o->has_settings && r->mark.has_settings);

	if (!r->is_again || r->o->keeps_nothing || !(is_more || is_less))
		return 0;
	if (is_less) {
		err_set(e, ERR_REFUSED, "a restore was cut in the middle, and this one would leave the half of its %s", r->mark.has_workspace && !r->has_workspace ? "workspace" : "settings");
		err_note(e, "changed", "nothing");
		return err_note(e, "try", "occ backup restore %s%s", path_tilde(r->s->arena, r->mark.from, r->s->scope.home), restore_mark_options(r->s->arena, &r->mark));
	}
	err_set(e, ERR_REFUSED, "a restore was cut in the middle, and this one would replace more than it: that is not kept yet");
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "occ backup restore %s%s   first", path_tilde(r->s->arena, r->in.path, r->s->scope.home), restore_mark_options(r->s->arena, &r->mark));
}

/* ---- the way of it ---- */

static int
what_is_left(struct restore *r, struct err *e)
{
	struct service *s = r->s;

	switch (r->phase) {
	case LOOKED:
		return -1;
	case STOPPED:
		return r->result->was_up ? err_note(e, "changed", "opencode is stopped; occ start brings it back") : -1;
	case EMPTIED:
		err_note(e, "changed", "the volumes hold a part of the backup");
		break;
	case FILLED:
		err_note(e, "changed", "the data is back; the settings are not");
		break;
	}
	const char *options = restore_mark_options(s->arena, &r->mark);
	err_note(e, "try", "occ backup restore %s%s   (again)", path_tilde(s->arena, r->in.path, s->scope.home), options);
	return r->result->before ? err_note(e, "or", "occ backup restore %s%s   (what was there before)", path_tilde(s->arena, r->result->before, s->scope.home), options) : -1;
}

static int
run(struct restore *r, struct err *e)
{
	AUTO(file_lock) struct file_lock helpers = FILE_LOCK_INIT;
	struct service *s = r->s;

	if (scope_prepare_state(&s->scope, e) < 0 || helper_lock(&helpers, s, "restore", e) < 0 || backup_check(s, &r->in, &r->result->backup, e) < 0)
		return -1;
	if (update_check_whole(s, e) < 0 || load_settings(r, e) < 0 || service_connect(s, e) < 0 || look(r, e) < 0)
		return -1;
	r->has_workspace = r->o->has_workspace && r->result->backup.head.has_workspace;
	return check_again(r, e) < 0 || stop(r, e) < 0 || restore_ensure_volumes(r->s, &r->spec, e) < 0 || keep(r, e) < 0 || fill(r, e) < 0 ? -1 : 0;
}

int
restore_run(struct service *s, const char *path, const struct restore_options *o, struct restore_result *ret, struct err *e)
{
	struct restore r = { .s = s, .o = o, .result = ret, .in = BACKUP_INPUT_INIT, .config = BUF_INIT(SETTINGS_MAX), .credentials = BUF_SECRET_INIT(SETTINGS_MAX) };

	*ret = (struct restore_result){ .before = NULL };
	if (backup_input_open(&r.in, path, true, o->keys, &o->report, e) < 0)
		return -1;
	int done = run(&r, e);
	if (done < 0)
		what_is_left(&r, e);
	restore_auto(&r);
	return done;
}

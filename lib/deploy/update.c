/* update.c - the steps of a change of version, between those of the replacement */
#include "lib/deploy/update.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/revive.h"
#include "lib/engine/object.h"

#define EVIDENCE_MS 5000

/* ---- parts ---- */

static void
say(const struct update *u, const char *label, const char *text)
{
	if (u->report->row)
		u->report->row(u->report->ctx, label, text);
}

static void
progress(const struct update *u, const char *label, const char *text)
{
	if (u->report->progress)
		u->report->progress(u->report->ctx, label, text);
}

/* A name for an image: what is pulled may move its tag, and an image without a name is anybody's to remove. By a digest it has one already. */
int
update_name_image(struct service *s, const char *ref, const char *image_id, struct err *e)
{
	struct image_ref r;
	struct image im;

	if (!image_id[0])
		return err_set(e, ERR_IMAGE, "which image %s meant is not known", ref);
	if (image_ref_parse(str_of(ref), &r, e) < 0)
		return -1;
	if (r.digest.n > 0 || (image_inspect(&s->engine, s->arena, ref, &im, e) == 0 && str_is(str_of(im.id), image_id)))
		return 0;
	err_clear(e);
	size_t colon = str_rfind_char(str_of(ref), ':');
	if (colon == STR_NONE || r.tag.n == 0)
		return image_tag(&s->engine, image_id, ref, "latest", e);
	return image_tag(&s->engine, image_id, arena_str(s->arena, str_take(str_of(ref), colon)), arena_str(s->arena, r.tag), e);
}

const char *
update_kept_ref(struct service *s, uint64_t number)
{
	return arena_printf(s->arena, "%s:before-%llu", s->names.container, (unsigned long long)number);
}

/* ---- begin ---- */

/* As it was written in the configuration: Podman tells it with the registry that it took it from. */
static const char *
ref_of(const struct update *u)
{
	static const char *const prefixes[] = { "localhost/", "docker.io/library/", "docker.io/" };
	const char *ref = json_str(json_path(u->old->raw, "Config.Image"), "");

	for (size_t i = 0; u->s->engine.is_podman && i < ARRAY_LEN(prefixes); i++) {
		if (str_has_prefix(str_of(ref), prefixes[i]))
			return ref + strlen(prefixes[i]);
	}
	return ref;
}

static int
look_at_sides(struct update *u, struct err *e)
{
	struct service *s = u->s;
	struct update_record *r = &u->record;
	struct image before, after;

	if (image_inspect(&s->engine, s->arena, u->old->image_id, &before, e) < 0 || image_inspect(&s->engine, s->arena, image_source_ref(s), &after, e) < 0)
		return -1;
	r->from = (struct update_side){ .opencode = image_source_version(&before), .ref = ref_of(u), .image_id = before.id };
	r->to = (struct update_side){ .opencode = image_source_version(&after), .ref = image_source_ref(s), .image_id = after.id };
	return 0;
}

static int
find_back(struct update *u, struct err *e)
{
	if (!u->wish || !u->wish->back_to)
		return 0;
	u->record.back_to = u->wish->back_to;
	if (u->wish->keeps_data)
		return 0;
	const struct update_record *back = history_find(u->history, u->wish->back_to);
	if (!back || !back->snapshot[0])
		return err_set(e, ERR_NOT_FOUND, "the data of before update %llu is not kept any more", (unsigned long long)u->wish->back_to);
	u->back_snapshot = back->snapshot;
	return 0;
}

static int
take_snapshot(struct update *u, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(512);

	log_line("update %llu: snapshot", (unsigned long long)u->record.number);
	progress(u, "Snapshot", "copying opencode's data");
	if (snapshot_begin(&u->snapshot, u->s, &u->spec, u->record.snapshot, e) < 0)
		return err_note(e, "changed", "nothing");
	num_put_bytes(&text, u->snapshot.n_bytes);
	buf_printf(&text, " of opencode's data in %s", u->record.snapshot);
	say(u, "Snapshot", text.p);
	return 0;
}

/* Where another deployment of the same name has left its copy, that one keeps its number. */
static int
choose_number(struct update *u, struct err *e)
{
	uint64_t number = history_next_number(u->history);

	while (observe_volume(u->s, snapshot_volume(u->s, number), e) < 0) {
		if (e->code != ERR_REFUSED)
			return -1;
		err_clear(e);
		number++;
	}
	u->record.number = number;
	u->record.snapshot = snapshot_volume(u->s, number);
	return 0;
}

int
update_begin(struct update *u, struct err *e)
{
	struct service *s = u->s;
	struct update_record *r = &u->record;

	u->history = arena_zero(s->arena, sizeof *u->history);
	if (helper_lock(&u->helpers, s, "update", e) < 0 || history_load(s->arena, &s->scope, u->history, e) < 0 || spec_input_of(s, &u->spec, e) < 0)
		return -1;
	u->spec.image = u->old->image_id;
	*r = (struct update_record){ .state = UPDATE_PREPARED, .at_epoch_s = clock_epoch_s(), .why = "",
		.set_source = u->wish ? u->wish->set_source : "", .set_ref = u->wish ? u->wish->set_ref : "", .set_opencode = u->wish ? u->wish->set_opencode : "" };
	if (choose_number(u, e) < 0 || find_back(u, e) < 0 || look_at_sides(u, e) < 0)
		return -1;
	if (u->wish && u->wish->image_id && !str_is(str_of(r->to.image_id), u->wish->image_id))
		return err_set(e, ERR_IMAGE, "the image of then is not what %s means", r->to.ref);
	if (update_mark_put(&s->scope, r, e) < 0 || image_tag(&s->engine, r->from.image_id, s->names.container, arena_printf(s->arena, "before-%llu", (unsigned long long)r->number), e) < 0)
		return -1;
	return take_snapshot(u, e);
}

int
update_created(struct update *u, const char *id, struct err *e)
{
	struct container next;

	if (!u->wish)			/* a start does what the configuration says */
		return 0;
	if (container_inspect(&u->s->engine, u->s->arena, id, &next, e) < 0)
		return -1;
	const char *lost = update_lost_mount(u->old->raw, next.raw);
	if (!lost)
		return 0;
	err_set(e, ERR_REFUSED, "the new container would not have %s mounted, which the old one has", lost);
	return err_note(e, "try", "occ start   first, which does what the configuration says");
}

/* ---- the switch ---- */

int
update_stopped(struct update *u, struct err *e)
{
	struct service *s = u->s;

	progress(u, "Snapshot", "copying what has changed since");
	if (snapshot_finish(&u->snapshot, e) < 0)
		return -1;
	snapshot_auto(&u->snapshot);
	u->record.n_bytes = u->snapshot.n_bytes;
	/* Whatever restarts the engine, it does not start the old one on the data of the new one. */
	u->has_policy = !s->engine.is_podman;
	if (u->has_policy && container_set_restart_policy(&s->engine, u->old->id, SPEC_RESTART_STOPPED, e) < 0)
		return -1;
	u->record.state = UPDATE_SWITCHING;	/* also when it cannot be written: putting back what is the same harms nothing */
	if (update_mark_put(&s->scope, &u->record, e) < 0)
		return -1;
	log_line("update %llu: switching", (unsigned long long)u->record.number);
	if (!u->back_snapshot)
		return 0;
	progress(u, "Snapshot", "putting the data of then back");
	return snapshot_put_back(s, &u->spec, u->back_snapshot, e);
}

int
update_answered(struct update *u, const struct container *c, const char *version, const struct credentials *cr, struct err *e)
{
	if (update_prove_answer(u->s, c, version, u->record.to.opencode, cr, e) < 0)
		return -1;
	u->record.state = UPDATE_ANSWERED;
	if (update_mark_put(&u->s->scope, &u->record, e) < 0)
		return -1;
	log_line("update %llu: answered", (unsigned long long)u->record.number);
	return 0;
}

int
update_watched(struct update *u, const struct container *c, const struct credentials *cr, struct err *e)
{
	int r = 0;

	if (u->wish && u->wish->watch_s > 0) {
		progress(u, "Watching", arena_printf(u->s->arena, "whether opencode %s stays well for %u s", u->record.to.opencode, u->wish->watch_s));
		r = update_prove_lasts(u->s, c, u->wish->watch_s, cr, e);
	}
	if (r < 0)
		return -1;
	if (r > 0)
		say(u, "Watching", "ended by you: it had answered everything");
	cancel_hold();			/* for good: what is left takes no time */
	return 0;
}

/* ---- the end ---- */

static int
set(struct service *s, const char *key, const char *value, struct err *e)
{
	return value[0] ? config_set(s->arena, &s->scope, key, value, e) : 0;
}

int
update_save_settings(struct service *s, const struct update_record *r, struct err *e)
{
	if (set(s, "image.opencode", r->set_opencode, e) < 0 || set(s, "image.ref", r->set_ref, e) < 0)
		return -1;
	return set(s, "image.source", r->set_source, e);
}

/* Is this name of an image wanted by what is kept, or by what runs? */
static bool
is_wanted(const struct history *h, const char *ref, const char *current)
{
	if (str_is(str_of(ref), current))
		return true;
	for (size_t i = 0; i < h->n; i++) {
		if (h->records[i].snapshot[0] && str_is(str_of(ref), h->records[i].from.ref))
			return true;
	}
	return false;
}

/* Was the container of now made from it? Who cannot tell says yes. */
static bool
is_used(struct service *s, const char *ref)
{
	struct err ignored = ERR_INIT;
	struct container c;
	struct image im;

	if (image_inspect(&s->engine, s->arena, ref, &im, &ignored) < 0)
		return ignored.code != ERR_NOT_FOUND;
	return service_container(s, &c, &ignored) <= 0 || str_is(str_of(c.image_id), im.id);
}

/* The image of before by its own name, if it was built here: others' are others'. A container of somebody's on one keeps it. */
static void
drop_image(struct service *s, const struct history *h, const struct update_record *r)
{
	const char *own = arena_printf(s->arena, "%s:", s->names.container);
	struct err ignored = ERR_INIT;

	if (!str_has_prefix(str_of(r->from.ref), own) || is_wanted(h, r->from.ref, image_source_ref(s)) || is_used(s, r->from.ref))
		return;
	if (image_remove(&s->engine, r->from.ref, &ignored) < 0)
		log_line("an image is left: %s", ignored.msg);
}

/* The record names the snapshot until both are gone, so that it is tried again. */
int
update_drop(struct service *s, const struct history *h, struct update_record *r, struct err *e)
{
	if (image_remove(&s->engine, update_kept_ref(s, r->number), e) < 0 && e->code != ERR_CONFLICT)
		return -1;
	err_clear(e);
	if (volume_remove(&s->engine, r->snapshot, e) < 0)
		return -1;
	r->snapshot = "";
	drop_image(s, h, r);
	return 0;
}

/* What cannot be removed now is tried again after the next one. */
static void
prune(struct service *s, struct history *h)
{
	bool goes[HISTORY_MAX], has_gone = false;
	struct err fault = ERR_INIT;

	for (size_t i = 0; i < h->n; i++)
		goes[i] = history_is_excess(h, i, (size_t)s->config.update.keep, s->config.update.keep_size);
	for (size_t i = 0; i < h->n; i++) {
		if (!goes[i])
			continue;
		if (update_drop(s, h, &h->records[i], &fault) < 0)
			log_line("what update %llu has kept is left: %s", (unsigned long long)h->records[i].number, fault.msg);
		else
			has_gone = true;
		err_clear(&fault);
	}
	if (has_gone && history_save(&s->scope, h, &fault) < 0)
		log_line("%s", fault.msg);
}

/* What is done is in the history before the journal goes, so that a second try finds it; what is undone must not be undone twice, whatever else cannot be written. */
static int
file_record(struct service *s, struct history *h, const struct update_record *r, struct err *e)
{
	bool is_undone = r->state == UPDATE_UNDONE;
	struct err fault = ERR_INIT;

	if (is_undone && update_mark_remove(&s->scope, e) < 0)
		return -1;
	if (history_put(&s->scope, h, r, is_undone ? &fault : e) < 0) {
		if (!is_undone)
			return -1;
		log_line("%s", fault.msg);
	}
	if (!is_undone && update_mark_remove(&s->scope, e) < 0)
		return -1;
	prune(s, h);
	return 0;
}

int
update_complete(struct service *s, struct history *h, struct update_record *r, struct err *e)
{
	r->state = UPDATE_DONE;
	return file_record(s, h, r, e);
}

int
update_take_back(struct service *s, const struct spec_input *spec, struct history *h, struct update_record *r, struct err *e)
{
	if (snapshot_put_back(s, spec, r->snapshot, e) < 0 || update_name_image(s, r->from.ref, r->from.image_id, e) < 0)
		return -1;
	r->state = UPDATE_UNDONE;
	return file_record(s, h, r, e);
}

int
update_done(struct update *u, struct err *e)
{
	log_line("update %llu: done", (unsigned long long)u->record.number);
	return update_save_settings(u->s, &u->record, e) < 0 ? -1 : update_complete(u->s, u->history, &u->record, e);
}

static void
record_incident(struct update *u, const char *id, const struct err *why)
{
	struct service *s = u->s;
	struct incident *i = arena_zero(s->arena, sizeof *i);
	struct err e = ERR_INIT;
	uint64_t number;

	*i = (struct incident){ .at_epoch_s = clock_epoch_s(), .cause = CAUSE_UPDATE, .exit_code = -1, .error = "", .container_id = id, .image_id = "", .image_ref = "",
		.action = arena_printf(s->arena, "back to opencode %s", u->record.from.opencode) };
	if (revive_evidence(s, id, i, clock_due_ms(EVIDENCE_MS), &e) < 0)
		err_clear(&e);
	i->error = arena_strdup(s->arena, why->msg);
	incident_record(&s->scope, i, &number);
}

bool
update_has_switched(const struct update *u)
{
	return u->record.state == UPDATE_SWITCHING || u->record.state == UPDATE_ANSWERED;
}

int
update_failed(struct update *u, const char *id, const struct err *why, struct err *e)
{
	log_line("update %llu: failed", (unsigned long long)u->record.number);
	if (u->record.state == UPDATE_ANSWERED) {
		u->record.state = UPDATE_SWITCHING;
		if (update_mark_put(&u->s->scope, &u->record, e) < 0)
			return -1;
	}
	record_incident(u, id, why);
	return 0;
}

static int
give_policy_back(struct update *u, struct err *e)
{
	struct service *s = u->s;

	return u->has_policy ? container_set_restart_policy(&s->engine, u->old->id, service_restart_policy(s), e) : 0;
}

int
update_undo(struct update *u, const char *why, struct err *e)
{
	if (!update_has_switched(u))
		return give_policy_back(u, e);
	log_line("update %llu: undo", (unsigned long long)u->record.number);
	progress(u, "Snapshot", "putting opencode's data back");
	u->record.why = why;
	return update_take_back(u->s, &u->spec, u->history, &u->record, e) < 0 ? -1 : give_policy_back(u, e);
}

void
update_auto(struct update *u)
{
	snapshot_auto(&u->snapshot);
	file_lock_auto(&u->helpers);
}

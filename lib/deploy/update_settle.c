/* update_settle.c - an update that was killed: completed when the new one had answered, undone otherwise */
#include <errno.h>

#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/update.h"

struct settle {
	struct service *s;
	const struct plan_report *report;
	struct update_record record;
	struct history *history;
	struct spec_input spec;
	struct container old, next;
	bool has_old, has_next;
};

static void
say(const struct settle *x, const char *text)
{
	if (x->report->row)
		x->report->row(x->report->ctx, "Update", text);
}

/* Under the old one's name is the new one when the last step had begun. */
static int
look(struct settle *x, struct err *e)
{
	struct service *s = x->s;
	int old = service_container(s, &x->old, e), next = old < 0 ? -1 : service_next_container(s, &x->next, e);

	if (next < 0 || history_load(s->arena, &s->scope, x->history, e) < 0 || spec_input_of(s, &x->spec, e) < 0)
		return -1;
	x->has_old = old;
	x->has_next = next;
	if (next && !service_owns(s, &x->next))
		return err_set(e, ERR_REFUSED, "the container %s belongs to somebody else", s->names.next_container);
	return 0;
}

static void
take_settings(struct service *s, const struct update_record *r)
{
	if (r->set_opencode[0])
		s->config.image.opencode = r->set_opencode;
	if (r->set_ref[0])
		s->config.image.ref = r->set_ref;
	if (r->set_source[0])
		s->config.image.source = r->set_source;
}

/* A watchdog of the machine is fenced off from the configuration. */
static bool
is_denied(const struct err *e)
{
	return e->code == ERR_PERM || (e->code == ERR_SYS && e->sys == EROFS);
}

static int
complete(struct settle *x, struct err *e)
{
	struct service *s = x->s;
	const char *version = x->record.to.opencode;

	if (x->has_next && x->has_old && container_remove(&s->engine, x->old.id, true, e) < 0)
		return -1;
	if (x->has_next && container_rename(&s->engine, x->next.id, s->names.container, e) < 0)
		return -1;
	take_settings(s, &x->record);
	if (update_save_settings(s, &x->record, e) < 0) {
		if (!is_denied(e))
			return -1;
		/* What has answered is to run; the journal stays for who may write. */
		err_clear(e);
		say(x, arena_printf(s->arena, "to opencode %s had answered before it was cut: it goes on, and occ start completes it", version));
		return 0;
	}
	if (update_complete(s, x->history, &x->record, e) < 0)
		return -1;
	say(x, arena_printf(s->arena, "to opencode %s had answered before it was cut: completed", version));
	return 0;
}

/* With the image of the old one, which is kept by name; the new one's may be what is wrong. */
static int
undo(struct settle *x, struct err *e)
{
	struct service *s = x->s;

	if (x->has_next && (container_stop(&s->engine, x->next.id, BRING_UP_GRACE_S, e) < 0 || container_remove(&s->engine, x->next.id, true, e) < 0))
		return -1;
	if (x->has_old && container_stop(&s->engine, x->old.id, BRING_UP_GRACE_S, e) < 0)
		return -1;
	x->spec.image = x->record.from.image_id;
	x->record.why = "it was cut";
	if (update_take_back(s, &x->spec, x->history, &x->record, e) < 0)
		return -1;
	say(x, arena_printf(s->arena, "to opencode %s was cut: data and image are those of before, opencode %s", x->record.to.opencode, x->record.from.opencode));
	return 0;
}

int
update_prepare(struct service *s, const char *ref, const char *image_id, struct err *e)
{
	struct history *h = arena_zero(s->arena, sizeof *h);

	if (history_load(s->arena, &s->scope, h, e) < 0)
		return -1;
	const struct update_record r = { .number = history_next_number(h), .at_epoch_s = clock_epoch_s(), .state = UPDATE_PREPARED, .from = { "", ref, image_id }, .to = { "", "", "" },
		.set_source = "", .set_ref = "", .set_opencode = "", .snapshot = "", .why = "" };
	return update_mark_put(&s->scope, &r, e);
}

/* Its copy is of no use to anybody. */
static int
call_off(struct service *s, struct update_record *r, struct err *e)
{
	struct history *h = arena_zero(s->arena, sizeof *h);

	if (history_load(s->arena, &s->scope, h, e) < 0)
		return -1;
	if (r->from.image_id[0] && update_name_image(s, r->from.ref, r->from.image_id, e) < 0)
		return -1;
	if (r->snapshot[0] && update_drop(s, h, r, e) < 0 && e->code != ERR_CONFLICT)
		return -1;
	err_clear(e);
	return update_mark_remove(&s->scope, e);
}

void
update_call_off(struct service *s)
{
	struct update_record r;
	struct err e = ERR_INIT;

	cancel_hold();
	if (update_mark_get(s->arena, &s->scope, &r, &e) > 0 && r.state == UPDATE_PREPARED)
		(void)!call_off(s, &r, &e);
	if (e.code)
		log_line("an update is not called off: %s", e.msg);
	cancel_release();
}

int
update_settle(struct service *s, const struct plan_report *report, struct err *e)
{
	AUTO(file_lock) struct file_lock helpers = FILE_LOCK_INIT;
	struct settle x = { .s = s, .report = report };
	int there = update_mark_get(s->arena, &s->scope, &x.record, e);

	if (there <= 0)
		return there;
	/* The helper that was killed with it holds on to the copy. */
	if (helper_lock(&helpers, s, "update", e) < 0 || helper_sweep(s, e) < 0)
		return -1;
	if (x.record.state == UPDATE_PREPARED)
		return call_off(s, &x.record, e) < 0 ? err_wrap(e, "an update that was cut") : 0;
	x.history = arena_zero(s->arena, sizeof *x.history);
	int r = look(&x, e) < 0 ? -1 : x.record.state == UPDATE_ANSWERED ? complete(&x, e) : undo(&x, e);
	return r < 0 ? err_wrap(e, "an update that was cut") : 1;
}

int
update_check_whole(struct service *s, struct err *e)
{
	struct update_record r;
	int there = update_mark_get(s->arena, &s->scope, &r, e);

	if (there <= 0 || r.state == UPDATE_PREPARED)
		return there < 0 ? -1 : 0;
	err_set(e, ERR_REFUSED, "an update was cut in the middle");
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "occ start   first, which finishes it");
}

int
update_is_cut(struct service *s, struct err *e)
{
	struct update_record ignored;

	return update_mark_get(s->arena, &s->scope, &ignored, e);
}

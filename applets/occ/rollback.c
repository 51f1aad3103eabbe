/* occ rollback: the version of before, and opencode's data of then */
#include "applets/occ/change.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/deploy/image_source.h"

struct rollback_opts {
	bool keep_data, dry_run, now, yes;
	int64_t wait_idle_ms, timeout_ms;
};

static const struct opt rollback_opts[] = {
	FLAG(struct rollback_opts, keep_data, 0, "keep-data", "the older program alone, on the data of now"),
	FLAG(struct rollback_opts, dry_run, 'n', "dry-run", "show what would be done; change nothing"),
	DURATION(struct rollback_opts, timeout_ms, 't', "timeout", "DURATION", "how long to wait until it answers (2m)"),
	DURATION(struct rollback_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct rollback_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	FLAG(struct rollback_opts, yes, 'y', "yes", "do not ask"),
	OPT_LAST,
};

static const char *const rollback_examples[] = {
	"rollback", "the last change is taken back",
	"rollback 2", "to what was before number 2 of history",
	NULL,
};

static const struct update_record *
find(struct run *r, struct service *s, struct err *e)
{
	const struct rollback_opts *o = r->opts;
	struct history *h = arena_zero(s->arena, sizeof *h);
	uint64_t number = 0;

	if (r->argc > 0 && num_u64(str_of(r->argv[0]), 1, UINT32_MAX, &number, e) < 0) {
		e->code = ERR_USAGE;
		return NULL;
	}
	if (history_load(s->arena, &s->scope, h, e) < 0)
		return NULL;
	const struct update_record *record = history_find(h, number);
	if (!record || record->state != UPDATE_DONE) {
		if (number)
			err_set(e, ERR_NOT_FOUND, "there is no update %llu that was done", (unsigned long long)number);
		else
			err_set(e, ERR_NOT_FOUND, "there is no update to take back");
		err_note(e, "try", "%s history", r->cli->prog);
		return NULL;
	}
	if (!o->keep_data && !record->snapshot[0]) {
		err_set(e, ERR_NOT_FOUND, "opencode's data of before update %llu is not kept any more", (unsigned long long)record->number);
		err_note(e, "try", "%s backup list", r->cli->prog);
		return NULL;
	}
	return record;
}

/* What of the configuration has to be another for the container of then. */
static void
plan_settings(struct service *s, const struct update_record *record, struct update_wish *w)
{
	bool is_built = str_has_prefix(str_of(record->from.ref), arena_printf(s->arena, "%s:", s->names.container));

	w->set_source = is_built == image_source_is_pull(s) ? is_built ? "build" : "pull" : "";
	w->set_opencode = is_built && !str_is(str_of(s->config.image.opencode), record->from.opencode) ? record->from.opencode : "";
	w->set_ref = !is_built && !str_is(str_of(s->config.image.ref), record->from.ref) ? record->from.ref : "";
	w->image_id = record->from.image_id;
}

static const char *
question_of(struct run *r, const struct update_record *record)
{
	const struct rollback_opts *o = r->opts;
	AUTO(buf) struct buf when = BUF_INIT(64);

	clock_put_rfc3339(&when, record->at_epoch_s);
	if (o->keep_data)
		return arena_printf(r->arena, "Back to opencode %s, on the data of now", record->from.opencode);
	return arena_printf(r->arena, "Back to opencode %s and its data of %s (sessions since then are kept aside: rollback again brings them back)", record->from.opencode, when.p);
}

static int
rollback_run(struct run *r, struct err *e)
{
	const struct rollback_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	struct image im;
	const char *now;

	if (occ_connect(r, &s, e) < 0 || image_source_look(&s, &c, &now, e) < 0)
		return -1;
	const struct update_record *record = find(r, &s, e);
	if (!record)
		return -1;
	if (image_inspect(&s.engine, s.arena, record->from.image_id, &im, e) < 0)
		return err_wrap(e, "the image of before update %llu", (unsigned long long)record->number);
	if (!o->dry_run && change_agree(r, o->yes, question_of(r, record), e) < 0)
		return -1;
	struct change change = { .from = now, .is_dry_run = o->dry_run, .now = o->now, .wait_idle_ms = o->wait_idle_ms, .timeout_ms = o->timeout_ms,
		.verb = arena_printf(r->arena, "rollback to opencode %s", record->from.opencode),
		.wish = { .watch_s = (unsigned)s.config.update.watch_s, .back_to = record->number, .keeps_data = o->keep_data } };
	plan_settings(&s, record, &change.wish);
	return change_run(r, &s, &change, e);
}

CMD(occ_rollback) = {
	.applet = "occ", .name = "rollback", .group = "Service", .args = "[N]", .args_max = 1, .has_json = true,
	.brief = "go back to the version before an update, and its data",
	.about = "N is the number in history of what is taken back; without it the last one that was done. It is an update the other way: what is there now is kept first, the old "
		 "version has to prove itself, and if it fails everything is as it was. Files in the workspace and in the rest of the home are not touched.",
	.examples = rollback_examples, .opts = rollback_opts, .opts_bytes = sizeof(struct rollback_opts), .run = rollback_run,
};

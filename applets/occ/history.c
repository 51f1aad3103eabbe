/* occ history: what has been updated, and what can be taken back */
#include "applets/occ/common.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/deploy/update_record.h"

#define OUT_MAX (1u << 20)

static void
put_what(const struct update_record *u, struct buf *out)
{
	buf_printf(out, "opencode %s -> %s", u->from.opencode, u->to.opencode);
	if (u->back_to)
		buf_printf(out, ", back to before %llu", (unsigned long long)u->back_to);
	if (u->state == UPDATE_UNDONE)
		buf_printf(out, ", taken back: %s", u->why);
	if (u->snapshot[0]) {
		buf_puts(out, ", ");
		num_put_bytes(out, u->n_bytes);
		buf_puts(out, " kept");
	}
}

static int
history_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	if (occ_open(r, &s, e) < 0)
		return -1;
	struct history *h = arena_zero(r->arena, sizeof *h);
	if (history_load(r->arena, &s.scope, h, e) < 0)
		return -1;
	jsonw_array(&w, NULL);
	for (size_t i = h->n; i > 0; i--) {
		const struct update_record *u = &h->records[i - 1];
		AUTO(buf) struct buf when = BUF_INIT(64), what = BUF_INIT(4096);

		if (r->g->wants_json) {
			jsonw_object(&w, NULL);
			update_record_put(u, &w);
			jsonw_end(&w);
			continue;
		}
		clock_put_rfc3339(&when, u->at_epoch_s);
		put_what(u, &what);
		term_printf(r->term, "%3llu  %s  %s\n", (unsigned long long)u->number, when.p, what.p);
	}
	if (r->g->wants_json)
		return occ_put_json(r, &w, "the history", e);
	if (h->n == 0)
		term_printf(r->term, "No update yet.\n");
	return 0;
}

CMD(occ_history) = {
	.applet = "occ", .name = "history", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "list the changes of version, newest first",
	.about = "With the version of before and after, why one was taken back, and how much of opencode's data is kept for `rollback N`.",
	.run = history_run,
};

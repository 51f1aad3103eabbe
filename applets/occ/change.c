/* change.c - another version of opencode, by up_start, and what became of it */
#include "applets/occ/change.h"

#include "applets/occ/report.h"

int
change_agree(struct run *r, bool is_yes, const char *question, struct err *e)
{
	if (is_yes)
		return 0;
	if (term_confirm(r->term, question, true, "--yes", &is_yes, e) < 0)
		return -1;
	if (is_yes)
		return 0;
	err_set(e, ERR_INTERRUPTED, "nothing was changed");
	return err_note(e, "changed", "nothing");
}

static int
failed(const struct change *c, const struct up_result *res, struct err *e)
{
	err_wrap(e, "%s", c->verb);
	if (res->is_half_back)
		e->code = ERR_ROLLBACK_FAILED;
	else if (res->is_taken_back && e->code != ERR_INTERRUPTED)
		e->code = ERR_ROLLED_BACK;
	return -1;
}

int
change_put_json(struct run *r, const char *url, const char *from, const struct up_result *res, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "changed", res->is_changed);
	jsonw_str(&w, "from", from);
	jsonw_str(&w, "to", res->version);
	jsonw_str(&w, "url", url);
	jsonw_int(&w, "ready_ms", res->ready_ms);
	return occ_put_json(r, &w, "the report", e);
}

static int
report(struct run *r, struct service *s, const struct change *c, const struct up_result *res, struct err *e)
{
	if (r->g->wants_json)
		return change_put_json(r, service_url(s, &res->container), c->from, res, e);
	if (!res->is_changed) {
		term_row(r->term, "Update", "nothing to do: opencode %s, and its image is as it should be", res->version);
		return 0;
	}
	term_row(r->term, "Done", "opencode %s, before that %s", res->version, c->from[0] ? c->from : "another image");
	term_row(r->term, "Back", "%s rollback", r->cli->prog);
	return 0;
}

int
change_run(struct run *r, struct service *s, const struct change *c, struct err *e)
{
	struct up_options options = { .is_dry_run = c->is_dry_run, .is_rebuild = c->is_rebuild, .is_pull = c->is_pull, .timeout_ms = c->timeout_ms, .update = &c->wish,
		.report = report_of(r) };
	struct up_result result;

	options.idle = report_idle(r, c->now, c->wait_idle_ms);
	int done = up_start(s, &options, &result, e);
	term_progress_end(r->term);
	if (done < 0)
		return failed(c, &result, e);
	return c->is_dry_run ? report_plan(r, &result.plan, e) : report(r, s, c, &result, e);
}

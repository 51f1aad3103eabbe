/* incidents_show.c - one incident: cause and cure first, then the evidence */
#include "applets/occ/incidents.h"

#include "lib/base/num.h"

#define SHORT_LOG_LINES 20
#define SHORT_ID 12
#define SIGNAL_BASE 128

struct incidents_show_opts {
	bool full;
};

static const struct opt incidents_show_opts[] = {
	FLAG(struct incidents_show_opts, full, 0, "full", "all log lines that were kept, not only the last 20"),
	OPT_LAST,
};

/* "sha256:4f53cda18c2b..." as people write it. */
static const char *
short_id(struct arena *a, const char *id)
{
	struct str s = str_of(id);

	if (str_has_prefix(s, "sha256:"))
		s = str_skip(s, 7);
	return arena_str(a, str_take(s, SHORT_ID));
}

/* ---- the report -------------------------------------------------------------------------------------------- */

static void
show_end(struct run *r, const struct incident *i)
{
	const char *oom = i->is_oom_killed ? ", out of memory" : "";

	if (i->exit_code > SIGNAL_BASE)
		term_item(r->term, "exit", "%d (signal %d)%s", i->exit_code, i->exit_code - SIGNAL_BASE, oom);
	else if (i->exit_code >= 0)
		term_item(r->term, "exit", "%d%s", i->exit_code, oom);
	if (i->error[0])
		term_item(r->term, "error", "%s", i->error);
	if (i->started_epoch_s > 0)
		term_item(r->term, "started", "%s", incidents_time(r->arena, i->started_epoch_s));
	if (i->finished_epoch_s > 0 && i->finished_epoch_s >= i->started_epoch_s && i->started_epoch_s > 0)
		term_item(r->term, "ended", "%s, after %s", incidents_time(r->arena, i->finished_epoch_s),
		    incidents_span(r->arena, i->finished_epoch_s - i->started_epoch_s, ""));
	else if (i->finished_epoch_s > 0)
		term_item(r->term, "ended", "%s", incidents_time(r->arena, i->finished_epoch_s));
}

static void
show_head(struct run *r, const struct incident *i)
{
	AUTO(buf) struct buf head = BUF_INIT(1024), try = BUF_INIT(1024);
	const char *remedy = cause_remedy(i->cause);

	buf_printf(&head, "Incident %llu   ", (unsigned long long)i->number);
	term_paint(r->term, TERM_RED, str_of(cause_text(i->cause)), &head);
	buf_printf(&head, "   %s\n", incidents_when(r->arena, i->at_epoch_s));
	term_put(r->term, buf_str(&head));
	term_item(r->term, "time", "%s", incidents_time(r->arena, i->at_epoch_s));
	if (i->action[0])
		term_item(r->term, "done", "%s", i->action);
	if (remedy) {
		term_put_called(str_of(remedy), r->cli->prog, &try);
		term_item(r->term, "try", "%s", try.p);
	}
	show_end(r, i);
	if (i->image_ref[0] || i->image_id[0])
		term_item(r->term, "image", "%s (%s)", i->image_ref[0] ? i->image_ref : "?", i->image_id[0] ? short_id(r->arena, i->image_id) : "?");
	if (i->container_id[0])
		term_item(r->term, "container", "%s", short_id(r->arena, i->container_id));
	for (size_t k = 0; k < i->busy.n; k++)
		term_item(r->term, k == 0 ? "at work" : "", "%s", i->busy.v[k]);
	if (i->busy.n == 0)
		term_item(r->term, "at work", "no session");
}

static const char *
answer_text(struct arena *a, const struct incident_sample *s)
{
	if (s->status < 0)
		return "-";
	return s->status == 0 ? "none" : arena_printf(a, "%d", s->status);
}

static void
show_samples(struct run *r, const struct incident *i)
{
	struct strlist cells = { .v = NULL };
	static const char *const heads[] = { "  LOOKED", "ANSWER", "TOOK", "MEMORY" };

	for (size_t k = 0; k < 4; k++)
		strlist_add(r->arena, &cells, heads[k]);
	for (size_t k = 0; k < i->n_samples; k++) {
		const struct incident_sample *s = &i->samples[k];
		AUTO(buf) struct buf took = BUF_INIT(64), memory = BUF_INIT(64);

		num_put_duration(&took, s->took_ms);
		num_put_bytes(&memory, s->memory_bytes);
		strlist_add(r->arena, &cells, arena_printf(r->arena, "  %s", incidents_span(r->arena, i->at_epoch_s - s->at_epoch_s, " before")));
		strlist_add(r->arena, &cells, answer_text(r->arena, s));
		strlist_add(r->arena, &cells, s->status < 0 ? "-" : arena_str(r->arena, buf_str(&took)));
		strlist_add(r->arena, &cells, s->memory_bytes ? arena_str(r->arena, buf_str(&memory)) : "-");
	}
	if (i->n_samples == 0)
		return;
	term_printf(r->term, "\nLast looks at it\n");
	term_table(r->term, cells.v, 4, cells.n / 4);
}

/* As one cell of a table, which cleans it; a NUL byte would end it early. */
static const char *
log_cell(struct arena *a, struct str line)
{
	char *copy = arena_str(a, line);

	for (size_t k = 0; k < line.n; k++) {
		if (copy[k] == '\0')
			copy[k] = '?';
	}
	return arena_printf(a, "  %s", copy);
}

static void
show_log(struct run *r, const struct incident *i, bool is_full)
{
	size_t max = is_full ? INCIDENT_LOG_LINES : SHORT_LOG_LINES, n = 0;
	const char *newest_first[INCIDENT_LOG_LINES], *oldest_first[INCIDENT_LOG_LINES];
	struct str rest = i->log, line;

	while (n < max && incident_last_line(&rest, &line))
		newest_first[n++] = log_cell(r->arena, line);
	for (size_t k = 0; k < n; k++)
		oldest_first[k] = newest_first[n - 1 - k];
	if (n == 0) {
		term_printf(r->term, "\nIt had logged nothing.\n");
		return;
	}
	term_printf(r->term, "\nLast of its log\n");
	if (is_full && i->is_log_cut)
		term_printf(r->term, "  (older lines did not fit into the record)\n");
	term_table(r->term, oldest_first, 1, n);
	if (rest.n > 0)
		term_printf(r->term, "%s incidents show %llu --full shows more\n", r->cli->prog, (unsigned long long)i->number);
}

/* ---- the command ------------------------------------------------------------------------------------------- */

static int
number_of(struct run *r, const struct incident_ring *ring, uint64_t *ret, struct err *e)
{
	uint64_t numbers[INCIDENTS_MAX];
	struct err why = ERR_INIT;

	if (r->argc > 0) {
		if (num_u64(str_of(r->argv[0]), 1, SLOTS_SEQ_MAX, ret, &why) == 0)
			return 0;
		err_set(e, ERR_USAGE, "'%.40s' is not the number of an incident", r->argv[0]);
		return err_note(e, "try", "%s incidents", r->cli->prog);
	}
	if (incident_numbers(ring, numbers) == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no incident: none is recorded");
	*ret = numbers[0];
	return 0;
}

static int
incidents_show_run(struct run *r, struct err *e)
{
	const struct incidents_show_opts *o = r->opts;
	AUTO(incident_ring) struct incident_ring ring = INCIDENT_RING_INIT;
	AUTO(buf) struct buf out = BUF_INIT(4 * INCIDENT_BYTES_MAX);
	struct incident i;
	uint64_t number = 0;

	if (incidents_open(r, &ring, e) < 0 || number_of(r, &ring, &number, e) < 0 || incident_get(&ring, r->arena, number, &i, e) < 0)
		return -1;
	if (r->g->wants_json) {
		incident_emit(&i, 2, &out);
		buf_putc(&out, '\n');
		return occ_put_text(r, &out, "incident", e);
	}
	show_head(r, &i);
	show_samples(r, &i);
	show_log(r, &i, o->full);
	return 0;
}

static const char *const incidents_show_examples[] = {
	"incidents show", "the last one",
	"incidents show 7 --full", "number 7, with all its log lines",
	"incidents show 7 --json", "everything, for programs",
	NULL,
};

CMD(occ_incidents_show) = {
	.applet = "occ", .name = "incidents show", .group = "Service", .args = "[N]", .args_min = 0, .args_max = 1, .has_json = true,
	.brief = "show what is known of one incident",
	.about = "Cause and cure, how the container ended, what was at work then, the last looks at it and the end of its log. Known secrets are not in it. Without "
		"a number: the last one.",
	.examples = incidents_show_examples, .opts = incidents_show_opts, .opts_bytes = sizeof(struct incidents_show_opts), .run = incidents_show_run,
};

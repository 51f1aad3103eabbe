/* service_show.c - what the commands of `occ service` share */
#include "applets/occ/service_show.h"

#include <string.h>

#include "applets/occ/report.h"
#include "lib/proc/self.h"

int
service_look(struct run *r, struct service *s, struct unit_options *o, struct unit_state *ret, struct err *e)
{
	o->self = self_path(r->arena, e);
	return o->self ? unit_look(s, o, ret, e) : -1;
}

const char *
service_program(struct run *r, const struct unit_state *st)
{
	const char *scope = r->g->is_system ? " --system" : r->g->is_user ? " --user" : "";
	bool is_default = strcmp(st->in.instance, SCOPE_DEFAULT_INSTANCE) == 0;

	return arena_printf(r->arena, "%s%s%s%s", r->cli->prog, scope, is_default ? "" : " --instance ", is_default ? "" : st->in.instance);
}

static const char *
command_of(struct arena *a, const struct unit_step *step)
{
	AUTO(buf) struct buf line = BUF_INIT(4096);

	for (size_t i = 0; step->argv && step->argv[i]; i++)
		buf_printf(&line, "%s%s", i ? " " : "", step->argv[i]);
	return line.n ? arena_str(a, buf_str(&line)) : NULL;
}

static void
put_steps(struct run *r, struct jsonw *w, const struct unit_plan *p)
{
	jsonw_array(w, "steps");
	for (size_t i = 0; i < p->n; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "what", p->steps[i].label ? p->steps[i].label : "Manager");
		jsonw_str(w, "text", p->steps[i].text);
		jsonw_str(w, "file", p->steps[i].object);
		jsonw_str(w, "command", command_of(r->arena, &p->steps[i]));
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Those beside the watchdog's. */
static void
put_more(struct jsonw *w, const struct unit_state *st, bool wants_texts)
{
	jsonw_array(w, "more");
	for (int i = UNIT_WATCHDOG + 1; i < UNIT__PARTS; i++) {
		if (!st->unit[i].text)
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "unit", st->unit[i].name);
		jsonw_str(w, "path", st->unit[i].path);
		if (wants_texts)
			jsonw_str(w, "text", st->unit[i].text);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static int
as_json(struct run *r, const struct unit_state *st, bool wants_texts, bool is_changed, const struct unit_plan *p, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "unit", st->unit[UNIT_WATCHDOG].name);
	jsonw_str(&w, "path", st->unit[UNIT_WATCHDOG].path);
	jsonw_bool(&w, "changed", is_changed);
	if (wants_texts)
		jsonw_str(&w, "text", st->unit[UNIT_WATCHDOG].text);
	put_more(&w, st, wants_texts);
	put_steps(r, &w, p);
	return occ_put_json(r, &w, "plan", e);
}

int
service_show_plan(struct run *r, const struct unit_state *st, bool wants_texts, const struct unit_plan *p, struct err *e)
{
	if (r->g->wants_json)
		return as_json(r, st, wants_texts, false, p, e);
	for (int i = 0; wants_texts && i < UNIT__PARTS; i++)
		if (st->unit[i].text)
			term_printf(r->term, "%s:\n\n%s\n", st->unit[i].path, st->unit[i].text);
	if (st->no_manager)
		term_warn(r->term, r->cli->prog, "%s", st->no_manager);
	if (!p->n)
		term_printf(r->term, "Nothing to do.\n");
	for (size_t i = 0; i < p->n; i++) {
		const struct unit_step *step = &p->steps[i];
		const char *command = command_of(r->arena, step);

		term_printf(r->term, "%zu. %s%s%s%s%s\n", i + 1, step->label ? step->label : "Manager", ": ", step->text, command ? "   " : "", command ? command : "");
	}
	return 0;
}

int
service_apply(struct run *r, struct service *s, const struct unit_state *st, const struct unit_plan *p, const char *nothing, struct err *e)
{
	struct plan_report report = report_of(r);

	if (p->n && unit_apply(s, st, p, &report, e) < 0) {
		term_progress_end(r->term);
		return -1;
	}
	term_progress_end(r->term);
	if (r->g->wants_json)
		return as_json(r, st, false, p->n > 0, p, e);
	if (!p->n && !r->term->is_quiet)
		term_printf(r->term, "%s\n", nothing);
	return 0;
}

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

static int
as_json(struct run *r, const struct unit_state *st, const char *text, bool is_changed, const struct unit_plan *p, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OCC_TEXT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "unit", st->name);
	jsonw_str(&w, "path", st->path);
	jsonw_bool(&w, "changed", is_changed);
	if (text)
		jsonw_str(&w, "text", text);
	put_steps(r, &w, p);
	return occ_put_json(r, &w, "plan", e);
}

int
service_show_plan(struct run *r, const struct unit_state *st, const char *text, const struct unit_plan *p, struct err *e)
{
	if (r->g->wants_json)
		return as_json(r, st, text, false, p, e);
	if (text)
		term_printf(r->term, "%s:\n\n%s\n", st->path, text);
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
		return as_json(r, st, NULL, p->n > 0, p, e);
	if (!p->n && !r->term->is_quiet)
		term_printf(r->term, "%s\n", nothing);
	return 0;
}

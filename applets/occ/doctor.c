/* occ doctor: what is wrong, and the command that mends it */
#include "applets/occ/doctor.h"

#include <string.h>

#include "lib/base/mem.h"

#define OUT_MAX (1u << 18)
#define EXIT_WRONG 1

struct doctor_opts {
	bool all, fix, network, bundle;
};

static const struct opt doctor_opts[] = {
	FLAG(struct doctor_opts, all, 'a', "all", "also tell what is well, and what was not looked at"),
	FLAG(struct doctor_opts, fix, 0, "fix", "mend what can be mended without asking"),
	FLAG(struct doctor_opts, network, 0, "network", "also what needs the network: names, the cloud's metadata"),
	FLAG(struct doctor_opts, bundle, 0, "bundle", "write an archive for who helps, without secrets; -: a pipe"),
	OPT_LAST,
};

static const char *const doctor_examples[] = {
	"doctor", "only what is wrong; exit code 1 then",
	"doctor --all --network", "everything that was looked at",
	NULL,
};

/* ---- findings ---- */

static void PRINTF_LIKE(5, 0)
vfind(struct doctor *d, struct doctor_finding *f, enum doctor_verdict verdict, const char *fix, const char *fmt, va_list ap)
{
	AUTO(buf) struct buf text = BUF_INIT(4096);

	buf_vprintf(&text, fmt, ap);
	f->verdict = verdict;
	f->text = arena_str(d->r->arena, buf_str(&text));
	f->fix = fix ? arena_strdup(d->r->arena, fix) : NULL;
}

void
doctor_fine(struct doctor *d, struct doctor_finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfind(d, f, DOCTOR_FINE, NULL, fmt, ap);
	va_end(ap);
}

void
doctor_odd(struct doctor *d, struct doctor_finding *f, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfind(d, f, DOCTOR_ODD, fix, fmt, ap);
	va_end(ap);
}

void
doctor_wrong(struct doctor *d, struct doctor_finding *f, const char *fix, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfind(d, f, DOCTOR_WRONG, fix, fmt, ap);
	va_end(ap);
}

void
doctor_error(struct doctor *d, struct doctor_finding *f, const struct err *e)
{
	const char *fix = NULL;

	for (size_t i = 0; i < e->n_notes && !fix; i++) {
		if (strcmp(e->notes[i].label, "try") == 0)
			fix = e->notes[i].text;
	}
	doctor_wrong(d, f, fix, "%s", e->msg);
}

/* ---- looking ---- */

struct tally {
	size_t n[4];			/* by verdict */
	size_t n_mended;
};

static const char *
why_skipped(const struct doctor *d, unsigned needs)
{
	static const struct {
		unsigned bit;
		const char *why;
	} rows[] = { { DOCTOR_SETTINGS, "the settings cannot be read" }, { DOCTOR_ENGINE, "there is no engine" }, { DOCTOR_CREDENTIALS, "there is no password yet" },
		{ DOCTOR_CONTAINER, "there is no container" }, { DOCTOR_RUNNING, "it does not run" }, { DOCTOR_LOCAL, "the engine is another machine's" },
		{ DOCTOR_NETWORK, "--network asks for it" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (needs & ~d->has & rows[i].bit)
			return rows[i].why;
	}
	return NULL;
}

static void
show(struct run *r, const struct doctor_check *c, const struct doctor_finding *f, bool is_mended)
{
	static const struct {
		const char *word;
		enum term_style style;
	} rows[] = { [DOCTOR_FINE] = { "ok", TERM_GREEN }, [DOCTOR_ODD] = { "note", TERM_YELLOW }, [DOCTOR_WRONG] = { "WRONG", TERM_RED }, [DOCTOR_SKIPPED] = { "skip", TERM_DIM } };
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);

	term_paint(r->term, rows[f->verdict].style, str_of(rows[f->verdict].word), &out);
	buf_printf(&out, "%*s%-13s %s\n", (int)(6 - strlen(rows[f->verdict].word)), "", c->name, f->text && f->text[0] ? f->text : c->what);
	if (f->fix) {
		buf_printf(&out, "      %s  ", is_mended ? "mended by" : "mend it");
		term_put_called(str_of(f->fix), r->cli->prog, &out);
		buf_puts(&out, "\n");
	}
	term_put(r->term, buf_str(&out));
}

static void
put_json(struct jsonw *w, const struct doctor_check *c, const struct doctor_finding *f, bool is_mended)
{
	static const char *const words[] = { [DOCTOR_FINE] = "ok", [DOCTOR_ODD] = "note", [DOCTOR_WRONG] = "wrong", [DOCTOR_SKIPPED] = "skipped" };

	jsonw_object(w, NULL);
	jsonw_str(w, "check", c->name);
	jsonw_str(w, "verdict", words[f->verdict]);
	jsonw_str(w, "text", f->text);
	jsonw_str(w, "fix", f->fix);
	jsonw_bool(w, "mended", is_mended);
	jsonw_end(w);
}

static void
look(struct doctor *d, const struct doctor_check *c, struct tally *t, struct jsonw *w)
{
	const struct doctor_opts *o = d->r->opts;
	struct doctor_finding f = { .verdict = DOCTOR_FINE };
	struct err e = ERR_INIT;
	bool is_mended = false;
	const char *why = why_skipped(d, c->needs);

	if (why)
		f = (struct doctor_finding){ .verdict = DOCTOR_SKIPPED, .text = arena_printf(d->r->arena, "%s: %s", c->what, why) };
	else
		c->look(d, &f);
	if (o->fix && c->mend && (f.verdict == DOCTOR_WRONG || f.verdict == DOCTOR_ODD)) {
		is_mended = c->mend(d, &e) == 0;
		if (!is_mended)
			term_warn(d->r->term, d->r->cli->prog, "%s: %s", c->name, e.msg);
	}
	t->n[f.verdict]++;
	t->n_mended += is_mended;
	if (w)
		put_json(w, c, &f, is_mended);
	else if (o->all || f.verdict == DOCTOR_WRONG || f.verdict == DOCTOR_ODD)
		show(d->r, c, &f, is_mended);
}

static void
look_all(struct doctor *d, struct tally *t, struct jsonw *w)
{
	static const struct doctor_check *const lists[] = { doctor_host_checks, doctor_engine_checks, doctor_service_checks };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		for (const struct doctor_check *c = lists[i]; c->name; c++)
			look(d, c, t, w);
	}
}

/* Where the bundle goes; NULL without one. */
static int
bundle_path(struct doctor *d, const char **ret, struct err *e)
{
	const struct doctor_opts *o = d->r->opts;

	*ret = NULL;
	if (o->bundle)
		return doctor_bundle_path(d, ret, e);
	if (d->r->argc == 0)
		return 0;
	err_set(e, ERR_USAGE, "%s takes no arguments, and %d %s given", d->r->cmd->name, 1, "was");
	return err_note(e, "try", DOCTOR_BUNDLE_TRY, d->r->cli->prog);
}

static int
doctor_run(struct run *r, struct err *e)
{
	const struct doctor_opts *o = r->opts;
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct doctor d = { .r = r, .has = o->network ? DOCTOR_NETWORK : 0, .s = { .engine = ENGINE_INIT } };
	struct tally t = { .n_mended = 0 };
	const char *path;
	int done = 0;

	if (occ_scope(r, &d.scope, e) < 0 || bundle_path(&d, &path, e) < 0)
		return -1;
	credentials_init(&d.credentials);
	jsonw_array(&w, NULL);
	look_all(&d, &t, r->g->wants_json || path ? &w : NULL);
	if (path) {
		jsonw_end(&w);
		buf_putc(&out, '\n');
		done = buf_check(&out, "the findings", e) < 0 ? -1 : doctor_bundle(&d, path, buf_str(&out), e);
	}
	service_auto(&d.s);
	credentials_auto(&d.credentials);
	if (path)
		return done;
	size_t n_wrong = t.n[DOCTOR_WRONG] + t.n[DOCTOR_ODD];
	if (r->g->wants_json && occ_put_json(r, &w, "the findings", e) < 0)
		return -1;
	if (!r->g->wants_json && !r->term->is_quiet)
		term_printf(r->term, "%zu checks passed, %zu wrong, %zu notes, %zu not looked at%s\n", t.n[DOCTOR_FINE], t.n[DOCTOR_WRONG], t.n[DOCTOR_ODD], t.n[DOCTOR_SKIPPED],
		    t.n_mended ? arena_printf(r->arena, "; %zu of %zu mended", t.n_mended, n_wrong) : "");
	return t.n[DOCTOR_WRONG] > 0 && t.n_mended < n_wrong ? EXIT_WRONG : 0;
}

CMD(occ_doctor) = {
	.applet = "occ", .name = "doctor", .group = "Service", .args = "[FILE]", .args_max = 1, .has_json = true,
	.brief = "find what is wrong, and the command that mends it",
	.about = "Looks at this machine, the engine, the image, the container, opencode in it, files, units and certificates. Tells only what is wrong, with the command that mends it, and how "
		 "many checks passed. Changes nothing without --fix. Exit code 1 when something is wrong. With --bundle all goes into an archive, with settings and log, without secrets.",
	.examples = doctor_examples, .opts = doctor_opts, .opts_bytes = sizeof(struct doctor_opts), .run = doctor_run,
};

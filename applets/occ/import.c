/* occ import: an opencode that was used without a container goes on in one */
#include "lib/deploy/import.h"

#include "applets/occ/common.h"
#include "applets/occ/report.h"
#include "lib/base/num.h"
#include "lib/base/path.h"

#define OUT_MAX 65536

struct import_opts {
	const char *from;
	bool dry_run, yes;
};

static const struct opt import_opts[] = {
	STR(struct import_opts, from, 0, "from", "DIR", "another home than yours"),
	FLAG(struct import_opts, dry_run, 'n', "dry-run", "show what would be copied; change nothing"),
	FLAG(struct import_opts, yes, 'y', "yes", "do not ask"),
	OPT_LAST,
};

static const char *
size_of(struct run *r, const struct import_seen *seen)
{
	AUTO(buf) struct buf text = BUF_INIT(64);

	num_put_bytes(&text, seen->n_bytes);
	return arena_printf(r->arena, "%llu files, %s", (unsigned long long)seen->n_files, text.p);
}

static void
show(struct run *r, const struct service *s, const struct import_source *src, const struct import_seen *seen)
{
	term_row(r->term, "Import", "%s, into the new instance %s", size_of(r, seen), s->scope.instance);
	for (unsigned i = 0; i < IMPORT__N; i++) {
		if (seen->is_there[i])
			term_item(r->term, "from", "%s", path_tilde(r->arena, src->dirs[i].path, s->scope.home));
	}
	for (size_t i = 0; i < seen->left_out.n; i++)
		term_item(r->term, "without", "%s", path_tilde(r->arena, seen->left_out.v[i], s->scope.home));
}

static int
agree(struct run *r, struct err *e)
{
	const struct import_opts *o = r->opts;
	bool is_yes = o->yes;

	if (!is_yes && term_confirm(r->term, "Copy it (the original stays as it is)", true, "--yes", &is_yes, e) < 0)
		return -1;
	return is_yes ? 0 : err_set(e, ERR_INTERRUPTED, "nothing was imported");
}

static int
report_json(struct run *r, const struct import_source *src, const struct import_result *res, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "changed", res->version != NULL);
	jsonw_str(&w, "from", src->dirs[IMPORT_DATA].path);
	jsonw_int(&w, "files", (int64_t)res->seen.n_files);
	jsonw_int(&w, "bytes", (int64_t)res->seen.n_bytes);
	jsonw_strings(&w, "left_out", res->seen.left_out.v);
	if (res->version) {
		jsonw_int(&w, "sessions", res->n_sessions);
		jsonw_str(&w, "opencode", res->version);
		jsonw_raw(&w, "absent", res->absent->raw);
	}
	return occ_put_json(r, &w, "the report", e);
}

static int
report(struct run *r, const struct import_result *res)
{
	const char *prog = r->cli->prog, *first = json_str(json_at(res->absent, 0), NULL);

	term_row(r->term, "Imported", "%lld sessions: opencode %s runs on them", (long long)res->n_sessions, res->version);
	if (first)
		term_row(r->term, "Projects", "%zu directories of sessions are not in the container, as %s: %s mount add %s:%s", res->absent->n, first, prog, first, first);
	term_row(r->term, "Next", "%s start", prog);
	return 0;
}

static int
import_command_run(struct run *r, struct err *e)
{
	const struct import_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	const struct import_visit only_look = { .entry = NULL };
	const struct plan_report shown = report_of(r);
	struct import_result result = { .version = NULL };
	struct import_source src;

	if (occ_connect(r, &s, e) < 0 || import_source_find(r->arena, &s.rq.scope, o->from, &src, e) < 0 || import_check_new(&s, e) < 0 ||
	    import_source_walk(r->arena, &src, &only_look, &result.seen, e) < 0)
		return -1;
	show(r, &s, &src, &result.seen);
	if (!o->dry_run) {
		int done = agree(r, e) < 0 ? -1 : import_run(&s, &src, &shown, &result, e);

		term_progress_end(r->term);
		if (done < 0)
			return -1;
	}
	if (r->g->wants_json)
		return report_json(r, &src, &result, e);
	return o->dry_run ? 0 : report(r, &result);
}

CMD(occ_import) = {
	.applet = "occ", .name = "import", .group = "Service", .args = "", .has_json = true,
	.brief = "copy a standalone opencode of yours into a new instance",
	.about = "Sessions, provider logins and configuration from your home, or where XDG_DATA_HOME and the like say. End that opencode first; it stays as it is. The copy stays when "
		 "opencode lists as many sessions on it.",
	.opts = import_opts, .opts_bytes = sizeof(struct import_opts), .run = import_command_run,
};

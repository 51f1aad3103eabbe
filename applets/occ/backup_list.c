/* occ backup list, prune: the files in the backups' directory */
#include "applets/occ/backup.h"
#include "lib/base/clock.h"
#include "lib/base/num.h"
#include "lib/base/path.h"

#define OUT_MAX (1u << 20)
#define COLUMNS 3

/* ---- list ---- */

static int
list_json(struct run *r, const struct backup_file *v, size_t n, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_array(&w, NULL);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf created = BUF_INIT(64);

		clock_put_rfc3339(&created, v[i].created_epoch_s);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "file", v[i].path);
		jsonw_text(&w, "created", buf_str(&created));
		jsonw_int(&w, "packed_bytes", (int64_t)v[i].n_bytes);
		jsonw_end(&w);
	}
	return occ_put_json(r, &w, "the list", e);
}

static int
backup_list_run(struct run *r, struct err *e)
{
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct strlist cells = { .v = NULL };
	struct backup_file *v;
	size_t n;

	if (occ_open(r, &s, e) < 0 || backup_list(&s, &v, &n, e) < 0)
		return -1;
	if (r->g->wants_json)
		return list_json(r, v, n, e);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) struct buf age = BUF_INIT(64), size = BUF_INIT(64);

		num_put_duration(&age, (clock_epoch_s() - v[i].created_epoch_s) * 1000);
		num_put_bytes(&size, v[i].n_bytes);
		strlist_add(r->arena, &cells, v[i].name);
		strlist_add(r->arena, &cells, arena_str(r->arena, buf_str(&size)));
		strlist_add(r->arena, &cells, arena_printf(r->arena, "%s ago", age.p));
	}
	if (n == 0)
		term_row(r->term, "Backups", "none in %s", path_tilde(r->arena, s.scope.backups_dir, s.scope.home));
	else
		term_table(r->term, cells.v, COLUMNS, n);
	return 0;
}

CMD(occ_backup_list) = {
	.applet = "occ", .name = "backup list", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "list the backups of this instance, newest first",
	.about = "Those in the backups' directory (~/.local/share/opencode-cloud/backups; /var/lib/opencode-cloud/backups with --system).",
	.run = backup_list_run,
};

/* ---- prune ---- */

struct prune_opts {
	int64_t keep;
};

static const struct opt prune_opts[] = {
	UINT(struct prune_opts, keep, 'k', "keep", "N", 1, 100000, "how many stay"),
	OPT_LAST,
};

static int
backup_prune_run(struct run *r, struct err *e)
{
	const struct prune_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(buf) struct buf out = BUF_INIT(OUT_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct strlist removed = { .v = NULL };

	if (o->keep < 0) {
		err_set(e, ERR_USAGE, "how many backups shall stay?");
		return err_note(e, "try", "%s backup prune --keep 7", r->cli->prog);
	}
	if (occ_open(r, &s, e) < 0 || backup_prune(&s, (size_t)o->keep, &removed, e) < 0)
		return -1;
	if (r->g->wants_json) {
		jsonw_array(&w, NULL);
		for (size_t i = 0; i < removed.n; i++)
			jsonw_str(&w, NULL, removed.v[i]);
		return occ_put_json(r, &w, "the list", e);
	}
	for (size_t i = 0; i < removed.n; i++)
		term_row(r->term, "Removed", "%s", removed.v[i]);
	if (removed.n == 0)
		term_row(r->term, "Backups", "nothing to do: there are no more than %lld", (long long)o->keep);
	return 0;
}

CMD(occ_backup_prune) = {
	.applet = "occ", .name = "backup prune", .group = "Service", .args = "", .args_max = 0, .has_json = true,
	.brief = "remove all but the newest backups",
	.about = "Of this instance, and in the backups' directory only.",
	.opts = prune_opts, .opts_bytes = sizeof(struct prune_opts), .run = backup_prune_run,
};

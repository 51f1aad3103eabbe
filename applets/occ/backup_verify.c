/* occ backup verify: is it whole, and does opencode run on it? */
#include "applets/occ/backup.h"
#include "applets/occ/backup_key.h"
#include "applets/occ/report.h"
#include "lib/base/path.h"
#include "lib/deploy/backup_round.h"

struct verify_opts {
	bool quick;
	struct backup_key_opts key;
};

static const struct opt verify_opts[] = {
	FLAG(struct verify_opts, quick, 0, "checksums-only", "read it and compare, start nothing"),
	BACKUP_KEY_OPTS(struct verify_opts, key),
	OPT_LAST,
};

static const char *const verify_examples[] = {
	"backup verify", "the newest one",
	"backup verify FILE --checksums-only", "without an engine",
	NULL,
};

static int
report(struct run *r, const struct restore_proof *p, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(1024), out = BUF_INIT(4096);
	struct jsonw w = JSONW_INIT(&out, 2);

	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		backup_put_json(&w, &p->backup);
		jsonw_str(&w, "answered", p->version);
		jsonw_int(&w, "sessions_listed", p->n_sessions);
		return occ_put_json(r, &w, "the report", e);
	}
	backup_put_contents(&p->backup, &text);
	term_row(r->term, "Backup", "%s", text.p);
	term_row(r->term, "Whole", "every entry is as it was saved");
	if (p->version)
		term_row(r->term, "Proved", "opencode %s runs on it and lists %lld session%s", p->version, (long long)p->n_sessions, p->n_sessions == 1 ? "" : "s");
	return 0;
}

/* A pipe will do: it is read once. */
static int
check(struct service *s, const char *path, struct age_keys *keys, const struct plan_report *shown, struct restore_proof *ret, struct err *e)
{
	AUTO(backup_input) struct backup_input in = BACKUP_INPUT_INIT;

	return backup_input_open(&in, path, false, keys, shown, e) < 0 ? -1 : backup_check(s, &in, &ret->backup, e);
}

static int
backup_verify_run(struct run *r, struct err *e)
{
	const struct verify_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	AUTO(backup_unlock) struct backup_unlock unlock = { .r = r };
	const struct plan_report shown = report_of(r);
	struct restore_proof proof = { .n_sessions = -1 };
	const char *path;

	if (occ_open(r, &s, e) < 0 || backup_find(&s, r->argc > 0 ? r->argv[0] : "latest", &path, e) < 0 || backup_unlock_open(&unlock, r, &s, &o->key, e) < 0)
		return -1;
	int done = o->quick ? check(&s, path, &unlock.keys.age, &shown, &proof, e) : restore_prove(&s, path, &unlock.keys.age, &shown, &proof, e);
	term_progress_end(r->term);
	if (proof.left)
		term_warn(r->term, r->cli->prog, "something of it is left: %s", proof.left);
	if (done == 0 && !o->quick)
		backup_round_proved(&s);
	return done < 0 ? -1 : report(r, &proof, e);
}

CMD(occ_backup_verify) = {
	.applet = "occ", .name = "backup verify", .group = "Service", .args = "[FILE]", .args_max = 1, .has_json = true,
	.brief = "prove a backup by restoring it beside the service",
	.about = "Reads all of it and compares every entry with its checksum; then puts it into volumes of its own, starts opencode on them where nobody else reaches it, and asks for "
		 "the sessions. All of that is removed again; the service is not touched. Without FILE it is the newest one.",
	.examples = verify_examples, .opts = verify_opts, .opts_bytes = sizeof(struct verify_opts), .run = backup_verify_run,
};

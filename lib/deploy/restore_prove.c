/* restore_prove.c - a backup in volumes of its own, and opencode asked there */
#include "lib/base/cancel.h"
#include "lib/deploy/beside.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/restore.h"
#include "lib/engine/object.h"

struct prove {
	struct beside b;
	const struct plan_report *report;
	struct restore_proof *result;
};

static void
progress(const struct prove *p, const char *text)
{
	if (p->report->progress)
		p->report->progress(p->report->ctx, "Backup", text);
}

static int
make_volumes(struct prove *p, struct err *e)
{
	struct service *t = &p->b.there;
	const char *const *labels = spec_object_labels(t->arena, &p->b.spec);
	bool is_made;

	if (volume_ensure(&t->engine, t->arena, t->names.home_volume, labels, &is_made, e) < 0)
		return -1;
	return volume_ensure(&t->engine, t->arena, t->names.workspace_volume, labels, &is_made, e);
}

static int
ask(struct prove *p, struct err *e)
{
	const struct backup_head *head = &p->result->backup.head;

	if (beside_ask(&p->b, &p->result->version, &p->result->n_sessions, e) < 0)
		return -1;
	if (p->result->n_sessions == 0 && (head->n_sessions > 0 || head->fault[0]))
		return err_set(e, ERR_UNHEALTHY, "opencode on the restored data knows no session, and the backup has %lld", (long long)head->n_sessions);
	return 0;
}

static int
prove(struct prove *p, struct backup_input *in, struct err *e)
{
	const struct restore_wish w = { .spec = &p->b.spec, .has_workspace = p->result->backup.head.has_workspace };

	if (make_volumes(p, e) < 0 || restore_fill(&p->b.there, &w, in, e) < 0)
		return -1;
	progress(p, "opencode starts on it");
	return ask(p, e) < 0 ? err_wrap(e, "an instance on the restored data") : 0;
}

int
restore_prove(struct service *s, const char *path, struct age_keys *keys, const struct plan_report *report, struct restore_proof *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct prove p = { .report = report, .result = ret };
	AUTO(backup_input) struct backup_input in = BACKUP_INPUT_INIT;
	struct err left = ERR_INIT;
	const char *image;

	*ret = (struct restore_proof){ .n_sessions = -1 };
	if (backup_input_open(&in, path, true, keys, report, e) < 0 || backup_check(s, &in, &ret->backup, e) < 0)
		return -1;
	if (helper_lock(&lock, s, "backup verify", e) < 0 || service_connect(s, e) < 0)
		return -1;
	image = helper_image(s, report, e);
	if (!image || beside_open(&p.b, s, image, true, e) < 0)
		return -1;
	int r = beside_remove(&p.b, 2, e) < 0 ? -1 : prove(&p, &in, e);
	cancel_hold();
	if (beside_remove(&p.b, 2, &left) < 0)
		ret->left = arena_strdup(s->arena, left.msg);
	cancel_release();
	beside_close(&p.b, s);
	return r;
}

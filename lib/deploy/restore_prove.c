/* restore_prove.c - a backup in volumes of its own, and opencode asked there */
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/restore.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/spec.h"
#include "lib/engine/object.h"
#include "lib/json/json.h"

#define START_MS 60000
#define ASK_MS 30000
#define ANSWER_MAX (64u << 20)
#define SESSIONS "/experimental/session?limit=1000000"

/* The instance as it is, under other names, reached by nobody but by exec. */
struct prove {
	struct service there;
	struct spec_input spec;
	const struct plan_report *report;
	struct restore_proof *result;
};

static void
progress(const struct prove *p, const char *text)
{
	if (p->report->progress)
		p->report->progress(p->report->ctx, "Backup", text);
}

static void
rename_all(struct prove *p, const struct service *s)
{
	struct service *t = &p->there;
	struct arena *a = s->arena;

	*t = *s;
	t->is_remote = true;
	t->names.container = arena_printf(a, "%s.verify", s->names.container);
	t->names.next_container = arena_printf(a, "%s.verify.next", s->names.container);
	t->names.network = arena_printf(a, "%s.verify", s->names.network);
	t->names.home_volume = arena_printf(a, "%s.verify", s->names.home_volume);
	t->names.workspace_volume = arena_printf(a, "%s.verify", s->names.workspace_volume);
	t->config.server.bind = "127.0.0.1";
	t->config.server.port = 0;		/* whatever is free: nobody asks there */
	t->config.container.ports.n = t->config.container.mounts.n = 0;
	t->config.container.restart = "no";
	t->config.edge.mode = "off";
}

static int
make_volumes(struct prove *p, struct err *e)
{
	struct service *t = &p->there;
	const char *const *labels = spec_object_labels(t->arena, &p->spec);
	bool is_made;

	if (volume_ensure(&t->engine, t->arena, t->names.home_volume, labels, &is_made, e) < 0 ||
	    volume_ensure(&t->engine, t->arena, t->names.workspace_volume, labels, &is_made, e) < 0)
		return -1;
	return network_ensure(&t->engine, t->arena, t->names.network, labels, &is_made, e);
}

static void
remove_all(struct prove *p)
{
	struct service *t = &p->there;
	struct err e = ERR_INIT;

	cancel_hold();
	if (container_remove(&t->engine, t->names.container, true, &e) < 0 || volume_remove(&t->engine, t->names.home_volume, &e) < 0 ||
	    volume_remove(&t->engine, t->names.workspace_volume, &e) < 0 || network_remove(&t->engine, t->names.network, &e) < 0)
		log_line("verify: something is left behind: %s", e.msg);
	cancel_release();
}

/* ---- the container ---- */

static int
ask(struct prove *p, const struct container *c, const struct credentials *cr, struct err *e)
{
	AUTO(buf) struct buf answer = BUF_INIT(ANSWER_MAX);
	int status = vantage_http_inside(&p->there, c, SESSIONS, cr, &answer, clock_due_ms(ASK_MS), e);

	if (status < 0)
		return -1;
	const struct json *list = status == 200 ? json_parse(p->there.arena, buf_str(&answer), e) : NULL;
	if (!list || list->type != JSON_ARRAY)
		return err_set(e, ERR_UNHEALTHY, "opencode on the restored data does not list its sessions (status %d)", status);
	p->result->n_sessions = (int64_t)list->n;
	if (list->n == 0 && p->result->backup.head.n_sessions > 0)
		return err_set(e, ERR_UNHEALTHY, "opencode on the restored data knows no session, and the backup has %lld", (long long)p->result->backup.head.n_sessions);
	return 0;
}

static int
start(struct prove *p, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(SPEC_BODY_MAX);
	AUTO(credentials) struct credentials cr;
	struct service *t = &p->there;
	struct container c;
	const char *id;

	credentials_init(&cr);
	if (credentials_generate_password(&cr, e) < 0 || spec_put_body(t->arena, &p->spec, &body, e) < 0 ||
	    container_create(&t->engine, t->arena, t->names.container, buf_str(&body), &id, e) < 0)
		return -1;
	if (container_inspect(&t->engine, t->arena, id, &c, e) < 0 || secret_file_put(t, &c, &cr, e) < 0 ||
	    container_start(&t->engine, id, clock_due_ms(START_MS), e) < 0 || container_inspect(&t->engine, t->arena, id, &c, e) < 0)
		return -1;
	if (ready_wait(t, &c, &cr, clock_due_ms(READY_START_MS), &p->result->version, e) < 0)
		return -1;
	return ask(p, &c, &cr, e);
}

static int
prove(struct prove *p, const char *path, struct err *e)
{
	bool has_workspace = p->result->backup.head.has_workspace;

	if (make_volumes(p, e) < 0)
		return -1;
	if (restore_fill(&p->there, &p->spec, path, has_workspace, p->report, e) < 0)
		return -1;
	progress(p, "opencode starts on it");
	return start(p, e) < 0 ? err_wrap(e, "an instance on the restored data") : 0;
}

/* With the image of the instance's container where there is one: it is there. */
static int
find_image(struct service *s, const char **ret, struct err *e)
{
	struct container c;
	int there = service_container(s, &c, e);

	*ret = there > 0 ? c.image_id : image_source_ref(s);
	return there < 0 ? -1 : 0;
}

int
restore_prove(struct service *s, const char *path, const struct plan_report *report, struct restore_proof *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct prove p = { .report = report, .result = ret };
	const char *image;

	*ret = (struct restore_proof){ .n_sessions = -1 };
	if (backup_check(s, path, report, &ret->backup, e) < 0)
		return -1;
	if (helper_lock(&lock, s, "backup verify", e) < 0 || service_connect(s, e) < 0 || find_image(s, &image, e) < 0)
		return -1;
	rename_all(&p, s);		/* its engine's connection too, until the end */
	if (spec_input_of(&p.there, &p.spec, e) < 0)
		return -1;
	p.spec.image = image;
	p.spec.is_beside = true;
	remove_all(&p);			/* of one that was killed */
	int r = prove(&p, path, e);
	remove_all(&p);
	s->engine = p.there.engine;
	return r;
}

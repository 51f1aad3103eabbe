/* restore_prove.c - a backup in volumes of its own, and opencode asked there */
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/restore.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/spec.h"
#include "lib/engine/object.h"
#include "lib/json/json.h"

#define START_MS 60000
#define ASK_MS 30000
#define ANSWER_MAX (32u << 20)
#define MEMORY_BYTES (1ull << 30)
#define SESSIONS "/experimental/session?limit=10000"

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

/* Only what is ours: of a verification that was killed, or of this one. */
static int
remove_all(struct prove *p, struct err *e)
{
	struct service *t = &p->there;
	const char *volumes[] = { t->names.home_volume, t->names.workspace_volume };
	struct container c;
	int there = service_container(t, &c, e);

	if (there < 0 || (there && container_remove(&t->engine, c.id, true, e) < 0))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(volumes); i++) {
		there = observe_volume(t, volumes[i], e);
		if (there < 0 || (there && volume_remove(&t->engine, volumes[i], e) < 0))
			return -1;
	}
	return network_remove(&t->engine, t->names.network, e);
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
	if (list->n == 0 && (p->result->backup.head.n_sessions > 0 || p->result->backup.head.fault[0]))
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
prove(struct prove *p, struct backup_input *in, struct err *e)
{
	const struct restore_wish w = { .spec = &p->spec, .has_workspace = p->result->backup.head.has_workspace };

	if (make_volumes(p, e) < 0)
		return -1;
	if (restore_fill(&p->there, &w, in, e) < 0)
		return -1;
	progress(p, "opencode starts on it");
	return start(p, e) < 0 ? err_wrap(e, "an instance on the restored data") : 0;
}

/* The service's own share of the memory is not touched. */
static int
limit_memory(struct prove *p, struct service *s, struct err *e)
{
	struct config *c = &p->there.config;

	if (build_check(s, e) < 0)
		return err_wrap(e, "a second opencode, to try the backup");
	if (c->container.memory == 0 || c->container.memory > MEMORY_BYTES)
		c->container.memory = MEMORY_BYTES;
	return 0;
}

int
restore_prove(struct service *s, const char *path, const struct plan_report *report, struct restore_proof *ret, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	struct prove p = { .report = report, .result = ret };
	AUTO(backup_input) struct backup_input in = BACKUP_INPUT_INIT;
	struct err left = ERR_INIT;
	const char *image;

	*ret = (struct restore_proof){ .n_sessions = -1 };
	if (backup_input_open(&in, path, true, report, e) < 0 || backup_check(s, &in, &ret->backup, e) < 0)
		return -1;
	if (helper_lock(&lock, s, "backup verify", e) < 0 || service_connect(s, e) < 0)
		return -1;
	image = helper_image(s, report, e);
	if (!image)
		return -1;
	rename_all(&p, s);		/* its engine's connection too, until the end */
	if (spec_input_of(&p.there, &p.spec, e) < 0 || limit_memory(&p, s, e) < 0)
		return -1;
	p.spec.image = image;
	p.spec.is_beside = true;
	int r = remove_all(&p, e) < 0 ? -1 : prove(&p, &in, e);
	cancel_hold();
	if (remove_all(&p, &left) < 0)
		ret->left = arena_strdup(s->arena, left.msg);
	cancel_release();
	s->engine = p.there.engine;
	return r;
}

/* update_prove.c - is the new one as good as the old one? */
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/tail.h"
#include "lib/deploy/update.h"
#include "lib/deploy/vantage.h"
#include "lib/engine/exec.h"

#define ASK_MS 10000
#define PAGE_MAX (4u << 20)
#define LOOK_MS 1000
#define FAULTS_MAX 3		/* questions without an answer, one after another */
#define EVENTS_S 5
#define EVENT_MS 15000

int
update_prove_answer(struct service *s, const struct container *c, const char *version, const char *expected, const struct credentials *cr, struct err *e)
{
	AUTO(buf) struct buf page = BUF_INIT(PAGE_MAX);

	if (expected[0] && !str_is(str_of(version), expected))
		return err_set(e, ERR_UNHEALTHY, "the image is labelled opencode %s, and what runs in it says %s", expected, version);
	int status = vantage_http(s, c, "GET", "/", STR_NULL, cr, &page, clock_due_ms(ASK_MS), e);
	if (status < 0) {
		err_wrap(e, "the page for browsers");
		return tail_explain_failure(s, c, e);
	}
	if (status != 200 || str_find(buf_str(&page), STR_LIT("<html")) == STR_NONE)
		return err_set(e, ERR_UNHEALTHY, "opencode %s answers, but has no page for browsers (status %d)", version, status);
	return 0;
}

/* Its stream of events begins with one; asked inside, for it does not end. */
static int
prove_events(struct service *s, const struct container *c, const struct credentials *cr, struct err *e)
{
	static const char *const argv[] = { "sh", "-c", "curl -q -sSN --noproxy '*' -K - 2>/dev/null | head -c 5", NULL };
	const struct exec_spec spec = { .argv = argv, .has_stdin = true };
	AUTO(buf) struct buf said = BUF_INIT(256);
	struct buf options = BUF_SECRET_INIT(4096);
	int exit_code = 0;

	vantage_put_curl(vantage_user(s, c), "/global/event", vantage_password(c, cr), EVENTS_S, &options);
	int r = exec_capture(&s->engine, s->arena, c->id, &spec, buf_str(&options), &said, NULL, clock_due_ms(EVENT_MS), &exit_code, e);
	buf_wipe(&options);
	if (r < 0)
		return -1;
	return str_is(buf_str(&said), "data:") ? 0 : err_set(e, ERR_UNHEALTHY, "opencode answers, but sends no events");
}

static int
still_runs(struct service *s, const struct container *c, struct err *e)
{
	struct container now;

	if (container_inspect(&s->engine, s->arena, c->id, &now, e) < 0)
		return -1;
	if (now.state != CONTAINER_RUNNING)
		return tail_explain_exit(s, &now, e);
	if (now.started_epoch_s != c->started_epoch_s || now.restarts != c->restarts)
		return err_set(e, ERR_UNHEALTHY, "opencode ended and was started again");
	return 0;
}

static int
lasts(struct service *s, const struct container *c, unsigned watch_s, const struct credentials *cr, struct err *e)
{
	unsigned n_faults = 0;
	const char *version;

	if (watch_s > 0 && prove_events(s, c, cr, e) < 0)
		return tail_explain_failure(s, c, e);
	int64_t due_ms = clock_due_ms((int64_t)watch_s * 1000);
	while (clock_now_ms() < due_ms) {
		err_clear(e);
		if (fd_wait_many(NULL, 0, clock_due_ms(LOOK_MS), e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
		err_clear(e);
		if (still_runs(s, c, e) < 0)
			return -1;
		n_faults = ready_once(s, c, cr, clock_due_ms(READY_ONCE_MS), &version, e) < 0 ? n_faults + 1 : 0;
		if (n_faults == FAULTS_MAX || (n_faults > 0 && e->code == ERR_INTERRUPTED))
			return err_wrap(e, "it answered at first");
	}
	err_clear(e);
	return 0;
}

/* Who is in a hurry has it: it has answered everything. */
int
update_prove_lasts(struct service *s, const struct container *c, unsigned watch_s, const struct credentials *cr, struct err *e)
{
	if (lasts(s, c, watch_s, cr, e) == 0)
		return 0;
	if (e->code != ERR_INTERRUPTED)
		return -1;
	err_clear(e);
	return 1;
}

static bool
has_target(const struct json *mounts, const char *target)
{
	for (JSON_EACH(m, mounts)) {
		if (str_is(str_of(json_str(json_get(m, "Destination"), "")), target))
			return true;
	}
	return false;
}

const char *
update_lost_mount(const struct json *old, const struct json *new)
{
	for (JSON_EACH(m, json_get(old, "Mounts"))) {
		const char *target = json_str(json_get(m, "Destination"), "");

		if (!has_target(json_get(new, "Mounts"), target))
			return target;
	}
	return NULL;
}

/* probes.c - health questions: many while it starts, few while it answers, and memory between them */
#include "applets/occ-watchdog/watchdog.h"
#include "lib/base/mem.h"
#include "lib/deploy/memory.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/vantage.h"
#include "lib/net/addr.h"

#define REQUEST_MAX 16384
#define UP_EVERY_MS 15000
#define UP_PROBE_MS 10000
#define SILENT_EVERY_MS 5000

static void
sample_add(struct watchdog *wd, int status, int64_t took_ms, uint64_t memory_bytes)
{
	wd->samples[wd->n_samples++ % INCIDENT_SAMPLES_MAX] = (struct incident_sample){ .at_epoch_s = clock_epoch_s(), .status = status,
		.took_ms = took_ms, .memory_bytes = memory_bytes };
}

static bool
is_starting(const struct watchdog *wd)
{
	return wd->policy.state == POLICY_STARTING;
}

/* A machine that is slow for long is given more, or an opencode that lives would be restarted for it. */
static int64_t
start_probe_ms(const struct watchdog *wd)
{
	return ready_probe_ms(clock_now_ms() - wd->target.since_ms);
}

static uint64_t
look_at_memory(struct watchdog *wd)
{
	uint64_t bytes = 0, percent = wd->service.config.watchdog.memory_percent;

	if (!memory_of_container(wd->target.id, wd->target.pid, &bytes))
		return 0;
	bool is_above = percent && wd->target.memory_limit && bytes > wd->target.memory_limit / 100 * percent && clock_now_ms() >= wd->memory_rests_until_ms;
	if (is_above != (wd->policy.planned == CAUSE_MEMORY))
		drive(wd, POLICY_PLAN, is_above ? CAUSE_MEMORY : CAUSE_NONE, false);
	/* Put off for a session that the stream knows nothing of, so it will not tell of its end: asked again. */
	else if (is_above && wd->policy.is_busy && !activity_is_busy(&wd->activity.activity))
		drive(wd, POLICY_IDLE, CAUSE_NONE, false);
	return bytes;
}

/* ---- one probe ---- */

static void
finish(struct wd_probe *p)
{
	loop_remove(&p->wd->loop, &p->watch);
	probe_stop(&p->probe);
}

static void
answered_bare(struct watchdog *wd, int status)
{
	if (status == 401)
		wd->probes.is_proved_closed = true;
	else if (status > 0)
		drive(wd, POLICY_LET_IN, CAUSE_OPEN, false);
}

static void ask(struct watchdog *wd, bool is_bare);

/* What is still in flight was asked before: that it stays without an answer is old news. */
static void
drop_flights(struct watchdog *wd)
{
	for (size_t i = 0; i < WATCHDOG_PROBES; i++) {
		if (wd->probes.flight[i].probe.stream.fd >= 0)
			finish(&wd->probes.flight[i]);
	}
}

static void
answered(struct watchdog *wd, int status, struct str body)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	const char *version = status == 200 ? ready_parse_health(&scratch, body) : NULL;

	if (status == 401) {
		drive(wd, POLICY_UNAUTHORIZED, CAUSE_PASSWORD, false);
		return;
	}
	if (!version) {
		drive(wd, POLICY_NO_ANSWER, CAUSE_NONE, false);
		return;
	}
	str_copy(wd->probes.version, sizeof wd->probes.version, version);
	drop_flights(wd);
	drive(wd, POLICY_ANSWER, CAUSE_NONE, false);
	activity_follow(wd);
	if (!wd->probes.is_proved_closed && wd->probes.has_password)
		ask(wd, true);
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct wd_probe *p = CONTAINER_OF(w, struct wd_probe, watch);
	struct watchdog *wd = p->wd;
	int status = 0;
	bool was_starting = is_starting(wd);
	enum probe_result r = got ? probe_step(&p->probe, &status) : PROBE_FAILED;

	if (r == PROBE_PENDING)
		return;
	AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);
	buf_putstr(&body, buf_str(&p->probe.answer));
	finish(p);
	if (r == PROBE_FAILED)
		status = 0;
	if (p->is_bare) {
		answered_bare(wd, status);
		return;
	}
	if (status || !was_starting)
		sample_add(wd, status, now_ms - p->began_ms, was_starting ? 0 : look_at_memory(wd));
	if (status)
		answered(wd, status, buf_str(&body));
	else if (wd->target.is_known)
		drive(wd, POLICY_NO_ANSWER, CAUSE_NONE, false);
}

static void
ask(struct watchdog *wd, bool is_bare)
{
	struct wd_probes *ps = &wd->probes;
	const struct buf *request = is_bare ? &ps->bare_request : &ps->request;
	struct wd_probe *p = NULL;
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < WATCHDOG_PROBES && !p; i++) {
		if (ps->flight[i].probe.stream.fd < 0)
			p = &ps->flight[i];
	}
	if (!p || !wd->target.is_known)
		return;
	p->is_bare = is_bare;
	p->wd = wd;
	p->began_ms = clock_now_ms();
	int64_t due_ms = clock_due_ms(is_starting(wd) ? start_probe_ms(wd) : UP_PROBE_MS);
	if (!probe_start(&p->probe, wd->target.host, wd->target.port, buf_str(request), due_ms)) {
		if (!is_bare && !is_starting(wd))
			drive(wd, POLICY_NO_ANSWER, CAUSE_NONE, false);
		return;
	}
	p->watch = (struct watch){ .fd = p->probe.stream.fd, .want = POLLIN, .due_ms = due_ms, .fire = fired };
	if (loop_add(&wd->loop, &p->watch, &ignored) < 0)
		probe_stop(&p->probe);		/* a probe that could not be made is not a failed one */
}

/* ---- when ---- */

static int64_t
pause_ms(const struct watchdog *wd)
{
	switch (wd->policy.state) {
	case POLICY_STARTING:
		return start_probe_ms(wd) / WATCHDOG_PROBES;	/* so many at once: a request in the first moments after listen() is never answered */
	case POLICY_SILENT:
		return SILENT_EVERY_MS;
	default:
		return UP_EVERY_MS;
	}
}

static void
next(struct watch *w, short got, int64_t now_ms)
{
	struct watchdog *wd = CONTAINER_OF(w, struct watchdog, probes.next);

	(void)got;
	ask(wd, false);
	loop_due(w, now_ms + pause_ms(wd));
}

void
probes_soon(struct watchdog *wd)
{
	struct watch *w = &wd->probes.next;

	if (!wd->target.is_known)
		return;
	if (!w->loop)
		*w = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = next };
	loop_timer(&wd->loop, w, clock_now_ms());
}

void
probes_stop(struct watchdog *wd)
{
	loop_remove(&wd->loop, &wd->probes.next);
	drop_flights(wd);
}

int
probes_prepare(struct watchdog *wd, struct err *e)
{
	struct wd_probes *ps = &wd->probes;
	AUTO(credentials) struct credentials cr;
	AUTO(buf) struct buf host = BUF_INIT(256);
	const char *user = wd->target.user;

	credentials_init(&cr);
	if (credentials_load(&wd->service.scope, &cr, e) < 0)
		return -1;
	buf_wipe(&ps->request);
	buf_fini(&ps->bare_request);
	ps->request = (struct buf)BUF_SECRET_INIT(REQUEST_MAX);
	ps->bare_request = (struct buf)BUF_INIT(REQUEST_MAX);
	addr_put_hostport(&host, wd->target.host, wd->target.port);
	struct str password = credentials_for_opencode(&cr, wd->target.is_inner);
	ps->has_password = password.n > 0;
	ps->is_proved_closed = false;
	vantage_put_request("GET", "/global/health", buf_str(&host), user, password, STR_NULL, &ps->request);
	vantage_put_request("GET", "/global/health", buf_str(&host), user, STR_NULL, STR_NULL, &ps->bare_request);
	return buf_check(&ps->request, "health question", e);
}

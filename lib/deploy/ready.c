/* ready.c - waiting for the first valid answer, and proving that there is none without a password */
#include "lib/deploy/ready.h"

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"
#include "lib/deploy/probe.h"
#include "lib/deploy/tail.h"
#include "lib/json/json.h"
#include "lib/net/addr.h"

#define HEALTH_PATH "/global/health"
#define REMOTE_PAUSE_MS 250
#define REMOTE_PROBE_MS 10000
#define REMOTE_WAY_MS 1500	/* to a command in the container of an engine elsewhere, and back */
#define PATIENCE_MAX_MS 15000	/* of one probe */
#define BRISK_MS 5000		/* how long probes leave every READY_EVERY_MS */
#define INSIDE_FIRST_MS 10000	/* without an answer: is it opencode, or the way to it? */
#define INSIDE_EVERY_MS 5000
#define INSIDE_TIMES 2		/* answers inside, and none outside until the next would be asked for */

struct ready {
	struct service *s;
	const struct container *c;
	const struct credentials *cr;
	const char *host;
	unsigned port;
	struct buf request;
	struct probe probes[READY_IN_FLIGHT];
	int64_t since_ms, next_probe_ms, next_look_ms, next_inside_ms;
	unsigned inside_answers;
};

int64_t
ready_probe_ms(int64_t since_ms)
{
	int64_t patience_ms = since_ms / 2;

	if (patience_ms < READY_PROBE_MS)
		return READY_PROBE_MS;
	return patience_ms < PATIENCE_MAX_MS ? patience_ms : PATIENCE_MAX_MS;
}

int64_t
ready_every_ms(int64_t since_ms)
{
	return since_ms < BRISK_MS ? READY_EVERY_MS : ready_probe_ms(since_ms) / READY_IN_FLIGHT;
}

const char *
ready_parse_health(struct arena *a, struct str body)
{
	struct err ignored = ERR_INIT;
	const struct json *j = json_parse(a, body, &ignored);

	if (!json_bool(json_get(j, "healthy"), false))
		return NULL;
	return arena_strdup(a, json_str(json_get(j, "version"), "unknown"));
}

static int
refused_credentials(struct service *s, struct err *e)
{
	err_set(e, ERR_UNHEALTHY, "opencode refuses the password of %s", path_tilde(s->arena, s->scope.credentials_path, s->scope.home));
	e->http = 401;
	return err_note(e, "try", "occ restart");
}

/* Podman leaves dead forwarding rules behind when the end of a container is cut, and a later one's port then leads nowhere. */
static int
look_inside(struct ready *r, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);
	struct err inner = ERR_INIT;

	if (r->inside_answers == INSIDE_TIMES) {
		err_set(e, ERR_UNHEALTHY, "opencode answers inside its container, but not at %s port %u: the engine does not forward that port to it", r->host,
		    r->port);
		return err_note(e, "try", "occ start --port PORT with another one; the engine forgets the old one's rules at the next boot");
	}
	int status = vantage_http_inside(r->s, r->c, HEALTH_PATH, r->cr, &body, clock_due_ms(INSIDE_EVERY_MS), &inner);
	if (status < 0 && inner.code == ERR_INTERRUPTED) {
		*e = inner;
		return -1;
	}
	r->inside_answers = status == 200 && ready_parse_health(r->s->arena, buf_str(&body)) ? r->inside_answers + 1 : 0;
	return 0;
}

static void
start_probe(struct ready *r, int64_t now_ms)
{
	for (size_t i = 0; i < READY_IN_FLIGHT; i++) {
		struct probe *p = &r->probes[i];
		if (p->stream.fd >= 0)
			continue;
		(void)probe_start(p, r->host, r->port, buf_str(&r->request), now_ms + ready_probe_ms(now_ms - r->since_ms));
		return;
	}
}

/* 1 ready, 0 not yet, -1. */
static int
step_probe(struct ready *r, struct probe *p, const char **ret_version, struct err *e)
{
	int status = 0;
	enum probe_result result = probe_step(p, &status);

	if (result == PROBE_PENDING)
		return 0;
	const char *version = NULL;
	if (result == PROBE_ANSWERED && status == 200)
		version = ready_parse_health(r->s->arena, buf_str(&p->answer));
	probe_stop(p);
	if (result == PROBE_ANSWERED && status == 401)
		return refused_credentials(r->s, e);
	if (!version)
		return 0;
	*ret_version = version;
	return 1;
}

static int
step_probes(struct ready *r, int64_t now_ms, const char **ret_version, struct err *e)
{
	for (size_t i = 0; i < READY_IN_FLIGHT; i++) {
		struct probe *p = &r->probes[i];
		if (p->stream.fd < 0)
			continue;
		int done = step_probe(r, p, ret_version, e);
		if (done)
			return done;
		if (p->stream.fd >= 0 && now_ms >= p->due_ms)
			probe_stop(p);
	}
	return 0;
}

/* Sleeps until a probe's answer, the next probe, or the next look, whichever is first. */
static int
wait_step(struct ready *r, int64_t due_ms, struct err *e)
{
	struct pollfd fds[READY_IN_FLIGHT];
	size_t n = 0;
	int64_t until_ms = r->next_probe_ms < r->next_look_ms ? r->next_probe_ms : r->next_look_ms;

	for (size_t i = 0; i < READY_IN_FLIGHT; i++) {
		if (r->probes[i].stream.fd >= 0)
			fds[n++] = (struct pollfd){ .fd = r->probes[i].stream.fd, .events = POLLIN };
	}
	if (fd_wait_many(fds, n, until_ms < due_ms ? until_ms : due_ms, e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	return 0;
}

static int
wait_local(struct ready *r, int64_t due_ms, const char **ret_version, struct err *e)
{
	for (;;) {
		int64_t now_ms = clock_now_ms();
		if (now_ms >= due_ms)
			return err_set(e, ERR_TIMEOUT, "opencode gave no healthy answer in time");
		if (now_ms >= r->next_look_ms) {
			if (tail_check(r->s, r->c, e) < 0)
				return -1;
			r->next_look_ms = clock_now_ms() + READY_LOOK_MS;
		}
		if (now_ms >= r->next_inside_ms) {
			if (look_inside(r, e) < 0)
				return -1;
			r->next_inside_ms = clock_now_ms() + INSIDE_EVERY_MS;
		}
		if (now_ms >= r->next_probe_ms) {
			start_probe(r, now_ms);
			r->next_probe_ms = now_ms + ready_every_ms(now_ms - r->since_ms);
		}
		if (wait_step(r, due_ms, e) < 0)
			return -1;
		int done = step_probes(r, clock_now_ms(), ret_version, e);
		if (done)
			return done;
	}
}

static int
wait_remote(struct ready *r, int64_t due_ms, const char **ret_version, struct err *e)
{
	for (;;) {
		/* One that falls into the dead window is never answered, as here. */
		int64_t probe_due_ms = clock_due_ms(REMOTE_WAY_MS + ready_probe_ms(clock_now_ms() - r->since_ms));
		if (ready_once(r->s, r->c, r->cr, probe_due_ms < due_ms ? probe_due_ms : due_ms, ret_version, e) == 0)
			return 0;
		if (e->code == ERR_INTERRUPTED || e->code == ERR_REFUSED || e->http == 401)
			return -1;	/* the last: waiting does not change a password */
		if (clock_now_ms() >= due_ms)
			return err_set(e, ERR_TIMEOUT, "opencode gave no healthy answer in time");
		if (tail_check(r->s, r->c, e) < 0)
			return -1;
		if (fd_wait_many(NULL, 0, clock_due_ms(REMOTE_PAUSE_MS), e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
	}
}

int
ready_once(struct service *s, const struct container *c, const struct credentials *cr, int64_t due_ms, const char **ret_version,
    struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);
	int status = vantage_http(s, c, "GET", HEALTH_PATH, STR_NULL, cr, &body, due_ms, e);

	if (status < 0)
		return -1;
	if (status == 401)
		return refused_credentials(s, e);
	const char *version = status == 200 ? ready_parse_health(s->arena, buf_str(&body)) : NULL;
	if (!version)
		return err_set(e, ERR_UNHEALTHY, "opencode answered %d, not as healthy", status);
	*ret_version = version;
	return 0;
}

/* An empty password is open by opencode's own rule; exposure has been checked before (expose.h). */
static int
prove_closed(struct ready *r, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);

	if (!vantage_password(r->c, r->cr).n)
		return 0;
	int status = vantage_http(r->s, r->c, "GET", HEALTH_PATH, STR_NULL, NULL, &body, due_ms, e);
	if (status < 0) {
		err_wrap(e, "ask without credentials");
		return tail_explain_failure(r->s, r->c, e);
	}
	if (status == 401)
		return 0;
	err_set(e, ERR_REFUSED, "this image answers %d without credentials: it would let everybody in", status);
	return err_note(e, "try", "occ config set image.source build   (or an image whose opencode honours OPENCODE_SERVER_PASSWORD)");
}

static void
ready_init(struct ready *r)
{
	for (size_t i = 0; i < READY_IN_FLIGHT; i++)
		r->probes[i] = (struct probe)PROBE_INIT;
	r->since_ms = r->next_probe_ms = clock_now_ms();
	r->next_look_ms = r->since_ms + READY_LOOK_MS;
	r->next_inside_ms = r->since_ms + INSIDE_FIRST_MS;
}

int
ready_wait(struct service *s, const struct container *c, const struct credentials *cr, int64_t due_ms, const char **ret_version,
    struct err *e)
{
	struct ready r = { .s = s, .c = c, .cr = cr, .request = BUF_INIT(PROBE_ANSWER_MAX) };
	AUTO(buf) struct buf host_port = BUF_INIT(256);
	int done;

	ready_init(&r);
	if (s->is_remote) {
		done = wait_remote(&r, due_ms, ret_version, e);
	} else {
		if (vantage_address(s, c, &r.host, &r.port, e) < 0)
			return -1;
		addr_put_hostport(&host_port, r.host, r.port);
		vantage_put_request("GET", HEALTH_PATH, buf_str(&host_port), vantage_user(s, c), vantage_password(c, cr), STR_NULL, &r.request);
		done = wait_local(&r, due_ms, ret_version, e);
		buf_wipe(&r.request);
		for (size_t i = 0; i < READY_IN_FLIGHT; i++)
			probe_stop(&r.probes[i]);
	}
	return done < 0 ? -1 : prove_closed(&r, clock_due_ms(REMOTE_PROBE_MS), e);
}

/* keeper.c - the keeper's own life: begin, look at the files, reload, end */
#include "applets/occ-tls/keeper.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "applets/occ/common.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"

#define TICK_MS 2000
#define PING_MS 10000		/* without a service manager that asks for it nothing is sent */
#define LOCK_MS 3000		/* a predecessor that is ending */
#define RETRY_MS (60 * 60 * 1000)	/* a renewal that failed: there are thirty days for it */
#define DIR_MODE 0700
#define SOON_S (14 * 24 * 3600)

void
keeper_say(const struct keeper *k, const char *fmt, ...)
{
	char text[KEEPER_TEXT * 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	term_warn(k->run->term, "occ-tls", "%s", text);
}

/* ---- one line for people ---- */

static void
put_certificate(const struct keeper *k, struct buf *out)
{
	const struct cert_facts *f = &k->source.certs.facts;
	int64_t now_s = clock_epoch_s(), left_s = f->until_epoch_s - now_s, renews_s = certs_renew_epoch_s(f) - now_s;

	if (k->source.certs.chain.n == 0)
		return;
	if (left_s <= 0) {
		buf_puts(out, "; its certificate has expired");
	} else if (mode_of(k->source.settings.mode)->is_made_here) {
		buf_puts(out, "; its certificate is renewed in ");
		num_put_duration(out, (renews_s > 0 ? renews_s : 0) * 1000);
	} else {
		buf_puts(out, left_s < SOON_S ? "; its certificate expires soon, in " : "; its certificate lasts ");
		num_put_duration(out, left_s * 1000);
	}
}

const char *
keeper_status(struct keeper *k, char *text, size_t n)
{
	AUTO(buf) struct buf out = BUF_INIT(KEEPER_TEXT * 4);
	AUTO(arena) struct arena a = ARENA_INIT;

	buf_puts(&out, k->current ? k->is_held ? "holding requests for " : "serving " : "no worker for ");
	buf_puts(&out, edge_url(&a, &k->source.config, k->scope.kind));
	put_certificate(k, &out);
	if (!k->source.verify.has_password)
		buf_puts(&out, "; there is no password yet, nobody is let in");
	if (k->cert_trouble[0])
		buf_printf(&out, "; the old certificate stays: %s", k->cert_trouble);
	if (k->trouble[0] || k->worker_trouble[0])
		buf_printf(&out, "; %s", k->trouble[0] ? k->trouble : k->worker_trouble);
	str_copy(text, n, out.p);
	return text;
}

/* READY once the worker serves: until then a connection waits in the listener's queue. */
void
keeper_tell(struct keeper *k)
{
	char text[KEEPER_TEXT];

	if (k->current && !k->is_ready && !k->is_ending) {
		k->is_ready = true;
		notify_send(&k->notify, "READY=1");
		keeper_say(k, "%s", keeper_status(k, text, sizeof text));
	}
	keeper_status(k, text, sizeof text);
	if (strcmp(text, k->status) == 0)
		return;
	str_copy(k->status, sizeof k->status, text);
	notify_send(&k->notify, "STATUS=%s", text);
}

/* ---- what the files say ---- */

static void
say_certificate(struct keeper *k, const char *trouble, bool is_made)
{
	if (trouble[0] && strcmp(trouble, k->cert_trouble) != 0)
		keeper_say(k, "the old certificate stays in use: %s", trouble);
	if (is_made)
		keeper_say(k, "a new certificate was made");
	str_copy(k->cert_trouble, sizeof k->cert_trouble, trouble);
}

/* What a worker's sandbox lets out. */
static bool
has_same_ports(const struct edge_settings *a, const struct edge_settings *b)
{
	return a->back_port == b->back_port && a->n_previews == b->n_previews && memcmp(a->previews, b->previews, sizeof a->previews) == 0;
}

/* New files and listeners are in `k`. What a worker has been given for life, its listeners and the ports that it may connect to, takes another worker. */
static void
hand_over(struct keeper *k, bool is_same_worker)
{
	if (k->current && is_same_worker && !k->next)
		keeper_wire_deliver(k->current);
	else
		keeper_worker_next(k);
}

static int
take_over(struct keeper *k, bool is_forced, struct err *e)
{
	struct keeper_source fresh;
	struct keeper_listeners wanted;
	char trouble[KEEPER_TEXT] = "";
	bool has_source = k->source.config.edge.mode != NULL;

	keeper_source_init(&fresh);
	if (keeper_source_load(&k->scope, &k->paths, occ_environment(), is_forced, has_source ? &k->source : NULL, &fresh, trouble, e) < 0
	    || keeper_listen(&k->listeners, &fresh.config, k->scope.kind, &wanted, e) < 0) {
		keeper_source_auto(&fresh);
		return -1;
	}
	bool is_same = keeper_listen_is_same(&k->listeners, &wanted) && has_same_ports(&fresh.settings, &k->source.settings);
	keeper_listen_close(&k->listeners, &wanted);
	k->listeners = wanted;
	keeper_source_auto(&k->source);
	k->source = fresh;
	mem_wipe(&fresh, sizeof fresh);
	say_certificate(k, trouble, k->source.certs.is_made);
	hand_over(k, is_same);
	return 0;
}

int
keeper_refresh(struct keeper *k, bool is_forced, struct err *e)
{
	uint64_t mark = keeper_source_mark(&k->scope, &k->source);
	int r = take_over(k, is_forced, e);

	k->mark = r < 0 ? mark : k->source.mark;
	k->trouble[0] = '\0';
	if (r < 0)
		snprintf(k->trouble, sizeof k->trouble, "not taken over: %.400s", e->msg);
	if (k->source.config.edge.mode)		/* else there never was any to tell of */
		keeper_tell(k);
	return r;
}

static void
refresh_by_itself(struct keeper *k, const char *why)
{
	struct err e = ERR_INIT;

	keeper_say(k, "%s", why);
	if (keeper_refresh(k, false, &e) < 0)
		keeper_say(k, "not taken over, all is as before: %s", e.msg);
}

/* ---- timers and signals ---- */

static void
ticked(struct watch *w, short got, int64_t now_ms)
{
	struct keeper *k = CONTAINER_OF(w, struct keeper, tick);
	bool is_made_here = mode_of(k->source.settings.mode)->is_made_here;

	(void)got;
	loop_due(w, now_ms + TICK_MS);
	if (keeper_source_mark(&k->scope, &k->source) != k->mark) {
		refresh_by_itself(k, "files have changed");
	} else if (is_made_here && now_ms >= k->renew_ms && clock_epoch_s() >= certs_renew_epoch_s(&k->source.certs.facts)) {
		k->renew_ms = now_ms + RETRY_MS;
		refresh_by_itself(k, "the certificate is due");
	}
	if (k->current)
		keeper_wire_put(k->current, WIRE_STATUS, 0, STR_NULL);
	keeper_tell(k);
}

static void
pinged(struct watch *w, short got, int64_t now_ms)
{
	struct keeper *k = CONTAINER_OF(w, struct keeper, ping);

	(void)got;
	notify_send(&k->notify, "WATCHDOG=1");
	loop_due(w, now_ms + (k->notify.watchdog_ms ? k->notify.watchdog_ms : PING_MS));
}

void
keeper_ended(struct keeper *k)
{
	if (k->is_ending && !keeper_worker_has_any(k))
		loop_end(&k->loop);
}

/* The worker finishes what is under way. Asked a second time, it is not waited for. */
static void
goodbye(struct keeper *k)
{
	bool is_second = k->is_ending;

	k->is_ending = true;
	notify_send(&k->notify, "STOPPING=1");
	if (!is_second)
		keeper_say(k, "ending: what is under way is finished");
	loop_remove(&k->loop, &k->tick);
	loop_remove(&k->loop, &k->restart);
	for (size_t i = 0; i < KEEPER_WORKERS; i++) {
		if (is_second)
			keeper_worker_kill(&k->workers[i], NULL);
		else
			keeper_worker_end(&k->workers[i]);
	}
	keeper_ended(k);
}

static void
signalled(struct loop_signals *s, int signo, int64_t now_ms)
{
	struct keeper *k = CONTAINER_OF(s, struct keeper, signals);

	(void)now_ms;
	if (signo != SIGHUP) {
		goodbye(k);
	} else if (!k->is_ending) {
		notify_reloading(&k->notify);
		refresh_by_itself(k, "reloading");
		notify_send(&k->notify, "READY=1");
	}
}

/* ---- begin ---- */

static void
add_timer(struct keeper *k, struct watch *w, int64_t due_ms, void (*fire)(struct watch *, short, int64_t))
{
	*w = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = fire };
	loop_timer(&k->loop, w, due_ms);
}

static int
begin_loop(struct keeper *k, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	k->signals.fire = signalled;
	if (loop_init(&k->loop, e) < 0 || loop_signals(&k->loop, &k->signals, &set, e) < 0)
		return -1;
	add_timer(k, &k->tick, clock_due_ms(TICK_MS), ticked);
	if (k->notify.fd >= 0)
		add_timer(k, &k->ping, clock_now_ms(), pinged);
	return 0;
}

/* One edge an instance: its control socket and its certificates have one owner. */
static int
lock(struct keeper *k, struct err *e)
{
	if (scope_prepare_state(&k->scope, e) < 0 || file_mkdirs(k->paths.dir, DIR_MODE, e) < 0)
		return -1;
	if (file_lock_open(&k->lock, path_join(k->run->arena, k->paths.dir, KEEPER_LOCK), clock_due_ms(LOCK_MS), e) == 0)
		return 0;
	if (e->code != ERR_LOCKED)
		return -1;
	err_set(e, ERR_LOCKED, "the edge of the instance %s is running already", k->scope.instance);
	return err_note(e, "try", "occ tls status");
}

static int
begin(struct keeper *k, struct err *e)
{
	if (lock(k, e) < 0 || keeper_listen_given(&k->listeners, e) < 0)
		return -1;
	if (notify_open(&k->notify, occ_env("NOTIFY_SOCKET"), occ_env("WATCHDOG_USEC"), occ_env("WATCHDOG_PID"), e) < 0)
		return -1;
	if (begin_loop(k, e) < 0 || keeper_refresh(k, false, e) < 0)
		return -1;
	return keeper_serve(k, e);
}

static void
keeper_auto(struct keeper *k)
{
	keeper_worker_close(k);
	control_server_close(&k->control);
	loop_auto(&k->loop);
	notify_auto(&k->notify);
	keeper_listen_close(&k->listeners, NULL);
	keeper_source_auto(&k->source);
	buf_wipe(&k->link);
	file_lock_auto(&k->lock);
}

int
keeper_run(struct run *r, struct err *e)
{
	AUTO(keeper) struct keeper k = { .run = r, .lock = FILE_LOCK_INIT, .notify = NOTIFY_INIT, .link = BUF_SECRET_INIT(KEEPER_TEXT) };

	keeper_source_init(&k.source);
	control_server_init(&k.control);
	keeper_worker_init(&k);
	if (occ_scope(r, &k.scope, e) < 0)
		return -1;
	edge_paths_of(r->arena, &k.scope, &k.paths);
	if (begin(&k, e) < 0)
		return -1;
	return loop_run(&k.loop, e);
}

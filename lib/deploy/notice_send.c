/* notice_send.c - the queue of notices, and the child that posts them */
#include "lib/deploy/notice_send.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/cancel.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/loop/loop_fork.h"

#define FDS_MAX 1024
#define ALL_ADDRESSES ((1u << CREDENTIALS_NOTIFY_MAX) - 1)

_Static_assert(ALL_ADDRESSES == 255, "an exit status has a bit for each address");

static const int64_t pauses_ms[NOTICE_TRIES] = { 0, 15000, 60000, 300000 };

/* ---- the child ---- */

struct delivery {
	const struct notice_sender *sender;
	const struct notice_item *item;
};

/* The parent's locks and connections are not ours to keep open: who waits for their end waits for the parent's. */
static void
let_go(void)
{
	cancel_hold();		/* its descriptor goes, too: from here on only the parent's kill ends us early */
	for (int fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++)
		close(fd);
}

/* The exit status: a bit for each address that wants another try. */
static int
deliver(void *ctx)
{
	const struct delivery *d = ctx;
	const struct notice_item *it = d->item;
	const struct notice n = {
		.kind = it->kind, .title = it->title, .text = it->text, .link = it->link, .instance = d->sender->instance, .at_epoch_s = it->at_epoch_s,
	};
	int64_t due_ms = clock_due_ms(NOTICE_POST_MS);
	AUTO(credentials) struct credentials c;
	struct err e = ERR_INIT;
	unsigned again = 0;

	let_go();
	credentials_init(&c);
	if (credentials_load(d->sender->scope, &c, &e) < 0) {
		log_line("notification: %s", e.msg);
		return 0;
	}
	for (size_t i = 0; i < c.n_notify; i++) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		int64_t now_ms = clock_now_ms(), share_ms = (due_ms - now_ms) / (int64_t)(c.n_notify - i);
		bool is_temporary;

		if (!(it->todo & 1u << i))
			continue;
		if (notice_post(&scratch, &c.notify[i], &n, d->sender->allow_http, now_ms + share_ms, &is_temporary, &e) < 0) {
			log_line("notification to %s: %s", c.notify[i].name, e.msg);
			again |= is_temporary ? 1u << i : 0;
		}
	}
	return (int)again;
}

/* ---- the queue ---- */

static void on_child(struct loop_child *lc, int status, int64_t now_ms);

static void
drop(struct notice_sender *s, size_t at)
{
	s->n--;
	memmove(&s->queue[at], &s->queue[at + 1], (s->n - at) * sizeof s->queue[0]);
}

/* The first that need not wait for another try; s->n when all do, and then *ret_due_ms is when the first need not. */
static size_t
first_due(const struct notice_sender *s, int64_t now_ms, int64_t *ret_due_ms)
{
	*ret_due_ms = LOOP_NEVER;
	for (size_t i = 0; i < s->n; i++) {
		if (s->queue[i].due_ms <= now_ms)
			return i;
		if (s->queue[i].due_ms < *ret_due_ms)
			*ret_due_ms = s->queue[i].due_ms;
	}
	return s->n;
}

/* One on its way, when none is: an address that does not answer holds up nobody else's. */
static void
start_next(struct notice_sender *s, int64_t now_ms)
{
	int64_t due_ms = LOOP_NEVER;

	while (!s->is_running && (s->at = first_due(s, now_ms, &due_ms)) < s->n) {
		struct delivery d = { .sender = s, .item = &s->queue[s->at] };
		struct err e = ERR_INIT;

		if (loop_fork(s->loop, &s->child, deliver, &d, on_child, &e) < 0) {
			log_line("notification: %s", e.msg);
			s->n_failed++;
			drop(s, s->at);
			continue;
		}
		s->is_running = true;
	}
	loop_due(&s->timer, s->is_running ? now_ms + NOTICE_KILL_MS : due_ms);
}

static void
finish(struct notice_sender *s, unsigned again, int64_t now_ms)
{
	struct notice_item *it = &s->queue[s->at];

	it->tries++;
	if (again && it->tries < NOTICE_TRIES) {
		it->todo = again;
		it->due_ms = now_ms + pauses_ms[it->tries];
		return;
	}
	*(again ? &s->n_failed : &s->n_sent) += 1;
	drop(s, s->at);
}

static void
on_child(struct loop_child *lc, int status, int64_t now_ms)
{
	struct notice_sender *s = CONTAINER_OF(lc, struct notice_sender, child);
	bool has_ended = status != LOOP_CHILD_LOST && WIFEXITED(status);

	s->is_running = false;
	finish(s, has_ended ? (unsigned)WEXITSTATUS(status) : s->queue[s->at].todo, now_ms);
	start_next(s, now_ms);
}

static void
on_timer(struct watch *w, short got, int64_t now_ms)
{
	struct notice_sender *s = CONTAINER_OF(w, struct notice_sender, timer);

	(void)got;
	if (s->is_running)
		kill(s->child.pid, SIGKILL);	/* its end comes by on_child */
	else
		start_next(s, now_ms);
}

static bool
is_agents(enum notice_kind k)
{
	return k == NOTICE_FINISHED || k == NOTICE_QUESTION || k == NOTICE_PERMISSION;
}

/* The oldest that may be lost; s->n when there is none. The one on its way stays. */
static size_t
oldest(const struct notice_sender *s, bool is_any)
{
	size_t i = 0;

	while (i < s->n && ((s->is_running && i == s->at) || !(is_any || is_agents(s->queue[i].kind))))
		i++;
	return i;
}

/* The place of a new one. NULL when only weightier ones wait. */
static struct notice_item *
make_room(struct notice_sender *s, enum notice_kind k)
{
	size_t at;

	if (s->n < NOTICE_QUEUE_MAX)
		return &s->queue[s->n++];
	at = oldest(s, false);
	s->n_failed++;
	if (at == s->n && is_agents(k))
		return NULL;
	if (at == s->n)
		at = oldest(s, true);
	drop(s, at);
	s->at -= at < s->at;
	return &s->queue[s->n++];
}

bool
notice_send(struct notice_sender *s, const struct notice *n)
{
	unsigned held;

	if (n->kind != NOTICE_TEST && !(s->kinds & 1u << n->kind))
		return false;
	if (!notice_rate_take(&s->rate, n->kind, s->loop->clock(), &held)) {
		s->n_held++;
		return false;
	}
	struct notice_item *it = make_room(s, n->kind);
	if (!it)
		return false;
	*it = (struct notice_item){ .kind = n->kind, .at_epoch_s = clock_epoch_s(), .todo = ALL_ADDRESSES };
	snprintf(it->title, sizeof it->title, "%s", n->title);
	snprintf(it->link, sizeof it->link, "%s", n->link);
	if (held)
		snprintf(it->text, sizeof it->text, "%.*s (and %u more before it)", NOTICE_TEXT_MAX - 40, n->text, held);
	else
		snprintf(it->text, sizeof it->text, "%s", n->text);
	if (!s->is_running)
		start_next(s, s->loop->clock());
	return true;
}

bool
notice_sender_is_idle(const struct notice_sender *s)
{
	return s->n == 0;
}

/* ---- life ---- */

void
notice_sender_configure(struct notice_sender *s, const struct scope *scope, const struct config *c)
{
	s->scope = scope;
	s->allow_http = c->notify.allow_http;
	s->kinds = 0;
	snprintf(s->instance, sizeof s->instance, "%s", scope->instance);
	for (size_t i = 0; i < c->notify.events.n; i++) {
		int k = notice_kind_of(str_of(c->notify.events.v[i]));
		if (k >= 0)
			s->kinds |= 1u << k;
	}
}

int
notice_sender_open(struct notice_sender *s, struct loop *l, const struct scope *scope, const struct config *c, struct err *e)
{
	*s = (struct notice_sender){ .timer = WATCH_INIT, .loop = l };
	s->timer.fire = on_timer;
	notice_sender_configure(s, scope, c);
	return loop_add(l, &s->timer, e);
}

void
notice_sender_close(struct notice_sender *s)
{
	if (!s->loop)
		return;
	if (s->is_running) {
		loop_child_remove(s->loop, &s->child);
		kill(s->child.pid, SIGKILL);
		waitpid(s->child.pid, NULL, 0);
	}
	loop_remove(s->loop, &s->timer);
	*s = (struct notice_sender){ .timer = WATCH_INIT };
}

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
drop_first(struct notice_sender *s)
{
	s->n--;
	memmove(&s->queue[0], &s->queue[1], s->n * sizeof s->queue[0]);
}

/* The first of the queue on its way, when nothing is. */
static void
start_next(struct notice_sender *s, int64_t now_ms)
{
	while (s->n > 0 && !s->is_running && !s->is_pausing) {
		struct delivery d = { .sender = s, .item = &s->queue[0] };
		struct err e = ERR_INIT;

		if (loop_fork(s->loop, &s->child, deliver, &d, on_child, &e) < 0) {
			log_line("notification: %s", e.msg);
			s->n_failed++;
			drop_first(s);
			continue;
		}
		s->is_running = true;
		loop_due(&s->timer, now_ms + NOTICE_KILL_MS);
	}
}

static void
finish_first(struct notice_sender *s, unsigned again, int64_t now_ms)
{
	struct notice_item *it = &s->queue[0];

	it->tries++;
	if (again && it->tries < NOTICE_TRIES) {
		it->todo = again;
		s->is_pausing = true;
		loop_due(&s->timer, now_ms + pauses_ms[it->tries]);
		return;
	}
	*(again ? &s->n_failed : &s->n_sent) += 1;
	drop_first(s);
}

static void
on_child(struct loop_child *lc, int status, int64_t now_ms)
{
	struct notice_sender *s = CONTAINER_OF(lc, struct notice_sender, child);
	bool has_ended = status != LOOP_CHILD_LOST && WIFEXITED(status);

	s->is_running = false;
	loop_due(&s->timer, LOOP_NEVER);
	finish_first(s, has_ended ? (unsigned)WEXITSTATUS(status) : s->queue[0].todo, now_ms);
	start_next(s, now_ms);
}

static void
on_timer(struct watch *w, short got, int64_t now_ms)
{
	struct notice_sender *s = CONTAINER_OF(w, struct notice_sender, timer);

	(void)got;
	if (s->is_running) {
		kill(s->child.pid, SIGKILL);	/* its end comes by on_child */
		return;
	}
	s->is_pausing = false;
	start_next(s, now_ms);
}

static bool
is_agents(enum notice_kind k)
{
	return k == NOTICE_FINISHED || k == NOTICE_QUESTION || k == NOTICE_PERMISSION;
}

/* The place of a new one: the first waits for nothing and stays. NULL when only weightier ones wait. */
static struct notice_item *
make_room(struct notice_sender *s, enum notice_kind k)
{
	size_t at = 1;

	if (s->n < NOTICE_QUEUE_MAX)
		return &s->queue[s->n++];
	while (at < s->n && !is_agents(s->queue[at].kind))
		at++;
	s->n_failed++;
	if (at == s->n) {
		if (is_agents(k))
			return NULL;
		at = 1;
	}
	memmove(&s->queue[at], &s->queue[at + 1], (s->n - at - 1) * sizeof s->queue[0]);
	return &s->queue[s->n - 1];
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

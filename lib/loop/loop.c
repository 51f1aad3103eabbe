/*
 * loop.c - watches, rounds, deferred work
 *
 * A round: wait, read the clock once, fire what is ready, fire what is due, run what was deferred. The batch holds pointers that loop_remove
 * clears, so that nothing is fired which an earlier callback has taken out; it never grows during a round, so that no callback can
 * keep the others waiting.
 */
#include "lib/loop/loop.h"

#include <string.h>

#include "lib/base/cancel.h"
#include "lib/base/mem.h"
#include "lib/loop/loop_own.h"

/* The kernel's timeouts stand still while the machine is suspended, our clock does not: a deadline is late by so much at most. */
#define WAIT_MAX_MS 30000
#define CAP_FIRST 16
#define TROUBLE (POLLERR | POLLHUP | POLLNVAL)

int
loop_init_with(struct loop *l, const struct loop_backend *backend, struct err *e)
{
	memset(l, 0, sizeof *l);
	l->clock = clock_now_ms;
	l->kernel_fd = -1;
	l->defer_tail = &l->defer_head;
	sigprocmask(SIG_BLOCK, NULL, &l->mask_before);
	if (backend->open(l, e) < 0)
		return err_wrap(e, "start a loop");
	l->backend = backend;
	return 0;
}

int
loop_init(struct loop *l, struct err *e)
{
	return loop_init_with(l, loop_native, e);
}

/* --- watches --- */

static struct watch **
grown(struct watch **old, size_t n, size_t cap)
{
	struct watch **p = mem_new(cap * sizeof *p);

	if (n > 0)
		memcpy(p, old, n * sizeof *p);
	mem_free(old);
	return p;
}

/* The heap has room for every watch, so that setting a deadline never allocates. */
static void
make_room(struct loop *l)
{
	if (l->n < l->cap)
		return;
	size_t cap = l->cap ? 2 * l->cap : CAP_FIRST;
	l->all = grown(l->all, l->n, cap);
	l->heap = grown(l->heap, l->n_heap, cap);
	l->cap = cap;
}

static void
forget(struct watch *w)
{
	w->loop = NULL;
	w->all_at = w->heap_at = w->batch_at = w->set_at = 0;
}

static void
check_want(short want)
{
	if (want & ~(POLLIN | POLLOUT))
		BUG("a watch wants POLLIN and POLLOUT only");
}

int
loop_add(struct loop *l, struct watch *w, struct err *e)
{
	if (w->loop)
		BUG("the watch is in a loop already");
	check_want(w->want);
	make_room(l);
	l->all[l->n++] = w;
	forget(w);
	w->all_at = l->n;
	w->armed = w->want;
	if (w->fd >= 0 && l->backend->add(l, w, e) < 0) {
		w->all_at = 0;
		l->n--;
		return err_wrap(e, "watch descriptor %d", w->fd);
	}
	w->loop = l;
	loop_due(w, w->due_ms);
	return 0;
}

static void
drop_pending(struct loop *l, struct watch *w)
{
	if (w->batch_at)
		l->batch[w->batch_at - 1].w = NULL;
	w->batch_at = 0;
}

void
loop_remove(struct loop *l, struct watch *w)
{
	if (!w->loop)
		return;
	if (w->loop != l)
		BUG("the watch is in another loop");
	if (w->fd >= 0)
		l->backend->remove(l, w);
	loop_heap_set(l, w, LOOP_NEVER);
	drop_pending(l, w);
	if (l->firing == w)
		l->firing = NULL;
	l->all[w->all_at - 1] = l->all[l->n - 1];
	l->all[w->all_at - 1]->all_at = w->all_at;
	l->n--;
	forget(w);
}

void
loop_want(struct watch *w, short want)
{
	check_want(want);
	w->want = want;
	if (!w->loop || want == w->armed)
		return;
	w->armed = want;
	if (w->fd >= 0)
		w->loop->backend->change(w->loop, w);
}

/* A past deadline counts from now: one that is set anew and anew cannot stay before those which wait already. */
void
loop_due(struct watch *w, int64_t due_ms)
{
	struct loop *l = w->loop;

	w->due_ms = due_ms;
	if (!l)
		return;
	if (due_ms < l->now_ms)
		w->due_ms = l->now_ms;
	if (w->batch_at && l->batch[w->batch_at - 1].got == 0)
		drop_pending(l, w);
	loop_heap_set(l, w, w->due_ms);
}

void
loop_timer(struct loop *l, struct watch *w, int64_t due_ms)
{
	struct err ignored = ERR_INIT;

	if (w->fd >= 0)
		BUG("a timer has no descriptor");
	if (w->loop) {
		loop_due(w, due_ms);
		return;
	}
	w->due_ms = due_ms;
	if (loop_add(l, w, &ignored) < 0)
		BUG("only a descriptor can be refused");
}

int64_t
loop_next_due(const struct loop *l)
{
	const struct watch *w = loop_heap_first(l);

	return w ? w->key_ms : LOOP_NEVER;
}

/* --- a round --- */

static void
check_watch(const struct watch *w)
{
	if (w->want != w->armed || w->due_ms != w->key_ms)
		BUG("a watch was changed without loop_want or loop_due");
}

void
loop_ready(struct loop *l, struct watch *w, short got)
{
	l->batch[l->n_batch++] = (struct loop_event){ .w = w, .got = got };
	w->batch_at = l->n_batch;
}

/* What an earlier callback of the batch has paused is not told. */
static short
wanted(const struct watch *w, short got)
{
	if (w->want == 0)
		return 0;
	return (short)(got & TROUBLE ? w->want | (got & TROUBLE) : got & w->want);
}

static int
fire(struct loop *l, const struct loop_event *ev)
{
	struct watch *w = ev->w;
	short got = 0;

	w->batch_at = 0;
	if (ev->got == 0) {
		w->due_ms = w->key_ms = LOOP_NEVER;
	} else {
		got = wanted(w, ev->got);
		if (got == 0)
			return 0;
	}
	l->firing = w;
	w->fire(w, got, l->now_ms);
	if (l->firing)
		check_watch(l->firing);
	l->firing = NULL;
	return 1;
}

static int
fire_batch(struct loop *l)
{
	int fired = 0;

	for (size_t i = 0; i < l->n_batch; i++) {
		const struct loop_event ev = l->batch[i];

		l->batch[i].w = NULL;
		if (ev.w)
			fired += fire(l, &ev);
	}
	l->n_batch = 0;
	return fired;
}

/* They leave the heap before the first is fired, so that one which sets itself due again waits for the next round. */
static void
take_due(struct loop *l)
{
	struct watch *w;

	while (l->n_batch < LOOP_BATCH && (w = loop_heap_first(l)) && w->key_ms <= l->now_ms) {
		int64_t key_ms = w->key_ms;

		loop_heap_set(l, w, LOOP_NEVER);
		w->key_ms = key_ms;
		loop_ready(l, w, 0);
	}
}

void
loop_defer(struct loop *l, struct deferred *d)
{
	if (d->is_queued)
		return;
	d->is_queued = true;
	d->next = NULL;
	*l->defer_tail = d;
	l->defer_tail = &d->next;
}

/* What these defer is for the next round. */
static void
run_deferred(struct loop *l)
{
	struct deferred *d = l->defer_head;

	l->defer_head = NULL;
	l->defer_tail = &l->defer_head;
	while (d) {
		struct deferred *next = d->next;

		d->is_queued = false;
		d->fire(d, l->now_ms);
		d = next;
	}
}

static int
timeout_ms(struct loop *l, int64_t due_ms)
{
	int64_t next_ms = loop_next_due(l), now_ms;

	if (l->defer_head)
		return 0;
	if (next_ms > due_ms)
		next_ms = due_ms;
	if (next_ms == LOOP_NEVER)
		return -1;
	now_ms = l->clock();
	if (next_ms <= now_ms)
		return 0;
	return next_ms - now_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)(next_ms - now_ms);
}

static void
on_cancel(struct watch *w, short got, int64_t now_ms)
{
	(void)w;	/* the next round asks cancel_check */
	(void)got;
	(void)now_ms;
}

/* A loop without signals of its own ends on Ctrl-C as every wait does. */
static int
heed_cancel(struct loop *l, struct err *e)
{
	if (l->stop.loop) {
		loop_remove(l, &l->cancel);
		return 0;
	}
	if (cancel_check(e) < 0)
		return -1;
	int fd = cancel_fd();
	if (l->cancel.loop) {
		loop_want(&l->cancel, fd < 0 ? 0 : POLLIN);
		return 0;
	}
	if (fd < 0)
		return 0;
	l->cancel = (struct watch){ .fd = fd, .want = POLLIN, .due_ms = LOOP_NEVER, .fire = on_cancel };
	return loop_add(l, &l->cancel, e);
}

int
loop_step(struct loop *l, int64_t due_ms, struct err *e)
{
	int fired;

	if (l->is_running)
		BUG("a round inside a callback");
	if (heed_cancel(l, e) < 0)
		return -1;
	if (l->n > 0)
		check_watch(l->all[l->audit_at++ % l->n]);
	if (l->backend->wait(l, timeout_ms(l, due_ms), e) < 0)
		return -1;
	l->is_running = true;
	l->now_ms = l->clock();
	fired = fire_batch(l);
	take_due(l);
	fired += fire_batch(l);
	run_deferred(l);
	l->is_running = false;
	return fired;
}

int
loop_run(struct loop *l, struct err *e)
{
	while (!l->is_ended)
		if (loop_step(l, LOOP_NEVER, e) < 0)
			return -1;
	l->is_ended = false;
	return 0;
}

void
loop_end(struct loop *l)
{
	l->is_ended = true;
}

void
loop_auto(struct loop *l)
{
	if (!l->backend)
		return;
	l->is_running = true;
	while (l->defer_head)
		run_deferred(l);
	loop_signals_close(l);
	for (size_t i = 0; i < l->n; i++)
		forget(l->all[i]);
	l->backend->close(l);
	mem_free(l->all);
	mem_free(l->heap);
	memset(l, 0, sizeof *l);
}

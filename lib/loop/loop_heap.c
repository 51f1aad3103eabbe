/* loop_heap.c - deadlines in a binary heap; each watch knows its place, so that moving one costs O(log n) */
#include "lib/loop/loop_own.h"

/* Places count from 1, as heap_at does: the parent of i is i / 2. */
static struct watch *
at(const struct loop *l, size_t i)
{
	return l->heap[i - 1];
}

static void
put(struct loop *l, size_t i, struct watch *w)
{
	l->heap[i - 1] = w;
	w->heap_at = i;
}

static bool
is_before(const struct watch *a, const struct watch *b)
{
	return a->key_ms != b->key_ms ? a->key_ms < b->key_ms : a->turn < b->turn;
}

static void
sift_up(struct loop *l, struct watch *w)
{
	size_t i = w->heap_at;

	for (; i > 1 && is_before(w, at(l, i / 2)); i /= 2)
		put(l, i, at(l, i / 2));
	put(l, i, w);
}

static void
sift_down(struct loop *l, struct watch *w)
{
	size_t i = w->heap_at;

	for (size_t child; (child = 2 * i) <= l->n_heap; i = child) {
		if (child < l->n_heap && is_before(at(l, child + 1), at(l, child)))
			child++;
		if (!is_before(at(l, child), w))
			break;
		put(l, i, at(l, child));
	}
	put(l, i, w);
}

static void
settle(struct loop *l, struct watch *w)
{
	sift_up(l, w);
	sift_down(l, w);
}

static void
take_out(struct loop *l, struct watch *w)
{
	size_t i = w->heap_at;
	struct watch *last = at(l, l->n_heap);

	l->n_heap--;
	w->heap_at = 0;
	if (last == w)
		return;
	put(l, i, last);
	settle(l, last);
}

void
loop_heap_set(struct loop *l, struct watch *w, int64_t key_ms)
{
	w->key_ms = key_ms;
	if (key_ms == LOOP_NEVER) {
		if (w->heap_at)
			take_out(l, w);
		return;
	}
	w->turn = ++l->turn;
	if (!w->heap_at)
		put(l, ++l->n_heap, w);
	settle(l, w);
}

struct watch *
loop_heap_first(const struct loop *l)
{
	return l->n_heap ? at(l, 1) : NULL;
}

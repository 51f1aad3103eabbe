/* limiter.c - wrong credentials by client address */
#include "applets/occ-tls/limiter.h"

#include <string.h>

#include "lib/net/cidr.h"

#define NET_BYTES 8			/* of a /64 */
#define NET_MARK 6			/* behind one: so that ::/64 is not all zero, and no key of one family is the other's */

bool
limiter_key_of(const char *address, struct limiter_key *ret)
{
	struct cidr_addr a;
	struct str text = str_of(address);

	if (!cidr_addr(str_cut(&text, '%'), &a))
		return false;
	*ret = (struct limiter_key){ { 0 } };
	if (cidr_addr_is_v4(&a)) {
		memcpy(ret->v, a.v, sizeof a.v);
	} else {
		memcpy(ret->v, a.v, NET_BYTES);
		ret->v[NET_BYTES] = NET_MARK;
	}
	return true;
}

/* Two words each: the table is gone through for every request while somebody is counted. */
bool
limiter_key_is(const struct limiter_key *a, const struct limiter_key *b)
{
	uint64_t of_a[2], of_b[2];

	memcpy(of_a, a->v, sizeof of_a);
	memcpy(of_b, b->v, sizeof of_b);
	return of_a[0] == of_b[0] && of_a[1] == of_b[1];
}

static bool
is_free(const struct limiter_slot *s)
{
	static const struct limiter_key none;

	return limiter_key_is(&s->key, &none);
}

/* When nothing of it counts any more: never while it is refused. */
static int64_t
forgotten_ms(const struct limiter_slot *s)
{
	return is_free(s) ? INT64_MIN : s->since_ms + LIMITER_WINDOW_MS;
}

static const struct limiter_slot *
find(const struct limiter *l, const struct limiter_key *k)
{
	for (size_t i = 0; l->n_used > 0 && i < LIMITER_SLOTS; i++)
		if (limiter_key_is(&l->slots[i].key, k))
			return &l->slots[i];
	return NULL;
}

int64_t
limiter_wait_ms(const struct limiter *l, const struct limiter_key *k, int64_t now_ms)
{
	const struct limiter_slot *s = find(l, k);

	return s && s->until_ms > now_ms ? s->until_ms - now_ms : 0;
}

/* Does a go before b? Refused ones go last; among equals who is forgotten first. */
static bool
goes_before(const struct limiter_slot *a, const struct limiter_slot *b, int64_t now_ms)
{
	bool is_a_refused = a->until_ms > now_ms, is_b_refused = b->until_ms > now_ms;

	return is_a_refused != is_b_refused ? is_b_refused : forgotten_ms(a) < forgotten_ms(b);
}

static struct limiter_slot *
take_slot(struct limiter *l, const struct limiter_key *k, int64_t now_ms)
{
	struct limiter_slot *taken = &l->slots[0];

	for (size_t i = 0; i < LIMITER_SLOTS; i++) {
		struct limiter_slot *s = &l->slots[i];

		if (limiter_key_is(&s->key, k)) {
			if (forgotten_ms(s) <= now_ms)
				*s = (struct limiter_slot){ .key = *k, .since_ms = now_ms };
			return s;
		}
		if (goes_before(s, taken, now_ms))
			taken = s;
	}
	if (is_free(taken))
		l->n_used++;
	*taken = (struct limiter_slot){ .key = *k, .since_ms = now_ms };
	l->n_clients++;
	return taken;
}

static int64_t
refusal_ms(unsigned n)
{
	int64_t ms = LIMITER_FIRST_MS;

	for (; n > LIMITER_FREE && ms < LIMITER_MAX_MS; n--)
		ms *= 2;
	return ms < LIMITER_MAX_MS ? ms : LIMITER_MAX_MS;
}

void
limiter_wrong(struct limiter *l, const struct limiter_key *k, int64_t now_ms)
{
	struct limiter_slot *s = take_slot(l, k, now_ms);

	if (s->until_ms > now_ms)
		return;
	if (s->n < UINT32_MAX)
		s->n++;
	if (s->n >= LIMITER_FREE)
		s->since_ms = s->until_ms = now_ms + refusal_ms(s->n);
}

void
limiter_right(struct limiter *l, const struct limiter_key *k)
{
	for (size_t i = 0; l->n_used > 0 && i < LIMITER_SLOTS; i++) {
		if (limiter_key_is(&l->slots[i].key, k)) {
			l->slots[i] = (struct limiter_slot){ .n = 0 };
			l->n_used--;
		}
	}
}

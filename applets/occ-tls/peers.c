/* peers.c - a hash table of the addresses that are connected now */
#include "applets/occ-tls/peers.h"

#include "lib/base/mem.h"

/* FNV-1a. An attacker who finds colliding addresses needs as many addresses as the chain is to be long. */
static struct peer **
bucket_of(struct peers *p, const struct limiter_key *k)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof k->v; i++)
		h = (h ^ k->v[i]) * 16777619u;
	return &p->buckets[h % PEERS_BUCKETS];
}

static struct peer **
find(struct peers *p, const struct limiter_key *k)
{
	struct peer **at = bucket_of(p, k);

	while (*at && !limiter_key_is(&(*at)->key, k))
		at = &(*at)->next;
	return at;
}

struct peer *
peers_join(struct peers *p, const char *address, unsigned max)
{
	struct limiter_key key;

	if (!limiter_key_of(address, &key))
		return NULL;
	struct peer **at = find(p, &key);
	if (!*at) {
		*at = mem_new(sizeof **at);
		(*at)->key = key;
	}
	if ((*at)->n >= max)
		return NULL;
	(*at)->n++;
	return *at;
}

void
peers_leave(struct peers *p, struct peer *of)
{
	if (--of->n > 0)
		return;
	struct peer **at = find(p, &of->key);
	*at = of->next;
	mem_free(of);
}

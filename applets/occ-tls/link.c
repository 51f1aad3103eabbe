/* link.c - one-time links */
#include "applets/occ-tls/link.h"

#include "lib/base/mem.h"
#include "lib/base/rand.h"

/* A free slot, or one whose time is over, or the oldest: all are those that end first. */
static struct link_slot *
next_slot(struct links *l)
{
	struct link_slot *first = &l->slots[0];

	for (size_t i = 1; i < LINK_SLOTS; i++)
		if (l->slots[i].until_ms < first->until_ms)
			first = &l->slots[i];
	return first;
}

int
link_new(struct links *l, int64_t now_ms, struct buf *ret, struct err *e)
{
	size_t before = ret->n;

	if (rand_token(ret, LINK_TOKEN_CHARS, e) < 0)
		return err_wrap(e, "make a link");
	if (buf_check(ret, "link", e) < 0)
		return -1;
	struct link_slot *s = next_slot(l);
	digest_sha256(str_skip(buf_str(ret), before), s->digest);
	s->until_ms = now_ms + LINK_LIFE_MS;
	return 0;
}

bool
link_use(struct links *l, struct str token, int64_t now_ms)
{
	unsigned char digest[DIGEST_SHA256_BYTES];
	struct link_slot *found = NULL;

	digest_sha256(token, digest);
	for (size_t i = 0; i < LINK_SLOTS; i++)
		if (!mem_differs(l->slots[i].digest, digest, sizeof digest))
			found = &l->slots[i];
	bool holds = found && found->until_ms > now_ms;
	if (found)
		*found = (struct link_slot){ .until_ms = 0 };
	return holds;
}

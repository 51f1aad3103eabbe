/* edge_peers_test.c - connections counted by address */
#include "applets/occ-tls/peers.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static void
test_bound(struct peers *p)
{
	struct peer *a = peers_join(p, "192.0.2.1", 2);

	t_row("one address has so many and no more, another has its own");
	T_OK(a && peers_join(p, "192.0.2.1", 2) == a);
	T_OK(peers_join(p, "192.0.2.1", 2) == NULL);
	struct peer *b = peers_join(p, "192.0.2.2", 2);
	T_OK(b && b != a);
	t_row("who leaves makes room; the last one is forgotten");
	peers_leave(p, a);
	T_OK(peers_join(p, "192.0.2.1", 2) == a);
	peers_leave(p, a);
	peers_leave(p, a);
	peers_leave(p, b);
	for (size_t i = 0; i < PEERS_BUCKETS; i++)
		T_OK(!p->buckets[i]);
}

static void
test_kinds(struct peers *p)
{
	t_row("an IPv6 /64 is one client, a mapped IPv4 address is that address");
	struct peer *six = peers_join(p, "2001:db8::1", 9);
	T_OK(six && peers_join(p, "2001:db8::ffff", 9) == six);
	struct peer *four = peers_join(p, "198.51.100.7", 9);
	T_OK(four && peers_join(p, "::ffff:198.51.100.7", 9) == four);
	t_row("what is no address is not let in");
	T_OK(!peers_join(p, "", 9));
	T_OK(!peers_join(p, "example", 9));
	for (int i = 0; i < 2; i++) {
		peers_leave(p, six);
		peers_leave(p, four);
	}
}

static void
test_many(struct peers *p)
{
	enum { N = 5000 };
	static struct peer *all[N];
	char text[32];

	t_row("5,000 addresses come and go in another order");
	for (int i = 0; i < N; i++) {
		snprintf(text, sizeof text, "10.%d.%d.1", i / 250, i % 250);
		all[i] = peers_join(p, text, 1);
		T_OK(all[i] && all[i]->n == 1);
	}
	for (int i = 0; i < N; i++)
		peers_leave(p, all[(i * 7) % N]);
	size_t left = 0;
	for (size_t i = 0; i < PEERS_BUCKETS; i++)
		left += p->buckets[i] != NULL;
	T_EQ(left, 0);
}

int
main(void)
{
	static struct peers p;

	test_bound(&p);
	test_kinds(&p);
	test_many(&p);
	return t_done();
}

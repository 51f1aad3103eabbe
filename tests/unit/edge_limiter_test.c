/* edge_limiter_test.c - wrong credentials by client address, with a clock of its own */
#include "applets/occ-tls/limiter.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static struct limiter limiter;

static struct limiter_key
key(const char *address)
{
	struct limiter_key k = { { 0 } };

	T_OK(limiter_key_of(address, &k));
	return k;
}

static const struct {
	const char *a, *b;
	bool is_same;
} keys[] = {
	{ "192.0.2.1", "192.0.2.1", true }, { "192.0.2.1", "::ffff:192.0.2.1", true }, { "192.0.2.1", "192.0.2.2", false },
	{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true }, { "2001:db8::1", "2001:db8:0:1::1", false }, { "fe80::1%eth0", "fe80::2", true },
	{ "::1", "0.0.0.0", false }, { "::1", "::2", true },
};

static void
test_keys(void)
{
	static const char *const none[] = { "", "unknown", "1.2.3", "[::1]", "1.2.3.4:5" };
	static const struct limiter_key zero;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		t_row("%s and %s are %s", keys[i].a, keys[i].b, keys[i].is_same ? "one client" : "two");
		struct limiter_key a = key(keys[i].a), b = key(keys[i].b);
		T_EQ(memcmp(&a, &b, sizeof a) == 0, keys[i].is_same);
		T_OK(memcmp(&a, &zero, sizeof a) != 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		struct limiter_key k;

		t_row("no address: \"%s\"", none[i]);
		T_OK(!limiter_key_of(none[i], &k));
	}
}

static void
test_growth(void)
{
	static const int64_t waits[] = { 0, 0, 0, 0, 10000, 20000, 40000, 80000, 160000, 320000, 640000, 900000, 900000 };
	const struct limiter_key k = key("192.0.2.1");
	int64_t now = 5000;

	limiter = (struct limiter){ .n_clients = 0 };
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		t_row("wrong for the %zu. time", i + 1);
		limiter_wrong(&limiter, &k, now);
		T_EQ(limiter_wait_ms(&limiter, &k, now), waits[i]);
		T_EQ(limiter_wait_ms(&limiter, &k, now + waits[i]), 0);
		if (waits[i] > 0) {
			T_EQ(limiter_wait_ms(&limiter, &k, now + waits[i] - 1), 1);
			limiter_wrong(&limiter, &k, now + 1);		/* refused: not counted */
			T_EQ(limiter_wait_ms(&limiter, &k, now), waits[i]);
		}
		now += waits[i] + 1;
	}
	t_row("others are not touched");
	const struct limiter_key other = key("192.0.2.2");
	T_EQ(limiter_wait_ms(&limiter, &other, now), 0);
	t_row("forgotten a window after the last refusal");
	now += LIMITER_WINDOW_MS;
	for (int i = 0; i < LIMITER_FREE - 1; i++)
		limiter_wrong(&limiter, &k, now);
	T_EQ(limiter_wait_ms(&limiter, &k, now), 0);
	t_row("forgotten when it was right");
	limiter_right(&limiter, &k);
	for (int i = 0; i < LIMITER_FREE - 1; i++)
		limiter_wrong(&limiter, &k, now);
	T_EQ(limiter_wait_ms(&limiter, &k, now), 0);
	limiter_wrong(&limiter, &k, now);
	T_EQ(limiter_wait_ms(&limiter, &k, now), LIMITER_FIRST_MS);
}

static void
test_window(void)
{
	const struct limiter_key k = key("2001:db8::1");

	limiter = (struct limiter){ .n_clients = 0 };
	t_row("five in more than the window are none too many");
	for (int i = 0; i < 4; i++)
		limiter_wrong(&limiter, &k, 1000);
	limiter_wrong(&limiter, &k, 1000 + LIMITER_WINDOW_MS);
	T_EQ(limiter_wait_ms(&limiter, &k, 1000 + LIMITER_WINDOW_MS), 0);
	t_row("five in just less are");
	for (int i = 0; i < 4; i++)
		limiter_wrong(&limiter, &k, 1000 + 2 * LIMITER_WINDOW_MS - 1);
	T_EQ(limiter_wait_ms(&limiter, &k, 1000 + 2 * LIMITER_WINDOW_MS - 1), LIMITER_FIRST_MS);
	T_EQ(limiter.n_clients, 1);
}

static struct limiter_key
nth(unsigned i)
{
	char text[64];

	snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
	return key(text);
}

static void
test_full(void)
{
	struct limiter_key refused = nth(7), k;

	limiter = (struct limiter){ .n_clients = 0 };
	t_row("a full table keeps who is refused and forgets who is oldest");
	for (int i = 0; i < LIMITER_FREE; i++)
		limiter_wrong(&limiter, &refused, 1);
	for (unsigned i = 8; i < 8 + 5 * LIMITER_SLOTS; i++) {
		k = nth(i);
		limiter_wrong(&limiter, &k, 2 + i);
	}
	T_OK(limiter_wait_ms(&limiter, &refused, 5 * LIMITER_SLOTS) > 0);
	T_EQ(limiter.n_clients, 1 + 5 * LIMITER_SLOTS);
	/* of the last ones each still has its count */
	for (unsigned i = 8 + 4 * LIMITER_SLOTS + 1; i < 8 + 5 * LIMITER_SLOTS; i++) {
		k = nth(i);
		for (int j = 1; j < LIMITER_FREE; j++)
			limiter_wrong(&limiter, &k, 6 * LIMITER_SLOTS);
		T_OK(limiter_wait_ms(&limiter, &k, 6 * LIMITER_SLOTS) == LIMITER_FIRST_MS);
	}
	t_row("a table full of refused ones lets the one go that is free first");
	k = nth(1);
	limiter_wrong(&limiter, &k, 6 * LIMITER_SLOTS);
	T_EQ(limiter_wait_ms(&limiter, &refused, 6 * LIMITER_SLOTS), 0);
}

int
main(void)
{
	test_keys();
	test_growth();
	test_window();
	test_full();
	return t_done();
}

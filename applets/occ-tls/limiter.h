/*
 * limiter.h - pure: wrong credentials counted by client address, in bounded memory
 *
 * Only credentials that were presented and wrong are counted: after LIMITER_FREE of them within LIMITER_WINDOW_MS the client is refused, first for LIMITER_FIRST_MS, twice as long
 * after each further one, up to LIMITER_MAX_MS. What comes while it is refused is not counted. The window begins with the first wrong one, and anew with the end of each
 * refusal: who goes on guessing is not forgotten. IPv6 clients are counted by /64. A full table forgets who is due to be forgotten first, never who is being refused if
 * another can go. Who has been let in (a valid session) is not asked at all. Times are monotonic milliseconds.
 */
#ifndef OCC_APPLETS_TLS_LIMITER_H
#define OCC_APPLETS_TLS_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

#define LIMITER_SLOTS 1024
#define LIMITER_FREE 5
#define LIMITER_WINDOW_MS (10 * 60 * 1000)
#define LIMITER_FIRST_MS 10000
#define LIMITER_MAX_MS (15 * 60 * 1000)
#define LIMITER_KEY_BYTES 16

struct limiter_key {
	unsigned char v[LIMITER_KEY_BYTES];	/* an IPv4 address mapped, or an IPv6 /64; all zero is no client's */
};

struct limiter_slot {
	struct limiter_key key;		/* all zero: free */
	unsigned n;			/* wrong ones in the window */
	int64_t since_ms, until_ms;	/* of the window; of the refusal */
};

struct limiter {
	struct limiter_slot slots[LIMITER_SLOTS];
	uint64_t n_clients;		/* slots that were taken since the start */
	unsigned n_used;		/* that are not free: mostly none, and then nothing is looked for */
};

bool limiter_key_is(const struct limiter_key *a, const struct limiter_key *b);
bool limiter_key_of(const char *address, struct limiter_key *ret);	/* literal address, a zone allowed; false when it is none */
int64_t limiter_wait_ms(const struct limiter *l, const struct limiter_key *k, int64_t now_ms);	/* 0: may try */
void limiter_wrong(struct limiter *l, const struct limiter_key *k, int64_t now_ms);
void limiter_right(struct limiter *l, const struct limiter_key *k);	/* forgets the client */

#endif

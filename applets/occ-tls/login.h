/*
 * login.h - carries out what the gate decides: lets in, asks the keeper, shows the ways in, reads the form
 *
 * While the keeper is asked the request's own bytes are kept and decided on again with its answer. What it found good of an API client, which shows its password with each
 * request, is remembered for a while, bound to the client's address: as a MAC, never the password.
 */
#ifndef OCC_APPLETS_TLS_LOGIN_H
#define OCC_APPLETS_TLS_LOGIN_H

#include "applets/occ-tls/limiter.h"
#include "applets/occ-tls/wire.h"

#define LOGIN_GOOD_MAX 64
#define LOGIN_GOOD_MS 60000
#define LOGIN_ASKING_MAX 256

struct edge;
struct conn;

struct login_good {
	unsigned char mac[MAC_SHORT_BYTES];
	int64_t until_ms;
};

struct login {
	struct limiter limiter;
	unsigned char good_key[MAC_SHORT_KEY_BYTES];	/* of good: another one with each password */
	struct login_good good[LOGIN_GOOD_MAX];
	unsigned next_good;			/* the oldest is overwritten */
	uint32_t last_id;
	struct gate_config gate;
	const char *origins[WIRE_LIST_MAX + 1];
};

void login_configure(struct edge *e);
/* The request in edge->request: who is let in goes on, who is not is answered. */
void login_decide(struct conn *c);
void login_read_form(struct conn *c);
/* The keeper's verdict. */
void login_told(struct edge *e, uint32_t id, bool is_good);

/* login_reply.c: the answers. edge->gate says what is to be said. */
void login_show_page(struct conn *c);
void login_challenge(struct conn *c);
void login_too_many(struct conn *c);
void login_give_session(struct conn *c, struct str where);
void login_end_session(struct conn *c);

#endif

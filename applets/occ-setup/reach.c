/* reach.c - the first question: how it is reached */
#include "applets/occ-setup/setup.h"

#include <string.h>

#include "lib/base/mem.h"

#define LOCAL_TEXT "from this machine, and from others through ssh   (nothing is opened)"
#define PROXY_TEXT "behind a load balancer or proxy that does TLS"
#define INTERNET_TEXT "directly from the internet: TLS and a login page, by this program"
#define NETWORK_TEXT "from this network, by its own address, not encrypted   (as it is now)"

static bool
is_on_network(const struct setup *s)
{
	struct setup_answers is;

	answers_init(s->r->arena, &s->file, &s->facts, &is);
	return answer_is(&is, ANSWER_REACH, REACH_NETWORK) || answer_is(&s->answers, ANSWER_REACH, REACH_NETWORK);
}

static int
ask_reach(struct setup *s, enum setup_move *ret, struct err *e)
{
	const char *texts[5], *values[5];
	size_t n = 0, dflt = 0, choice = 0;
	enum term_reply reply;

	texts[n] = LOCAL_TEXT;
	values[n++] = REACH_LOCAL;
	if (s->facts.has_tailscale) {
		texts[n] = arena_printf(s->r->arena, "through Tailscale, as https://%s", s->facts.tailscale_name ? s->facts.tailscale_name : "...");
		values[n++] = REACH_TAILSCALE;
	}
	texts[n] = PROXY_TEXT;
	values[n++] = REACH_PROXY;
	if (!s->s.is_remote) {		/* the edge is on the engine's own machine */
		texts[n] = INTERNET_TEXT;
		values[n++] = REACH_INTERNET;
	}
	if (is_on_network(s)) {
		texts[n] = NETWORK_TEXT;
		values[n++] = REACH_NETWORK;
	}
	for (size_t i = 0; i < n; i++)
		dflt = strcmp(values[i], s->answers.text[ANSWER_REACH]) == 0 ? i : dflt;
	if (term_choose(s->r->term, texts, n, dflt, &choice, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	if (*ret != SETUP_NEXT)
		return 0;
	/* Addresses that were given for another way do not count for this one. */
	if (strcmp(values[choice], s->answers.text[ANSWER_REACH]) != 0)
		s->answers.is_set[ANSWER_BIND] = s->answers.is_set[ANSWER_PUBLIC_URL] = false;
	return answer_set(s->r->arena, &s->answers, ANSWER_REACH, values[choice], e);
}

const struct setup_step setup_reach[] = {
	{ "1. How will you reach it?", NULL, ask_reach },
	{ NULL, NULL, NULL },
};

/* login.c - the gate's verdicts carried out */
#include "applets/occ-tls/login.h"

#include <string.h>

#include "applets/occ-tls/conn.h"
#include "applets/occ-tls/reply.h"
#include "applets/occ-tls/served.h"
#include "lib/base/mem.h"

static void carry_out(struct conn *c);

static struct gate_request
gate_request(const struct conn *c)
{
	return (struct gate_request){ .head = &c->edge->request, .is_secure = access_is_secure(c), .is_preview = c->x.preview != 0, .now_epoch_s = clock_epoch_s() };
}

/* ---- what was found good ---- */

/* Bound to the address: who guesses from elsewhere learns nothing, and is limited. */
static void
mac_of(const struct edge *e, const struct limiter_key *k, const struct gate_result *r, unsigned char ret[MAC_SHORT_BYTES])
{
	AUTO(buf) struct buf text = BUF_SECRET_INIT(sizeof k->v + GATE_USER_BYTES + GATE_PASSWORD_BYTES);

	buf_put(&text, k->v, sizeof k->v);
	buf_put(&text, r->user, strlen(r->user) + 1);
	buf_puts(&text, r->password);
	mac_short(e->login.good_key, buf_str(&text), ret);
}

/* For as long as it is used: a crowd of requests must not find it forgotten all at once. */
static bool
is_known_good(struct edge *e, const unsigned char mac[MAC_SHORT_BYTES])
{
	for (size_t i = 0; i < LOGIN_GOOD_MAX; i++) {
		struct login_good *g = &e->login.good[i];

		if (g->until_ms > e->now_ms && mem_differs(g->mac, mac, MAC_SHORT_BYTES) == 0) {
			g->until_ms = e->now_ms + LOGIN_GOOD_MS;
			return true;
		}
	}
	return false;
}

static void
remember_good(struct edge *e, const unsigned char mac[MAC_SHORT_BYTES])
{
	struct login_good *g = &e->login.good[e->login.next_good++ % LOGIN_GOOD_MAX];

	memcpy(g->mac, mac, MAC_SHORT_BYTES);
	g->until_ms = e->now_ms + LOGIN_GOOD_MS;
}

/* ---- asking the keeper ---- */

static void
told(struct conn *c, bool is_good, int64_t wait_ms)
{
	struct edge *e = c->edge;
	const struct gate_request rq = gate_request(c);

	gate_told(&e->login.gate, &rq, is_good, wait_ms, &e->gate);
	carry_out(c);
}

static void
no_verdict(struct conn *c)
{
	reply_error(c, 503, "the password could not be checked now");
}

static bool
send_question(struct conn *c, enum wire_kind kind)
{
	struct edge *e = c->edge;
	struct wire_ask ask = { .user = "" };

	str_copy(ask.user, sizeof ask.user, e->gate.user);
	str_copy(ask.password, sizeof ask.password, kind == WIRE_LINK ? e->gate.token : e->gate.password);
	str_copy(ask.client, sizeof ask.client, c->client.text);
	c->ask_id = ++e->login.last_id;
	bool is_sent = orders_ask(e, kind, c->ask_id, str_from(&ask, sizeof ask));
	mem_wipe(&ask, sizeof ask);
	return is_sent;
}

/* The request's own bytes, with the form behind them if it is one. */
static void
wait_for_keeper(struct conn *c, struct str form)
{
	struct edge *e = c->edge;

	if (e->raw.p != c->head.p) {
		buf_reset(&c->head);
		buf_putstr(&c->head, e->raw);
		buf_putstr(&c->head, form);
	}
	conn_state(c, CONN_WAITING);
	conn_list_move(c, &e->asking);
	c->gave_up = no_verdict;
	conn_due(c, DUE_WAIT, e->now_ms + edge_wait_ms(e, EDGE_WAIT_ASK));
}

static void
ask(struct conn *c, enum wire_kind kind, struct str form)
{
	struct edge *e = c->edge;
	struct limiter_key key = { .v = { 0 } };
	unsigned char mac[MAC_SHORT_BYTES];
	int64_t wait_ms = limiter_key_of(c->client.text, &key) ? limiter_wait_ms(&e->login.limiter, &key, e->now_ms) : 0;

	if (wait_ms > 0) {
		told(c, false, wait_ms);
		return;
	}
	if (e->gate.verdict == GATE_ASK) {
		mac_of(e, &key, &e->gate, mac);
		if (is_known_good(e, mac)) {
			told(c, true, 0);
			return;
		}
	}
	if (e->asking.n >= LOGIN_ASKING_MAX || !send_question(c, kind)) {
		no_verdict(c);
		return;
	}
	wait_for_keeper(c, form);
}

static struct conn *
find_asking(const struct edge *e, uint32_t id)
{
	struct conn *c = e->asking.first;

	while (c && c->ask_id != id)
		c = c->list_next;
	return c;
}

/* The request as it was, in edge->request, edge->gate and edge->raw; what follows it is the form. False when it is not what it was. */
static bool
look_again(struct conn *c, struct str *ret_form)
{
	struct edge *e = c->edge;
	const struct gate_request rq = gate_request(c);
	const char *why;
	int status;
	long used = http_parse_request(buf_str(&c->head), &e->request, &status, &why);

	if (used < 0)
		return false;
	e->raw = str_take(buf_str(&c->head), (size_t)used);
	*ret_form = str_skip(buf_str(&c->head), (size_t)used);
	gate_decide(&e->login.gate, &rq, &e->scratch, &e->gate);
	return true;
}

/* Guesses that were made at once do not get round the limit: the first wrong answers end the chances of the others. */
static int64_t
count_verdict(struct conn *c, bool is_good)
{
	struct edge *e = c->edge;
	struct limiter_key key;
	unsigned char mac[MAC_SHORT_BYTES];

	if (!limiter_key_of(c->client.text, &key))
		return 0;
	int64_t wait_ms = limiter_wait_ms(&e->login.limiter, &key, e->now_ms);
	if (wait_ms > 0)
		return wait_ms;
	if (!is_good) {
		limiter_wrong(&e->login.limiter, &key, e->now_ms);
		return 0;
	}
	limiter_right(&e->login.limiter, &key);
	if (e->gate.verdict == GATE_ASK) {
		mac_of(e, &key, &e->gate, mac);
		remember_good(e, mac);
	}
	return 0;
}

void
login_told(struct edge *e, uint32_t id, bool is_good)
{
	struct conn *c = find_asking(e, id);
	struct str form;
	char next[HTTP_TARGET_MAX];

	if (!c)
		return;
	conn_list_move(c, NULL);
	conn_due(c, DUE_WAIT, LOOP_NEVER);
	if (!look_again(c, &form)) {
		no_verdict(c);
	} else {
		if (e->gate.verdict == GATE_FORM && gate_form(form, &e->gate, next, sizeof next))
			str_copy(e->gate.target, sizeof e->gate.target, next);
		told(c, is_good, count_verdict(c, is_good));
	}
	conn_settle(c);
}

/* ---- the form ---- */

static void
take_form(struct conn *c, struct str body)
{
	struct edge *e = c->edge;
	char next[HTTP_TARGET_MAX];

	if (gate_form(body, &e->gate, next, sizeof next))
		ask(c, WIRE_ASK, body);
	else
		reply_error(c, 400, "this is not the login form");
}

/* What has come of it stands behind the head in c->head. */
void
login_read_form(struct conn *c)
{
	struct edge *e = c->edge;
	struct str payload, rest, form;
	const char *why;
	size_t n = conn_load(c, c->in.n == 0);

	if (n == 0)
		return;
	if (body_take(&c->x.up, e->rx, n, &payload, &rest, &why) < 0) {
		reply_error(c, 400, why);
		return;
	}
	conn_store(c, rest);
	if (c->x.up.n_bytes > GATE_FORM_MAX) {
		reply_error(c, 413, "the login form is too large");
		return;
	}
	buf_putstr(&c->head, payload);
	if (c->x.up.is_done && look_again(c, &form))
		take_form(c, form);
}

static void
begin_form(struct conn *c)
{
	struct edge *e = c->edge;

	if (c->x.up.is_done || (c->x.up.from == HTTP_LENGTH && c->x.up.left > GATE_FORM_MAX)) {
		reply_error(c, c->x.up.is_done ? 400 : 413, c->x.up.is_done ? "this is not the login form" : "the login form is too large");
		return;
	}
	buf_reset(&c->head);
	buf_putstr(&c->head, e->raw);
	conn_state(c, CONN_FORM);
	conn_due(c, DUE_CLIENT, e->now_ms + edge_wait_ms(e, EDGE_WAIT_BODY));
	if (c->x.wants_continue)
		conn_send(c, STR_LIT(EXCHANGE_CONTINUE));
	if (c->state == CONN_FORM)
		login_read_form(c);
}

/* ---- verdicts ---- */

static void
pass(struct conn *c)
{
	struct edge *e = c->edge;

	if (e->gate.gives_session)
		login_give_session(c, e->gate.target[0] ? str_of(e->gate.target) : e->request.target);
	else if (!served_begin(c) && exchange_prepare(c))
		exchange_go(c, buf_str(&e->tx));
}

static void
ask_password(struct conn *c)
{
	ask(c, WIRE_ASK, STR_NULL);
}

static void
ask_link(struct conn *c)
{
	ask(c, WIRE_LINK, STR_NULL);
}

static void
refuse(struct conn *c)
{
	reply_error(c, c->edge->gate.status, c->edge->gate.why);
}

static void
carry_out(struct conn *c)
{
	static void (*const by_verdict[])(struct conn *c) = {
		[GATE_PASS] = pass,
		[GATE_ASK] = ask_password,
		[GATE_LOGIN_PAGE] = login_show_page,
		[GATE_CHALLENGE] = login_challenge,
		[GATE_FORM] = begin_form,
		[GATE_LINK] = ask_link,
		[GATE_LOGOUT] = login_end_session,
		[GATE_REFUSED] = refuse,
		[GATE_TOO_MANY] = login_too_many,
	};

	by_verdict[c->edge->gate.verdict](c);
}

void
login_decide(struct conn *c)
{
	struct edge *e = c->edge;
	const struct gate_request rq = gate_request(c);

	gate_decide(&e->login.gate, &rq, &e->scratch, &e->gate);
	c->x.is_navigation = e->gate.is_navigation;
	c->x.is_open = e->gate.is_open;
	carry_out(c);
}

/* ---- settings ---- */

void
login_configure(struct edge *e)
{
	struct login *l = &e->login;
	const struct edge_settings *s = &e->settings;
	unsigned char derived[MAC_BYTES];
	size_t n = 0;

	while (n < WIRE_LIST_MAX && s->origins[n][0]) {
		l->origins[n] = s->origins[n];
		n++;
	}
	l->origins[n] = NULL;
	l->gate = (struct gate_config){ .is_page = s->is_page, .generation = s->generation, .origins = l->origins };
	memcpy(l->gate.key, s->cookie_key, sizeof l->gate.key);
	mac_sha256(s->cookie_key, STR_LIT("what was found good"), derived);
	memcpy(l->good_key, derived, sizeof l->good_key);
	mem_wipe(derived, sizeof derived);
	mem_wipe(l->good, sizeof l->good);		/* the password may be another one */
}

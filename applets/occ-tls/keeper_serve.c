/* keeper_serve.c - the edge's control socket: how is it, look again, hold and drain for a restart, a one-time link, another certificate */
#include <unistd.h>

#include "applets/occ-tls/keeper.h"
#include "lib/base/mem.h"

#define DIR_MODE_USER 0700
#define DIR_MODE_SYSTEM 0755
#define LINK_URL_MAX 1024

/* Without a worker nothing is in flight; one that begins or has gone owes nothing. */
static bool
is_drained(const struct keeper *k)
{
	for (size_t i = 0; i < KEEPER_WORKERS; i++) {
		if (k->workers[i].owes_drained)
			return false;
	}
	return true;
}

/* ---- answers ---- */

static void
put_text(struct jsonw *w, const char *key, const char *text)
{
	jsonw_str(w, key, text[0] ? text : NULL);
}

static void
put_certificate(const struct keeper *k, struct jsonw *w)
{
	const struct cert_facts *f = &k->source.certs.facts;

	if (k->source.certs.chain.n == 0)
		return;
	jsonw_object(w, "certificate");
	jsonw_str(w, "subject", f->subject);
	jsonw_str(w, "issuer", f->issuer);
	jsonw_str(w, "sha256", f->sha256);
	jsonw_array(w, "names");
	for (size_t i = 0; i < f->n_names; i++)
		jsonw_str(w, NULL, f->names[i]);
	jsonw_end(w);
	jsonw_int(w, "from", f->from_epoch_s);
	jsonw_int(w, "until", f->until_epoch_s);
	if (mode_of(k->source.settings.mode)->is_made_here)
		jsonw_int(w, "renews", certs_renew_epoch_s(f));
	jsonw_bool(w, "publicly_trusted", k->source.settings.has_hsts);
	jsonw_end(w);
}

static void
put_facts(const struct wire_facts *f, struct jsonw *w)
{
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {
		{ "requests", f->n_requests }, { "failed", f->n_failed }, { "refused", f->n_refused }, { "connections", f->n_connections },
		{ "streams", f->n_streams }, { "websockets", f->n_websockets }, { "held", f->n_held }, { "handshakes", f->n_handshakes },
		{ "resumed", f->n_resumed }, { "bytes_in", f->bytes_in }, { "bytes_out", f->bytes_out }, { "restarts", f->n_restarts },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		jsonw_int(w, rows[i].name, (int64_t)rows[i].n);
	jsonw_bool(w, "opencode_up", f->is_back_up);
	jsonw_int(w, "opencode_seen_s", f->back_seen_s);
	jsonw_bool(w, "proxy_unknown", f->all_private);
}

static void
put_status(struct keeper *k, struct jsonw *w)
{
	char text[KEEPER_TEXT];

	jsonw_int(w, "pid", getpid());
	jsonw_str(w, "mode", k->source.config.edge.mode);
	jsonw_str(w, "url", edge_url(&k->source.arena, &k->source.config, k->scope.kind));
	jsonw_bool(w, "serving", k->current != NULL);
	if (k->current)
		jsonw_int(w, "worker_pid", k->current->child.pid);
	jsonw_str(w, "text", keeper_status(k, text, sizeof text));
	put_text(w, "trouble", k->trouble[0] ? k->trouble : k->worker_trouble);
	put_text(w, "certificate_trouble", k->cert_trouble);
	jsonw_str(w, "hold", control_server_lease(&k->control));
	jsonw_bool(w, "has_password", k->source.verify.has_password);
	jsonw_array(w, "ports");
	for (size_t i = 0; i < k->listeners.n; i++)
		jsonw_int(w, NULL, k->listeners.v[i].port);
	jsonw_end(w);
	put_certificate(k, w);
	if (k->has_facts)
		put_facts(&k->facts, w);
}

/* The address is a secret for ten minutes: it goes to who asked and nowhere else. */
static void
put_link(struct keeper *k, struct jsonw *w)
{
	AUTO(buf) struct buf url = BUF_SECRET_INIT(LINK_URL_MAX);
	struct str base = str_of(edge_url(&k->source.arena, &k->source.config, k->scope.kind));

	if (str_has_suffix(base, "/"))
		base = str_take(base, base.n - 1);
	buf_printf(&url, STR_FMT GATE_LINK_PATH "?t=%s", STR_ARG(base), k->link.p);
	jsonw_str(w, "url", url.p);
	jsonw_int(w, "seconds", LINK_LIFE_MS / 1000);
	buf_wipe(&k->link);
}

static void
put(void *ctx, unsigned verb, struct jsonw *w)
{
	struct keeper *k = ctx;

	if (verb == CONTROL_EDGE_STATUS)
		put_status(k, w);
	else if (verb == CONTROL_EDGE_LINK)
		put_link(k, w);
	else if (verb == CONTROL_EDGE_DRAIN)
		jsonw_bool(w, "drained", k->is_held && is_drained(k));
}

/* ---- hold, drain, release ---- */

static int
hold(void *ctx, const struct control_request *r, struct err *e)
{
	struct keeper *k = ctx;

	(void)e;
	keeper_say(k, "requests are held: %s", r->why);
	k->is_held = true;
	k->hold_id++;
	keeper_wire_hold(k);
	return 0;
}

static void
answer_drains(struct keeper *k)
{
	loop_remove(&k->loop, &k->drain);
	control_server_answer(&k->control, CONTROL_EDGE_DRAIN, NULL);
}

static void
release(void *ctx)
{
	struct keeper *k = ctx;

	keeper_say(k, "requests go on");
	k->is_held = false;
	keeper_wire_hold(k);
	answer_drains(k);
}

void
keeper_serve_drained(struct keeper *k)
{
	if (k->is_held && is_drained(k))
		answer_drains(k);
}

static void
on_drain_due(struct watch *w, short got, int64_t now_ms)
{
	(void)got;
	(void)now_ms;
	answer_drains(CONTAINER_OF(w, struct keeper, drain));
}

/* Several who wait are answered together, at the first one's time. */
static int
drain(struct keeper *k, const struct control_request *r, struct err *e)
{
	int64_t due_ms = clock_due_ms(r->seconds * 1000);

	if (!k->is_held)
		return err_set(e, ERR_CONFLICT, "nothing is held: hold comes before drain");
	if (is_drained(k))
		return 0;
	if (!k->drain.loop || due_ms < k->drain.due_ms)
		loop_timer(&k->loop, &k->drain, due_ms);
	return 1;
}

/* ---- reload, renew ---- */

static int
renewed(struct keeper *k, bool is_forced, struct err *e)
{
	if (is_forced && !mode_of(k->source.settings.mode)->get)
		return err_set(e, ERR_CONFLICT, "mode %s has no certificate", k->source.config.edge.mode);
	if (keeper_refresh(k, is_forced, e) < 0)
		return -1;
	if (k->cert_trouble[0])
		return err_set(e, ERR_TLS, "%s", k->cert_trouble);
	return k->current || k->next ? 1 : 0;
}

void
keeper_serve_taken(struct keeper *k, const char *why_not)
{
	struct err refused = ERR_INIT;

	if (why_not)
		err_set(&refused, ERR_FAIL, "not taken into use: %s", why_not);
	str_copy(k->worker_trouble, sizeof k->worker_trouble, why_not ? refused.msg : "");
	if (why_not)
		keeper_say(k, "%s", refused.msg);
	control_server_answer(&k->control, CONTROL_EDGE_RELOAD, why_not ? &refused : NULL);
	control_server_answer(&k->control, CONTROL_EDGE_RENEW, why_not ? &refused : NULL);
	keeper_tell(k);
}

static int
make_link(struct keeper *k, struct err *e)
{
	if (!k->source.verify.has_password)
		return err_set(e, ERR_CONFLICT, "there is no password yet: occ start makes one");
	buf_wipe(&k->link);
	return link_new(&k->links, k->loop.clock(), &k->link, e);
}

static int
act(void *ctx, const struct control_request *r, struct err *e)
{
	struct keeper *k = ctx;

	switch (r->verb) {
	case CONTROL_EDGE_RELOAD:
		return renewed(k, false, e);
	case CONTROL_EDGE_RENEW:
		return renewed(k, true, e);
	case CONTROL_EDGE_DRAIN:
		return drain(k, r, e);
	case CONTROL_EDGE_LINK:
		return make_link(k, e);
	default:
		return 0;
	}
}

int
keeper_serve(struct keeper *k, struct err *e)
{
	const struct control_handlers h = { .ctx = k, .act = act, .put = put, .suspend = hold, .resume = release };
	unsigned dir_mode = k->scope.kind == SCOPE_SYSTEM ? DIR_MODE_SYSTEM : DIR_MODE_USER;

	k->drain = (struct watch){ .fd = -1, .due_ms = LOOP_NEVER, .fire = on_drain_due };
	return control_server_open(&k->control, &k->loop, &control_edge, k->paths.control, dir_mode, &h, e);
}

/* keeper_source.c - configuration, credentials and certificate as the worker gets them */
#include <sys/stat.h>

#include "applets/occ-tls/keeper.h"
#include "applets/occ-tls/preview.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "lib/deploy/expose.h"
#include "lib/http/remote.h"

#define IDLE_S 75
#define IDLE_BALANCER_S 4060		/* an application load balancer waits at most 4000 s, and the target has to wait longer */

void
keeper_source_init(struct keeper_source *s)
{
	*s = (struct keeper_source){ .arena = ARENA_INIT };
	certs_init(&s->certs);
}

void
keeper_source_auto(struct keeper_source *s)
{
	mem_wipe(&s->settings, sizeof s->settings);
	mem_wipe(&s->verify, sizeof s->verify);
	certs_auto(&s->certs);
	arena_fini(&s->arena);
}

/* ---- settings ---- */

static int
copy_text(char *to, size_t n, const char *key, const char *text, struct err *e)
{
	if (str_of(text).n >= n)
		return err_set(e, ERR_CONFIG, "%s: '%.60s...' is longer than %zu bytes", key, text, n - 1);
	str_copy(to, n, text);
	return 0;
}

/* A list of the configuration into rows of `bytes` each. */
static int
copy_list(char *to, size_t bytes, const char *key, const struct strlist *l, struct err *e)
{
	if (l->n > WIRE_LIST_MAX)
		return err_set(e, ERR_CONFIG, "%s has %zu elements: %d are possible with the edge on", key, l->n, WIRE_LIST_MAX);
	for (size_t i = 0; i < l->n; i++)
		if (copy_text(&to[i * bytes], bytes, key, l->v[i], e) < 0)
			return -1;
	return 0;
}

static int
put_lists(const struct config *c, struct edge_settings *to, struct err *e)
{
	if (copy_list(to->names[0], sizeof to->names[0], "edge.names", &c->edge.names, e) < 0
	    || copy_list(to->origins[0], sizeof to->origins[0], "server.cors", &c->server.cors, e) < 0
	    || copy_list(to->trusted[0], sizeof to->trusted[0], "edge.trusted_proxies", &c->edge.trusted_proxies, e) < 0)
		return -1;
	return copy_list(to->metrics_from[0], sizeof to->metrics_from[0], "edge.metrics_from", &c->edge.metrics_from, e);
}

static int
put_authorization(const char *user, struct str password, struct edge_settings *to, struct err *e)
{
	AUTO(buf) struct buf pair = BUF_SECRET_INIT(sizeof to->back_authorization), value = BUF_SECRET_INIT(sizeof to->back_authorization - 1);

	buf_printf(&pair, "%s:", user);
	buf_putstr(&pair, password);
	buf_puts(&value, "Basic ");
	buf_putb64(&value, buf_str(&pair), false);
	if (buf_check(&pair, "user name and inner password", e) < 0 || buf_check(&value, "user name and inner password", e) < 0)
		return -1;
	str_copy(to->back_authorization, sizeof to->back_authorization, value.p);
	return 0;
}

/* Before the first start there is neither password nor key: then nobody is let in, and a key that is nobody's keeps cookies from being made up. */
static int
put_secrets(const struct scope *s, const struct config *c, struct keeper_source *ret, struct err *e)
{
	AUTO(credentials) struct credentials cr;
	struct edge_settings *to = &ret->settings;

	credentials_init(&cr);
	if (credentials_load(s, &cr, e) < 0)
		return -1;
	if (verify_set(&ret->verify, str_of(c->auth.username), cr.has_password ? buf_str(&cr.password) : STR_NULL, e) < 0)
		return -1;
	if (!cr.has_edge)
		return rand_bytes(to->cookie_key, sizeof to->cookie_key, e);
	for (size_t i = 0; i < sizeof to->cookie_key; i++)
		to->cookie_key[i] = cr.cookie_key[i];
	to->generation = cr.generation;
	return put_authorization(c->auth.username, buf_str(&cr.inner_password), to, e);
}

static int
put_settings(const struct scope *s, struct keeper_source *ret, struct err *e)
{
	const struct config *c = &ret->config;
	struct edge_settings *to = &ret->settings;
	const char *public_host = certs_url_host(&ret->arena, c->server.public_url);

	to->mode = edge_mode_of(c);
	to->log = edge_log_of(c);
	to->is_page = edge_is_page(c);
	to->reach = edge_scope(c);
	to->back_port = (uint32_t)c->server.port;
	to->https_port = edge_is_tls(c) ? edge_port(c, s->kind) : 0;
	to->hold_s = (uint32_t)c->edge.hold_s;
	to->idle_s = edge_is_tls(c) ? IDLE_S : IDLE_BALANCER_S;
	if (copy_text(to->instance, sizeof to->instance, "instance", s->instance, e) < 0
	    || copy_text(to->back_host, sizeof to->back_host, "server.bind", c->server.bind, e) < 0
	    || copy_text(to->public_host, sizeof to->public_host, "server.public_url", public_host ? public_host : "", e) < 0)
		return -1;
	return put_lists(c, to, e) < 0 || preview_put(c, to, e) < 0 ? -1 : put_secrets(s, c, ret, e);
}

/* ---- the certificate ---- */

static int
copy_certs(const struct certs *from, struct certs *to, struct err *e)
{
	certs_auto(to);
	buf_putstr(&to->chain, buf_str(&from->chain));
	buf_putstr(&to->key, buf_str(&from->key));
	to->facts = from->facts;
	return buf_check(&to->chain, "the chain", e) < 0 ? -1 : buf_check(&to->key, "the key", e);
}

/* What is wrong and what to do, in one line: the journal and the status have no notes. */
static void
put_trouble(const struct err *e, char *to)
{
	AUTO(buf) struct buf out = BUF_INIT(2 * KEEPER_TEXT);

	buf_puts(&out, e->msg);
	for (size_t i = 0; i < e->n_notes; i++)
		if (str_is(str_of(e->notes[i].label), "try"))
			buf_printf(&out, "; try: %s", e->notes[i].text);
	str_copy(to, KEEPER_TEXT, out.p);
}

static int
get_certs(const struct certs_request *rq, const struct keeper_source *before, struct keeper_source *ret, char *ret_cert_trouble, struct err *e)
{
	const struct mode *m = mode_of(edge_mode_of(rq->config));
	AUTO(arena) struct arena a = ARENA_INIT;

	ret_cert_trouble[0] = '\0';
	if (!m->get)
		return 0;
	if (m->get(rq, &ret->certs, e) < 0) {
		if (!before || before->certs.chain.n == 0)
			return -1;
		put_trouble(e, ret_cert_trouble);
		if (copy_certs(&before->certs, &ret->certs, e) < 0)
			return -1;
		err_clear(e);
	}
	const char *bundle = m->is_watched ? remote_ca_file(&a) : NULL;
	ret->settings.has_hsts = bundle && cert_is_trusted(buf_str(&ret->certs.chain), bundle);
	ret->settings.cert_until_epoch_s = ret->certs.facts.until_epoch_s;
	return 0;
}

/* ---- which files these are ---- */

static uint64_t
mix(uint64_t mark, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		st = (struct stat){ .st_size = 0 };
	const uint64_t parts[] = { (uint64_t)st.st_ino, (uint64_t)st.st_size, (uint64_t)file_mtime_ns(&st), (uint64_t)st.st_mode };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		mark = (mark ^ parts[i]) * UINT64_C(0x100000001b3);	/* FNV-1a, by words */
	return mark;
}

static uint64_t
mix_certs(uint64_t mark, const struct config *c)
{
	if (!c->edge.mode || !mode_of(edge_mode_of(c))->is_watched)
		return mark;
	return mix(mix(mark, c->edge.certificate), c->edge.key);
}

uint64_t
keeper_source_mark(const struct scope *s, const struct keeper_source *src)
{
	return mix_certs(mix(mix(1, s->config_path), s->credentials_path), &src->config);
}

/* ---- together ---- */

static int
check_on(const struct scope *s, const struct config *c, struct err *e)
{
	const char *key = "";

	if (!edge_is_on(c)) {
		err_set(e, ERR_CONFIG, "the edge is off: edge.mode in %s", s->config_path);
		return err_note(e, "try", "occ config set edge.mode self-signed");
	}
	/* The unit's sockets may be an earlier configuration's. Without a password nobody is let in. */
	if (expose_check(c, true, e) < 0)
		return -1;
	return edge_check_ports(c, edge_port(c, s->kind), edge_redirect_port(c, s->kind), &key, e);
}

int
keeper_source_load(const struct scope *s, const struct edge_paths *p, const char *const *environment, bool is_forced, const struct keeper_source *before,
    struct keeper_source *ret, char ret_cert_trouble[KEEPER_TEXT], struct err *e)
{
	const struct certs_request rq = { .config = &ret->config, .kind = s->kind, .paths = p, .now_epoch_s = clock_epoch_s(), .is_forced = is_forced };
	uint64_t mark = keeper_source_mark(s, ret);

	/* Each file's mark is taken before it is read: what changes meanwhile is seen at the next look. */
	if (config_load(&ret->arena, s, environment, &ret->config, e) < 0)
		return -1;
	ret->mark = mix_certs(mark, &ret->config);
	if (check_on(s, &ret->config, e) < 0 || put_settings(s, ret, e) < 0)
		return -1;
	return get_certs(&rq, before, ret, ret_cert_trouble, e);
}

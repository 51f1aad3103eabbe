/* keeper_test.c - what the keeper makes of its files, and its decisions: pauses, listeners, marks */
#include "applets/occ-tls/keeper.h"

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "tests/t.h"

static struct arena arena;
static struct scope scope;
static struct edge_paths paths;

static void
begin(void)
{
	const char *dir = t_tmpdir();

	scope = (struct scope){ .kind = SCOPE_USER, .instance = "default", .config_path = path_join(&arena, dir, "config.json"),
		.credentials_path = path_join(&arena, dir, "credentials.json"), .state_dir = dir, .home = dir,
		.control_path = path_join(&arena, dir, "default.sock") };
	edge_paths_of(&arena, &scope, &paths);
}

static void
save(const char *path, const char *text)
{
	struct err e = ERR_INIT;

	T_CALL(file_save(path, str_of(text), 0600, &e));
}

/* ---- pauses ---- */

static void
test_pauses(void)
{
	int64_t before_ms = 0;

	t_row("pauses grow to a limit");
	T_EQ(keeper_worker_pause_ms(1), 100);
	T_EQ(keeper_worker_pause_ms(2), 200);
	for (unsigned n = 0; n < 1000; n++) {
		int64_t now_ms = keeper_worker_pause_ms(n);

		T_OK(now_ms >= before_ms && now_ms <= 10000);
		before_ms = now_ms;
	}
	T_EQ(keeper_worker_pause_ms(UINT32_MAX), 10000);
}

/* ---- the files ---- */

static const struct {
	const char *name, *config;
	enum err_code want;
	const char *why;		/* a part of the error */
} refusals[] = {
	{ "no configuration", NULL, ERR_CONFIG, "the edge is off" },
	{ "off", "{ \"edge\": { \"mode\": \"off\" } }", ERR_CONFIG, "the edge is off" },
	{ "nonsense", "{ \"edge\": { \"mode\": \"on\" } }", ERR_CONFIG, "edge.mode" },
	{ "round the edge", "{ \"edge\": { \"mode\": \"plain\" }, \"server\": { \"bind\": \"0.0.0.0\" } }", ERR_CONFIG, "go round the edge" },
	{ "two on one port", "{ \"edge\": { \"mode\": \"plain\", \"port\": 3000 } }", ERR_CONFIG, "edge.port" },
	{ "files that are not named", "{ \"edge\": { \"mode\": \"files\" } }", ERR_CONFIG, "needs edge.certificate and edge.key" },
	{ "files that are not there", "{ \"edge\": { \"mode\": \"files\", \"certificate\": \"/nowhere/a\", \"key\": \"/nowhere/b\" } }", ERR_TLS, "edge.certificate: " },
};

static int
load(const struct keeper_source *before, struct keeper_source *ret, char *trouble, struct err *e)
{
	keeper_source_init(ret);
	return keeper_source_load(&scope, &paths, NULL, false, before, ret, trouble, e);
}

static void
test_refusal(size_t i)
{
	AUTO(keeper_source) struct keeper_source s;
	char trouble[KEEPER_TEXT];
	struct err e = ERR_INIT;

	t_row("refused: %s", refusals[i].name);
	T_CALL(file_remove(scope.config_path, &e));
	if (refusals[i].config)
		save(scope.config_path, refusals[i].config);
	T_FAILS(load(NULL, &s, trouble, &e), refusals[i].want);
	T_HAS(e.msg, refusals[i].why);
}

static void
test_plain(void)
{
	AUTO(keeper_source) struct keeper_source s, again;
	char trouble[KEEPER_TEXT];
	struct err e = ERR_INIT;

	t_row("plain, before there is a password: nobody is let in, and no key can be guessed");
	save(scope.config_path, "{ \"edge\": { \"mode\": \"plain\", \"names\": [\"a.example\"], \"trusted_proxies\": [\"10.0.0.0/8\"] }, "
	    "\"server\": { \"port\": 3456, \"public_url\": \"https://b.example:444\", \"cors\": [\"https://c.example\"] } }");
	T_CALL(file_remove(scope.credentials_path, &e));
	T_CALL(load(NULL, &s, trouble, &e));
	T_CALL(load(NULL, &again, trouble, &e));
	T_EQ(s.settings.mode, EDGE_PLAIN);
	T_EQ(s.settings.back_port, 3456);
	T_STR(s.settings.back_host, "127.0.0.1");
	T_STR(s.settings.names[0], "a.example");
	T_STR(s.settings.trusted[0], "10.0.0.0/8");
	T_STR(s.settings.origins[0], "https://c.example");
	T_STR(s.settings.public_host, "b.example");
	T_STR(s.settings.back_authorization, "");
	T_EQ(s.settings.https_port, 0);
	T_OK(s.settings.idle_s > 4000);
	T_EQ(s.certs.chain.n, 0);
	T_OK(!verify_is_right(&s.verify, STR_LIT("opencode"), STR_NULL));
	T_OK(memcmp(s.settings.cookie_key, again.settings.cookie_key, MAC_KEY_BYTES) != 0);
}

static void
test_secrets(void)
{
	AUTO(keeper_source) struct keeper_source s, later;
	AUTO(credentials) struct credentials c;
	char trouble[KEEPER_TEXT];
	struct err e = ERR_INIT;
	bool is_made;

	t_row("the user's password is checked, the inner one presented");
	credentials_init(&c);
	T_CALL(credentials_set_password(&c, STR_LIT("canary-password"), &e));
	T_CALL(credentials_ensure_edge(&c, &is_made, &e));
	T_CALL(credentials_save(&scope, &c, &e));
	T_CALL(load(NULL, &s, trouble, &e));
	T_OK(verify_is_right(&s.verify, STR_LIT("opencode"), STR_LIT("canary-password")));
	T_OK(!verify_is_right(&s.verify, STR_LIT("opencode"), buf_str(&c.inner_password)));
	T_MEM(s.settings.cookie_key, c.cookie_key, MAC_KEY_BYTES);
	AUTO(buf) struct buf pair = BUF_INIT(1024), plain = BUF_INIT(1024);
	buf_printf(&pair, "opencode:%s", c.inner_password.p);
	T_OK(str_has_prefix(str_of(s.settings.back_authorization), "Basic "));
	T_CALL(buf_unb64(&plain, str_skip(str_of(s.settings.back_authorization), strlen("Basic ")), &e));
	T_STR(plain.p, pair.p);
	t_row("a change of the file changes the mark");
	T_EQ(keeper_source_mark(&scope, &s), s.mark);
	T_CALL(credentials_set_password(&c, STR_LIT("canary-another"), &e));
	T_CALL(credentials_save(&scope, &c, &e));
	T_OK(keeper_source_mark(&scope, &s) != s.mark);
	T_CALL(load(&s, &later, trouble, &e));
	T_OK(!verify_is_right(&later.verify, STR_LIT("opencode"), STR_LIT("canary-password")));
}

static void
test_certificate(void)
{
	AUTO(keeper_source) struct keeper_source first, second, third;
	char trouble[KEEPER_TEXT];
	struct err e = ERR_INIT;

	t_row("self-signed is made");
	save(scope.config_path, "{ \"edge\": { \"mode\": \"self-signed\", \"bind\": \"127.0.0.1\", \"names\": [\"a.example\"] } }");
	T_CALL(load(NULL, &first, trouble, &e));
	T_OK(first.certs.is_made && first.certs.chain.n > 0);
	T_OK(!first.settings.has_hsts);
	T_EQ(first.settings.cert_until_epoch_s, first.certs.facts.until_epoch_s);
	T_STR(trouble, "");
	t_row("a bad one leaves the one in use, and says why and what to do");
	AUTO(buf) struct buf config = BUF_INIT(4096);
	buf_printf(&config, "{ \"edge\": { \"mode\": \"files\", \"certificate\": \"%s\", \"key\": \"%s\" } }", paths.leaf_cert, paths.ca_key);
	save(scope.config_path, config.p);
	T_CALL(load(&first, &second, trouble, &e));
	T_STR(second.certs.facts.sha256, first.certs.facts.sha256);
	T_HAS(trouble, "leaf.pem with ");
	T_HAS(trouble, "; try: ");
	T_OK(e.code == ERR_NONE);
	t_row("... and its files are watched");
	T_EQ(keeper_source_mark(&scope, &second), second.mark);
	save(paths.leaf_cert, "-");
	T_OK(keeper_source_mark(&scope, &second) != second.mark);
	t_row("without one in use there is none");
	T_FAILS(load(NULL, &third, trouble, &e), ERR_TLS);
}

/* ---- listeners ---- */

static void
test_listeners(void)
{
	struct keeper_listeners none = { .n = 0 }, first, second, third;
	const struct listen_want any = { .host = "127.0.0.1", .port = 0 };
	struct config c = { .edge = { .mode = "self-signed", .bind = "127.0.0.1" } };
	struct err e = ERR_INIT;
	unsigned taken, port;

	t_row("opened, then kept as they are");
	AUTO(fd) int other = listen_tcp(&any, &e);
	AUTO(fd) int probe = listen_tcp(&any, &e);
	T_CALL(listen_port(other, &taken, &e));
	T_CALL(listen_port(probe, &port, &e));
	fd_auto(&probe);
	probe = -1;
	c.edge.port = port;
	T_CALL(keeper_listen(&none, &c, SCOPE_USER, &first, &e));
	T_EQ(first.n, 1);
	T_EQ(keeper_listen_count(&first, KEEPER_TLS), 1);
	T_CALL(keeper_listen(&first, &c, SCOPE_USER, &second, &e));
	T_OK(keeper_listen_is_same(&first, &second));
	T_EQ(second.v[0].fd, first.v[0].fd);
	t_row("one that cannot be opened leaves the others open");
	c.edge.redirect_port = taken;
	T_FAILS(keeper_listen(&first, &c, SCOPE_USER, &third, &e), ERR_ADDR_IN_USE);
	T_CALL(listen_port(first.v[0].fd, &port, &e));
	t_row("another mode is another kind: the service manager's stay, ours do not");
	first.is_given = true;
	c.edge.mode = "plain";
	T_CALL(keeper_listen(&first, &c, SCOPE_USER, &third, &e));
	T_EQ(third.v[0].fd, first.v[0].fd);
	T_EQ(keeper_listen_count(&third, KEEPER_PLAIN), 1);
	T_OK(!keeper_listen_is_same(&first, &third));
	t_row("closed, but for those that are kept");
	keeper_listen_close(&first, &third);
	T_CALL(listen_port(third.v[0].fd, &port, &e));
	keeper_listen_close(&third, NULL);
	T_EQ(third.n, 0);
}

int
main(void)
{
	begin();
	test_pauses();
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		test_refusal(i);
	test_plain();
	test_secrets();
	test_certificate();
	test_listeners();
	arena_fini(&arena);
	return t_done();
}

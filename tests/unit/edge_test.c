/* edge_test: what the configuration makes of the edge */
#include "lib/deploy/edge.h"

#include "lib/base/mem.h"
#include "lib/deploy/service.h"
#include "lib/net/addr.h"
#include "tests/t.h"

#define AUTO_PORT SCHEMA_AUTO

static const struct {
	const char *mode, *bind;
	uint64_t port, redirect_port;
	enum scope_kind kind;
	const char *want_bind;
	unsigned want_port, want_redirect;
	bool is_on, is_tls;
} modes[] = {
	{ "off", "auto", AUTO_PORT, AUTO_PORT, SCOPE_USER, "127.0.0.1", 8080, 0, false, false },
	{ "plain", "auto", AUTO_PORT, AUTO_PORT, SCOPE_USER, "127.0.0.1", 8080, 0, true, false },
	{ "plain", "auto", AUTO_PORT, 80, SCOPE_SYSTEM, "127.0.0.1", 8080, 0, true, false },
	{ "plain", "10.0.0.5", 80, AUTO_PORT, SCOPE_SYSTEM, "10.0.0.5", 80, 0, true, false },
	{ "plain", "private", AUTO_PORT, AUTO_PORT, SCOPE_SYSTEM, "0.0.0.0", 8080, 0, true, false },
	{ "self-signed", "private", AUTO_PORT, AUTO_PORT, SCOPE_USER, "0.0.0.0", 8443, 0, true, true },
	{ "self-signed", "auto", AUTO_PORT, AUTO_PORT, SCOPE_USER, "0.0.0.0", 8443, 0, true, true },
	{ "self-signed", "auto", AUTO_PORT, AUTO_PORT, SCOPE_SYSTEM, "0.0.0.0", 443, 80, true, true },
	{ "self-signed", "auto", AUTO_PORT, 0, SCOPE_SYSTEM, "0.0.0.0", 443, 0, true, true },
	{ "self-signed", "auto", 9443, 9080, SCOPE_USER, "0.0.0.0", 9443, 9080, true, true },
	{ "files", "auto", AUTO_PORT, AUTO_PORT, SCOPE_SYSTEM, "0.0.0.0", 443, 80, true, true },
	{ "files", "127.0.0.1", 443, AUTO_PORT, SCOPE_USER, "127.0.0.1", 443, 0, true, true },
};

static void
test_modes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		const struct config c = { .edge = { .mode = modes[i].mode, .bind = modes[i].bind, .port = modes[i].port, .redirect_port = modes[i].redirect_port } };

		t_row("edge: mode %s, row %zu", modes[i].mode, i);
		T_EQ(edge_is_on(&c), modes[i].is_on);
		T_EQ(edge_is_tls(&c), modes[i].is_tls);
		T_STR(edge_bind(&c), modes[i].want_bind);
		T_EQ(edge_is_private(&c), strcmp(modes[i].bind, "private") == 0);
		T_EQ(edge_scope(&c), edge_is_private(&c) ? ADDR_PRIVATE : addr_scope_of(modes[i].want_bind));
		T_EQ(edge_port(&c, modes[i].kind), modes[i].want_port);
		T_EQ(edge_redirect_port(&c, modes[i].kind), modes[i].want_redirect);
	}
}

/* The enumerations are the schema's words. */
static void
test_words(void)
{
	const struct schema_key *mode = schema_find("edge.mode"), *log = schema_find("edge.access_log");
	struct config c = { .edge = { .login = "page" } };

	t_row("edge: every word of the schema is one of the enumeration");
	for (size_t i = 0; mode->allowed[i]; i++) {
		c.edge.mode = mode->allowed[i];
		T_EQ(edge_mode_of(&c), i);
	}
	for (size_t i = 0; log->allowed[i]; i++) {
		c.edge.access_log = log->allowed[i];
		T_EQ(edge_log_of(&c), i);
	}
	T_OK(edge_is_page(&c));
	c.edge.login = "basic";
	T_OK(!edge_is_page(&c));
}

static const struct {
	const char *text;		/* the configuration */
	enum scope_kind kind;
	const char *url;
} urls[] = {
	{ "{\"edge\":{\"mode\":\"plain\"}}", SCOPE_USER, "http://127.0.0.1:8080" },
	{ "{\"edge\":{\"mode\":\"plain\",\"port\":80}}", SCOPE_USER, "http://127.0.0.1" },
	{ "{\"edge\":{\"mode\":\"plain\",\"bind\":\"10.0.0.5\"}}", SCOPE_USER, "http://10.0.0.5:8080" },
	{ "{\"edge\":{\"mode\":\"plain\",\"bind\":\"::1\"}}", SCOPE_USER, "http://[::1]:8080" },
	{ "{\"edge\":{\"mode\":\"plain\",\"port\":443}}", SCOPE_USER, "http://127.0.0.1:443" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"code.example.com\"]}}", SCOPE_SYSTEM, "https://code.example.com" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"code.example.com\"]}}", SCOPE_USER, "https://code.example.com:8443" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"*.example.com\",\"code.example.com\"]}}", SCOPE_SYSTEM, "https://code.example.com" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"*.example.com\"],\"bind\":\"203.0.113.7\"}}", SCOPE_SYSTEM, "https://203.0.113.7" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"2001:db8::1\"]}}", SCOPE_SYSTEM, "https://[2001:db8::1]" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"2001:db8::1\"],\"port\":444}}", SCOPE_SYSTEM, "https://[2001:db8::1]:444" },
	{ "{\"edge\":{\"mode\":\"files\",\"certificate\":\"/c\",\"key\":\"/k\",\"bind\":\"127.0.0.1\"}}", SCOPE_USER, "https://127.0.0.1:8443" },
	{ "{\"edge\":{\"mode\":\"plain\"},\"server\":{\"public_url\":\"https://dev.example.org\"}}", SCOPE_USER, "https://dev.example.org" },
};

static void
test_urls(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct config c;

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		t_row("edge: address %s", urls[i].url);
		T_CALL(config_parse(&a, str_of(urls[i].text), "c.json", NULL, &c, &e));
		T_STR(edge_url(&a, &c, urls[i].kind), urls[i].url);
		T_STR(service_url_at(&a, &c, urls[i].kind, true, "127.0.0.1", 3000), urls[i].url);
		T_STR(service_url_at(&a, &c, urls[i].kind, false, NULL, 0), urls[i].url);
	}
	t_row("edge: without a name on every address: this machine's own");
	T_CALL(config_parse(&a, STR_LIT("{\"edge\":{\"mode\":\"self-signed\"}}"), "c.json", NULL, &c, &e));
	const char *own = addr_outward(&a);
	T_STR(edge_host(&a, &c), own ? own : "127.0.0.1");
	t_row("edge: a container that was not made for it is not behind it yet");
	T_STR(service_url_at(&a, &c, SCOPE_USER, false, "127.0.0.1", 3001), "http://127.0.0.1:3001");
	t_row("edge: off, a container that was made for it is reached where it is published");
	T_CALL(config_parse(&a, STR_LIT("{}"), "c.json", NULL, &c, &e));
	T_STR(service_url_at(&a, &c, SCOPE_USER, true, "127.0.0.1", 3001), "http://127.0.0.1:3001");
	T_STR(service_url_at(&a, &c, SCOPE_USER, false, NULL, 0), "http://127.0.0.1:3000");
}

static void
test_paths(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = { .instance = "work", .state_dir = "/s", .control_path = "/run/opencode-cloud/work.sock" };
	struct edge_paths p;

	t_row("edge: its files, and its socket beside the watchdog's");
	edge_paths_of(&a, &s, &p);
	T_STR(p.dir, "/s/edge");
	T_STR(p.ca_cert, "/s/edge/ca.pem");
	T_STR(p.ca_key, "/s/edge/ca.key");
	T_STR(p.leaf_cert, "/s/edge/leaf.pem");
	T_STR(p.leaf_key, "/s/edge/leaf.key");
	T_STR(p.links, "/s/edge/links");
	T_STR(p.control, "/run/opencode-cloud/work.edge.sock");
	t_row("edge: without a run directory its socket is with the state");
	s.control_path = "/s/control.sock";
	edge_paths_of(&a, &s, &p);
	T_STR(p.control, "/s/work.edge.sock");
}

/* Ports that come out of the scope are judged by who knows it. */
static const struct {
	const char *text;
	enum scope_kind kind;
	const char *key;		/* at fault; NULL: fine */
} ports[] = {
	{ "{\"edge\":{\"mode\":\"self-signed\"}}", SCOPE_SYSTEM, NULL },
	{ "{\"edge\":{\"mode\":\"self-signed\"},\"server\":{\"port\":8443}}", SCOPE_USER, "edge.port" },
	{ "{\"edge\":{\"mode\":\"self-signed\"},\"server\":{\"port\":8443}}", SCOPE_SYSTEM, NULL },
	{ "{\"edge\":{\"mode\":\"self-signed\"},\"server\":{\"port\":80}}", SCOPE_SYSTEM, "edge.redirect_port" },
	{ "{\"edge\":{\"mode\":\"self-signed\"},\"server\":{\"port\":80}}", SCOPE_USER, NULL },
	{ "{\"edge\":{\"mode\":\"plain\"},\"container\":{\"ports\":[\"8080:80\"]}}", SCOPE_USER, "edge.port" },
	{ "{\"edge\":{\"mode\":\"plain\"},\"container\":{\"ports\":[\"10.0.0.5:8080:80\"]}}", SCOPE_USER, NULL },
	{ "{\"edge\":{\"mode\":\"plain\",\"bind\":\"10.0.0.5\"},\"container\":{\"ports\":[\"0.0.0.0:8080:80\"]}}", SCOPE_USER, "edge.port" },
	{ "{\"edge\":{\"mode\":\"self-signed\"},\"container\":{\"ports\":[\"10.0.0.5:80:80\"]}}", SCOPE_SYSTEM, "edge.redirect_port" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"port\":80}}", SCOPE_SYSTEM, "edge.redirect_port" },
	{ "{\"server\":{\"port\":8080}}", SCOPE_USER, NULL },
};

static void
test_ports(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		const char *key = NULL;
		struct config c;

		t_row("edge: ports of row %zu", i);
		T_CALL(config_parse(&a, str_of(ports[i].text), "c.json", NULL, &c, &e));
		int r = edge_check_ports(&c, edge_port(&c, ports[i].kind), edge_redirect_port(&c, ports[i].kind), &key, &e);
		T_EQ(r, ports[i].key ? -1 : 0);
		if (!ports[i].key)
			continue;
		T_ERR(ERR_CONFIG);
		T_STR(key, ports[i].key);
		T_HAS(e.msg, ports[i].key);
	}
}

static void
test_engine(void)
{
	struct config c = { .edge = { .mode = "off" } };
	struct err e = ERR_INIT;

	t_row("edge: an engine elsewhere is fine without it, and with it names the way");
	T_CALL(edge_check_engine(&c, true, &e));
	c.edge.mode = "plain";
	T_CALL(edge_check_engine(&c, false, &e));
	T_FAILS(edge_check_engine(&c, true, &e), ERR_REFUSED);
	T_HAS(e.msg, "install this program on that host");
}

int
main(void)
{
	test_modes();
	test_words();
	test_urls();
	test_paths();
	test_ports();
	test_engine();
	return t_done();
}

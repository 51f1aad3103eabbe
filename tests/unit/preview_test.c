/* preview_test.c - which names are previews of which ports, and which published ports can be looked at */
#include "applets/occ-tls/preview.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *host;
	unsigned port, back_port;
} rows[] = {
	{ "3000.preview.example.org", 3000, 13000 },
	{ "3000.PREVIEW.Example.ORG", 3000, 13000 },
	{ "8080.preview.example.org", 8080, 8080 },
	{ "1.preview.example.org", 1, 0 },
	{ "65535.preview.example.org", 65535, 0 },
	{ "3000.preview.other.test", 3000, 13000 },
	{ "65536.preview.example.org", 0, 0 },
	{ "0.preview.example.org", 0, 0 },
	{ "03000.preview.example.org", 0, 0 },
	{ "+3000.preview.example.org", 0, 0 },
	{ "3000.4.preview.example.org", 0, 0 },
	{ "x.preview.example.org", 0, 0 },
	{ ".preview.example.org", 0, 0 },
	{ "preview.example.org", 0, 0 },
	{ "3000preview.example.org", 0, 0 },
	{ "3000.preview.example.org.", 0, 0 },
	{ "3000.preview.example.org.evil.test", 0, 0 },
	{ "3000.preview.evil.test", 0, 0 },
	{ "3000.dev.example.org", 0, 0 },
	{ "example.org", 0, 0 },
	{ "", 0, 0 },
};

static void
test_names(void)
{
	static const struct edge_settings s = { .names = { "example.org", "*.preview.example.org", "*.dev.example.org", "*.preview.other.test" },
		.previews = { { 3000, 13000 }, { 8080, 8080 } }, .n_previews = 2 };
	static const struct edge_settings none = { .names = { "example.org", "3000.preview.example.org" }, .previews = { { 3000, 13000 } }, .n_previews = 1 };
	unsigned back_port = 7;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("name: '%s'", rows[i].host);
		T_EQ(preview_of(&s, str_of(rows[i].host), &back_port), rows[i].port);
		T_EQ(back_port, rows[i].back_port);
	}
	t_row("a name without a wildcard is no preview's");
	T_EQ(preview_of(&none, STR_LIT("3000.preview.example.org"), &back_port), 0);
}

static void
test_ports(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	static struct edge_settings s;
	struct config c;
	struct err e = ERR_INIT;

	t_row("ports: those that this machine reaches");
	T_CALL(config_parse(&a, STR_LIT("{\"container\":{\"ports\":[\"8080:80\",\"127.0.0.1:3005:3001\",\"10.0.0.5:5000:5000\",\"0.0.0.0:4000:4000\"]}}"), "c", NULL, &c, &e));
	T_CALL(preview_put(&c, &s, &e));
	T_EQ(s.n_previews, 3);
	T_EQ(s.previews[0].port, 80);
	T_EQ(s.previews[0].back_port, 8080);
	T_EQ(s.previews[1].port, 3001);
	T_EQ(s.previews[1].back_port, 3005);
	T_EQ(s.previews[2].port, 4000);
	t_row("ports: more than the sandbox lets out");
	for (size_t i = c.container.ports.n; i <= WIRE_PREVIEWS_MAX + 1; i++)
		strlist_add(&a, &c.container.ports, arena_printf(&a, "%zu:%zu", 6000 + i, 6000 + i));
	T_FAILS(preview_put(&c, &s, &e), ERR_CONFIG);
	T_HAS(e.msg, "more than 31 ports");
}

int
main(void)
{
	test_names();
	test_ports();
	return t_done();
}

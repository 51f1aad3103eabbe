/* expose_test: which addresses may be published, with and without a password */
#include "lib/deploy/expose.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *bind;
	bool has_password, allow_plain_http;
	enum err_code want;
} rows[] = {
	{ "127.0.0.1", true, false, ERR_NONE },
	{ "127.0.0.1", false, false, ERR_NONE },
	{ "127.8.9.1", false, false, ERR_NONE },
	{ "::1", false, false, ERR_NONE },
	{ "192.168.1.5", true, false, ERR_NONE },
	{ "10.0.0.1", true, false, ERR_NONE },
	{ "100.100.1.2", true, false, ERR_NONE },
	{ "fd00::1", true, false, ERR_NONE },
	{ "192.168.1.5", false, false, ERR_REFUSED },
	{ "192.168.1.5", false, true, ERR_REFUSED },
	{ "0.0.0.0", false, true, ERR_REFUSED },
	{ "0.0.0.0", true, false, ERR_REFUSED },
	{ "0.0.0.0", true, true, ERR_NONE },
	{ "::", true, false, ERR_REFUSED },
	{ "203.0.113.7", true, false, ERR_REFUSED },
	{ "203.0.113.7", true, true, ERR_NONE },
	{ "2001:db8::1", true, false, ERR_REFUSED },
	{ "example.org", true, true, ERR_CONFIG },
};

/* With the edge on: its address is judged, and opencode's own may not be reached beside it. */
static const struct {
	const char *mode, *edge_bind, *bind;
	bool has_password, allow_plain_http;
	enum err_code want;
	const char *says;
} edges[] = {
	{ "off", "0.0.0.0", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "plain", "auto", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "plain", "auto", "127.0.0.1", false, false, ERR_NONE, NULL },
	{ "plain", "10.0.0.5", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "plain", "10.0.0.5", "127.0.0.1", false, false, ERR_REFUSED, "edge.bind 10.0.0.5 would let everybody" },
	{ "plain", "private", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "plain", "private", "127.0.0.1", false, false, ERR_REFUSED, "edge.bind private would let everybody" },
	{ "plain", "0.0.0.0", "127.0.0.1", true, false, ERR_REFUSED, "edge.bind 0.0.0.0 would send the password over plain HTTP" },
	{ "plain", "203.0.113.7", "::1", true, false, ERR_REFUSED, "edge.bind 203.0.113.7 would send" },
	{ "plain", "203.0.113.7", "127.0.0.1", true, true, ERR_NONE, NULL },
	{ "self-signed", "auto", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "self-signed", "auto", "127.0.0.1", false, false, ERR_REFUSED, "edge.bind 0.0.0.0 would let everybody" },
	{ "files", "203.0.113.7", "127.0.0.1", true, false, ERR_NONE, NULL },
	{ "files", "203.0.113.7", "127.0.0.1", false, true, ERR_REFUSED, "its password is empty" },
	{ "files", "127.0.0.1", "127.0.0.1", false, false, ERR_NONE, NULL },
	{ "self-signed", "auto", "0.0.0.0", true, true, ERR_REFUSED, "server.bind: 0.0.0.0 would let people go round the edge" },
	{ "plain", "auto", "10.0.0.5", true, true, ERR_REFUSED, "go round the edge" },
	{ "files", "example.org", "127.0.0.1", true, false, ERR_CONFIG, "no IP address" },
};

static void
test_edges(void)
{
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		struct config c = { .server = { .bind = edges[i].bind, .port = 3000, .allow_plain_http = edges[i].allow_plain_http },
			.edge = { .mode = edges[i].mode, .bind = edges[i].edge_bind } };
		struct err e = ERR_INIT;

		t_row("expose: edge %s on %s%s, opencode on %s", edges[i].mode, edges[i].edge_bind, edges[i].has_password ? "" : " without password", edges[i].bind);
		T_EQ(expose_check(&c, edges[i].has_password, &e), edges[i].want == ERR_NONE ? 0 : -1);
		T_ERR(edges[i].want);
		if (edges[i].says)
			T_HAS(e.msg, edges[i].says);
		T_OK(edges[i].want != ERR_REFUSED || e.n_notes >= 2);
	}
}

int
main(void)
{
	test_edges();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct config c = { .server = { .bind = rows[i].bind, .port = 3000, .allow_plain_http = rows[i].allow_plain_http } };
		struct err e = ERR_INIT;

		t_row("expose: %s%s%s", rows[i].bind, rows[i].has_password ? "" : " without password", rows[i].allow_plain_http ? " allowed" : "");
		int r = expose_check(&c, rows[i].has_password, &e);
		T_EQ(r, rows[i].want == ERR_NONE ? 0 : -1);
		T_ERR(rows[i].want);
		T_OK(rows[i].want != ERR_REFUSED || e.n_notes >= 2);
	}
	return t_done();
}

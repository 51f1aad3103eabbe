/* edge_client_addr_test.c - the client behind trusted proxies: rows, each also cut at every byte and flush against a guard page */
#include "applets/occ-tls/client_addr.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/request_kit.h"
#include "tests/t.h"

#define XFF "X-Forwarded-For: "

static const struct {
	const char *peer, *fields, *client;
	enum client_proto proto;
	unsigned port;
	bool is_behind;
} rows[] = {
	/* nobody is believed who is not trusted */
	{ "203.0.113.9", XFF "1.2.3.4\nX-Forwarded-Proto: https\nX-Forwarded-Port: 443\n", "203.0.113.9", 0, 0, false },
	{ "::ffff:203.0.113.9", XFF "1.2.3.4\n", "203.0.113.9", 0, 0, false },
	{ "2001:db8::5", "", "2001:db8::5", 0, 0, false },
	{ "fe80::1%eth0", XFF "1.2.3.4\n", "fe80::1", 0, 0, false },
	{ "", XFF "1.2.3.4\n", "unknown", 0, 0, false },
	/* a balancer */
	{ "10.0.0.7", "", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4\nX-Forwarded-Proto: https\nX-Forwarded-Port: 443\n", "1.2.3.4", CLIENT_PROTO_HTTPS, 443, true },
	{ "::ffff:10.0.0.7", XFF "1.2.3.4\n", "1.2.3.4", 0, 0, true },
	{ "10.0.0.7", "x-forwarded-for: 2001:DB8::1\nx-forwarded-proto: HTTP\n", "2001:db8::1", CLIENT_PROTO_HTTP, 0, true },
	{ "fd00::1", XFF "1.2.3.4\n", "1.2.3.4", 0, 0, true },
	/* what is left of the first untrusted one is anybody's invention */
	{ "10.0.0.7", XFF "127.0.0.1, 6.6.6.6, 1.2.3.4\n", "1.2.3.4", 0, 0, true },
	{ "10.0.0.7", XFF "6.6.6.6, 1.2.3.4, 10.0.0.8,10.0.0.9\n", "1.2.3.4", 0, 0, true },
	{ "10.0.0.7", XFF "6.6.6.6\n" XFF "1.2.3.4\n" XFF "10.0.0.8\n", "1.2.3.4", 0, 0, true },
	{ "10.0.0.7", XFF "junk, 1.2.3.4\n", "1.2.3.4", 0, 0, true },
	/* all of them trusted: the leftmost */
	{ "10.0.0.7", XFF "10.0.0.8, 10.0.0.9\n", "10.0.0.8", 0, 0, true },
	/* malformed: the last trusted hop */
	{ "10.0.0.7", XFF "\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "unknown\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4, , 10.0.0.8\n", "10.0.0.8", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4,\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4, evil, 10.0.0.8\n", "10.0.0.8", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4\n" XFF "evil\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4 5.6.7.8\n", "10.0.0.7", 0, 0, true },
	/* ports and brackets */
	{ "10.0.0.7", XFF "1.2.3.4:5678\n", "1.2.3.4", 0, 0, true },
	{ "10.0.0.7", XFF "[2001:db8::1]:5678\n", "2001:db8::1", 0, 0, true },
	{ "10.0.0.7", XFF "[2001:db8::1]\n", "2001:db8::1", 0, 0, true },
	{ "10.0.0.7", XFF "[1.2.3.4]\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "[2001:db8::1\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "[2001:db8::1]x\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4:\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "1.2.3.4:99999\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", XFF "\"[2001:db8::1]\"\n", "10.0.0.7", 0, 0, true },
	/* lists and nonsense in what is said about the connection */
	{ "10.0.0.7", "X-Forwarded-Proto: https, http\nX-Forwarded-Port: 8443, 80\n", "10.0.0.7", CLIENT_PROTO_HTTP, 80, true },
	{ "10.0.0.7", "X-Forwarded-Proto: http\nX-Forwarded-Proto: https\n", "10.0.0.7", CLIENT_PROTO_HTTPS, 0, true },
	{ "10.0.0.7", "X-Forwarded-Proto: gopher\nX-Forwarded-Port: 0\n", "10.0.0.7", 0, 0, true },
	{ "10.0.0.7", "X-Forwarded-Proto: https,\nX-Forwarded-Port: 65536\n", "10.0.0.7", 0, 0, true },
};

static void
test_rows(const struct client_trust *t)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct client_addr got;
		AUTO(buf) struct buf text = BUF_INIT(4096);

		t_row("%s %s", rows[i].peer, rows[i].client);
		buf_printf(&text, "GET /\n%s", rows[i].fields);
		for (size_t n = 0; n <= text.n; n++) {
			struct http_request_head h = request_kit(str_from(t_guard(text.p, n), n));
			client_addr_of(t, rows[i].peer, &h, &got);
		}
		T_STR(got.text, rows[i].client);
		T_EQ(got.proto, rows[i].proto);
		T_EQ(got.port, rows[i].port);
		T_EQ(got.is_behind_proxy, rows[i].is_behind);
	}
}

static void
test_long(const struct client_trust *t)
{
	AUTO(buf) struct buf text = BUF_INIT(65536);
	struct client_addr got;

	t_row("a chain of trusted addresses is walked for %d elements", CLIENT_HOPS_MAX);
	buf_puts(&text, "GET /\n" XFF "1.2.3.4");
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, ", 10.0.%d.%d", i / 250, i % 250);
	struct http_request_head h = request_kit(buf_str(&text));
	client_addr_of(t, "10.0.0.7", &h, &got);
	T_STR(got.text, "10.0.3.218");
}

int
main(void)
{
	struct err e = ERR_INIT;
	struct cidr nets[2];
	const struct client_trust t = { nets, ARRAY_LEN(nets) };

	T_CALL(cidr_parse(STR_LIT("10.0.0.0/8"), &nets[0], &e));
	T_CALL(cidr_parse(STR_LIT("fd00::/8"), &nets[1], &e));
	test_rows(&t);
	test_long(&t);
	return t_done();
}

/* setup_tailscale_test.c - whether `tailscale serve` leads to a port of this machine, by its own words */
#include "applets/occ-setup/tailscale.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define WEB(name, path, proxy) "{\"TCP\":{\"443\":{\"HTTPS\":true}},\"Web\":{\"" name "\":{\"Handlers\":{\"" path "\":{" proxy "}}}}}"

static const struct {
	const char *name, *status;
	bool want;
} rows[] = {
	{ "the port", WEB("box.tail1234.ts.net:443", "/", "\"Proxy\":\"http://127.0.0.1:3000\""), true },
	{ "below a path, to a path", WEB("box.tail1234.ts.net:443", "/code", "\"Proxy\":\"http://127.0.0.1:3000/x\""), true },
	{ "without a scheme", WEB("box.tail1234.ts.net:443", "/", "\"Proxy\":\"127.0.0.1:3000\""), true },
	{ "another port", WEB("box.tail1234.ts.net:443", "/", "\"Proxy\":\"http://127.0.0.1:3001\""), false },
	{ "a longer port", WEB("box.tail1234.ts.net:443", "/", "\"Proxy\":\"http://127.0.0.1:13000\""), false },
	{ "the port of the name only", WEB("box.tail1234.ts.net:3000", "/", "\"Proxy\":\"http://127.0.0.1:80\""), false },
	{ "a directory", WEB("box.tail1234.ts.net:443", "/", "\"Path\":\"/srv:3000\""), false },
	{ "the second of two", "{\"Web\":{\"a:443\":{\"Handlers\":{\"/\":{\"Text\":\"x\"}}},\"b:8443\":{\"Handlers\":{\"/\":{\"Proxy\":\"http://127.0.0.1:3000\"}}}}}", true },
	{ "nothing", "{}", false },
	{ "null", "null", false },
	{ "other types", "{\"Web\":[1,{\"Handlers\":3},{\"Handlers\":[{\"Proxy\":3000}]}]}", false },
	{ "words", "No serve config", false },
	{ "empty", "", false },
};

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].status);

		t_row("%s", rows[i].name);
		T_EQ(tailscale_serves(str_from(t_guard(rows[i].status, n), n), 3000), rows[i].want);
	}
	return t_done();
}

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

int
main(void)
{
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

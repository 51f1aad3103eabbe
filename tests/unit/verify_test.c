/* verify_test.c - who is let in */
#include "applets/occ-tls/verify.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *user, *password, *says_user, *says_password;
	bool want;
} rows[] = {
	{ "opencode", "kV7d-9sQe", "opencode", "kV7d-9sQe", true },
	{ "opencode", "kV7d-9sQe", "opencode", "kV7d-9sQf", false },
	{ "opencode", "kV7d-9sQe", "opencode", "kV7d-9sQ", false },
	{ "opencode", "kV7d-9sQe", "opencode", "kV7d-9sQee", false },
	{ "opencode", "kV7d-9sQe", "opencode", "", false },
	{ "opencode", "kV7d-9sQe", "Opencode", "kV7d-9sQe", false },
	{ "opencode", "kV7d-9sQe", "", "kV7d-9sQe", false },
	{ "opencode", "kV7d-9sQe", "kV7d-9sQe", "opencode", false },
	{ "opencode", "", "opencode", "", false },
	{ "", "p", "", "p", true },
};

int
main(void)
{
	struct verify v = { .has_password = false };
	struct err e = ERR_INIT;

	t_row("before anything was set");
	T_OK(!verify_is_right(&v, STR_NULL, STR_NULL));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("%s %s: %s %s", rows[i].user, rows[i].password, rows[i].says_user, rows[i].says_password);
		T_CALL(verify_set(&v, str_of(rows[i].user), str_of(rows[i].password), &e));
		T_EQ(verify_is_right(&v, str_of(rows[i].says_user), str_of(rows[i].says_password)), rows[i].want);
	}
	return t_done();
}

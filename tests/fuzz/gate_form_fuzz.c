/*
 * gate_form_fuzz.c - the posted login form: whatever it says, one is sent to a path of this server; and what is written as a form is read as it was
 */
#include "applets/occ-tls/gate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_next(const char *next)
{
	CHECK(next[0] == '/' && next[1] != '/' && strncmp(next, "/_occ/", 6) != 0);
	for (; *next; next++)
		CHECK(*next > ' ' && *next < 0x7f && *next != '\\');
}

/* The same bytes as a password, percent-encoded. */
static void
check_roundtrip(struct str text)
{
	AUTO(buf) struct buf body = BUF_INIT(16384);
	static struct gate_result r;
	char next[64];

	buf_puts(&body, "user=u&password=");
	buf_puturl(&body, text, NULL);
	bool is_good = gate_form(buf_str(&body), &r, next, sizeof next);
	CHECK(is_good == (text.n < GATE_PASSWORD_BYTES && body.n <= GATE_FORM_MAX && str_find_char(text, '\0') == STR_NONE));
	CHECK(!is_good || str_eq(str_of(r.password), text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gate_result r;
	char next[256];
	struct str in = str_from(data, n);

	if (n > 2 * GATE_FORM_MAX)
		return 0;
	bool is_good = gate_form(in, &r, next, sizeof next);
	check_next(next);
	CHECK(memchr(r.user, '\0', sizeof r.user) && memchr(r.password, '\0', sizeof r.password));
	CHECK(is_good || (!r.user[0] && !r.password[0]));
	check_roundtrip(in);
	return 0;
}

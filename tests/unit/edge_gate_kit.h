/* edge_gate_kit.h - a gate's configuration, a session's cookie and a verdict as text, for the tests of the gate */
#ifndef OCC_TESTS_EDGE_GATE_KIT_H
#define OCC_TESTS_EDGE_GATE_KIT_H

#include "applets/occ-tls/gate.h"
#include "tests/request_kit.h"
#include "tests/t.h"

#define NOW 1700000000

static const char *const gate_origins[] = { "https://app.example.org", "http://other.example:8080", NULL };
static const struct gate_config gate_page = { .is_page = true, .key = "a key of thirty-two bytes for it", .generation = 3, .origins = gate_origins };

/* "NAME=VALUE" of a session. */
T_FN void
gate_session(const struct gate_config *c, bool is_secure, int64_t now, struct buf *out)
{
	AUTO(buf) struct buf set = BUF_INIT(1024);
	struct str s;

	gate_put_cookie(c, is_secure, now, &set);
	s = buf_str(&set);
	buf_putstr(out, str_cut(&s, ';'));
}

/* "pass", "ask USER PASSWORD", "challenge 401 silent" and so on. */
T_FN void
gate_show(const struct gate_result *r, struct buf *out)
{
	static const char *const names[] = { "pass", "ask", "page", "challenge", "form", "link", "logout", "refused", "too-many" };

	buf_reset(out);
	buf_puts(out, names[r->verdict]);
	if (r->verdict == GATE_ASK)
		buf_printf(out, " %s %s", r->user, r->password);
	if (r->verdict == GATE_LINK)
		buf_printf(out, " %s", r->token);
	if (r->verdict == GATE_LOGIN_PAGE || r->verdict == GATE_REFUSED)
		buf_printf(out, " %d", r->status);
	if (r->verdict == GATE_LOGIN_PAGE && r->has_session)
		buf_puts(out, " in");
	if (r->verdict == GATE_CHALLENGE && r->is_silent)
		buf_puts(out, " silent");
	if (r->gives_session)
		buf_puts(out, " session");
	if (r->target[0])
		buf_printf(out, " -> %s", r->target);
}

#endif

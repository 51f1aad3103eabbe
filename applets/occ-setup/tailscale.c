/* tailscale.c - `tailscale serve`, which may refuse, or wait for somebody to open an address that only its words tell */
#include "applets/occ-setup/tailscale.h"

#include <string.h>

#include "applets/occ-setup/setup.h"
#include "lib/base/clock.h"
#include "lib/deploy/unit_run.h"
#include "lib/json/json.h"
#include "lib/net/addr.h"

#define OUTPUT_MAX 16384
#define STATUS_MAX (1u << 20)
#define SERVE_MS 60000
#define ASK_MS 10000
#define SAID_MAX 280

/* "http://127.0.0.1:3000", with or without a path behind it. */
static bool
is_port_here(const char *proxy, unsigned port)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct str rest = str_of(proxy), want = str_of(arena_printf(&a, ":%u", port));
	size_t at;

	if (str_has_prefix(rest, "http://"))
		rest = str_skip(rest, strlen("http://"));
	at = str_find_char(rest, '/');
	return str_has_suffix(at == STR_NONE ? rest : str_take(rest, at), want.p);
}

bool
tailscale_serves(struct str status, unsigned port)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err ignored = ERR_INIT;
	const struct json *root = json_parse(&a, status, &ignored), *web = json_get(root, "Web");

	for (JSON_EACH(host, web))
		for (JSON_EACH(handler, json_get(host, "Handlers")))
			if (is_port_here(json_str(json_get(handler, "Proxy"), ""), port))
				return true;
	return false;
}

/* On one line, its end: there it says what to do. */
static int
note_said(struct setup *s, struct str said, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(OUTPUT_MAX);
	struct str text = str_trim(said);

	text = str_skip(text, text.n > SAID_MAX ? text.n - SAID_MAX : 0);
	for (size_t i = 0; i < text.n; i++)
		buf_putc(&line, (unsigned char)text.p[i] < ' ' ? ' ' : text.p[i]);
	return text.n > 0 ? err_note(e, "said", "%s", arena_str(s->r->arena, buf_str(&line))) : -1;
}

static int
check_served(unsigned port, struct err *e)
{
	static const char *const argv[] = { "tailscale", "serve", "status", "--json", NULL };
	AUTO(buf) struct buf out = BUF_INIT(STATUS_MAX);

	if (unit_run(argv, &out, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	return tailscale_serves(buf_str(&out), port) ? 0 : err_set(e, ERR_FAIL, "tailscale took the order, and does not serve port %u", port);
}

int
setup_tailscale_serve(struct setup *s, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(OUTPUT_MAX);
	unsigned port = (unsigned)s->s.config.server.port;
	const char *const argv[] = { "tailscale", "serve", "--bg", arena_printf(s->r->arena, "%u", port), NULL };
	bool is_told;
	int rc;

	term_progress(s->r->term, "Tailscale", "serve --bg %s", argv[3]);
	rc = unit_run(argv, &out, clock_due_ms(SERVE_MS), e);
	/* The words of a command that ended by itself stand in its error. */
	is_told = rc < 0 && e->code == ERR_FAIL;
	if (rc == 0)
		rc = check_served(port, e);
	term_progress_end(s->r->term);
	if (rc == 0) {
		term_row(s->r->term, "Tailscale", "serves %s", s->s.config.server.public_url);
		return 0;
	}
	if (!is_told)
		note_said(s, buf_str(&out), e);
	return err_note(e, "try", "sudo tailscale serve --bg %s", argv[3]);
}

/* callback.c - finding a redirect address in a login's output and in a person's input */
#include "applets/occ/callback.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/num.h"

#define PORT_MAX 65535
#define KEEP 128		/* longer than any beginning of a redirect_uri up to its port */

static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]", NULL };

/* ---- output ------------------------------------------------------------------------------------------------ */

/* What a terminal would not show as text of an address: escape sequences (ECMA-48: CSI ends with 0x40..0x7e, OSC with BEL or ESC \), controls, spaces,
 * anything not ASCII. A long address that a program breaks into lines with a frame so becomes whole again. */
enum { TEXT, ESCAPE, CSI, OSC, OSC_ESCAPE };

static bool
is_text(struct callback_spot *c, unsigned char b)
{
	switch (c->escape) {
	case ESCAPE:
		c->escape = b == '[' ? CSI : b == ']' ? OSC : TEXT;
		return false;
	case CSI:
		if (b >= 0x40 && b <= 0x7e)
			c->escape = TEXT;
		return false;
	case OSC:
	case OSC_ESCAPE:
		c->escape = b == 7 || (c->escape == OSC_ESCAPE && b == '\\') ? TEXT : b == 0x1b ? OSC_ESCAPE : OSC;
		return false;
	default:
		if (b == 0x1b)
			c->escape = ESCAPE;
		return b > ' ' && b < 0x7f;
	}
}

/* Takes a word off the front, each byte as it is or percent-encoded. 1 taken, 0 the text ends before, -1 another text. */
static int
skip_encoded(struct str *s, const char *word)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *word; word++) {
		unsigned char b = (unsigned char)*word;
		char code[] = { '%', hex[b >> 4], hex[b & 15], 0 };

		if (s->n == 0)
			return 0;
		if (s->p[0] == *word) {
			*s = str_skip(*s, 1);
			continue;
		}
		size_t n = s->n < 3 ? s->n : 3;
		if (!str_ieq(str_take(*s, n), str_take(str_of(code), n)))
			return -1;
		if (n < 3)
			return 0;
		*s = str_skip(*s, 3);
	}
	return 1;
}

/* Digits and whatever ends them. 0 while the end is not there. */
static unsigned
port_at(struct str s)
{
	size_t n = 0;
	uint64_t port;
	struct err ignored = ERR_INIT;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (n == s.n || num_u64(str_take(s, n), 1, PORT_MAX, &port, &ignored) < 0)
		return 0;
	return (unsigned)port;
}

static unsigned
redirect_port(struct str s)
{
	for (size_t i = 0; hosts[i]; i++) {
		struct str rest = s;

		if (skip_encoded(&rest, "http://") == 1 && skip_encoded(&rest, hosts[i]) == 1 && skip_encoded(&rest, ":") == 1)
			return port_at(rest);
	}
	return 0;
}

/* Looks for it in the text kept and forgets what has been looked at. */
static unsigned
look(struct callback_spot *c)
{
	struct str all = str_from(c->text, c->n), rest = all;
	size_t at;

	while ((at = str_find(rest, STR_LIT("redirect_uri="))) != STR_NONE) {
		rest = str_skip(rest, at + sizeof "redirect_uri=" - 1);
		unsigned port = redirect_port(rest);
		if (port) {
			c->n = 0;
			return port;
		}
	}
	return 0;
}

unsigned
callback_spot(struct callback_spot *c, struct str data)
{
	unsigned port = 0;

	for (size_t i = 0; i < data.n; i++) {
		if (!is_text(c, (unsigned char)data.p[i]))
			continue;
		if (c->n == sizeof c->text) {
			unsigned found = look(c);
			port = found ? found : port;
			if (!found) {
				memmove(c->text, c->text + c->n - KEEP, KEEP);
				c->n = KEEP;
			}
		}
		c->text[c->n++] = data.p[i];
	}
	unsigned found = look(c);
	return found ? found : port;
}

/* ---- input ------------------------------------------------------------------------------------------------- */

#define PASTE_BEGIN "\033[200~"
#define PASTE_END "\033[201~"

static struct str
unwrapped(struct str s)
{
	s = str_trim(s);
	if (str_has_prefix(s, PASTE_BEGIN))
		s = str_skip(s, sizeof PASTE_BEGIN - 1);
	if (str_has_suffix(s, PASTE_END))
		s = str_take(s, s.n - (sizeof PASTE_END - 1));
	return str_trim(s);
}

/* RFC 3986: what may stand in an address, but for the quotes and brackets that it never needs. */
static bool
is_address(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char b = s.p[i];
		if (b <= ' ' || b >= 0x7f || strchr("\"\\<>^`{|}", b))
			return false;
	}
	return true;
}

/* "http://localhost:PORT" at the front; returns what follows, p NULL when it is not there. */
static struct str
skip_origin(struct str s, unsigned port)
{
	if (!str_has_prefix(s, "http://"))
		return STR_NULL;
	s = str_skip(s, sizeof "http://" - 1);
	for (size_t i = 0; hosts[i]; i++) {
		struct str rest = str_skip(s, strlen(hosts[i]));

		if (!str_has_prefix(s, hosts[i]) || !str_has_prefix(rest, ":"))
			continue;
		rest = str_skip(rest, 1);
		unsigned found = port_at(rest);
		if (found == 0 || (port != 0 && found != port))
			return STR_NULL;
		while (rest.n > 0 && rest.p[0] >= '0' && rest.p[0] <= '9')
			rest = str_skip(rest, 1);
		return rest;
	}
	return STR_NULL;
}

struct str
callback_url(struct str text, unsigned port)
{
	struct str url = unwrapped(text);
	struct str rest = skip_origin(url, port);

	if (!rest.p || !is_address(url) || (!str_has_prefix(rest, "/") && !str_has_prefix(rest, "?")))
		return STR_NULL;
	return url;
}

/* A person types keys one by one; a paste comes with all of its beginning at once. */
static bool
is_begun(struct str data, unsigned port)
{
	data = str_trim(data);
	if (str_has_prefix(data, PASTE_BEGIN))
		data = str_skip(data, sizeof PASTE_BEGIN - 1);
	return skip_origin(data, port).p;
}

static bool
is_ended(struct str held)
{
	struct str rest = held;

	if (str_has_prefix(rest, PASTE_BEGIN))
		return str_find(rest, STR_LIT(PASTE_END)) != STR_NONE;
	return str_find_char(rest, '\r') != STR_NONE || str_find_char(rest, '\n') != STR_NONE;
}

int
callback_paste(struct callback_paste *c, unsigned port, struct str data, int64_t now_ms, struct buf *pass)
{
	if (c->held.n == 0 && !is_begun(data, port)) {
		buf_putstr(pass, data);
		return 0;
	}
	if (data.n > 0)
		c->due_ms = now_ms + CALLBACK_PAUSE_MS;
	if (data.n > c->held.ceiling - c->held.n) {
		/* No address is that long: it was the program's after all. */
		buf_putstr(pass, buf_str(&c->held));
		buf_putstr(pass, data);
		buf_wipe(&c->held);
		c->due_ms = CLOCK_NEVER;
		return 0;
	}
	buf_putstr(&c->held, data);
	if (!is_ended(buf_str(&c->held)) && now_ms < c->due_ms)
		return 0;
	c->due_ms = CLOCK_NEVER;
	if (callback_url(buf_str(&c->held), port).n > 0)
		return 1;
	buf_putstr(pass, buf_str(&c->held));
	buf_wipe(&c->held);
	return 0;
}

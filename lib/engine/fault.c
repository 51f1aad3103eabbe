#include "lib/engine/wire.h"

#include <errno.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/engine/remedy.h"

#define MESSAGE_MAX 380			/* of the engine's words in one of our messages */

/* ESC [ ... letter: true when s begins with one, *ret_n its length. */
static bool
is_escape(struct str s, size_t *ret_n)
{
	if (s.n < 2 || s.p[0] != '\x1b')
		return false;
	size_t i = 1;
	if (s.p[1] == '[') {
		for (i = 2; i < s.n && (s.p[i] < '@' || s.p[i] > '~');)
			i++;
	}
	*ret_n = i < s.n ? i + 1 : s.n;
	return true;
}

/* Runs of white space and control bytes become one space. */
static void
put_plain(struct buf *out, struct str s)
{
	bool is_gap = false;
	size_t start = out->n, n;

	while (s.n > 0) {
		if (is_escape(s, &n)) {
			s = str_skip(s, n);
			continue;
		}
		unsigned char c = (unsigned char)s.p[0];
		if (c <= ' ' || c == 0x7f) {
			is_gap = out->n > start;
		} else {
			if (is_gap)
				buf_putc(out, ' ');
			is_gap = false;
			buf_putc(out, (char)c);
		}
		s = str_skip(s, 1);
	}
}

void
wire_clean(struct buf *out, struct str text, size_t max)
{
	AUTO(buf) struct buf plain = BUF_INIT(WIRE_REFUSAL_MAX);

	put_plain(&plain, str_take(text, WIRE_REFUSAL_MAX - 1));
	struct str s = buf_str(&plain);
	if (s.n <= max) {
		buf_putstr(out, s);
		return;
	}
	/* The cause stands last in what engines say ("...: returned a non-zero code: 132"): keep more of the end. */
	size_t head = max / 3, tail = max - head - 3;
	struct str first = str_take(s, head);
	struct str last = str_skip(s, s.n - tail);
	while (last.n > 0 && ((unsigned char)last.p[0] & 0xc0) == 0x80)
		last = str_skip(last, 1);
	buf_putstr(out, str_take(first, str_utf8_valid(first)));
	buf_puts(out, "...");
	buf_putstr(out, last);
}

int
wire_id_length(const char *id)
{
	return strspn(id, "0123456789abcdef") == 64 && !id[64] ? 12 : (int)strlen(id);
}

/* Podman 4 answers 500 where Docker answers 404 or 409; only its words tell. */
static const struct {
	const char *text;
	enum err_code code;
} refusals[] = {
	{ "no such container", ERR_NOT_FOUND },		/* found by its name, and gone before it was looked at */
	{ "is already in use", ERR_CONFLICT },
	{ "network is being used", ERR_CONFLICT },
	{ "volume is being used", ERR_CONFLICT },
	{ "is not running", ERR_NOT_RUNNING },
	{ "on running containers", ERR_NOT_RUNNING },
};

static enum err_code
code_of(int status, const char *message)
{
	switch (status) {
	case 401:
	case 403:
		return ERR_PERM;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	}
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		if (strstr(message, refusals[i].text))
			return refusals[i].code;
	}
	return ERR_FAIL;
}

int
wire_refusal(int status, struct str body, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf line = BUF_INIT(ERR_MSG_BYTES);
	struct err ignored = ERR_INIT;

	/* Docker: {"message": ...}; Podman adds cause and response. A proxy or a crash gives text or nothing. */
	const struct json *message = json_get(json_parse(&a, str_trim(body), &ignored), "message");
	wire_clean(&line, json_is(message, JSON_STRING) ? message->text : body, MESSAGE_MAX);
	(void)err_set(e, code_of(status, line.p), "%s%s", line.n ? "" : "the engine refused without a reason", line.p);
	e->http = status;
	if (line.n == 0 || !json_is(message, JSON_STRING))
		(void)err_wrap(e, "HTTP status %d", status);
	return remedy_disk(e);
}

/* The minor version behind `words` in the message ("... API version is 1.41"), or 0. */
static unsigned
version_behind(const char *message, const char *words)
{
	struct str s = str_of(message);
	size_t at = str_find(s, str_of(words));
	struct err ignored = ERR_INIT;
	uint64_t minor;

	if (at == STR_NONE)
		return 0;
	s = str_skip(s, at + strlen(words));
	if (!str_has_prefix(s, "1."))
		return 0;
	s = str_skip(s, 2);
	size_t n = 0;
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return num_u64(str_take(s, n), 1, 9999, &minor, &ignored) < 0 ? 0 : (unsigned)minor;
}

bool
wire_renegotiate(struct engine *en, struct err *e)
{
	unsigned most = version_behind(e->msg, "Maximum supported API version is ");
	unsigned least = version_behind(e->msg, "Minimum supported API version is ");
	bool is_fixed = en->env.docker_api_version && *en->env.docker_api_version;

	if (e->http != 400 || (most == 0 && least == 0))
		return false;
	if (is_fixed) {
		(void)err_set(e, ERR_ENGINE, "the engine does not speak API version %s, which DOCKER_API_VERSION asks for", en->env.docker_api_version);
		(void)err_note(e, "try", "unset DOCKER_API_VERSION");
		return false;
	}
	if (most >= ENGINE_API_LEAST && most < en->api_minor) {
		en->api_minor = most;
		return true;
	}
	if (least > en->api_minor && least <= ENGINE_API_OURS) {
		en->api_minor = least;
		return true;
	}
	if (least > ENGINE_API_OURS) {
		(void)err_set(e, ERR_ENGINE, "the engine is too new: it wants API 1.%u or later, this program speaks up to 1.%d", least, ENGINE_API_OURS);
		(void)err_note(e, "try", "a newer opencode-cloud");
		return false;
	}
	(void)err_set(e, ERR_ENGINE, "the engine is too old: it speaks API 1.%u, at least 1.%d is needed (Docker 19.03)", most, ENGINE_API_LEAST);
	(void)err_note(e, "try", "a newer Docker Engine");
	return false;
}

int
wire_lost(struct engine *en, const char *what, struct err *e)
{
	bool is_cut = e->code == ERR_EOF || (e->code == ERR_SYS && (e->sys == EPIPE || e->sys == ECONNRESET));

	if (is_cut) {
		(void)err_set(e, ERR_ENGINE, "the connection to the engine was lost in the middle of %s", what);
		return err_note(e, "cause", "the engine was restarted, or the way to it (%s) broke", en->at.url);
	}
	if (e->code == ERR_TIMEOUT) {
		(void)err_set(e, ERR_TIMEOUT, "the engine did not answer %s in time", what);
		return err_note(e, "engine", "%s (%s)", en->at.url, en->at.origin);
	}
	if (e->code == ERR_PARSE) {
		(void)err_wrap(e, "what answers at %s does not speak as an engine does: %s", en->at.url, what);
		e->code = ERR_ENGINE;
		return -1;
	}
	return err_wrap(e, "%s", what);
}

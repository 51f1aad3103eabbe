/* access_log.c - one line for each request */
#include "applets/occ-tls/access_log.h"

#include <inttypes.h>

#include "applets/occ-tls/query.h"
#include "lib/base/clock.h"
#include "lib/json/jsonw.h"

#define US_PER_S 1000000

/* The password in base64, a one-time link, a terminal's ticket. */
static const char *const secret_members[] = { "auth_token", "t", "ticket", NULL };

static void
put_quoted(struct str s, struct buf *out)
{
	struct str shown = str_take(s, ACCESS_LOG_TARGET_MAX);

	for (size_t i = 0; i < shown.n; i++) {
		unsigned char c = (unsigned char)shown.p[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
	buf_puts(out, shown.n < s.n ? "..." : "");
}

static struct str
or_dash(struct str s)
{
	return s.n > 0 ? s : STR_LIT("-");
}

static void
put_text(const struct access_entry *a, struct str target, struct buf *out)
{
	clock_put_rfc3339(out, a->at_epoch_s);
	buf_printf(out, " %s \"", a->client);
	put_quoted(or_dash(a->method), out);
	buf_putc(out, ' ');
	put_quoted(or_dash(target), out);
	buf_printf(out, " %s\" %d %" PRIu64 " %" PRId64 ".%06" PRId64 " \"", a->protocol, a->status, a->bytes_out, a->took_us / US_PER_S,
	    a->took_us % US_PER_S);
	put_quoted(or_dash(a->agent), out);
	buf_putc(out, '"');
	if (a->note)
		buf_printf(out, " [%s]", a->note);
}

static void
put_json(const struct access_entry *a, struct str target, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);
	AUTO(buf) struct buf at = BUF_INIT(64);

	clock_put_rfc3339(&at, a->at_epoch_s);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "at", at.p);
	jsonw_str(&w, "client", a->client);
	jsonw_text(&w, "method", str_take(a->method, ACCESS_LOG_TARGET_MAX));
	jsonw_text(&w, "target", str_take(target, ACCESS_LOG_TARGET_MAX));
	jsonw_text(&w, "host", str_take(a->host, ACCESS_LOG_TARGET_MAX));
	jsonw_str(&w, "protocol", a->protocol);
	jsonw_int(&w, "status", a->status);
	jsonw_int(&w, "bytes_in", (int64_t)a->bytes_in);
	jsonw_int(&w, "bytes_out", (int64_t)a->bytes_out);
	jsonw_int(&w, "took_us", a->took_us);
	jsonw_text(&w, "agent", str_take(a->agent, ACCESS_LOG_TARGET_MAX));
	if (a->note)
		jsonw_str(&w, "note", a->note);
	jsonw_end(&w);
}

void
access_log_put(enum edge_log form, const struct access_entry *a, struct buf *out)
{
	AUTO(buf) struct buf clean = BUF_SECRET_INIT(HTTP_REQUEST_HEAD_MAX);
	struct str target = a->target;

	if (form == EDGE_LOG_OFF)
		return;
	if (query_has(target, secret_members)) {
		query_put_without(&clean, target, secret_members);
		target = buf_str(&clean);
	}
	if (form == EDGE_LOG_JSON)
		put_json(a, target, out);
	else
		put_text(a, target, out);
	buf_putc(out, '\n');
}

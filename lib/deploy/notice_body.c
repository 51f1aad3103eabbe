/* notice_body.c - a notice as each receiver reads it */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/deploy/notice.h"
#include "lib/json/jsonw.h"

/* ntfy's priorities (1 to 5) and emoji names (docs.ntfy.sh/publish). */
static const struct {
	int priority;
	const char *tag;
} looks[] = {
	[NOTICE_FAILED] = { 5, "rotating_light" }, [NOTICE_RECOVERED] = { 3, "white_check_mark" }, [NOTICE_RESTARTED] = { 3, "arrows_counterclockwise" },
	[NOTICE_FINISHED] = { 3, "checkered_flag" }, [NOTICE_QUESTION] = { 4, "question" },
	[NOTICE_PERMISSION] = { 4, "lock" }, [NOTICE_UPDATE] = { 2, "arrow_up" }, [NOTICE_TEST] = { 3, "wave" },
};

/* One line, cut at a character with an ellipsis. */
static void
put_line(struct buf *out, const char *text, size_t max)
{
	struct str s = str_trim(str_of(text));
	struct str cut = str_take(s, max);

	cut = str_take(cut, str_utf8_valid(cut));
	for (size_t i = 0; i < cut.n; i++) {
		unsigned char c = (unsigned char)cut.p[i];
		buf_putc(out, c < 0x20 || c == 0x7f ? ' ' : cut.p[i]);
	}
	if (cut.n < s.n)
		buf_puts(out, "\xe2\x80\xa6");
}

static void
put_json(struct jsonw *w, const char *key, const char *text, size_t max)
{
	AUTO(buf) struct buf line = BUF_INIT(4096);

	put_line(&line, text, max);
	jsonw_text(w, key, buf_str(&line));
}

static void
put_webhook(struct jsonw *w, const struct notice *n)
{
	AUTO(buf) struct buf at = BUF_INIT(64);

	clock_put_rfc3339(&at, n->at_epoch_s);
	jsonw_int(w, "format", NOTICE_FORMAT);
	jsonw_str(w, "program", "opencode-cloud");
	jsonw_str(w, "instance", n->instance);
	jsonw_str(w, "kind", notice_kind_name(n->kind));
	jsonw_text(w, "at", buf_str(&at));
	put_json(w, "title", n->title, NOTICE_TITLE_MAX);
	put_json(w, "text", n->text, NOTICE_TEXT_MAX);
	jsonw_str(w, "link", n->link);
}

static void
put_ntfy(struct jsonw *w, struct str url, const struct notice *n)
{
	struct str path = url, topic;
	size_t query = str_find_char(url, '?');

	if (query != STR_NONE)
		path = str_take(url, query);
	path = str_trim_char(path, '/');
	topic = str_skip(path, str_rfind_char(path, '/') + 1);
	jsonw_text(w, "topic", topic);
	put_json(w, "title", n->title, NOTICE_TITLE_MAX);
	/* An empty message would be shown as "triggered". */
	put_json(w, "message", n->text[0] ? n->text : n->title, NOTICE_TEXT_MAX);
	jsonw_int(w, "priority", looks[n->kind].priority);
	jsonw_array(w, "tags");
	jsonw_str(w, NULL, looks[n->kind].tag);
	jsonw_end(w);
	if (n->link[0])
		jsonw_str(w, "click", n->link);
}

/* &, < and > mean something in Slack's texts (docs.slack.dev, "Formatting message text"). */
static void
put_escaped(struct buf *out, const char *text, size_t max)
{
	AUTO(buf) struct buf line = BUF_INIT(4096);

	put_line(&line, text, max);
	for (size_t i = 0; i < line.n; i++) {
		switch (line.p[i]) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		default: buf_putc(out, line.p[i]);
		}
	}
}

static void
put_slack(struct jsonw *w, const struct notice *n)
{
	AUTO(buf) struct buf text = BUF_INIT(16384);

	buf_putc(&text, '*');
	put_escaped(&text, n->title, NOTICE_TITLE_MAX);
	buf_putc(&text, '*');
	if (n->text[0]) {
		buf_putc(&text, '\n');
		put_escaped(&text, n->text, NOTICE_TEXT_MAX);
	}
	if (n->link[0])
		buf_printf(&text, "\n%s", n->link);
	jsonw_text(w, "text", buf_str(&text));
}

void
notice_put_body(enum notice_service s, struct str url, const struct notice *n, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);

	jsonw_object(&w, NULL);
	switch (s) {
	case NOTICE_WEBHOOK:
		put_webhook(&w, n);
		break;
	case NOTICE_NTFY:
		put_ntfy(&w, url, n);
		break;
	case NOTICE_SLACK:
		put_slack(&w, n);
		break;
	}
	jsonw_end(&w);
}

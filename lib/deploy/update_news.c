/* update_news.c - the note, when to ask, and the two who can be asked */
#include "lib/deploy/update_news.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/num.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/note_file.h"
#include "lib/deploy/schema_check.h"
#include "lib/engine/exec.h"
#include "lib/http/remote.h"
#include "lib/json/jsonw.h"

#define NOTE "newest.json"
#define NOTE_FORMAT 1
#define NOTE_MAX 16384
#define ANSWER_MAX (1u << 20)
#define ASK_MS 60000
#define HOUR_S 3600
#define DAY_S 86400
#define FIRST_S 600		/* a start has other things to do */

/* ---- the note ---- */

void
update_news_load(struct arena *a, const struct scope *s, struct update_news *ret)
{
	struct err ignored = ERR_INIT;
	const struct json *j;

	(void)!note_load(a, s, NOTE, NOTE_MAX, &j, &ignored);
	*ret = (struct update_news){ .tried_epoch_s = note_epoch_s(j, "tried_epoch_s"), .newest = json_str(json_get(j, "newest"), ""),
		.told = json_str(json_get(j, "told"), ""), .why = json_str(json_get(j, "why"), "") };
}

/* What cannot be remembered is asked for again. */
static void
save(const struct scope *s, const struct update_news *n)
{
	AUTO(buf) struct buf text = BUF_INIT(NOTE_MAX);
	struct jsonw w = JSONW_INIT(&text, 2);
	struct err e = ERR_INIT;

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", NOTE_FORMAT);
	jsonw_int(&w, "tried_epoch_s", n->tried_epoch_s);
	jsonw_str(&w, "newest", n->newest);
	jsonw_str(&w, "told", n->told);
	jsonw_str(&w, "why", n->why);
	jsonw_end(&w);
	if (scope_prepare_state(s, &e) < 0 || note_save(s, NOTE, &text, &e) < 0)
		log_line("the newest version is not remembered: %s", e.msg);
}

/* ---- decisions ---- */

int64_t
update_news_due(const struct config *c, const struct update_news *last, int64_t since_epoch_s)
{
	bool is_daily = strcmp(c->update.check, "daily") == 0;

	if (strcmp(c->update.check, "never") == 0 || strcmp(c->image.source, "pull") == 0)
		return 0;
	if (last->tried_epoch_s == 0)
		return since_epoch_s + FIRST_S;
	return last->tried_epoch_s + (is_daily && !last->why[0] ? DAY_S : HOUR_S);
}

const char *
update_news_newer(const struct update_news *n, const char *now)
{
	return now[0] && update_compare(n->newest, now) > 0 ? n->newest : NULL;
}

static bool
is_for_us(const char *version)
{
	struct err ignored = ERR_INIT;

	return version[0] && check_opencode(str_of(version), &ignored) == 0;
}

const char *
update_newest_of(const struct json *j)
{
	const char *newest = json_str(j, json_str(json_get(j, "version"), ""));

	if (!is_for_us(newest))
		newest = "";
	for (JSON_EACH(item, j)) {
		const char *version = item->key ? "" : json_str(item, "");

		if (is_for_us(version) && update_compare(version, newest) > 0)
			newest = version;
	}
	return newest;
}

int
update_compare(const char *a, const char *b)
{
	struct str left = str_of(a), right = str_of(b);

	for (int i = 0; i < 3; i++) {
		uint64_t x = 0, y = 0;
		struct err ignored = ERR_INIT;
		int has_x = num_u64(str_cut(&left, '.'), 0, UINT32_MAX, &x, &ignored) == 0, has_y = num_u64(str_cut(&right, '.'), 0, UINT32_MAX, &y, &ignored) == 0;

		if (has_x != has_y)
			return has_x - has_y;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* ---- asking ---- */

static int
ask_feed(struct service *s, struct buf *said, struct err *e)
{
	const struct remote_request r = { .url = s->config.update.feed, .allow_http = true, .due_ms = clock_due_ms(ASK_MS) };
	struct remote_answer answer;

	if (remote_get(s->arena, &r, said, &answer, e) < 0)
		return err_wrap(e, "update.feed");
	return answer.status == 200 ? 0 : err_set(e, ERR_NOT_FOUND, "update.feed answers %d", answer.status);
}

/* Of the major version that this program runs. */
static int
ask_package(struct service *s, const struct container *c, struct buf *said, struct err *e)
{
	static const char *const argv[] = { "npm", "view", "opencode-ai@1", "version", "--json", NULL };
	const struct exec_spec spec = { .argv = argv };
	AUTO(buf) struct buf trouble = BUF_INIT(65536);
	int status = 0;

	if (exec_capture(&s->engine, s->arena, c->id, &spec, STR_NULL, said, &trouble, clock_due_ms(ASK_MS), &status, e) < 0)
		return -1;
	return status == 0 ? 0
	    : err_set(e, ERR_NOT_FOUND, "npm in the container ended with %d: " STR_FMT, status, STR_ARG(str_take(str_trim(buf_str(&trouble)), 200)));
}

static const char *
ask(struct service *s, const struct container *c, struct err *e)
{
	AUTO(buf) struct buf said = BUF_INIT(ANSWER_MAX);
	bool has_feed = s->config.update.feed[0];
	int r = has_feed ? ask_feed(s, &said, e) : ask_package(s, c, &said, e);
	const struct json *j = r == 0 ? json_parse(s->arena, buf_str(&said), e) : NULL;
	const char *newest = j ? update_newest_of(j) : "";

	if (newest[0])
		return newest;
	if (j)
		err_set(e, ERR_NOT_FOUND, "%s names no version of opencode that this program runs", has_feed ? "update.feed" : "npm");
	if (e->code != ERR_INTERRUPTED)
		err_note(e, "try", "occ update VERSION");
	err_wrap(e, "the newest version of opencode");
	return NULL;
}

/* What was told stays as it is. */
static const char *
ask_into(struct service *s, const struct container *c, struct update_news *n, struct err *e)
{
	const char *newest = ask(s, c, e);

	n->tried_epoch_s = clock_epoch_s();
	n->why = newest ? "" : arena_strdup(s->arena, e->msg);
	if (newest)
		n->newest = newest;
	return newest;
}

const char *
update_news_ask(struct service *s, const struct container *c, struct err *e)
{
	struct update_news n;

	update_news_load(s->arena, &s->scope, &n);
	const char *newest = ask_into(s, c, &n, e);
	save(&s->scope, &n);
	return newest;
}

int
update_news_look(struct service *s, const struct container *c, const char *now, const char **ret_newest, struct err *e)
{
	struct update_news n;

	update_news_load(s->arena, &s->scope, &n);
	const char *newest = ask_into(s, c, &n, e);
	bool is_news = newest && update_news_newer(&n, now) && strcmp(newest, n.told) != 0;
	if (is_news)
		n.told = newest;
	save(&s->scope, &n);
	*ret_newest = newest;
	return newest ? is_news : -1;
}

/*
 * activity_set.c - which sessions are at work, out of opencode's events
 *
 * Names and shapes as recorded from 1.18.33 and as its API document has them. Its "sync" events repeat others and are passed over.
 */
#include "lib/deploy/activity.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"

/* ---- texts of a fixed size ---- */

/* Cut at a character, not in one. */
static void
put_text(char *to, size_t bytes, const char *from)
{
	struct str s = str_take(str_of(from), bytes - 1);

	s = str_take(s, str_utf8_valid(s));
	memcpy(to, s.p ? s.p : "", s.n);
	to[s.n] = '\0';
}
#define PUT_TEXT(to, from) put_text((to), sizeof(to), (from))

static bool
is_id(const char *id)
{
	struct str s = str_of(id);

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' && c != '-')
			return false;
	}
	return s.n > 0 && s.n < sizeof ((struct activity_session *)NULL)->id;
}

/* ---- the sessions ---- */

static struct activity_session *
find(struct activity *a, const char *id)
{
	for (size_t i = 0; i < a->n_sessions; i++)
		if (strcmp(a->sessions[i].id, id) == 0)
			return &a->sessions[i];
	return NULL;
}

/* A free place, else that of the idle one that was not heard of for longest. NULL when all are at work. */
static struct activity_session *
place_for_new(struct activity *a)
{
	struct activity_session *oldest = NULL;

	if (a->n_sessions < ACTIVITY_SESSIONS_MAX)
		return &a->sessions[a->n_sessions++];
	for (size_t i = 0; i < a->n_sessions; i++) {
		struct activity_session *s = &a->sessions[i];
		if (!s->is_busy && (!oldest || s->turn < oldest->turn))
			oldest = s;
	}
	return oldest;
}

static struct activity_session *
need(struct activity *a, const char *id)
{
	struct activity_session *s = find(a, id);

	if (s)
		return s;
	s = place_for_new(a);
	if (!s)
		return NULL;
	*s = (struct activity_session){ .turn = a->turn };
	PUT_TEXT(s->id, id);
	return s;
}

bool
activity_is_busy(const struct activity *a)
{
	return a->n_busy > 0 || a->is_overflown;
}

static int
event_of(struct activity_event *ret, enum activity_kind kind)
{
	*ret = (struct activity_event){ .kind = kind, .session = "", .directory = "", .title = "", .text = "" };
	return 1;
}

/* 1 with the change of the whole set, when it was another before. */
static int
changed(const struct activity *a, bool was_busy, struct activity_event *ret)
{
	if (activity_is_busy(a) == was_busy)
		return 0;
	return event_of(ret, was_busy ? ACTIVITY_IDLE : ACTIVITY_BUSY);
}

static void
set_busy(struct activity *a, const char *id, const char *directory)
{
	struct activity_session *s = need(a, id);

	if (!s) {
		a->is_overflown = true;
		return;
	}
	s->turn = a->turn;
	if (directory[0])
		PUT_TEXT(s->directory, directory);
	if (s->is_busy)
		return;
	s->is_busy = true;
	s->was_aborted = false;
	s->trouble[0] = '\0';
	a->n_busy++;
}

static void
set_idle(struct activity *a, struct activity_session *s)
{
	a->n_busy -= s->is_busy;
	s->is_busy = false;
}

/* Those of a directory, or all, that were not heard of later than that turn. */
static void
set_idle_in(struct activity *a, const char *directory, uint64_t turn)
{
	char cut[sizeof a->sessions[0].directory];

	PUT_TEXT(cut, directory ? directory : "");
	for (size_t i = 0; i < a->n_sessions; i++)
		if ((!directory || strcmp(a->sessions[i].directory, cut) == 0) && a->sessions[i].turn <= turn)
			set_idle(a, &a->sessions[i]);
}

static void
forget_session(struct activity *a, struct activity_session *s)
{
	set_idle(a, s);
	*s = a->sessions[--a->n_sessions];
}

/* ---- events ---- */

struct seen {
	const char *directory, *id;
	const struct json *properties;
};

static void
on_status(struct activity *a, const struct seen *v)
{
	struct activity_session *s = find(a, v->id);

	/* "retry" waits for its model and loses its turn when it is cut: at work. */
	if (!str_is(str_of(json_str(json_path(v->properties, "status.type"), "idle")), "idle")) {
		set_busy(a, v->id, v->directory);
	} else if (s && s->is_busy) {
		set_idle(a, s);
		s->turn = a->turn;
		if (!s->is_child && !s->was_aborted) {
			a->finished = *s;
			a->has_finished = true;
		}
	}
}

static void
on_info(struct activity *a, const struct seen *v)
{
	const struct json *info = json_get(v->properties, "info");
	struct activity_session *s = need(a, v->id);

	if (!s)
		return;
	s->turn = a->turn;
	s->is_child = json_str(json_get(info, "parentID"), "")[0] != '\0';
	PUT_TEXT(s->title, json_str(json_get(info, "title"), ""));
	PUT_TEXT(s->directory, json_str(json_get(info, "directory"), v->directory));
}

static void
on_deleted(struct activity *a, const struct seen *v)
{
	struct activity_session *s = find(a, v->id);

	if (s)
		forget_session(a, s);
}

static void
on_error(struct activity *a, const struct seen *v)
{
	const struct json *error = json_get(v->properties, "error");
	const char *name = json_str(json_get(error, "name"), "an error");
	struct activity_session *s = find(a, v->id);

	if (!s)
		return;
	s->was_aborted = strcmp(name, "MessageAbortedError") == 0;
	PUT_TEXT(s->trouble, json_str(json_path(error, "data.message"), name));
}

static const struct {
	const char *type;
	void (*act)(struct activity *a, const struct seen *v);
} rows[] = {
	{ "session.status", on_status },
	{ "session.idle", on_status },		/* without a status: idle */
	{ "session.created", on_info },
	{ "session.updated", on_info },
	{ "session.deleted", on_deleted },
	{ "session.error", on_error },
};

/* "bash: ls /": what it wants, and on what. Version 2's events call the two action and resources. */
static const char *
permission_text(struct arena *scratch, const struct json *p)
{
	const struct json *on = json_get(p, "patterns");
	const char *what = json_str(json_get(p, "permission"), json_str(json_get(p, "action"), ""));
	const char *first = json_str(json_path(p, "metadata.command"), NULL);

	if (!first)
		first = json_str(json_at(on ? on : json_get(p, "resources"), 0), NULL);
	return first ? arena_printf(scratch, "%s: %s", what, first) : what;
}

static void
fill(struct arena *scratch, const struct activity_session *s, struct activity_event *ret)
{
	ret->session = arena_strdup(scratch, s->id);
	ret->directory = arena_strdup(scratch, s->directory);
	ret->title = arena_strdup(scratch, s->title);
}

/* A question or a permission, each told once. */
static int
on_asked(struct activity *a, struct arena *scratch, enum activity_kind kind, const struct seen *v, struct activity_event *ret)
{
	const struct json *p = v->properties;
	const char *request = json_str(json_get(p, "id"), "");
	const struct activity_session *s = find(a, v->id);

	if (request[0] && strcmp(request, a->asked) == 0)
		return 0;
	PUT_TEXT(a->asked, request);
	event_of(ret, kind);
	ret->session = arena_strdup(scratch, v->id);
	ret->directory = arena_strdup(scratch, v->directory);
	if (s)
		fill(scratch, s, ret);
	ret->text = kind == ACTIVITY_PERMISSION ? permission_text(scratch, p) :
		json_str(json_get(json_at(json_get(p, "questions"), 0), "question"), "");
	return 1;
}

static int
apply(struct activity *a, struct arena *scratch, const struct json *root, struct activity_event *ret)
{
	const struct json *payload = json_get(root, "payload");
	const char *type = json_str(json_get(payload, "type"), "");
	struct seen v = { .directory = json_str(json_get(root, "directory"), ""), .properties = json_get(payload, "properties") };
	bool was_busy = activity_is_busy(a);

	a->turn++;
	v.id = json_str(json_get(v.properties, "sessionID"), json_str(json_path(v.properties, "info.id"), ""));
	if (strcmp(type, "global.disposed") == 0)
		return activity_forget(a, ret);
	if (strcmp(type, "server.instance.disposed") == 0)
		set_idle_in(a, json_str(json_get(v.properties, "directory"), v.directory), a->turn);
	if (!is_id(v.id))
		return changed(a, was_busy, ret);
	if (strcmp(type, "question.asked") == 0 || strcmp(type, "question.v2.asked") == 0)
		return on_asked(a, scratch, ACTIVITY_QUESTION, &v, ret);
	if (strcmp(type, "permission.asked") == 0 || strcmp(type, "permission.v2.asked") == 0)
		return on_asked(a, scratch, ACTIVITY_PERMISSION, &v, ret);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(type, rows[i].type) == 0)
			rows[i].act(a, &v);
	return changed(a, was_busy, ret);
}

/* Most events are pieces of messages, by the thousand: what cannot be one of ours is not parsed. */
static bool
is_of_interest(struct str data)
{
	static const char *const parts[] = { "\"session.", "\"question.", "\"permission.", ".disposed\"" };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (str_find(data, str_of(parts[i])) != STR_NONE)
			return true;
	return false;
}

int
activity_apply(struct activity *a, struct arena *scratch, struct str data, struct activity_event *ret)
{
	struct err ignored = ERR_INIT;
	const struct json *root = is_of_interest(data) ? json_parse(scratch, data, &ignored) : NULL;

	if (root && apply(a, scratch, root, ret))
		return 1;
	return activity_more(a, scratch, ret);
}

int
activity_more(struct activity *a, struct arena *scratch, struct activity_event *ret)
{
	if (!a->has_finished)
		return 0;
	a->has_finished = false;
	event_of(ret, ACTIVITY_FINISHED);
	fill(scratch, &a->finished, ret);
	ret->text = arena_strdup(scratch, a->finished.trouble);
	return 1;
}

/* ---- corrections ---- */

int
activity_learn(struct activity *a, struct arena *scratch, const char *directory, struct str body, uint64_t asked_turn, struct activity_event *ret)
{
	struct err ignored = ERR_INIT;
	const struct json *root = json_parse(scratch, body, &ignored);
	bool was_busy = activity_is_busy(a);

	if (!json_is(root, JSON_OBJECT))
		return -1;
	a->turn++;
	a->is_overflown = false;
	set_idle_in(a, directory, asked_turn);
	for (JSON_EACH(one, root)) {
		const char *id = json_str(one->key, "");
		const struct activity_session *s = find(a, id);
		bool is_newer = s && s->turn > asked_turn;
		if (is_id(id) && !is_newer && !str_is(str_of(json_str(json_get(one, "type"), "idle")), "idle"))
			set_busy(a, id, directory);
	}
	return changed(a, was_busy, ret);
}

int
activity_forget(struct activity *a, struct activity_event *ret)
{
	bool was_busy = activity_is_busy(a);

	a->is_overflown = a->has_finished = false;
	set_idle_in(a, NULL, a->turn);
	return changed(a, was_busy, ret);
}

void
activity_list(const struct activity *a, struct arena *arena, struct strlist *ret)
{
	for (size_t i = 0; i < a->n_sessions; i++) {
		const struct activity_session *s = &a->sessions[i];
		const char *where = path_tilde(arena, s->directory, SERVICE_HOME);

		if (s->is_busy)
			strlist_add(arena, ret, arena_printf(arena, "%s%s(%s in %s)", s->title, s->title[0] ? " " : "", s->id, where));
	}
}

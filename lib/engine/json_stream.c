#include "lib/engine/json_stream.h"

void
json_stream_fini(struct json_stream *s)
{
	buf_fini(&s->pending);
	s->seen = s->depth = 0;
	s->is_in_string = s->is_escaped = false;
}

void
json_stream_auto(struct json_stream *s)
{
	json_stream_fini(s);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Drops an object that was returned, and the white space before the next one. */
static void
drop_used(struct json_stream *s)
{
	if (s->depth > 0)
		return;
	while (s->seen < s->pending.n && is_space(s->pending.p[s->seen]))
		s->seen++;
	if (s->seen > 0)
		buf_drop(&s->pending, s->seen);
	s->seen = 0;
}

int
json_stream_put(struct json_stream *s, struct str data, struct err *e)
{
	drop_used(s);
	if (data.n > JSON_STREAM_RUN_MAX)
		BUG("more than JSON_STREAM_RUN_MAX at once");
	buf_putstr(&s->pending, data);
	return buf_check(&s->pending, "an object in the engine's answer", e);
}

/* Goes over one byte inside an object; true when it was the object's last. */
static bool
step(struct json_stream *s, char c)
{
	if (s->is_in_string) {
		if (s->is_escaped)
			s->is_escaped = false;
		else if (c == '\\')
			s->is_escaped = true;
		else if (c == '"')
			s->is_in_string = false;
		return false;
	}
	if (c == '"')
		s->is_in_string = true;
	else if (c == '{' || c == '[')
		s->depth++;
	else if (c == '}' || c == ']')
		return --s->depth == 0;
	return false;
}

int
json_stream_next(struct json_stream *s, struct str *ret_object, struct err *e)
{
	drop_used(s);
	if (s->pending.n == 0)
		return 0;
	if (s->pending.p[0] != '{')
		return err_set(e, ERR_PARSE, "a JSON object was expected in the engine's answer");
	while (s->seen < s->pending.n) {
		if (s->seen >= JSON_STREAM_MAX)
			return err_set(e, ERR_TOO_BIG, "an object in the engine's answer is larger than %u bytes", JSON_STREAM_MAX);
		if (step(s, s->pending.p[s->seen++])) {
			*ret_object = str_take(buf_str(&s->pending), s->seen);
			return 1;
		}
	}
	return 0;
}

bool
json_stream_is_clean(const struct json_stream *s)
{
	if (s->depth > 0)
		return false;
	for (size_t i = s->seen; i < s->pending.n; i++) {
		if (!is_space(s->pending.p[i]))
			return false;
	}
	return true;
}

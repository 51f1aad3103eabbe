/* sse.c - an event stream, line by line */
#include "lib/http/sse.h"

#include <string.h>

#define KEEP_BYTES 16384	/* a larger one gives its memory back at once */

enum { AT_FIELD, AT_VALUE, IN_VALUE };

void
sse_fini(struct sse *s)
{
	size_t ceiling = s->data.ceiling;

	buf_fini(&s->data);
	*s = (struct sse)SSE_INIT(ceiling);
}

static void
begin_event(struct sse *s)
{
	if (s->data.cap > KEEP_BYTES)
		buf_fini(&s->data);
	buf_reset(&s->data);
	s->is_complete = s->is_too_big = s->has_data = false;
}

static bool
is_data(const struct sse *s)
{
	return s->n_field == 4 && memcmp(s->field, "data", 4) == 0;
}

/* The line's field is known: further lines of data are joined by a line feed. */
static void
begin_value(struct sse *s)
{
	if (!is_data(s))
		return;
	if (s->has_data)
		buf_putc(&s->data, '\n');
	s->has_data = true;
}

/* True when the line that ends here completes an event. */
static bool
end_line(struct sse *s)
{
	bool is_empty = s->state == AT_FIELD && s->n_field == 0;

	if (s->state == AT_FIELD)
		begin_value(s);
	s->state = AT_FIELD;
	s->n_field = 0;
	s->is_first_line = false;
	if (!is_empty || !s->has_data)
		return false;
	s->is_complete = true;
	s->is_too_big = s->data.fault != BUF_OK;
	if (s->is_too_big)
		buf_reset(&s->data);
	return true;
}

static void
put_field(struct sse *s, char c)
{
	if (c == ':') {
		begin_value(s);
		s->state = AT_VALUE;
		return;
	}
	if (s->n_field < SSE_FIELD_MAX)
		s->field[s->n_field++] = c;
	/* A byte order mark in front of everything. */
	if (s->is_first_line && s->n_field == 3 && memcmp(s->field, "\xef\xbb\xbf", 3) == 0) {
		s->n_field = 0;
		s->is_first_line = false;
	}
}

/* The run of bytes up to the end of the line, of which only data's are kept. */
static size_t
put_value(struct sse *s, struct str in)
{
	size_t n = 0;

	while (n < in.n && in.p[n] != '\n' && in.p[n] != '\r')
		n++;
	if (is_data(s))
		buf_putstr(&s->data, str_take(in, n));
	return n;
}

size_t
sse_feed(struct sse *s, struct str in, bool *ret_event)
{
	size_t at = 0;

	*ret_event = false;
	if (s->is_complete)
		begin_event(s);
	while (at < in.n) {
		char c = in.p[at];
		bool was_cr = s->was_cr;

		s->was_cr = c == '\r';
		if (c == '\n' && was_cr) {
			at++;
		} else if (c == '\n' || c == '\r') {
			at++;
			if (end_line(s)) {
				*ret_event = true;
				return at;
			}
		} else if (s->state == AT_FIELD) {
			put_field(s, c);
			at++;
		} else if (s->state == AT_VALUE && c == ' ') {
			s->state = IN_VALUE;
			at++;
		} else {
			s->state = IN_VALUE;
			at += put_value(s, str_skip(in, at));
		}
	}
	return at;
}

/* activity.c - the connection to /global/event: asked for, read, cut into events */
#include "lib/deploy/activity.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/addr.h"

#define REQUEST_BYTES_MAX 16384
#define READ_BYTES 16384
#define STEP_BYTES_MAX (256u * 1024)

_Static_assert(READ_BYTES <= HTTP_HEAD_MAX, "a read fits into the buffer of the head");

enum { CLOSED, CONNECTING, SENDING, HEAD, BODY };

void
activity_init(struct activity *a)
{
	*a = (struct activity){
		.stream = STREAM_INIT, .request = BUF_SECRET_INIT(REQUEST_BYTES_MAX), .in = BUF_INIT(HTTP_HEAD_MAX), .sse = SSE_INIT(ACTIVITY_EVENT_MAX),
		.due_ms = CLOCK_NEVER,
	};
}

void
activity_close(struct activity *a)
{
	stream_close(&a->stream);
	buf_wipe(&a->request);
	buf_fini(&a->in);
	sse_fini(&a->sse);
	a->phase = CLOSED;
	a->in_at = a->run_n = a->step_bytes = 0;
	a->has_sign = false;
	a->due_ms = CLOCK_NEVER;
	a->chunked = (struct http_chunked){ .is_done = false };
}

void
activity_auto(struct activity *a)
{
	activity_close(a);
}

int
activity_open(struct activity *a, const char *host, unsigned port, const char *user, struct str password, struct err *e)
{
	AUTO(buf) struct buf host_port = BUF_INIT(256);

	activity_close(a);
	addr_put_hostport(&host_port, host, port);
	vantage_put_request("GET", ACTIVITY_PATH, buf_str(&host_port), user, password, STR_NULL, &a->request);
	if (buf_check(&a->request, "request to opencode", e) < 0 || stream_tcp_begin(&a->stream, host, port, e) < 0)
		return -1;
	a->phase = CONNECTING;
	a->due_ms = clock_due_ms(ACTIVITY_ANSWER_MS);
	return 0;
}

short
activity_wants(const struct activity *a)
{
	return a->phase == CLOSED ? 0 : a->phase <= SENDING ? POLLOUT : POLLIN;
}

/* ---- each phase: 1 it is over, 0 wait, -1 ---- */

static int
send_request(struct activity *a, struct err *e)
{
	struct str rest = buf_str(&a->request);
	ssize_t n = stream_write_some(&a->stream, &rest, 1, e);

	if (n < 0)
		return -1;
	buf_drop(&a->request, (size_t)n);
	if (a->request.n > 0)
		return 0;
	buf_wipe(&a->request);
	return 1;
}

/* > 0 bytes added to a->in, 0 nothing there now, -1 (ERR_EOF at the end). */
static ssize_t
read_more(struct activity *a, struct err *e)
{
	ssize_t n;

	if (a->in_at == a->in.n) {
		buf_reset(&a->in);
		a->in_at = 0;
	}
	size_t room_n = a->in.ceiling - a->in.n < READ_BYTES ? a->in.ceiling - a->in.n : READ_BYTES;
	void *room = buf_room(&a->in, room_n);
	if (room_n == 0 || !room)
		return err_set(e, ERR_TOO_BIG, "head of the answer is larger than %d bytes", HTTP_HEAD_MAX);
	do
		n = read(a->stream.fd, room, room_n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : err_sys(e, "read");
	if (n == 0)
		return err_set(e, ERR_EOF, "the stream has ended");
	buf_grew(&a->in, (size_t)n);
	a->step_bytes += (size_t)n;
	return n;
}

static int
check_head(struct activity *a, const struct http_head *h, struct err *e)
{
	struct str type = http_field(h, "Content-Type");

	if (h->status == 401 || h->status == 403)
		return err_set(e, ERR_PERM, "opencode refuses the password (%d)", h->status);
	if (h->status != 200)
		return err_set(e, ERR_UNHEALTHY, "opencode answers %d", h->status);
	/* Every path that it does not know is its web page, with 200. */
	if (!str_ieq(str_trim(str_cut(&type, ';')), STR_LIT("text/event-stream")))
		return err_set(e, ERR_PARSE, "the answer is not a stream of events");
	a->is_chunked = h->framing == HTTP_CHUNKED;
	return 1;
}

static int
read_head(struct activity *a, struct err *e)
{
	struct http_head head;
	const char *why;
	ssize_t got = read_more(a, e);

	if (got <= 0)
		return (int)got;
	long n = http_parse_response(buf_str(&a->in), false, &head, &why);
	if (n == HTTP_INCOMPLETE)
		return 0;
	if (n < 0)
		return err_set(e, ERR_PARSE, "malformed answer: %s", why);
	a->in_at = (size_t)n;
	return check_head(a, &head, e);
}

/* Takes off the frame: 1 when body bytes stand next (run_n of them), 0 when nothing is left, -1. */
static int
unframe(struct activity *a, struct err *e)
{
	struct str data;
	const char *why;

	while (a->run_n == 0 && a->in_at < a->in.n) {
		struct str rest = str_skip(buf_str(&a->in), a->in_at);
		if (!a->is_chunked) {
			a->run_n = rest.n;
			break;
		}
		long n = http_chunked_feed(&a->chunked, rest, &data, &why);
		if (n < 0)
			return err_set(e, ERR_PARSE, "malformed chunk: %s", why);
		if (a->chunked.is_done)
			return err_set(e, ERR_EOF, "the stream has ended");
		/* The run is the end of what was consumed: what is before it is frame. */
		a->in_at += (size_t)n - data.n;
		a->run_n = data.n;
	}
	return a->run_n > 0;
}

/* 1 with an event, 0 when all that was read is used up, -1. */
static int
use_up(struct activity *a, struct arena *scratch, struct activity_event *ret, struct err *e)
{
	int r;

	while ((r = unframe(a, e)) > 0) {
		struct str run = str_take(str_skip(buf_str(&a->in), a->in_at), a->run_n);
		bool has_event;
		size_t n = sse_feed(&a->sse, run, &has_event);

		a->has_sign = true;
		a->due_ms = clock_due_ms(ACTIVITY_SILENCE_MS);
		a->run_n -= n;
		a->in_at += n;
		if (has_event && !a->sse.is_too_big && activity_apply(a, scratch, buf_str(&a->sse.data), ret))
			return 1;
	}
	return r;
}

static int
read_body(struct activity *a, struct arena *scratch, struct activity_event *ret, struct err *e)
{
	for (;;) {
		if (activity_more(a, scratch, ret))
			return 1;
		int r = use_up(a, scratch, ret, e);
		if (r)
			return r;
		ssize_t n = a->step_bytes >= STEP_BYTES_MAX ? 0 : read_more(a, e);
		if (n < 0)
			return -1;
		if (n == 0)
			break;
	}
	a->step_bytes = 0;
	if (!a->has_sign)
		return 0;
	a->has_sign = false;
	*ret = (struct activity_event){ .kind = ACTIVITY_HEARTBEAT, .session = "", .directory = "", .title = "", .text = "" };
	return 1;
}

/* One phase further: 1, 0 not yet, -1. */
static int
advance(struct activity *a, struct err *e)
{
	switch (a->phase) {
	case CONNECTING:
		return stream_tcp_begun(&a->stream, e);
	case SENDING:
		return send_request(a, e);
	case HEAD:
		return read_head(a, e);
	default:
		return err_set(e, ERR_EOF, "not connected");
	}
}

int
activity_step(struct activity *a, struct arena *scratch, struct activity_event *ret, struct err *e)
{
	int r = 1;

	while (r > 0 && a->phase != BODY) {
		r = advance(a, e);
		a->phase += r > 0;
	}
	if (r > 0)
		r = read_body(a, scratch, ret, e);
	if (r == 0 && clock_now_ms() >= a->due_ms)
		r = err_set(e, ERR_TIMEOUT, a->phase == BODY ? "no heartbeat" : "no answer");
	if (r < 0) {
		activity_close(a);
		return err_wrap(e, "follow opencode's events");
	}
	return r;
}

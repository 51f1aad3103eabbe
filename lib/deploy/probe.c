/* probe.c - one health question over a connection of its own */
#include "lib/deploy/probe.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/clock.h"

#define CONNECT_MS 200	/* the address is this host's: accepted or refused at once */

static int
parse_chunked(struct str rest, struct buf *body)
{
	struct http_chunked c = { .is_done = false };
	const char *why;

	while (rest.n && !c.is_done) {
		struct str data;
		long n = http_chunked_feed(&c, rest, &data, &why);
		if (n < 0)
			return -1;
		buf_putstr(body, data);
		if (n == 0)
			break;
		rest = str_skip(rest, (size_t)n);
	}
	return c.is_done ? 1 : 0;
}

int
probe_parse(struct str answer, bool is_eof, int *ret_status, struct buf *body)
{
	struct http_head head;
	const char *why;
	long n = http_parse_response(answer, false, &head, &why);
	int r = 0;

	if (n < 0)
		return n == HTTP_INCOMPLETE && !is_eof ? 0 : -1;
	struct str rest = str_skip(answer, (size_t)n);
	*ret_status = head.status;
	switch (head.framing) {
	case HTTP_NO_BODY:
		return 1;
	case HTTP_LENGTH:
		r = rest.n >= head.length;
		if (r)
			buf_putstr(body, str_take(rest, (size_t)head.length));
		break;
	case HTTP_CHUNKED:
		buf_reset(body);
		r = parse_chunked(rest, body);
		break;
	case HTTP_UNTIL_CLOSE:
		r = is_eof;
		if (r)
			buf_putstr(body, rest);
		break;
	}
	return r == 0 && is_eof ? -1 : r;
}

bool
probe_start(struct probe *p, const char *host, unsigned port, struct str request, int64_t due_ms)
{
	struct err ignored = ERR_INIT;

	buf_reset(&p->answer);
	p->due_ms = due_ms;
	if (stream_tcp(&p->stream, host, port, clock_due_ms(CONNECT_MS), &ignored) < 0)
		return false;
	if (stream_write_all(&p->stream, request, clock_due_ms(CONNECT_MS), &ignored) < 0) {
		probe_stop(p);
		return false;
	}
	return true;
}

enum probe_result
probe_step(struct probe *p, int *ret_status)
{
	AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);
	bool is_eof = false;

	for (;;) {
		void *room = buf_room(&p->answer, 4096);
		if (!room)
			return PROBE_FAILED;
		ssize_t n = read(p->stream.fd, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		is_eof = n <= 0;
		if (is_eof)
			break;
		buf_grew(&p->answer, (size_t)n);
	}
	int r = probe_parse(buf_str(&p->answer), is_eof, ret_status, &body);
	if (r < 0)
		return PROBE_FAILED;
	if (r == 0)
		return PROBE_PENDING;
	buf_reset(&p->answer);
	buf_putstr(&p->answer, buf_str(&body));
	return PROBE_ANSWERED;
}

void
probe_stop(struct probe *p)
{
	stream_close(&p->stream);
	buf_fini(&p->answer);
}

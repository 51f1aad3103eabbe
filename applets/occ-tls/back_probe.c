/* back_probe.c - connect, ask, read until the answer is whole */
#include "applets/occ-tls/back_probe.h"

#include "lib/base/arena.h"
#include "lib/base/mem.h"
#include "lib/deploy/probe.h"
#include "lib/deploy/ready.h"

#define STATUS_OK 200
#define READ_BYTES 4096

void
back_probe_stop(struct back_probe *p)
{
	loop_remove(p->loop, &p->watch);
	transport_close(&p->t);
	buf_fini(&p->answer);
	p->state = BACK_PROBE_OFF;
}

static void
tell(struct back_probe *p, enum back_probe_news news)
{
	if (news != BACK_PROBE_HEALTHY)
		back_probe_stop(p);
	p->told(p, news);
}

/* A question of a few hundred bytes fits into an empty socket; one that does not take it is no good. */
static void
ask(struct back_probe *p)
{
	struct err ignored = ERR_INIT;

	buf_reset(&p->answer);
	if (transport_write(&p->t, p->question, &ignored) != (ssize_t)p->question.n) {
		tell(p, BACK_PROBE_SILENT);
		return;
	}
	p->state = BACK_PROBE_ASKED;
	loop_want(&p->watch, POLLIN);
	loop_due(&p->watch, p->due_ms);
}

static bool
is_healthy(struct back_probe *p, int status, struct str body)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	const char *version = status == STATUS_OK ? ready_parse_health(&scratch, body) : NULL;

	str_copy(p->version, sizeof p->version, version);
	return version != NULL;
}

/* The answer is whole: does its connection stay? */
static bool
stays(struct str answer)
{
	struct http_head head;
	const char *why;

	return http_parse_response(answer, false, &head, &why) > 0 && head.keep_alive;
}

static void
look(struct back_probe *p, bool is_eof)
{
	AUTO(buf) struct buf body = BUF_INIT(BACK_PROBE_ANSWER_MAX);
	int status = 0, got = probe_parse(buf_str(&p->answer), is_eof, &status, &body);

	if (got == 0 && !is_eof)
		return;
	if (got <= 0 || !is_healthy(p, status, buf_str(&body))) {
		tell(p, BACK_PROBE_SILENT);
		return;
	}
	if (is_eof || !stays(buf_str(&p->answer))) {
		back_probe_stop(p);
	} else {
		p->state = BACK_PROBE_QUIET;
		buf_fini(&p->answer);
		loop_due(&p->watch, LOOP_NEVER);
	}
	tell(p, BACK_PROBE_HEALTHY);
}

static void
read_answer(struct back_probe *p)
{
	struct err ignored = ERR_INIT;
	void *room = buf_room(&p->answer, READ_BYTES);

	if (!room || p->state == BACK_PROBE_QUIET) {	/* more than an answer may have, or its end */
		tell(p, BACK_PROBE_SILENT);
		return;
	}
	ssize_t n = transport_read(&p->t, room, READ_BYTES, &ignored);
	if (n == TRANSPORT_AGAIN)
		return;
	if (n > 0)
		buf_grew(&p->answer, (size_t)n);
	look(p, n <= 0);
}

static void
connected(struct back_probe *p)
{
	struct stream s = { .fd = p->t.fd };
	struct err ignored = ERR_INIT;
	int got = stream_tcp_begun(&s, &ignored);

	if (got < 0)
		tell(p, BACK_PROBE_REFUSED);
	else if (got > 0)
		ask(p);
}

static void
fired(struct watch *w, short got, int64_t now_ms)
{
	struct back_probe *p = CONTAINER_OF(w, struct back_probe, watch);

	(void)now_ms;
	if (got == 0)
		tell(p, BACK_PROBE_SILENT);
	else if (p->state == BACK_PROBE_CONNECTING)
		connected(p);
	else
		read_answer(p);
}

void
back_probe_start(struct back_probe *p, const char *host, unsigned port, struct str question, int64_t due_ms)
{
	struct stream s = STREAM_INIT;
	struct err ignored = ERR_INIT;

	p->question = question;
	p->due_ms = due_ms;
	if (stream_tcp_begin(&s, host, port, &ignored) < 0 || transport_open(&p->t, s.fd, NULL, &ignored) < 0) {
		p->told(p, BACK_PROBE_REFUSED);
		return;
	}
	p->state = BACK_PROBE_CONNECTING;
	p->watch = (struct watch){ .fd = p->t.fd, .want = POLLOUT, .due_ms = due_ms, .fire = fired };
	if (loop_add(p->loop, &p->watch, &ignored) < 0)
		tell(p, BACK_PROBE_REFUSED);
}

void
back_probe_again(struct back_probe *p, int64_t due_ms)
{
	p->due_ms = due_ms;
	ask(p);
}

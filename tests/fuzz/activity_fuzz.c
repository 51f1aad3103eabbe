/* activity_fuzz.c - the first byte says how an answer to GET /global/event is cut; every cut tells the same as none, in bounded memory */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/deploy/activity.h"

#define INPUT_MAX 65536
#define OUT_MAX (1u << 20)
#define HEAD 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
drain(struct activity *a, struct buf *out, struct err *e)
{
	for (;;) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		struct activity_event ev;
		int r = activity_step(a, &scratch, &ev, e);

		if (a->n_busy > a->n_sessions || a->n_sessions > ACTIVITY_SESSIONS_MAX || a->in.n > HTTP_HEAD_MAX || a->sse.data.n > ACTIVITY_EVENT_MAX)
			abort();
		if (r <= 0)
			return r;
		if (ev.kind != ACTIVITY_HEARTBEAT)
			buf_printf(out, "%d %s %s %s %s\n", (int)ev.kind, ev.session, ev.directory, ev.title, ev.text);
	}
}

static enum err_code
run(struct str all, size_t at_once, struct buf *out)
{
	struct activity a;
	struct err e = ERR_INIT;
	int ends[2], r = 0;

	activity_init(&a);
	if (fd_socketpair(ends, &e) < 0 || fd_nonblock(ends[0], &e) < 0)
		abort();
	a.stream.fd = ends[0];
	a.phase = HEAD;
	for (; all.n > 0 && r == 0; all = str_skip(all, at_once)) {
		struct str part = str_take(all, at_once);
		if (send(ends[1], part.p, part.n, MSG_NOSIGNAL) != (ssize_t)part.n)
			abort();
		r = drain(&a, out, &e);
	}
	close(ends[1]);
	if (r == 0)
		r = drain(&a, out, &e);
	if (r == 0)
		abort();
	activity_auto(&a);
	return e.code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf whole = BUF_INIT(OUT_MAX), cut = BUF_INIT(OUT_MAX);

	if (size < 2 || size > INPUT_MAX)
		return 0;
	struct str all = str_from(data + 1, size - 1);
	enum err_code code = run(all, all.n, &whole), code_cut = run(all, data[0] ? data[0] : 1, &cut);
	if (code != code_cut || !str_eq(buf_str(&whole), buf_str(&cut)))
		abort();
	return 0;
}

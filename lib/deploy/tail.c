/* tail.c - log tails and exit codes, said in a person's words */
#include "lib/deploy/tail.h"

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/deploy/cause.h"
#include "lib/engine/exec.h"

#define TAIL_LINES 3
#define TAIL_BYTES_MAX 65536
#define TAIL_MS 5000
#define AGAIN_MS 1000
#define LOG_BYTES_MAX (1u << 20)

const char *
tail_exit_meaning(struct arena *a, int exit_code, bool is_oom_killed)
{
	enum cause c = cause_of_exit(exit_code, is_oom_killed);
	const char *remedy = cause_remedy(c);

	return remedy ? arena_printf(a, "%s: %s", cause_text(c), remedy) : cause_text(c);
}

static int
read_log(struct service *s, const char *id, unsigned lines, struct buf *out, int64_t due_ms, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	const struct logs_spec spec = { .tail = lines };
	struct demux d = { .left = 0 };
	bool is_framed;
	struct str raw;
	int r;

	if (logs_open(&s->engine, s->arena, id, &spec, &conn, &is_framed, due_ms, e) < 0)
		return -1;
	while ((r = http_recv_body(&conn, &raw, due_ms, e)) > 0) {
		struct str data;
		int stream;
		if (!is_framed) {
			buf_putstr(out, raw);
			continue;
		}
		while ((r = demux_next(&d, &raw, &stream, &data, e)) > 0)
			buf_putstr(out, data);
		if (r < 0)
			return -1;
	}
	return r;
}

int
tail_read(struct service *s, const char *container_id, unsigned lines, struct str *ret, int64_t due_ms, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(LOG_BYTES_MAX);

	/* Lines beyond the ceiling are left out: the rest is still evidence. */
	if (read_log(s, container_id, lines, &text, due_ms, e) < 0)
		return -1;
	*ret = str_from(arena_str(s->arena, buf_str(&text)), text.n);
	return 0;
}

int
tail_note(struct service *s, const char *container_id, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(TAIL_BYTES_MAX);
	struct err ignored = ERR_INIT;
	struct str line;

	if (read_log(s, container_id, TAIL_LINES, &text, clock_due_ms(TAIL_MS), &ignored) < 0)
		return -1;
	struct str rest = buf_str(&text);
	while (str_line(&rest, &line)) {
		if (str_trim(line).n)
			err_note(e, "log", STR_FMT, STR_ARG(str_take(line, 200)));
	}
	return -1;
}

int
tail_explain_exit(struct service *s, const struct container *c, struct err *e)
{
	if (c->state == CONTAINER_RUNNING || c->state == CONTAINER_RESTARTING)
		err_set(e, ERR_UNHEALTHY, "opencode keeps ending: exit code %d, %s", c->exit_code,
		    tail_exit_meaning(s->arena, c->exit_code, c->is_oom_killed));
	else if (c->error[0])
		err_set(e, ERR_UNHEALTHY, "the container is %s: %s", container_state_name(c->state), c->error);
	else
		err_set(e, ERR_UNHEALTHY, "the container ended with exit code %d: %s", c->exit_code,
		    tail_exit_meaning(s->arena, c->exit_code, c->is_oom_killed));
	return tail_note(s, c->id, e);
}

int
tail_check(struct service *s, const struct container *c, struct err *e)
{
	struct container now;

	if (container_inspect(&s->engine, s->arena, c->id, &now, e) < 0)
		return -1;
	if (now.state == CONTAINER_RUNNING && now.restarts <= c->restarts)
		return 0;
	return tail_explain_exit(s, &now, e);
}

int
tail_explain_failure(struct service *s, const struct container *c, struct err *e)
{
	struct err end = ERR_INIT;

	if (e->code == ERR_INTERRUPTED)
		return -1;
	int r = tail_check(s, c, &end);
	if (r == 0 && fd_wait_many(NULL, 0, clock_due_ms(AGAIN_MS), &end) < 0 && end.code == ERR_TIMEOUT)
		r = tail_check(s, c, &end);
	if (r < 0 && end.code == ERR_UNHEALTHY)
		*e = end;
	return -1;
}

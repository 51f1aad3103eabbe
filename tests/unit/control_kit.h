/*
 * control_kit.h - a control server on a loop and a clock of the test's own, and clients that do not block
 *
 * begin() opens it, turn() lets happen what is ready, pass() moves the clock, end() closes. Header-only, one program at a time.
 */
#ifndef OCC_TESTS_CONTROL_KIT_H
#define OCC_TESTS_CONTROL_KIT_H

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/base/fd.h"
#include "lib/deploy/control_server.h"
#include "lib/net/stream.h"
#include "tests/t.h"

#define DUE_MS 20000

static int64_t fake_ms;
static struct loop loop;
static struct control_server server;
static char path[1024], said[256];
static unsigned n_suspended, n_resumed, n_reloaded, n_down;
static bool refuses;
static size_t status_bytes;

static int64_t
fake_clock(void)
{
	return fake_ms;
}

static bool is_later;		/* answers come by control_server_answer */

static void
on_put(void *ctx, unsigned verb, struct jsonw *w)
{
	AUTO(buf) struct buf text = BUF_INIT(1u << 20);

	(void)ctx;
	if (verb != CONTROL_STATUS)
		return;
	jsonw_str(w, "state", "up");
	for (size_t i = 0; i < status_bytes; i++)
		buf_putc(&text, 'x');
	jsonw_text(w, "padding", buf_str(&text));
}

static int
on_act(void *ctx, const struct control_request *r, struct err *e)
{
	(void)ctx;
	n_reloaded += r->verb == CONTROL_RELOAD;
	n_down += r->verb == CONTROL_DOWN;
	if (refuses && r->verb != CONTROL_STATUS)
		return err_set(e, ERR_CONFIG, "line 3 is wrong");
	return is_later ? 1 : 0;
}

static int
on_suspend(void *ctx, const struct control_request *r, struct err *e)
{
	(void)ctx;
	snprintf(said, sizeof said, "%s", r->why);
	n_suspended++;
	return refuses ? err_set(e, ERR_LOCKED, "not now") : 0;
}

static void
on_resume(void *ctx)
{
	(void)ctx;
	n_resumed++;
}

static const struct control_handlers handlers = { .act = on_act, .put = on_put, .suspend = on_suspend, .resume = on_resume };

T_FN void
begin(const char *name)
{
	struct err e = ERR_INIT;

	n_suspended = n_resumed = n_reloaded = n_down = 0;
	refuses = is_later = false;
	status_bytes = 0;
	fake_ms = 1000;
	snprintf(path, sizeof path, "%s/%s", t_tmpdir(), name);
	if (!T_CALL(loop_init(&loop, &e)))
		exit(t_done());
	loop.clock = fake_clock;
	T_CALL(control_server_open(&server, &loop, &control_watchdog, path, 0700, &handlers, &e));
}

T_FN void
end(void)
{
	control_server_close(&server);
	loop_auto(&loop);
}

/* Whatever is ready now, without the clock moving. */
T_FN void
turn(void)
{
	struct err e = ERR_INIT;
	int n;

	do
		n = loop_step(&loop, fake_ms, &e);
	while (n > 0);
	T_EQ(n, 0);
}

T_FN void
pass(int64_t ms)
{
	fake_ms += ms;
	turn();
}

/* A client that does not block: what the server does happens in turn(). */
T_FN int
client(void)
{
	struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;

	T_CALL(stream_unix(&s, path, clock_due_ms(DUE_MS), &e));
	turn();
	return s.fd;
}

T_FN void
say(int fd, const char *text)
{
	T_EQ(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn();
}

/* What has come: "" nothing yet, "closed" the end with nothing before. */
T_FN const char *
hear(int fd)
{
	static char text[CONTROL_LINE_MAX + 1];
	ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return "closed";
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

#define OK "{\"ok\":true}\n"

#endif

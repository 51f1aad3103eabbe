/* control_server.c - connections to the owner of a control socket, their requests and their leases */
#include "lib/deploy/control_server.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/net/unix.h"

/* ---- deadlines, and the end of a connection ---- */

static void
end_lease(struct control_client *c)
{
	struct control_server *s = c->server;

	if (c->lease_due_ms == LOOP_NEVER)
		return;
	c->lease_due_ms = LOOP_NEVER;
	c->why[0] = '\0';
	if (--s->n_leases == 0)
		s->handlers.resume(s->handlers.ctx);
}

static void
close_fd(struct control_client *c)
{
	loop_remove(c->server->loop, &c->watch);
	fd_auto(&c->watch.fd);
	c->watch = (struct watch)WATCH_INIT;
	buf_fini(&c->in);
	buf_fini(&c->out);
}

static void
drop(struct control_client *c)
{
	close_fd(c);
	end_lease(c);
}

/* What is waited for next: an answer to go out before anything further is read. */
static void
rearm(struct control_client *c)
{
	int64_t due_ms = c->io_due_ms < c->lease_due_ms ? c->io_due_ms : c->lease_due_ms;

	if (c->watch.fd < 0)
		return;
	if (c->out.n > 0)
		loop_want(&c->watch, POLLOUT);
	else
		loop_want(&c->watch, c->in.n < CONTROL_REQUEST_MAX ? POLLIN : 0);
	loop_due(&c->watch, due_ms);
}

/* Between requests: a lease has its own end, others may not hold a place for ever. */
static void
rest(struct control_client *c, int64_t now_ms)
{
	c->io_due_ms = c->lease_due_ms == LOOP_NEVER && !c->waits_for_end ? now_ms + CONTROL_IDLE_MS : LOOP_NEVER;
}

/* ---- answers ---- */

static void
put_error(struct control_client *c, const char *text)
{
	struct jsonw w = JSONW_INIT(&c->out, 0);

	buf_reset(&c->out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", false);
	jsonw_str(&w, "error", text);
	jsonw_end(&w);
	buf_putc(&c->out, '\n');
}

static void
put_ok(struct control_client *c)
{
	const struct control_handlers *h = &c->server->handlers;
	struct jsonw w = JSONW_INIT(&c->out, 0);

	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", true);
	h->put(h->ctx, c->verb, &w);
	jsonw_end(&w);
	buf_putc(&c->out, '\n');
	if (c->out.fault != BUF_OK)
		put_error(c, "the answer is too long");
}

static int
suspend(struct control_client *c, const struct control_request *r, int64_t now_ms, struct err *e)
{
	struct control_server *s = c->server;

	if (c->lease_due_ms == LOOP_NEVER) {
		if (s->n_leases == 0 && s->handlers.suspend(s->handlers.ctx, r, e) < 0)
			return -1;
		s->n_leases++;
		c->lease_end_ms = now_ms + CONTROL_LEASE_MAX_MS;
	}
	c->lease_due_ms = now_ms + r->seconds * 1000;
	if (c->lease_due_ms > c->lease_end_ms)
		c->lease_due_ms = c->lease_end_ms;
	memcpy(c->why, r->why, strlen(r->why) + 1);
	return 0;
}

/* 0 done, 1 the answer comes later, -1. */
static int
carry_out(struct control_client *c, const struct control_request *r, int64_t now_ms, struct err *e)
{
	const struct control_handlers *h = &c->server->handlers;
	enum control_kind kind = c->server->protocol->verbs[r->verb].kind;

	if (kind == CONTROL_TAKE)
		return suspend(c, r, now_ms, e);
	if (kind == CONTROL_GIVE) {
		end_lease(c);
		return 0;
	}
	int got = h->act(h->ctx, r, e);
	if (kind == CONTROL_LAST)
		c->waits_for_end = got >= 0;
	return got;
}

static void
answer(struct control_client *c, struct str line, int64_t now_ms)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct control_request r;
	struct err e = ERR_INIT;
	int got = control_parse(c->server->protocol, &scratch, line, &r, &e);

	if (got == 0) {
		c->verb = r.verb;
		got = carry_out(c, &r, now_ms, &e);
	}
	c->is_waiting = got > 0;
	if (got < 0)
		put_error(c, e.msg);
	else if (got == 0)
		put_ok(c);
}

/* ---- reading and writing: each false when the connection is over ---- */

static bool
write_out(struct control_client *c, int64_t now_ms)
{
	while (c->out.n > 0) {
		ssize_t n = send(c->watch.fd, c->out.p, c->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		buf_drop(&c->out, (size_t)n);
	}
	buf_fini(&c->out);
	rest(c, now_ms);
	return !c->is_closing;
}

static void
end_badly(struct control_client *c, const char *why)
{
	put_error(c, why);
	buf_reset(&c->in);
	c->is_closing = true;
}

/* One request at a time: what is behind it waits until its answer is out. */
static bool
go_on(struct control_client *c, int64_t now_ms)
{
	while (c->out.n == 0 && !c->is_waiting) {
		struct str in = buf_str(&c->in);
		size_t end = str_find_char(in, '\n');

		if (end == STR_NONE && in.n >= CONTROL_REQUEST_MAX)
			end_badly(c, "a request is too long");
		else if (end == STR_NONE)
			break;
		else if (end > 0)
			answer(c, str_take(in, end), now_ms);
		if (end != STR_NONE)
			buf_drop(&c->in, end + 1);
		c->io_due_ms = c->is_waiting ? LOOP_NEVER : now_ms + CONTROL_IO_MS;
		if (!c->is_waiting && !write_out(c, now_ms))
			return false;
	}
	return true;
}

static bool
read_in(struct control_client *c, int64_t now_ms)
{
	size_t room_n = CONTROL_REQUEST_MAX - c->in.n;
	void *room = buf_room(&c->in, room_n);
	bool is_fresh = c->in.n == 0;
	ssize_t n;

	if (!room)
		return false;
	do
		n = recv(c->watch.fd, room, room_n, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN;
	if (n == 0)
		return false;
	buf_grew(&c->in, (size_t)n);
	if (!go_on(c, now_ms))
		return false;
	/* From its first byte on a request has its time; a further byte does not prolong it. */
	if (c->in.n > 0 && c->out.n == 0 && !c->is_waiting && (is_fresh || c->io_due_ms == LOOP_NEVER))
		c->io_due_ms = now_ms + CONTROL_IO_MS;
	return true;
}

static bool
on_due(struct control_client *c, int64_t now_ms)
{
	if (c->lease_due_ms <= now_ms) {
		end_lease(c);
		if (c->io_due_ms == LOOP_NEVER)
			rest(c, now_ms);
	}
	return c->io_due_ms > now_ms;
}

static void
on_client(struct watch *w, short got, int64_t now_ms)
{
	struct control_client *c = (struct control_client *)w;	/* its first member */
	bool lives;

	if (got == 0)
		lives = on_due(c, now_ms);
	else if (got & POLLOUT)
		lives = write_out(c, now_ms) && go_on(c, now_ms);
	else
		lives = read_in(c, now_ms);
	if (!lives)
		drop(c);
	rearm(c);
}

void
control_server_answer(struct control_server *s, unsigned verb, const struct err *refused)
{
	int64_t now_ms = s->loop->clock();

	for (struct control_client *c = s->clients; c < s->clients + CONTROL_CLIENTS_MAX; c++) {
		if (c->watch.fd < 0 || !c->is_waiting || c->verb != verb)
			continue;
		c->is_waiting = false;
		if (refused)
			put_error(c, refused->msg);
		else
			put_ok(c);
		c->io_due_ms = now_ms + CONTROL_IO_MS;
		if (!write_out(c, now_ms) || !go_on(c, now_ms))
			drop(c);
		rearm(c);
	}
}

/* ---- connections ---- */

static bool
may_ask(int fd)
{
	struct err ignored = ERR_INIT;
	uid_t uid;

	return unix_peer(fd, &uid, &ignored) == 0 && (uid == 0 || uid == geteuid());
}

/* Told and closed at once: the peer's own buffer holds so little. */
static void
refuse(int fd, const char *line)
{
	ssize_t n = send(fd, line, strlen(line), MSG_NOSIGNAL);

	(void)n;
	close(fd);
}

static void
take_in(struct control_server *s, int fd, int64_t now_ms)
{
	struct control_client *c = s->clients;
	struct err ignored = ERR_INIT;

	if (!may_ask(fd)) {
		refuse(fd, "{\"ok\":false,\"error\":\"not allowed: ask as root or as its own user\"}\n");
		return;
	}
	while (c < s->clients + CONTROL_CLIENTS_MAX && c->watch.fd >= 0)
		c++;
	if (c == s->clients + CONTROL_CLIENTS_MAX) {
		refuse(fd, "{\"ok\":false,\"error\":\"too many connections\"}\n");
		return;
	}
	*c = (struct control_client){
		.watch = { .fd = fd, .want = POLLIN, .due_ms = now_ms + CONTROL_IDLE_MS, .fire = on_client }, .server = s,
		.in = BUF_INIT(CONTROL_REQUEST_MAX), .out = BUF_INIT(CONTROL_LINE_MAX), .lease_due_ms = LOOP_NEVER, .io_due_ms = now_ms + CONTROL_IDLE_MS,
	};
	if (loop_add(s->loop, &c->watch, &ignored) < 0) {
		close(fd);
		c->watch = (struct watch)WATCH_INIT;
	}
}

static void
on_listener(struct watch *w, short got, int64_t now_ms)
{
	struct control_server *s = (struct control_server *)w;	/* its first member */
	struct err e = ERR_INIT;

	(void)got;
	int fd = unix_accept(w->fd, &e);
	if (fd >= 0)
		take_in(s, fd, now_ms);
}

void
control_server_init(struct control_server *s)
{
	*s = (struct control_server){ .listener = WATCH_INIT };
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		s->clients[i].watch = (struct watch)WATCH_INIT;
}

static void
note_identity(struct control_server *s, const char *path)
{
	struct stat st;

	s->path = mem_new(strlen(path) + 1);
	memcpy(s->path, path, strlen(path) + 1);
	if (lstat(path, &st) == 0) {
		s->device = (uint64_t)st.st_dev;
		s->inode = (uint64_t)st.st_ino;
	}
}

int
control_server_open(struct control_server *s, struct loop *l, const struct control_protocol *p, const char *path, unsigned dir_mode,
    const struct control_handlers *h, struct err *e)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;

	control_server_init(s);
	if (file_mkdirs(path_dir(&scratch, path), (mode_t)dir_mode, e) < 0)
		return err_wrap(e, "control socket");
	AUTO(fd) int fd = unix_listen(path, 0600, CONTROL_CLIENTS_MAX, e);
	if (fd < 0)
		return err_wrap(e, "control socket");
	s->loop = l;
	s->protocol = p;
	s->handlers = *h;
	s->listener = (struct watch){ .fd = fd_take(&fd), .want = POLLIN, .due_ms = LOOP_NEVER, .fire = on_listener };
	note_identity(s, path);
	if (loop_add(l, &s->listener, e) < 0) {
		control_server_close(s);
		return err_wrap(e, "control socket");
	}
	return 0;
}

const char *
control_server_lease(const struct control_server *s)
{
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (s->clients[i].watch.fd >= 0 && s->clients[i].lease_due_ms != LOOP_NEVER)
			return s->clients[i].why;
	return NULL;
}

void
control_server_close(struct control_server *s)
{
	struct stat st;

	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (s->clients[i].watch.fd >= 0)
			close_fd(&s->clients[i]);
	s->n_leases = 0;
	if (s->listener.fd >= 0) {
		loop_remove(s->loop, &s->listener);
		fd_auto(&s->listener.fd);
	}
	if (s->path && lstat(s->path, &st) == 0 && (uint64_t)st.st_dev == s->device && (uint64_t)st.st_ino == s->inode)
		unlink(s->path);
	mem_free(s->path);
	control_server_init(s);
}

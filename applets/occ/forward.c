/* forward.c - listening here, and a child for each connection */
#include "applets/occ/forward.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/occ/session.h"
#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/rand.h"
#include "lib/net/addr.h"
#include "lib/proc/fork.h"

#define BACKLOG 64
#define REAP_MS 1000		/* a child that was killed does not tell its end */
#define FREE_TRIES 100

/* The far end, in perl, which Debian and Ubuntu always have (perl-base). Two processes, so that each direction may block by itself. The end of
 * the client's input is passed on as a half-close; the end of the server's output is the end of it all, since the engine would not pass
 * that on by itself. A server that listens on ::1 alone is found too. */
static const char script[] =
	"use Socket;\n"
	"my ($port, $s, $why) = @ARGV;\n"
	"for ([PF_INET, pack_sockaddr_in($port, INADDR_LOOPBACK)], [PF_INET6, pack_sockaddr_in6($port, Socket::IN6ADDR_LOOPBACK)]) {\n"
	"	my $t;\n"
	"	if (socket($t, $_->[0], SOCK_STREAM, 0) && connect($t, $_->[1])) { $s = $t; last }\n"
	"	$why ||= \"$!\";\n"
	"}\n"
	"if (!$s) { print STDERR $why; exit 1 }\n"
	"setsockopt($s, 6, 1, 1);\n"
	"sub copy {\n"
	"	my ($from, $to) = @_;\n"
	"	while (sysread($from, my $b, 65536)) {\n"
	"		for (my $o = 0; $o < length $b;) { $o += syswrite($to, $b, length($b) - $o, $o) || return }\n"
	"	}\n"
	"}\n"
	"defined(my $pid = fork) or exit 1;\n"
	"if (!$pid) { copy(*STDIN, $s); shutdown($s, 1); exit 0 }\n"
	"close STDIN;\n"
	"copy($s, *STDOUT);\n"
	"kill 'KILL', $pid;\n";

/* ---- words ------------------------------------------------------------------------------------------------- */

static int
parse_port(struct str text, unsigned min, unsigned *ret, struct err *e)
{
	uint64_t port;

	if (num_u64(text, min, 65535, &port, e) < 0)
		return -1;
	*ret = (unsigned)port;
	return 0;
}

int
forward_parse(struct str text, struct forward_port *ret, struct err *e)
{
	struct forward_port p = { .fd = -1 };
	struct str remote = text, local = text;

	if (str_find_char(text, ':') != STR_NONE) {
		local = str_cut(&remote, ':');
		if (local.n == 0)
			local = STR_LIT("0");
	}
	if (parse_port(remote, 1, &p.remote, e) < 0 || parse_port(local, local.p == text.p && local.n == text.n ? 1 : 0, &p.local, e) < 0) {
		e->code = ERR_USAGE;
		return err_wrap(e, "'" STR_FMT "' is not PORT or LOCAL:REMOTE", STR_ARG(text));
	}
	*ret = p;
	return 0;
}

/* ---- listening --------------------------------------------------------------------------------------------- */

static int
bind_fault(struct arena *a, const char *address, unsigned port, struct err *e)
{
	const char *owner;
	unsigned next;

	if (errno != EADDRINUSE)
		return err_sys(e, "listen on %s port %u", address, port);
	owner = addr_port_owner(a, port);
	next = addr_port_next_free(address, port + 1, FREE_TRIES);
	err_set(e, ERR_ADDR_IN_USE, "port %u on %s is taken%s%s", port, address, owner ? " by " : "", owner ? owner : "");
	return next ? err_note(e, "free", "%u", next) : -1;
}

static int
bind_listen(struct arena *a, const char *address, const struct addrinfo *ai, struct forward_port *p, struct err *e)
{
	union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } bound = { .v6 = { .sin6_port = 0 } };
	socklen_t n = sizeof bound;
	int one = 1;
	AUTO(fd) int fd = socket(ai->ai_family, SOCK_STREAM, 0);

	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0)
		return err_sys(e, "socket");
	if (fd_nonblock(fd, e) < 0)
		return -1;
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0)
		return bind_fault(a, address, p->local, e);
	if (getsockname(fd, &bound.any, &n) < 0)
		return err_sys(e, "getsockname");
	p->local = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
	p->fd = fd_take(&fd);
	return 0;
}

int
forward_listen(struct arena *a, const char *address, struct forward_port *p, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_PASSIVE };
	struct addrinfo *list = NULL;

	if (str_is(str_of(address), "localhost"))
		address = "127.0.0.1";
	if (getaddrinfo(address, arena_printf(a, "%u", p->local), &hints, &list) != 0)
		return err_set(e, ERR_USAGE, "--address %s: not an IP address", address);
	int rc = bind_listen(a, address, list, p, e);
	freeaddrinfo(list);
	return rc;
}

/* ---- one connection ---------------------------------------------------------------------------------------- */

struct forward {
	struct run *r;
	struct service *s;
	const struct container *c;
	struct forward_port *ports;
	size_t n_ports;
	const char *mark;		/* what the marks of all connections begin with */
	uint64_t count;
	int done_fds[2];		/* a child writes a byte when it ends */
	pid_t pids[FORWARD_CONNECTIONS_MAX];
	size_t n_pids;
	int client_fd;			/* for the child that is about to be made */
	unsigned remote;
};

static int
carry(struct forward *f, struct buf *said, int *ret_status, struct err *e)
{
	const char *argv[] = { "/usr/bin/perl", "-e", script, arena_printf(f->s->arena, "%u", f->remote), NULL };
	struct session x = { .prog = f->r->cli->prog, .argv = argv, .has_stdin = true, .in_fd = f->client_fd, .out_fd = f->client_fd,
		.err_fd = STDERR_FILENO, .err_text = said, .mark = arena_printf(f->s->arena, "%s%llu", f->mark, (unsigned long long)f->count) };
	struct engine_endpoint at = f->s->engine.at;
	struct engine_env env = f->s->engine.env;

	/* The parent's connection, and its ssh, stay the parent's. */
	f->s->engine = (struct engine)ENGINE_INIT;
	if (engine_open(&f->s->engine, &at, &env, clock_due_ms(ENGINE_CALL_MS), e) < 0)
		return -1;
	return session_run(f->s, f->c, &x, ret_status, e);
}

/* The child. */
static int
connection(void *ctx)
{
	struct forward *f = ctx;
	AUTO(buf) struct buf said = BUF_INIT(256);
	struct err e = ERR_INIT;
	int status = 0;

	for (size_t i = 0; i < f->n_ports; i++)
		close(f->ports[i].fd);
	if (carry(f, &said, &status, &e) < 0)
		term_warn(f->r->term, f->r->cli->prog, "port %u: %s", f->remote, e.msg);
	else if (said.n > 0)
		term_warn(f->r->term, f->r->cli->prog, "port %u in the container: %s", f->remote, said.p);
	engine_auto(&f->s->engine);
	close(f->client_fd);
	(void)!write(f->done_fds[1], "", 1);
	return 0;
}

/* ---- all of them ------------------------------------------------------------------------------------------- */

static void
reap(struct forward *f)
{
	char drain[FORWARD_CONNECTIONS_MAX];
	size_t kept = 0;

	(void)!read(f->done_fds[0], drain, sizeof drain);
	for (size_t i = 0; i < f->n_pids; i++) {
		if (waitpid(f->pids[i], NULL, WNOHANG) == 0)
			f->pids[kept++] = f->pids[i];
	}
	f->n_pids = kept;
}

static int
take(struct forward *f, const struct forward_port *p, struct err *e)
{
	AUTO(fd) int fd = accept(p->fd, NULL, NULL);

	/* A client that gave up, or a moment without descriptors: the next wait tries again. */
	if (fd < 0)
		return 0;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "accept");
	if (fd_nonblock(fd, e) < 0)
		return -1;
	f->client_fd = fd;
	f->remote = p->remote;
	f->count++;
	if (fork_run(connection, f, &f->pids[f->n_pids], e) < 0)
		return -1;
	f->n_pids++;
	return 0;
}

static int
serve(struct forward *f, struct err *e)
{
	for (;;) {
		struct pollfd fds[FORWARD_PORTS_MAX + 1];

		for (size_t i = 0; i < f->n_ports; i++)
			fds[i] = (struct pollfd){ .fd = f->n_pids < FORWARD_CONNECTIONS_MAX ? f->ports[i].fd : -1, .events = POLLIN };
		fds[f->n_ports] = (struct pollfd){ .fd = f->done_fds[0], .events = POLLIN };
		int got = fd_wait_many(fds, f->n_ports + 1, f->n_pids ? clock_due_ms(REAP_MS) : CLOCK_NEVER, e);
		if (got < 0 && e->code != ERR_TIMEOUT)
			return -1;
		reap(f);
		for (size_t i = 0; got > 0 && i < f->n_ports && f->n_pids < FORWARD_CONNECTIONS_MAX; i++) {
			if (fds[i].revents && take(f, &f->ports[i], e) < 0)
				return -1;
		}
	}
}

static void
end_all(struct forward *f)
{
	if (f->n_pids > 0)
		session_hang_up(f->s, f->c, NULL, f->mark, SIGTERM);
	for (size_t i = 0; i < f->n_pids; i++)
		kill(f->pids[i], SIGTERM);
	for (size_t i = 0; i < f->n_pids; i++)
		waitpid(f->pids[i], NULL, 0);
	for (size_t i = 0; i < ARRAY_LEN(f->done_fds); i++)
		fd_auto(&f->done_fds[i]);
}

int
forward_serve(struct run *r, struct service *s, const struct container *c, struct forward_port *ports, size_t n, struct err *e)
{
	struct forward f = { .r = r, .s = s, .c = c, .ports = ports, .n_ports = n, .done_fds = { -1, -1 } };
	AUTO(buf) struct buf mark = BUF_INIT(64);

	if (rand_hex(&mark, 8, e) < 0 || fd_pipe(f.done_fds, e) < 0)
		return -1;
	buf_putc(&mark, '-');
	f.mark = mark.p;
	int rc = fd_nonblock(f.done_fds[0], e) < 0 || buf_check(&mark, "mark", e) < 0 ? -1 : serve(&f, e);
	end_all(&f);
	return rc;
}

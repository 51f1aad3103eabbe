/*
 * edge_rig.c - plays the keeper for the edge's worker: edge_rig PROGRAM BACK_PORT [NAME=VALUE...]
 *
 * Listens on loopback, starts PROGRAM as the worker, hands it settings and a certificate of its own making for 127.0.0.1, and says "tls PORT", "plain PORT" and "redirect PORT"; then
 * "serving ok". Lines on standard input are orders (hold MS, release, status, end MS, reload: another certificate); what the worker says in answer comes out as lines. The
 * password is "right", a good link's token "once".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applets/occ-tls/wire.h"
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/net/listen.h"
#include "lib/tls/cert.h"

#define FIRST_FREE_FD 16

static struct edge_settings settings = { .mode = EDGE_PLAIN, .back_host = "127.0.0.1", .back_authorization = "Basic aW5uZXI6c2VjcmV0",
	.is_page = true, .hold_s = 10, .idle_s = 60, .https_port = 8443, .n_tls = 1, .n_plain = 1, .n_redirect = 1, .names = { "edge.example" },
	.metrics_from = { "127.0.0.0/8" } };
static struct err e = ERR_INIT;

static void
die(const char *what)
{
	fprintf(stderr, "edge_rig: %s: %s\n", what, e.msg);
	exit(1);
}

/* ---- settings ---- */

static const struct {
	const char *name;
	uint32_t *value;
} numbers[] = {
	{ "hold_s", &settings.hold_s },
	{ "idle_s", &settings.idle_s },
	{ "handshake_ms", &settings.waits_ms[EDGE_WAIT_HANDSHAKE] },
	{ "head_ms", &settings.waits_ms[EDGE_WAIT_HEAD] },
	{ "body_ms", &settings.waits_ms[EDGE_WAIT_BODY] },
	{ "write_ms", &settings.waits_ms[EDGE_WAIT_WRITE] },
	{ "quiet_ms", &settings.waits_ms[EDGE_WAIT_QUIET] },
	{ "upgrade_ms", &settings.waits_ms[EDGE_WAIT_UPGRADE] },
	{ "last_ms", &settings.waits_ms[EDGE_WAIT_LAST] },
};

/* PORT:BACK_PORT */
static void
add_preview(struct str at)
{
	uint64_t port = 0, back_port = 0;
	struct str container = str_cut(&at, ':');

	if (settings.n_previews == WIRE_PREVIEWS_MAX || num_u64(container, 1, UINT16_MAX, &port, &e) < 0 || num_u64(at, 1, UINT16_MAX, &back_port, &e) < 0)
		die("previews");
	settings.previews[settings.n_previews++] = (struct wire_preview){ .port = (uint32_t)port, .back_port = (uint32_t)back_port };
}

static void
set(const char *word)
{
	struct str value = str_of(word), name = str_cut(&value, '=');
	uint64_t n;

	if (str_is(name, "log")) {
		settings.log = str_is(value, "json") ? EDGE_LOG_JSON : EDGE_LOG_TEXT;
		return;
	}
	if (str_is(name, "name")) {
		str_copy(settings.names[1], sizeof settings.names[1], value.p);
		return;
	}
	if (str_is(name, "previews")) {
		while (value.n > 0)
			add_preview(str_cut(&value, ','));
		return;
	}
	if (str_is(name, "trusted")) {
		str_copy(settings.trusted[0], sizeof settings.trusted[0], value.p);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		if (!str_is(name, numbers[i].name))
			continue;
		if (num_u64(value, 0, UINT32_MAX, &n, &e) < 0)
			die(word);
		*numbers[i].value = (uint32_t)n;
		return;
	}
	err_set(&e, ERR_USAGE, "no such setting");
	die(word);
}

/* ---- the worker ---- */

static int
listen_here(const char *what)
{
	const struct listen_want want = { .host = "127.0.0.1" };
	unsigned port = 0;
	int fd = listen_tcp(&want, &e);

	if (fd < 0 || listen_port(fd, &port, &e) < 0)
		die("listen");
	printf("%s %u\n", what, port);
	return fd;
}

/* Places from WIRE_FD on, in this order; the sources are all above them. */
static pid_t
start(const char *program, const int *fds, int n)
{
	int moved[8];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; i < n; i++)
		moved[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	for (int i = 0; i < n; i++)
		dup2(moved[i], WIRE_FD + i);
	execl(program, "occ-tls", "--worker", (char *)NULL);
	_exit(127);
}

static void
say(int fd, enum wire_kind kind, struct str body)
{
	if (wire_send(fd, kind, 1, body, &e) != 1)
		die("tell the worker");
}

/* A certificate, which signs itself; the chain and its key in one message. */
static void
hand_certificate(int fd)
{
	static const char *const names[] = { "127.0.0.1", "edge.example" };
	const struct cert_names n = { .v = names, .n = ARRAY_LEN(names) };
	AUTO(buf) struct buf ca_key = BUF_SECRET_INIT(CERT_TEXT_MAX), ca = BUF_INIT(CERT_TEXT_MAX), key = BUF_SECRET_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf leaf = BUF_INIT(CERT_TEXT_MAX);
	AUTO(buf) struct buf body = BUF_SECRET_INIT(WIRE_MAX);
	int64_t now = clock_epoch_s();

	if (cert_key_new(&ca_key, &e) < 0 || cert_ca_new(buf_str(&ca_key), "edge_rig", &n, now, &ca, &e) < 0 || cert_key_new(&key, &e) < 0 ||
	    cert_leaf_new(buf_str(&key), buf_str(&ca), buf_str(&ca_key), &n, now, CERT_LEAF_DAYS, &leaf, &e) < 0)
		die("make a certificate");
	const struct wire_identity id = { .n_chain = (uint32_t)leaf.n, .n_key = (uint32_t)key.n };
	buf_put(&body, &id, sizeof id);
	buf_putstr(&body, buf_str(&leaf));
	buf_putstr(&body, buf_str(&key));
	say(fd, WIRE_IDENTITY, buf_str(&body));
}

static void
configure(int fd)
{
	say(fd, WIRE_SETTINGS, str_from(&settings, sizeof settings));
	hand_certificate(fd);
	say(fd, WIRE_SERVE, STR_NULL);
}

/* ---- what the worker says ---- */

static void
judge(int fd, const struct wire_head *h, struct str body)
{
	struct wire_ask ask;
	struct wire_verdict v = { .is_good = false };

	if (wire_struct(body, &ask, sizeof ask))
		v.is_good = strcmp(ask.password, h->kind == WIRE_LINK ? "once" : "right") == 0;
	printf("asked %s\n", v.is_good ? "good" : "wrong");
	if (wire_send(fd, WIRE_VERDICT, h->id, str_from(&v, sizeof v), &e) != 1)
		die("tell a verdict");
}

static void
show_facts(struct str body)
{
	struct wire_facts f;

	if (!wire_struct(body, &f, sizeof f))
		return;
	printf("facts requests=%llu failed=%llu streams=%llu websockets=%llu connections=%llu held=%llu restarts=%u up=%d\n",
	    (unsigned long long)f.n_requests, (unsigned long long)f.n_failed, (unsigned long long)f.n_streams, (unsigned long long)f.n_websockets,
	    (unsigned long long)f.n_connections, (unsigned long long)f.n_held, (unsigned)f.n_restarts, f.is_back_up);
}

/* False when the worker has gone. */
static bool
heard(int fd)
{
	AUTO(buf) struct buf scratch = BUF_SECRET_INIT(WIRE_MAX);
	struct wire_serving serving;
	struct wire_head h;
	struct str body;
	int r;

	while ((r = wire_recv(fd, &scratch, &h, &body, &e)) == 1) {
		if (h.kind == WIRE_ASK || h.kind == WIRE_LINK)
			judge(fd, &h, body);
		else if (h.kind == WIRE_SERVING && wire_struct(body, &serving, sizeof serving))
			printf("serving %s\n", serving.is_ok ? "ok" : serving.why);
		else if (h.kind == WIRE_DRAINED)
			printf("drained\n");
		else if (h.kind == WIRE_FACTS)
			show_facts(body);
	}
	return r == 0;
}

/* ---- orders ---- */

static void
order(int fd, char *line)
{
	static const struct {
		const char *name;
		enum wire_kind kind;
		bool has_ms;
	} table[] = {
		{ "hold", WIRE_HOLD, true }, { "release", WIRE_RELEASE, false }, { "status", WIRE_STATUS, false }, { "end", WIRE_END, true },
	};
	struct str value = str_trim(str_of(line)), name = str_cut(&value, ' ');
	struct wire_ms ms = { .ms = 0 };
	uint64_t n = 0;

	if (str_is(name, "reload"))
		configure(fd);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!str_is(name, table[i].name))
			continue;
		if (table[i].has_ms && num_u64(value, 0, UINT32_MAX, &n, &e) < 0)
			die("order");
		ms.ms = (uint32_t)n;
		say(fd, table[i].kind, table[i].has_ms ? str_from(&ms, sizeof ms) : STR_NULL);
	}
}

/* Until the worker has gone, or standard input ends: then the worker loses its keeper. */
static void
serve(int fd)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = fd, .events = POLLIN } };
	char line[128];

	while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
		if (fds[1].revents && !heard(fd))
			return;
		if ((fds[0].revents & (POLLIN | POLLHUP)) && !fgets(line, sizeof line, stdin))
			return;
		if (fds[0].revents & POLLIN)
			order(fd, line);
	}
}

int
main(int argc, char **argv)
{
	int ours, theirs, fds[4], status = 0;
	uint64_t port;

	if (argc < 3 || num_u64(str_of(argv[2]), 1, UINT16_MAX, &port, &e) < 0)
		return 2;
	settings.back_port = (uint32_t)port;
	for (int i = 3; i < argc; i++)
		set(argv[i]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	if (wire_pair(&ours, &theirs, &e) < 0)
		die("pair");
	fds[0] = theirs;
	fds[1] = listen_here("tls");
	fds[2] = listen_here("plain");
	fds[3] = listen_here("redirect");
	pid_t pid = start(argv[1], fds, 4);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	printf("pid %d\n", (int)pid);
	configure(ours);
	serve(ours);
	close(ours);
	waitpid(pid, &status, 0);
	printf("ended %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

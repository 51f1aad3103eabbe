/*
 * scripted_engine.h - an engine that follows a script on a unix socket, for faults that a real one does not show on demand
 *
 * The i-th connection follows the i-th list of steps of tests/peer.h in a process of its own and is closed at its end; behind the last
 * one nobody listens any more. scripted_stop ends what is left of it.
 */
#ifndef OCC_TESTS_SCRIPTED_ENGINE_H
#define OCC_TESTS_SCRIPTED_ENGINE_H

#include <sys/un.h>
#include <sys/wait.h>

#include "lib/base/clock.h"
#include "lib/engine/engine.h"
#include "tests/peer.h"
#include "tests/t.h"

#define OK_PING "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\nContent-Length: 2\r\n\r\nOK"
#define HEAD { PEER_HEAD, NULL, 0 }
#define HOLD { PEER_HOLD, NULL, 0 }
#define SEND(text) { PEER_SEND, (text), 0 }
#define DRIP(text) { PEER_DRIP, (text), 0 }
#define PING HEAD, SEND(OK_PING)
#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define DUE clock_due_ms(20000)

static char scripted_path[108];
static pid_t scripted_pid;

/* One handler a connection; ends when all are accepted and done. */
static inline void
scripted_serve(int listener, const struct peer_step *const *connections)
{
	setpgid(0, 0);
	for (; *connections; connections++) {
		int fd = accept(listener, NULL, NULL);
		pid_t pid = fd < 0 ? -1 : fork();
		if (pid < 0)
			_exit(1);
		if (pid == 0) {
			close(listener);
			peer_follow(fd, *connections);
			_exit(0);
		}
		close(fd);
	}
	close(listener);
	unlink(scripted_path);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static inline void
scripted_start(const struct peer_step *const *connections)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (snprintf(scripted_path, sizeof scripted_path, "%s/engine.sock", t_tmpdir()) >= (int)sizeof scripted_path)
		abort();
	memcpy(sun.sun_path, scripted_path, strlen(scripted_path) + 1);
	unlink(scripted_path);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&sun, sizeof sun) < 0 || listen(listener, 8) < 0)
		abort();
	fflush(stdout);
	scripted_pid = fork();
	if (scripted_pid == 0)
		scripted_serve(listener, connections);
	if (scripted_pid < 0)
		abort();
	setpgid(scripted_pid, scripted_pid);
	close(listener);
}

static inline void
scripted_stop(void)
{
	kill(-scripted_pid, SIGKILL);
	waitpid(scripted_pid, NULL, 0);
}

static inline struct engine_endpoint
scripted_at(struct arena *a)
{
	return (struct engine_endpoint){
		.transport = ENGINE_UNIX, .socket_path = scripted_path, .url = arena_printf(a, "unix://%s", scripted_path), .origin = "script",
	};
}

/* Starts the script and opens the engine on it. */
static inline int
scripted_open(struct engine *en, struct arena *a, const struct peer_step *const *connections, struct err *e)
{
	static const struct engine_env none;
	struct engine_endpoint at;

	scripted_start(connections);
	at = scripted_at(a);
	return engine_open(en, &at, &none, DUE, e);
}

#define SCRIPT(...) (const struct peer_step[]){ __VA_ARGS__, { PEER_END, NULL, 0 } }
#define CONNECTIONS(...) (const struct peer_step *const[]){ __VA_ARGS__, NULL }

#endif

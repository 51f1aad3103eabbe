/*
 * https_kit.h - tests/data/https_server.py as a child: real HTTPS servers with certificates of their own, each on a port of its own
 */
#ifndef OCC_TESTS_HTTPS_KIT_H
#define OCC_TESTS_HTTPS_KIT_H

#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/net/stream.h"
#include "tests/t.h"

#define HTTPS_SOON_MS 30000

static struct stream server = STREAM_INIT;
static char ports[256];			/* "name port name port ..." */

static inline unsigned
port_of(const char *name)
{
	struct str s = str_of(ports);

	while (s.n > 0) {
		struct str word = str_cut(&s, ' '), port = str_cut(&s, ' ');

		if (str_is(word, name))
			return (unsigned)strtoul(port.p, NULL, 10);
	}
	T_FAIL("no server %s", name);
	return 0;
}

/* Without it nothing else can be tested: the program ends. */
static inline void
start_server(void)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct err e = ERR_INIT;
	const char *const argv[] = { "python3", "tests/data/https_server.py", t_tmpdir(), NULL };
	size_t n = 0;

	t_row("server, with certificates of its own");
	T_CALL(stream_child(&server, argv, -1, &e));
	while (n < sizeof ports - 1 && (n == 0 || ports[n - 1] != '\n')) {
		ssize_t got = stream_read(&server, ports + n, sizeof ports - 1 - n, clock_due_ms(HTTPS_SOON_MS), &e);

		if (got <= 0) {
			T_FAIL("no line from the server: %s", e.msg);
			exit(t_done());
		}
		n += (size_t)got;
	}
	ports[n - 1] = '\0';
	setenv("SSL_CERT_FILE", arena_printf(&scratch, "%s/ca/ca.pem", t_tmpdir()), 1);
}

#endif

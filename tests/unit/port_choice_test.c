/* port_choice_test: free, moved, moved as before, or refused, with real listeners on loopback */
#include "lib/deploy/port_choice.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/json/json.h"
#include "tests/t.h"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

/* A port of this machine that is taken until the descriptor is closed. */
static int
take_port(unsigned *ret_port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&sin, n) < 0 || listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&sin, &n) < 0)
		abort();
	*ret_port = ntohs(sin.sin_port);
	return fd;
}

/* A stopped container: its port is in HostConfig only. */
static struct container
container_of(unsigned port)
{
	const char *text = arena_printf(&a, "{\"HostConfig\":{\"PortBindings\":{\"3000/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"%u\"}]}}}", port);

	return (struct container){ .raw = json_parse(&a, str_of(text), &e) };
}

static struct service
service_at(unsigned port)
{
	return (struct service){ .arena = &a, .config.server = { .bind = "127.0.0.1", .port = port } };
}

int
main(void)
{
	unsigned taken, other;
	int fd = take_port(&taken), other_fd = take_port(&other);
	struct service s = service_at(taken);
	struct container kept = container_of(other), same = container_of(taken);
	const struct port_facts first = { .may_move = true }, again = { .kept = &kept }, lived = { .kept = &same }, asked = { .may_move = false },
		holds = { .holder = &same };
	bool is_moved;

	t_row("a taken port that was asked for");
	T_FAILS(port_choose(&s, &asked, &is_moved, &e), ERR_ADDR_IN_USE);
	T_OK(!is_moved && s.config.server.port == taken);

	t_row("a service that has lived on a port that is now taken does not move");
	T_FAILS(port_choose(&s, &lived, &is_moved, &e), ERR_ADDR_IN_USE);
	T_OK(!is_moved && s.config.server.port == taken);

	t_row("a container of ours that runs holds its own port");
	T_CALL(port_choose(&s, &holds, &is_moved, &e));
	T_OK(!is_moved && s.config.server.port == taken);

	t_row("a first start moves");
	T_CALL(port_choose(&s, &first, &is_moved, &e));
	T_OK(is_moved && s.config.server.port != taken);

	t_row("one that moved and did not come to its end: its port is taken by now, so it moves again");
	s = service_at(taken);
	T_CALL(port_choose(&s, &again, &is_moved, &e));
	T_OK(is_moved && s.config.server.port != taken && s.config.server.port != other);

	t_row("one that moved and did not come to its end: the same port again");
	s = service_at(taken);
	close(other_fd);
	T_CALL(port_choose(&s, &again, &is_moved, &e));
	T_OK(is_moved);
	T_EQ(s.config.server.port, other);

	t_row("the wanted port is free again");
	s = service_at(taken);
	close(fd);
	T_CALL(port_choose(&s, &again, &is_moved, &e));
	T_OK(!is_moved && s.config.server.port == taken);
	arena_fini(&a);
	return t_done();
}

/* control_server_test.c - the watchdog's socket: clients that talk nonsense, are slow, are many, hold leases */
#include "tests/unit/control_kit.h"

static void
test_talk(void)
{
	t_row("status, reload, nonsense, several requests at once");
	begin("talk");
	int fd = client();
	say(fd, "{\"verb\":\"status\"}\n");
	T_STR(hear(fd), "{\"ok\":true,\"state\":\"up\",\"padding\":\"\"}\n");
	say(fd, "{\"verb\":");
	T_STR(hear(fd), "");
	say(fd, "\"reload\"}\n\n\r\n");
	T_HAS(hear(fd), OK);
	T_EQ(n_reloaded, 1);
	refuses = true;
	say(fd, "{\"verb\":\"reload\"}\n");
	T_STR(hear(fd), "{\"ok\":false,\"error\":\"line 3 is wrong\"}\n");
	say(fd, "\x01\xff\n{\"verb\":\"resume\"}\n{\"verb\":\"resume\"}\n");
	T_STR(hear(fd), "{\"ok\":false,\"error\":\"a request is one JSON object\"}\n" OK OK);
	T_EQ(n_resumed, 0);
	t_row("a status too long for a line is an error, and the connection goes on");
	status_bytes = CONTROL_LINE_MAX;
	say(fd, "{\"verb\":\"status\"}\n");
	T_HAS(hear(fd), "the answer is too long");
	say(fd, "{\"verb\":\"resume\"}\n");
	T_STR(hear(fd), OK);
	t_row("the socket is ours alone, and goes with the server");
	struct stat st;
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_mode & 07777, 0600);
	end();
	T_STR(hear(fd), "closed");
	T_EQ(access(path, F_OK), -1);
	close(fd);
}

static void
test_bounds(void)
{
	char text[CONTROL_REQUEST_MAX + 1];

	t_row("a request without an end");
	begin("bounds");
	int fd = client();
	memset(text, 'x', sizeof text);
	T_EQ(send(fd, text, sizeof text - 1, MSG_NOSIGNAL), (ssize_t)sizeof text - 1);
	turn();
	T_STR(hear(fd), "{\"ok\":false,\"error\":\"a request is too long\"}\n");
	T_STR(hear(fd), "closed");
	close(fd);
	t_row("a request that comes byte by byte has its time and no more");
	fd = client();
	for (int i = 0; i < 9; i++) {
		say(fd, "{");
		pass(CONTROL_IO_MS / 10);
	}
	T_STR(hear(fd), "");
	pass(CONTROL_IO_MS / 10);
	T_STR(hear(fd), "closed");
	close(fd);
	t_row("who does not read the answers is not waited for");
	status_bytes = CONTROL_LINE_MAX - 1000;
	fd = client();
	for (int i = 0; i < 150; i++)
		if (send(fd, "{\"verb\":\"status\"}\n", 18, MSG_NOSIGNAL | MSG_DONTWAIT) == 18)
			turn();
	pass(CONTROL_IO_MS - 1);
	struct err e = ERR_INIT;
	T_CALL(fd_wait(fd, POLLIN, clock_due_ms(DUE_MS), &e));
	pass(1);
	while (strcmp(hear(fd), "closed") != 0)
		T_OK(server.clients[0].watch.fd < 0);
	close(fd);
	t_row("who asks nothing gives up the place");
	fd = client();
	pass(CONTROL_IDLE_MS - 1);
	T_STR(hear(fd), "");
	pass(1);
	T_STR(hear(fd), "closed");
	close(fd);
	end();
}

static void
test_many(void)
{
	int fds[CONTROL_CLIENTS_MAX];

	t_row("as many clients as there are places, and one more");
	begin("many");
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		fds[i] = client();
	int late = client();
	T_STR(hear(late), "{\"ok\":false,\"error\":\"too many connections\"}\n");
	T_STR(hear(late), "closed");
	close(late);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		say(fds[i], "{\"verb\":\"resume\"}\n");
		T_STR(hear(fds[i]), OK);
	}
	close(fds[3]);
	turn();
	fds[3] = client();
	say(fds[3], "{\"verb\":\"resume\"}\n");
	T_STR(hear(fds[3]), OK);
	t_row("a thousand that come and go");
	close(fds[5]);
	turn();
	for (int i = 0; i < 1000; i++) {
		fds[5] = client();
		say(fds[5], i % 2 ? "{\"verb\":\"suspend\",\"seconds\":5}\n" : "{\"verb\":\"suspend\",\"seconds\":5}");
		close(fds[5]);
		turn();
	}
	T_EQ(n_suspended, 500);
	T_EQ(n_resumed, 500);
	for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (i != 5)
			close(fds[i]);
	turn();
	end();
}

static void
test_leases(void)
{
	t_row("a lease ends by its time; the connection stays");
	begin("leases");
	int fd = client(), other = client();
	T_OK(!control_server_lease(&server));
	say(fd, "{\"verb\":\"suspend\",\"seconds\":120,\"why\":\"backup\"}\n");
	T_STR(hear(fd), OK);
	T_STR(said, "backup");
	T_STR(control_server_lease(&server), "backup");
	pass(119999);
	T_EQ(n_resumed, 0);
	pass(1);
	T_EQ(n_resumed, 1);
	T_OK(!control_server_lease(&server));
	say(fd, "{\"verb\":\"resume\"}\n");
	T_STR(hear(fd), OK);
	T_EQ(n_resumed, 1);
	close(other);
	t_row("two leases: suspended with the first, resumed with the last");
	other = client();
	say(fd, "{\"verb\":\"suspend\",\"seconds\":30}\n");
	say(other, "{\"verb\":\"suspend\",\"seconds\":30,\"why\":\"update\"}\n");
	T_EQ(n_suspended, 2);
	say(fd, "{\"verb\":\"resume\"}\n");
	T_EQ(n_resumed, 1);
	T_STR(control_server_lease(&server), "update");
	close(other);
	turn();
	T_EQ(n_resumed, 2);
	t_row("renewed it goes on, at most for an hour in all");
	hear(fd);
	say(fd, "{\"verb\":\"suspend\",\"seconds\":3600}\n");
	pass(CONTROL_LEASE_MAX_MS - 60000);
	say(fd, "{\"verb\":\"suspend\",\"seconds\":3600}\n");
	pass(59999);
	T_EQ(n_resumed, 2);
	pass(1);
	T_EQ(n_resumed, 3);
	t_row("an owner that cannot be suspended says why");
	refuses = true;
	hear(fd);
	say(fd, "{\"verb\":\"suspend\",\"seconds\":5}\n");
	T_STR(hear(fd), "{\"ok\":false,\"error\":\"not now\"}\n");
	T_OK(!control_server_lease(&server));
	t_row("the end of the server is no resume");
	refuses = false;
	say(fd, "{\"verb\":\"suspend\",\"seconds\":5}\n");
	end();
	T_EQ(n_resumed, 3);
	close(fd);
}

static void
test_later(void)
{
	const struct err failed = { .code = ERR_CONFIG, .msg = "line 4 is wrong" };

	t_row("an answer that comes later; what is asked meanwhile waits for it");
	begin("later");
	int fd = client(), other = client(), gone = client();
	is_later = true;
	say(fd, "{\"verb\":\"reload\"}\n{\"verb\":\"resume\"}\n");
	say(other, "{\"verb\":\"status\"}\n");
	say(gone, "{\"verb\":\"reload\"}\n");
	close(gone);
	pass(10 * CONTROL_IDLE_MS);
	T_STR(hear(fd), "");
	T_EQ(n_reloaded, 2);
	control_server_answer(&server, CONTROL_RELOAD, NULL);
	turn();
	T_STR(hear(fd), OK OK);
	T_STR(hear(other), "");
	control_server_answer(&server, CONTROL_STATUS, NULL);
	T_STR(hear(other), "{\"ok\":true,\"state\":\"up\",\"padding\":\"\"}\n");
	t_row("... and may be a refusal; nobody else hears of it");
	say(fd, "{\"verb\":\"reload\"}\n");
	control_server_answer(&server, CONTROL_RELOAD, &failed);
	T_STR(hear(fd), "{\"ok\":false,\"error\":\"line 4 is wrong\"}\n");
	control_server_answer(&server, CONTROL_RELOAD, NULL);
	T_STR(hear(fd), "");
	T_STR(hear(other), "");
	t_row("more than a request's bytes while it waits");
	say(fd, "{\"verb\":\"reload\"}\n");
	for (int i = 0; i < 250; i++)
		say(fd, "{\"verb\":\"resume\"}\n");
	T_STR(hear(fd), "");
	control_server_answer(&server, CONTROL_RELOAD, NULL);
	turn();
	T_EQ(strlen(hear(fd)), 251 * strlen(OK));
	close(fd);
	close(other);
	end();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_talk();
	test_bounds();
	test_many();
	test_leases();
	test_later();
	return t_done();
}

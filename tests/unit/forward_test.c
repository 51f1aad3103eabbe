/* forward_test.c - what a forwarded port is called, and listening for it */
#include "applets/occ/forward.h"

#include "lib/net/addr.h"
#include "tests/t.h"

static const struct {
	const char *text;
	int local, remote;		/* -1: refused */
} words[] = {
	{ "8080", 8080, 8080 },
	{ "9000:8080", 9000, 8080 },
	{ ":8080", 0, 8080 },
	{ "0:8080", 0, 8080 },
	{ "65535:1", 65535, 1 },
	{ "0", -1, -1 },
	{ "8080:0", -1, -1 },
	{ "65536", -1, -1 },
	{ "80:65536", -1, -1 },
	{ "80:", -1, -1 },
	{ ":", -1, -1 },
	{ "", -1, -1 },
	{ "1:2:3", -1, -1 },
	{ "127.0.0.1:80:80", -1, -1 },
	{ "-1", -1, -1 },
	{ "+80", -1, -1 },
	{ " 80", -1, -1 },
	{ "0x50", -1, -1 },
	{ "http", -1, -1 },
};

static void
test_words(void)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		struct forward_port p = { .local = 0 };
		struct err e = ERR_INIT;
		size_t n = strlen(words[i].text);
		struct str text = str_from(t_guard(words[i].text, n), n);

		t_row("'%s'", words[i].text);
		if (words[i].remote < 0) {
			T_FAILS(forward_parse(text, &p, &e), ERR_USAGE);
			T_HAS(e.msg, "LOCAL:REMOTE");
			continue;
		}
		T_CALL(forward_parse(text, &p, &e));
		T_EQ(p.local, words[i].local);
		T_EQ(p.remote, words[i].remote);
		T_EQ(p.fd, -1);
	}
}

static void
test_listen(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct forward_port p = { .local = 0, .remote = 80, .fd = -1 }, other;
	struct err e = ERR_INIT;

	t_row("any port is told");
	T_CALL(forward_listen(&a, "127.0.0.1", &p, &e));
	T_OK(p.local > 0 && p.fd >= 0);

	t_row("a taken port names its owner");
	other = (struct forward_port){ .local = p.local, .remote = 80, .fd = -1 };
	T_FAILS(forward_listen(&a, "localhost", &other, &e), ERR_ADDR_IN_USE);
	T_HAS(e.msg, "is taken");
	T_EQ(other.fd, -1);
	close(p.fd);

	t_row("no name is looked up");
	other = (struct forward_port){ .remote = 80, .fd = -1 };
	T_FAILS(forward_listen(&a, "example.invalid", &other, &e), ERR_USAGE);
}

int
main(void)
{
	test_words();
	test_listen();
	return t_done();
}

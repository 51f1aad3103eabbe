/* probe_test: answers of opencode, whole, cut at every byte, and wrong */
#include "lib/deploy/probe.h"

#include "lib/base/mem.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/tail.h"
#include "tests/t.h"

#define HEALTHY "{\"healthy\":true,\"version\":\"1.18.33\"}"

static const struct {
	const char *answer;
	bool is_eof;
	int want;		/* probe_parse */
	int status;
	const char *body;
} rows[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n" HEALTHY, false, 1, 200, HEALTHY },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n24\r\n" HEALTHY "\r\n0\r\n\r\n", false, 1, 200, HEALTHY },
	{ "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" HEALTHY, true, 1, 200, HEALTHY },
	{ "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" HEALTHY, false, 0, 0, NULL },
	{ "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", false, 1, 401, "" },
	{ "HTTP/1.1 204 No Content\r\n\r\n", false, 1, 204, "" },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", true, -1, 0, NULL },
	{ "garbage\r\n\r\n", false, -1, 0, NULL },
	{ "", true, -1, 0, NULL },
	{ "", false, 0, 0, NULL },
};

static void
test_parse(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf body = BUF_INIT(PROBE_ANSWER_MAX);
		size_t n = strlen(rows[i].answer);
		int status = 0;

		t_row("probe: %.40s%s", rows[i].answer[0] ? rows[i].answer : "(nothing)", rows[i].is_eof ? " and the end" : "");
		for (char *c = t_state.row; *c; c++) {
			if (*c == '\r' || *c == '\n')
				*c = ' ';
		}
		T_EQ(probe_parse(str_from(t_guard(rows[i].answer, n), n), rows[i].is_eof, &status, &body), rows[i].want);
		if (rows[i].want != 1)
			continue;
		T_EQ(status, rows[i].status);
		T_STR(body.p, rows[i].body);
		for (size_t cut = 0; cut < n; cut++) {
			buf_reset(&body);
			T_OK(probe_parse(str_from(t_guard(rows[i].answer, cut), cut), false, &status, &body) <= 0);
		}
	}
}

static void
test_health(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	t_row("health: what counts as healthy");
	T_STR(ready_parse_health(&a, STR_LIT(HEALTHY)), "1.18.33");
	T_STR(ready_parse_health(&a, STR_LIT("{\"healthy\":false,\"version\":\"1\"}")), NULL);
	T_STR(ready_parse_health(&a, STR_LIT("{\"healthy\":\"true\"}")), NULL);
	T_STR(ready_parse_health(&a, STR_LIT("<!doctype html>")), NULL);
	T_STR(ready_parse_health(&a, STR_LIT("{\"healthy\":true}")), "unknown");
}

static void
test_meminfo(void)
{
	t_row("meminfo: available memory and free swap");
	T_EQ(build_check_meminfo(STR_LIT("MemTotal: 1000 kB\nMemAvailable:   512 kB\nSwapFree: 8 kB\n")), 520 * 1024);
	T_EQ(build_check_meminfo(STR_LIT("MemTotal: 1000 kB\n")), 0);
	T_EQ(build_check_meminfo(STR_LIT("MemAvailable: x kB\n")), 0);
}

static void
test_exit_meaning(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	t_row("exit codes have a meaning");
	T_HAS(tail_exit_meaning(&a, 137, true), "container.memory");
	T_STR(tail_exit_meaning(&a, 137, false), "killed (SIGKILL)");
	T_HAS(tail_exit_meaning(&a, 132, false), "image.variant");
	T_HAS(tail_exit_meaning(&a, 1, false), "occ logs");
}

int
main(void)
{
	test_parse();
	test_health();
	test_meminfo();
	test_exit_meaning();
	return t_done();
}

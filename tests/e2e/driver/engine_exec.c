/* engine_exec.c - commands in a container, terminals and logs, against a real engine */
#include "tests/e2e/driver/driver.h"

#include "lib/base/fd.h"
#include "lib/engine/exec.h"

#define NAME "engtest-exec"
#define BIG (3u << 20)

static struct buf out = BUF_INIT(8u << 20), err_out = BUF_INIT(1u << 20);

static int
capture(struct exec_spec s, struct str in, int *ret_code)
{
	buf_reset(&out);
	buf_reset(&err_out);
	return exec_capture(&en, &a, NAME, &s, in, &out, &err_out, DUE, ret_code, &e);
}

static void
captures(void)
{
	int code = -1;
	AUTO(buf) struct buf big = BUF_INIT(BIG);

	t_row("both streams apart, exit code, environment, user, directory");
	T_CALL(capture((struct exec_spec){
		.argv = (const char *const[]){ "sh", "-c", "echo $A; id -u; pwd; echo bad >&2; exit 9", NULL },
		.env = (const char *const[]){ "A=b c", NULL }, .user = "1000", .workdir = "/tmp" }, STR_NULL, &code));
	T_EQ(code, 9);
	T_VIEW(buf_str(&out), "b c\n1000\n/tmp\n");
	T_VIEW(buf_str(&err_out), "bad\n");
	t_row("input to its end");
	T_CALL(capture((struct exec_spec){ .argv = (const char *const[]){ "cat", NULL } }, STR_LIT("through and through"), &code));
	T_EQ(code, 0);
	T_VIEW(buf_str(&out), "through and through");
	t_row("3 MiB through a command that answers while it reads");
	for (unsigned i = 0; big.n < BIG; i++)
		buf_put(&big, &"0123456789abcdef\n"[i % 17], 1);
	T_CALL(capture((struct exec_spec){ .argv = (const char *const[]){ "cat", NULL } }, buf_str(&big), &code));
	T_OK(str_eq(buf_str(&out), buf_str(&big)));
	t_row("empty input with a standard input: the command sees the end at once");
	T_CALL(capture((struct exec_spec){ .argv = (const char *const[]){ "wc", "-c", NULL }, .has_stdin = true }, STR_NULL, &code));
	T_VIEW(str_trim(buf_str(&out)), "0");
	t_row("a command that reads nothing of a large input");
	T_CALL(capture((struct exec_spec){ .argv = (const char *const[]){ "true", NULL } }, buf_str(&big), &code));
	T_EQ(code, 0);
	t_row("a command that is not there: 126 or 127, or refused with words");
	int rc = capture((struct exec_spec){ .argv = (const char *const[]){ "engtest-absent", NULL } }, STR_NULL, &code);
	T_OK(rc < 0 ? e.http != 0 : code == 126 || code == 127);
	printf("# %s\n", rc < 0 ? e.msg : out.p);
	t_row("output beyond the ceiling is ERR_TOO_BIG");
	AUTO(buf) struct buf small = BUF_INIT(100);
	T_FAILS(exec_capture(&en, &a, NAME, &(struct exec_spec){ .argv = (const char *const[]){ "seq", "1000", NULL } }, STR_NULL, &small, NULL, DUE,
	    &code, &e), ERR_TOO_BIG);
	t_row("a command that does not end is ERR_TIMEOUT");
	T_FAILS(exec_capture(&en, &a, NAME, &(struct exec_spec){ .argv = (const char *const[]){ "sleep", "30", NULL } }, STR_NULL, &out, NULL,
	    clock_due_ms(300), &code, &e), ERR_TIMEOUT);
}

/* Reads what a terminal shows until it holds the part, or to its end when part is NULL. */
static bool
shows(struct http_conn *c, const char *part)
{
	char run[4096];
	ssize_t n = 1;

	while (n > 0 && !(part && strstr(out.p, part))) {
		n = stream_read(&c->stream, run, sizeof run, clock_due_ms(20000), &e);
		buf_put(&out, run, n > 0 ? (size_t)n : 0);
	}
	return n >= 0 && (!part || strstr(out.p, part));
}

/* Waits for a size: Podman carries one out some time after it said so. */
#define WAIT_SIZE(size) "i=0; while [ \"$(stty size)\" != '" size "' ] && [ $i -lt 200 ]; do i=$((i + 1)); sleep 0.05; done; stty size; "

static void
terminals(void)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	const struct exec_spec s = {
		.argv = (const char *const[]){ "sh", "-c", WAIT_SIZE("33 101") WAIT_SIZE("40 120") "read x; echo got $x", NULL },
		.has_tty = true, .has_stdin = true, .columns = 101, .rows = 33,
	};
	const char *id;
	int code = -1;

	t_row("a terminal of our size, a resize, a line typed");
	if (!T_CALL(exec_open(&en, &a, NAME, &s, &c, &id, DUE, &e)))
		return;
	buf_reset(&out);
	buf_putstr(&out, http_surplus(&c));
	T_OK(shows(&c, "33 101\r\n"));
	T_CALL(exec_resize(&en, id, 120, 40, &e));
	T_OK(shows(&c, "40 120\r\n"));
	T_CALL(stream_write_all(&c.stream, STR_LIT("hello\n"), DUE, &e));
	T_OK(shows(&c, NULL));
	T_HAS(out.p, "got hello\r\n");
	T_CALL(exec_exit_code(&en, id, DUE, &code, &e));
	T_EQ(code, 0);
	t_row("exec in a stopped and in an absent container");
	T_CALL(container_stop(&en, NAME, 0, &e));
	T_FAILS(capture((struct exec_spec){ .argv = (const char *const[]){ "true", NULL } }, STR_NULL, &code), ERR_NOT_RUNNING);
	T_FAILS(exec_open(&en, &a, "engtest-absent", &s, &c, &id, DUE, &e), ERR_NOT_FOUND);
}

static void
read_logs(const char *name, struct logs_spec s, int64_t due_ms, int want)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	struct demux d = { .left = 0 };
	struct str run, data;
	bool is_framed = false;
	int got = -1, stream;

	buf_reset(&out);
	buf_reset(&err_out);
	if (!T_CALL(logs_open(&en, &a, name, &s, &c, &is_framed, DUE, &e)))
		return;
	while ((got = http_recv_body(&c, &run, due_ms, &e)) > 0) {
		if (!is_framed)
			buf_putstr(&out, run);
		while (is_framed && demux_next(&d, &run, &stream, &data, &e) > 0)
			buf_putstr(stream == DEMUX_STDERR ? &err_out : &out, data);
		if (want == ERR_TIMEOUT && out.n > 0)
			due_ms = clock_due_ms(300);
	}
	if (want)
		T_ERR(want);
	else
		T_EQ(got, 0);
}

static void
logs(void)
{
	int code;

	t_row("logs: framed, both streams");
	driver_start(NAME, "[\"sh\",\"-c\",\"echo one; echo bad >&2; echo two\"]", "", "");
	T_CALL(container_wait(&en, NAME, DUE, &code, &e));
	read_logs(NAME, (struct logs_spec){ .tail = -1 }, DUE, 0);
	T_VIEW(buf_str(&out), "one\ntwo\n");
	T_VIEW(buf_str(&err_out), "bad\n");
	t_row("logs: the last line, with its time; since the future, nothing");
	read_logs(NAME, (struct logs_spec){ .tail = 1, .timestamps = true }, DUE, 0);
	T_OK(str_has_suffix(buf_str(&out), "Z two\n") || str_has_suffix(buf_str(&out), "+00:00 two\n") || str_has_suffix(buf_str(&err_out), " bad\n"));
	read_logs(NAME, (struct logs_spec){ .tail = -1, .since_epoch_s = clock_epoch_s() + 1000 }, DUE, 0);
	T_EQ(out.n, 0);
	t_row("logs: raw from a terminal, whatever the content type");
	driver_start(NAME, "[\"sh\",\"-c\",\"echo one; echo two >&2\"]", ",\"Tty\":true", "");
	T_CALL(container_wait(&en, NAME, DUE, &code, &e));
	read_logs(NAME, (struct logs_spec){ .tail = -1 }, DUE, 0);
	T_VIEW(buf_str(&out), "one\r\ntwo\r\n");
	t_row("logs: follow a silent container until the deadline");
	driver_start(NAME, "[\"sh\",\"-c\",\"echo here; sleep 100\"]", "", "");
	read_logs(NAME, (struct logs_spec){ .tail = -1, .follow = true }, DUE, ERR_TIMEOUT);
	T_VIEW(buf_str(&out), "here\n");
	t_row("logs: follow ends with the container");
	driver_start(NAME, "[\"sh\",\"-c\",\"echo a; sleep 0.3; echo b\"]", "", "");
	read_logs(NAME, (struct logs_spec){ .tail = -1, .follow = true }, DUE, 0);
	T_VIEW(buf_str(&out), "a\nb\n");
	T_CALL(container_remove(&en, NAME, true, &e));
}

int
main(void)
{
	driver_open();
	t_row("start");
	driver_start(NAME, "[\"sleep\",\"600\"]", "", "");
	captures();
	terminals();
	logs();
	buf_fini(&out);
	buf_fini(&err_out);
	return driver_done();
}

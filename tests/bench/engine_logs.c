/*
 * engine_logs.c - 1,000,000 lines of log through lib/engine, beside the same stream read raw from the socket
 *
 * Each reading is a process of its own, so that its peak memory is its own. The two kinds alternate; the best of each counts. The bars are
 * 1.05 times the raw time and 4 MiB. Needs a local engine (DOCKER_HOST) and the image of ENGTEST_TAR (see tests/e2e/engine.sh).
 */
#include "tests/e2e/driver/driver.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/engine/exec.h"
#include "lib/net/stream.h"

#define NAME "engtest-logs"
#define LINES 1000000
#define LINE_BYTES 76
#define ROUNDS 5
#define LIMIT_MS 120000

struct result {
	int64_t ms;
	uint64_t bytes;
	int64_t cpu_ms;
	long peak_kib;
};

static uint64_t
read_raw(int sink)
{
	AUTO(stream) struct stream s = STREAM_INIT;
	static char run[65536];
	const char *path = en.at.socket_path;
	uint64_t bytes = 0;
	ssize_t n;

	(void)sink;
	if (stream_unix(&s, path, DUE, &e) < 0 || stream_write_all(&s, STR_LIT("GET /v1.41/containers/" NAME "/logs?stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\n"
	    "Connection: close\r\n\r\n"), DUE, &e) < 0)
		return 0;
	while ((n = stream_read(&s, run, sizeof run, clock_due_ms(LIMIT_MS), &e)) > 0)
		bytes += (uint64_t)n;
	return bytes;
}

/* As a command that shows logs does it: frames taken apart, written in large pieces. */
static uint64_t
read_ours(int sink)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(arena) struct arena own = ARENA_INIT;
	const struct logs_spec all = { .tail = -1 };
	static char out[65536];
	size_t n_out = 0;
	struct demux d = { .left = 0 };
	struct str run, data;
	uint64_t bytes = 0;
	bool is_framed;
	int stream;

	if (logs_open(&en, &own, NAME, &all, &c, &is_framed, DUE, &e) < 0)
		return 0;
	while (http_recv_body(&c, &run, clock_due_ms(LIMIT_MS), &e) > 0) {
		while (demux_next(&d, &run, &stream, &data, &e) > 0) {
			bytes += data.n;
			if (n_out + data.n > sizeof out) {
				if (write(sink, out, n_out) < 0)
					return 0;
				n_out = 0;
			}
			if (data.n <= sizeof out) {
				memcpy(out + n_out, data.p, data.n);
				n_out += data.n;
			}
		}
	}
	return write(sink, out, n_out) < 0 ? 0 : bytes;
}

/* In a child; the times and sizes come back through a pipe. */
static struct result
measure(uint64_t (*read_logs)(int sink))
{
	struct result r = { .ms = -1 };
	struct rusage use;
	int ends[2], status;

	if (pipe(ends) < 0)
		return r;
	pid_t pid = fork();
	if (pid == 0) {
		int sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
		int64_t start_ms = clock_now_ms();
		r.bytes = read_logs(sink);
		r.ms = clock_now_ms() - start_ms;
		_exit(write(ends[1], &r, sizeof r) == sizeof r ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], &r, sizeof r) != sizeof r)
		r.ms = -1;
	close(ends[0]);
	if (wait4(pid, &status, 0, &use) == pid) {
		r.peak_kib = use.ru_maxrss;
		r.cpu_ms = (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 + (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
	}
	return r;
}

int
main(void)
{
	struct result raw = { .ms = INT64_MAX }, ours = { .ms = INT64_MAX };
	int code;

	driver_open();
	t_row("the log is there");
	(void)driver_start(NAME, arena_printf(&a, "[\"sh\",\"-c\",\"yes %0*d | head -n %d\"]", LINE_BYTES - 1, 0, LINES), "", "");
	T_CALL(container_wait(&en, NAME, clock_due_ms(LIMIT_MS), &code, &e));
	http_conn_fini(&en.conn);
	t_row("log of %d lines, %d MB", LINES, LINES * LINE_BYTES / 1000000);
	for (int i = 0; i < ROUNDS; i++) {
		struct result r = measure(read_raw), o = measure(read_ours);
		printf("# raw %" PRId64 " ms (cpu %" PRId64 "), ours %" PRId64 " ms (cpu %" PRId64 "), peak %ld KiB\n", r.ms, r.cpu_ms, o.ms, o.cpu_ms,
		    o.peak_kib);
		T_OK(o.bytes == (uint64_t)LINES * LINE_BYTES);
		raw = r.ms < raw.ms ? r : raw;
		ours = o.ms < ours.ms ? o : ours;
	}
	printf("# best: raw %" PRId64 " ms, ours %" PRId64 " ms, ratio %.3f (bar 1.05), peak %ld KiB (bar 4096)\n", raw.ms, ours.ms,
	    (double)ours.ms / (double)raw.ms, ours.peak_kib);
	T_OK(ours.peak_kib <= 4096);
	T_CALL(container_remove(&en, NAME, true, &e));
	return driver_done();
}

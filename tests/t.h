/*
 * t.h - the kit of every test program: checks, rows, TAP on stdout
 *
 * A row is one TAP line: t_row() opens it, the next t_row() or t_done() closes it, and every failed check in between is
 * told with its values. A check outside a row is a row of its own. main ends with `return t_done();`.
 * T_CALL, T_FAILS and T_ERR read the `struct err e` in scope. Header-only, one program at a time, one thread.
 */
#ifndef OCC_TESTS_T_H
#define OCC_TESTS_T_H

#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define T_FN static __attribute__((unused))

/* the condition holds */
#define T_OK(cond) t_true(__FILE__, __LINE__, #cond, (cond))
/* never to be reached */
#define T_FAIL(...) t_bad(__FILE__, __LINE__, __VA_ARGS__)
/* integers of any width, both shown */
#define T_EQ(got, want) t_eq(__FILE__, __LINE__, #got, (intmax_t)(got), (intmax_t)(want))
/* C strings; NULL equals NULL only */
#define T_STR(got, want) t_str(__FILE__, __LINE__, #got, (got), (want))
/* a struct str against a C string */
#define T_VIEW(got, want) \
	({ \
		__typeof__(got) t_view = (got); /* once: a cursor moves when it is asked */ \
		t_bytes(__FILE__, __LINE__, #got, t_view.p, t_view.n, (want), strlen(want)); \
	})
/* n bytes each */
#define T_MEM(got, want, n) t_bytes(__FILE__, __LINE__, #got, (got), (n), (want), (n))
/* the C string holds the part */
#define T_HAS(got, part) t_has(__FILE__, __LINE__, #got, (got), (part))
/* a call that returns >= 0, or says why not in e */
#define T_CALL(call) t_call(__FILE__, __LINE__, #call, (call) >= 0, e.msg)
/* a call that returns < 0 with this code in e */
#define T_FAILS(call, want) (void)(t_true(__FILE__, __LINE__, #call " < 0", (call) < 0) && T_ERR(want))
/* e holds this code */
#define T_ERR(want) t_err(__FILE__, __LINE__, #want, (int)e.code, (int)(want), e.msg)
/* waits until the condition holds, at most ms */
#define T_UNTIL(cond, ms) \
	do { \
		int64_t t_due = t_now_ms() + (ms); \
		while (!(cond) && t_now_ms() < t_due) \
			usleep(2000); \
		T_OK(cond); \
	} while (0)

static struct {
	char row[256];
	bool is_open, is_bad;
	unsigned n, n_bad;
	char tmpdir[256];
} t_state;

T_FN int64_t
t_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

T_FN void
t_close(void)
{
	if (t_state.is_open && !t_state.is_bad)
		printf("ok - %s\n", t_state.row);
	t_state.is_open = false;
	fflush(stdout);
}

/* Opens a row by name; a name may hold no newline. */
T_FN __attribute__((format(printf, 1, 2))) void
t_row(const char *fmt, ...)
{
	va_list ap;

	t_close();
	va_start(ap, fmt);
	vsnprintf(t_state.row, sizeof t_state.row, fmt, ap);
	va_end(ap);
	t_state.is_open = true;
	t_state.is_bad = false;
	t_state.n++;
}

/* One "not ok" a row, further reasons as comments; returns false. */
T_FN __attribute__((format(printf, 3, 4))) bool
t_bad(const char *file, int line, const char *fmt, ...)
{
	bool is_lone = !t_state.is_open;
	va_list ap;

	if (is_lone)
		t_row("%s:%d", file, line);
	if (!t_state.is_bad) {
		t_state.n_bad++;
		printf("not ok - %s: %s:%d: ", t_state.row, file, line);
	} else {
		printf("# %s:%d: ", file, line);
	}
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	t_state.is_bad = true;
	if (is_lone)
		t_close();
	fflush(stdout);
	return false;
}

T_FN bool
t_pass(const char *file, int line)
{
	if (!t_state.is_open) {
		t_row("%s:%d", file, line);
		t_close();
	}
	return true;
}

T_FN bool
t_true(const char *file, int line, const char *what, bool is_true)
{
	return is_true ? t_pass(file, line) : t_bad(file, line, "not true: %s", what);
}

T_FN bool
t_call(const char *file, int line, const char *what, bool is_done, const char *why)
{
	return is_done ? t_pass(file, line) : t_bad(file, line, "%s: %s", what, why);
}

T_FN bool
t_err(const char *file, int line, const char *name, int got, int want, const char *msg)
{
	if (got == want)
		return t_pass(file, line);
	return t_bad(file, line, "error code is %d, want %s (%d): %s", got, name, want, msg);
}

T_FN bool
t_eq(const char *file, int line, const char *what, intmax_t got, intmax_t want)
{
	if (got == want)
		return t_pass(file, line);
	return t_bad(file, line, "%s is %jd, want %jd", what, got, want);
}

T_FN bool
t_str(const char *file, int line, const char *what, const char *got, const char *want)
{
	if (got == want || (got && want && strcmp(got, want) == 0))
		return t_pass(file, line);
	return t_bad(file, line, "%s is \"%s\", want \"%s\"", what, got ? got : "(NULL)", want ? want : "(NULL)");
}

T_FN bool
t_has(const char *file, int line, const char *what, const char *got, const char *part)
{
	if (got && strstr(got, part))
		return t_pass(file, line);
	return t_bad(file, line, "%s is \"%s\", want it to hold \"%s\"", what, got ? got : "(NULL)", part);
}

T_FN bool
t_bytes(const char *file, int line, const char *what, const void *got, size_t n, const void *want, size_t n_want)
{
	if (n == n_want && (n == 0 || memcmp(got, want, n) == 0))
		return t_pass(file, line);
	return t_bad(file, line, "%s is %zu bytes \"%.*s\", want %zu bytes \"%.*s\"", what, n, (int)n,
			n ? (const char *)got : "", n_want, (int)n_want, (const char *)want);
}

/* A copy that ends flush against an inaccessible page, so that reading one byte too many faults. The last 16 copies live. */
T_FN void *
t_guard(const void *p, size_t n)
{
	static struct {
		void *map;
		size_t bytes;
	} ring[16];
	static unsigned next;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), body = (n + page - 1) / page * page;
	unsigned i = next++ % 16;

	if (ring[i].map)
		munmap(ring[i].map, ring[i].bytes);
	ring[i].bytes = body + page;
	ring[i].map = mmap(NULL, ring[i].bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ring[i].map == MAP_FAILED || mprotect((char *)ring[i].map + body, page, PROT_NONE) < 0) {
		perror("t_guard");
		exit(2);
	}
	char *copy = (char *)ring[i].map + body - n;
	if (n)
		memcpy(copy, p, n);
	return copy;
}

T_FN int
t_unlink_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

T_FN void
t_rm_tmpdir(void)
{
	if (t_state.tmpdir[0] && access(t_state.tmpdir, F_OK) == 0)
		nftw(t_state.tmpdir, t_unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* This program's own directory, 0700, made at the first call, removed by t_done(). */
T_FN const char *
t_tmpdir(void)
{
	const char *base = getenv("TMPDIR");

	if (t_state.tmpdir[0])
		return t_state.tmpdir;
	snprintf(t_state.tmpdir, sizeof t_state.tmpdir, "%s/occ-test.XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(t_state.tmpdir)) {
		perror("t_tmpdir");
		exit(2);
	}
	return t_state.tmpdir;
}

/* Ends the program: closes the row, tells the plan; returns main's status. */
T_FN int
t_done(void)
{
	t_close();
	t_rm_tmpdir();
	printf("1..%u\n", t_state.n);
	fflush(stdout);
	return t_state.n_bad ? 1 : 0;
}

#endif

/*
 * timed RUNS COMMAND [ARG...] - runs a command several times after one warm-up and prints what it cost:
 * "MIN MEDIAN MAX PEAK" in milliseconds and KiB. Output of the command goes to /dev/null.
 *
 * A small static program on purpose: the kernel counts the parent's memory into the peak of a child until it execs.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Milliseconds of one run; its peak in KiB. A status other than 0 is told, not judged: a stopped service is measured, too. */
static double
run_once(char **argv, long *peak_kib)
{
	struct rusage use;
	int status;
	double start = now_ms();
	pid_t pid = vfork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
		fprintf(stderr, "timed: cannot run %s\n", argv[0]);
		exit(1);
	}
	if (use.ru_maxrss > *peak_kib)
		*peak_kib = use.ru_maxrss;
	return now_ms() - start;
}

int
main(int argc, char **argv)
{
	static double ms[RUNS_MAX];
	int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;
	long peak_kib = 0;

	if (runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: timed RUNS COMMAND [ARG...], at most %d runs\n", RUNS_MAX);
		return 2;
	}
	run_once(argv + 2, &peak_kib);
	for (int i = 0; i < runs; i++)
		ms[i] = run_once(argv + 2, &peak_kib);
	qsort(ms, (size_t)runs, sizeof ms[0], by_value);
	printf("%.3f %.3f %.3f %ld\n", ms[0], ms[runs / 2], ms[runs - 1], peak_kib);
	return 0;
}

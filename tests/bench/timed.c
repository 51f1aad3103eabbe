/*
 * timed RUNS COMMAND [ARG...] [--- COMMAND [ARG...]] - runs a command several times after one warm-up and prints what it cost:
 * "MIN MEDIAN MAX PEAK" in milliseconds and KiB. With a second command the two alternate, so that what else the machine does hits both
 * alike: a line for each, and a third with the median of the pairs' ratios, first by second. Output of the commands goes to /dev/null.
 *
 * A small static program, and posix_spawn, on purpose: the kernel counts the parent's memory into the peak of a child until it execs.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS_MAX 1000

struct timing {
	char **argv;		/* NULL: there is no such command */
	double ms[RUNS_MAX];
	long peak_kib;
};

static posix_spawn_file_actions_t to_nothing;

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

/* Milliseconds of one run. A status other than 0 is told, not judged: a stopped service is measured, too. */
static double
run_once(struct timing *t)
{
	struct rusage use;
	int status;
	double start = now_ms();
	pid_t pid;

	if (posix_spawnp(&pid, t->argv[0], &to_nothing, NULL, t->argv, environ) != 0 || wait4(pid, &status, 0, &use) < 0 ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
		fprintf(stderr, "timed: cannot run %s\n", t->argv[0]);
		exit(1);
	}
	if (use.ru_maxrss > t->peak_kib)
		t->peak_kib = use.ru_maxrss;
	return now_ms() - start;
}

static void
print(struct timing *t, int runs)
{
	qsort(t->ms, (size_t)runs, sizeof t->ms[0], by_value);
	printf("%.3f %.3f %.3f %ld\n", t->ms[0], t->ms[runs / 2], t->ms[runs - 1], t->peak_kib);
}

int
main(int argc, char **argv)
{
	static struct timing first, second;
	static double ratios[RUNS_MAX];
	int runs = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

	first.argv = argv + 2;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "---") != 0)
			continue;
		argv[i] = NULL;
		second.argv = i + 1 < argc ? argv + i + 1 : NULL;
		break;
	}
	if (runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: timed RUNS COMMAND [ARG...] [--- COMMAND [ARG...]], at most %d runs\n", RUNS_MAX);
		return 2;
	}
	posix_spawn_file_actions_init(&to_nothing);
	for (int fd = 0; fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&to_nothing, fd, "/dev/null", O_RDWR, 0);
	run_once(&first);
	if (second.argv)
		run_once(&second);
	for (int i = 0; i < runs; i++) {
		first.ms[i] = run_once(&first);
		if (!second.argv)
			continue;
		second.ms[i] = run_once(&second);
		ratios[i] = first.ms[i] / second.ms[i];
	}
	print(&first, runs);
	if (!second.argv)
		return 0;
	print(&second, runs);
	qsort(ratios, (size_t)runs, sizeof ratios[0], by_value);
	printf("%.3f\n", ratios[runs / 2]);
	return 0;
}

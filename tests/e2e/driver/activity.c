/*
 * activity.c - follows a real opencode's events and prints a line for each: activity HOST PORT USER SECONDS
 *
 * The password comes in OCC_TEST_PASSWORD. Connects again when the stream ends; goes by itself after SECONDS.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/deploy/activity.h"

#define RETRY_MS 100

static const char *const kinds[] = { "heartbeat", "busy", "idle", "finished", "question", "permission" };

/* 0 when there is nothing more now, -1 when the stream has ended. */
static int
print_all(struct activity *a, struct err *e)
{
	for (;;) {
		AUTO(arena) struct arena scratch = ARENA_INIT;
		struct activity_event ev;
		int r = activity_step(a, &scratch, &ev, e);

		if (r <= 0)
			return r;
		printf("%s|%s|%s|%s|%s\n", kinds[ev.kind], ev.session, ev.directory, ev.title, ev.text);
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	const char *password = getenv("OCC_TEST_PASSWORD");
	AUTO(credentials) struct credentials cr;
	AUTO(activity) struct activity a;
	struct err e = ERR_INIT;

	activity_init(&a);
	credentials_init(&cr);
	if (argc != 5 || !password || credentials_set_password(&cr, str_of(password), &e) < 0)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	int64_t due_ms = clock_due_ms(1000 * (int64_t)atoi(argv[4]));
	while (clock_now_ms() < due_ms) {
		int r = activity_wants(&a) ? 0 : activity_open(&a, argv[1], (unsigned)atoi(argv[2]), argv[3], buf_str(&cr.password), &e);

		if (r == 0 && (fd_wait(a.stream.fd, activity_wants(&a), due_ms < a.due_ms ? due_ms : a.due_ms, &e) > 0 || e.code == ERR_TIMEOUT))
			r = print_all(&a, &e);
		if (r < 0) {
			printf("lost|%s\n", e.msg);
			fflush(stdout);
			(void)!fd_wait_many(NULL, 0, clock_due_ms(RETRY_MS), &e);
		}
	}
	return 0;
}

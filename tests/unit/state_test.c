/* state_test.c - what is remembered of an instance, and the lock with its holder's name */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/deploy/state.h"
#include "tests/t.h"

#define ID "0123456789abcdef0123456789abcdef"

static struct scope
scope_in(struct arena *a, const char *name)
{
	const char *dir = arena_printf(a, "%s/%s", t_tmpdir(), name);

	return (struct scope){ .kind = SCOPE_USER, .instance = "default", .home = dir, .config_path = path_join(a, dir, "config.json"),
		.credentials_path = path_join(a, dir, "credentials.json"), .state_dir = path_join(a, dir, "state"),
		.state_path = path_join(a, dir, "state/state.json"), .lock_path = path_join(a, dir, "state/lock") };
}

static void
test_roundtrip(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "roundtrip");
	struct state first, second, back;
	struct err e = ERR_INIT;

	t_row("without a file each load makes another deployment");
	T_CALL(state_load(&a, &s, &first, &e));
	T_CALL(state_load(&a, &s, &second, &e));
	T_OK(first.is_new && !first.is_desired_up);
	T_EQ(strlen(first.deployment), 32);
	T_OK(strcmp(first.deployment, second.deployment) != 0);

	t_row("saved and loaded again");
	first.is_desired_up = true;
	T_CALL(state_save(&s, &first, &e));
	T_CALL(state_load(&a, &s, &back, &e));
	T_OK(!back.is_new && back.is_desired_up);
	T_STR(back.deployment, first.deployment);
}

static const struct { const char *name, *text; bool is_ok; const char *says; } files[] = {
	{ "the least", "{\"format\":1,\"deployment\":\"" ID "\"}", true, NULL },
	{ "more than is known", "{\"format\":1,\"deployment\":\"" ID "\",\"later\":[1]}", true, NULL },
	{ "a build of an earlier program", "{\"format\":1,\"deployment\":\"" ID "\",\"built\":{\"image\":\"sha256:1\",\"inputs\":\"\"}}", true, NULL },
	{ "a newer format", "{\"format\":2,\"deployment\":\"" ID "\"}", false, "newer than this program knows" },
	{ "no format", "{\"deployment\":\"" ID "\"}", false, "damaged" },
	{ "no deployment", "{\"format\":1}", false, "damaged" },
	{ "a deployment of another alphabet", "{\"format\":1,\"deployment\":\"0123456789ABCDEF0123456789abcdef\"}", false, "damaged" },
	{ "half a file", "{\"format\":1,\"deploy", false, "state.json" },
	{ "an empty file", "", false, "state.json" },
};

static void
test_files(void)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct scope s = scope_in(&a, arena_printf(&a, "file%zu", i));
		struct err e = ERR_INIT;
		struct state st;

		t_row("file: %s", files[i].name);
		T_CALL(scope_prepare(&s, &e));
		T_CALL(file_save(s.state_path, str_of(files[i].text), 0600, &e));
		T_EQ(state_load(&a, &s, &st, &e), files[i].is_ok ? 0 : -1);
		T_ERR(files[i].is_ok ? ERR_NONE : ERR_CONFIG);
		if (files[i].says)
			T_HAS(e.msg, files[i].says);
	}
}

/* A child takes the lock, says so through a pipe, and holds it until it is killed. */
static pid_t
hold(const struct scope *s, const char *verb, bool is_for_a_moment)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct file_lock l = FILE_LOCK_INIT;
		struct err e = ERR_INIT;

		if (state_lock(&l, s, verb, clock_due_ms(0), &e) < 0 || write(fds[1], "x", 1) != 1)
			_exit(1);
		/* until somebody has asked: his own look at the file is what a moment means here */
		while (is_for_a_moment && getppid() != 1 && !file_exists(arena_printf(&(struct arena)ARENA_INIT, "%s.asked", s->lock_path)))
			usleep(1000);
		if (is_for_a_moment)
			_exit(0);
		for (;;)
			pause();
	}
	close(fds[1]);
	T_EQ(read(fds[0], &byte, 1), 1);
	close(fds[0]);
	return pid;
}

static void
test_lock(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "lock");
	AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT;
	struct err e = ERR_INIT;
	pid_t pid = hold(&s, "update", false);

	t_row("held by another: who, since when");
	T_FAILS(state_lock(&l, &s, "start", clock_due_ms(0), &e), ERR_LOCKED);
	T_HAS(e.msg, arena_printf(&a, "occ update (pid %d) since ", (int)pid));
	T_HAS(e.msg, " holds it");

	t_row("waits until its deadline");
	T_FAILS(state_lock(&l, &s, "start", clock_due_ms(120), &e), ERR_LOCKED);

	t_row("a killed holder holds nothing");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	T_CALL(state_lock(&l, &s, "start", clock_due_ms(10000), &e));
	file_lock_auto(&l);
	T_CALL(state_lock(&l, &s, "start", clock_due_ms(0), &e));
}

/* A command waits for the watchdog, which is done in a moment; the watchdog waits for nobody. */
static void
test_watchdog_lock(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "watchdog");
	AUTO(file_lock) struct file_lock l = FILE_LOCK_INIT;
	struct err e = ERR_INIT;
	pid_t pid = hold(&s, STATE_WATCHDOG, true);

	t_row("the watchdog steps aside for whoever holds it");
	T_FAILS(state_lock(&l, &s, STATE_WATCHDOG, clock_due_ms(0), &e), ERR_LOCKED);

	t_row("a command waits for the watchdog");
	T_CALL(file_save(arena_printf(&a, "%s.asked", s.lock_path), STR_LIT("x"), 0600, &e));
	T_CALL(state_lock(&l, &s, "start", clock_due_ms(0), &e));
	waitpid(pid, NULL, 0);

	t_row("who only asks sees that it is held");
	T_OK(file_lock_is_held(s.lock_path));
	file_lock_auto(&l);
	l = (struct file_lock)FILE_LOCK_INIT;
	T_OK(!file_lock_is_held(s.lock_path));
	T_OK(!file_lock_is_held("/nonexistent/lock"));
}

/* Whoever holds the lock may have been stopped between taking it and telling so. */
static void
test_record(void)
{
	static const struct { const char *text, *says; } row[] = {
		{ "", "being changed by another command" }, { "{\"pid\":12,\"si", "being changed by another command" },
		{ "{\"pid\":12}", "being changed by another command" }, { "{\"pid\":12,\"since\":1000000000,\"verb\":\"stop\"}", "occ stop (pid 12) since 2001-09-" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct scope s = scope_in(&a, arena_printf(&a, "record%zu", i));
		AUTO(file_lock) struct file_lock held = FILE_LOCK_INIT, l = FILE_LOCK_INIT;
		struct err e = ERR_INIT;

		t_row("record %zu", i);
		T_CALL(scope_prepare(&s, &e));
		T_CALL(file_lock_open(&held, s.lock_path, clock_due_ms(0), &e));
		T_CALL(file_lock_record(&held, str_of(row[i].text), &e));
		T_FAILS(state_lock(&l, &s, "start", clock_due_ms(0), &e), ERR_LOCKED);
		T_HAS(e.msg, row[i].says);
	}
}

int
main(void)
{
	test_roundtrip();
	test_files();
	test_lock();
	test_watchdog_lock();
	test_record();
	return t_done();
}

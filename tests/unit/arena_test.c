/* arena_test.c - alignment, growth, lists, and memory that this program chooses */
#include "lib/base/arena.h"

#include <stdalign.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/base/mem.h"
#include "tests/t.h"

static void
test_blocks(void)
{
	static const size_t sizes[] = { 0, 1, 7, 16, 100, 2047, 2048, 5000, 70000, 1u << 20, 3 };
	AUTO(arena) struct arena a = ARENA_INIT;
	bool zero = true, apart = true;
	unsigned char *last = NULL;

	t_row("allocations are zeroed, aligned and apart");
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			unsigned char *p = arena_zero(&a, sizes[i]);

			T_EQ((uintptr_t)p % alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k += 61)
				zero = zero && p[k] == 0;
			memset(p, 0xa5, sizes[i]);
			apart = apart && p != last;
			last = p;
		}
	}
	T_OK(zero);
	T_OK(apart);
	T_OK(a.total >= 50 * ((1u << 20) + 70000));
	t_row("an arena is usable after its end");
	arena_fini(&a);
	T_EQ(a.total, 0);
	T_OK(!a.top);
	T_STR(arena_strdup(&a, "again"), "again");
}

static void
test_strings(void)
{
	AUTO(arena) struct arena a = ARENA_SECRET_INIT;
	char *s = arena_str(&a, str_from("a\0bc", 3));

	t_row("strings are copied with their NUL");
	T_MEM(s, "a\0b", 4);
	T_STR(arena_str(&a, STR_NULL), "");
	T_STR(arena_strdup(&a, ""), "");
	T_STR(arena_printf(&a, "%s:%d", "x", 42), "x:42");
	T_EQ(strlen(arena_printf(&a, "%5000d", 1)), 5000);
}

static void
test_list(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct strlist l = { NULL, 0, 0 };
	static const char *const word[] = { "a", "b", "c" };

	t_row("a list grows and stays terminated");
	T_OK(!strlist_has(&l, "a"));
	for (size_t i = 0; i < 100; i++) {
		strlist_add(&a, &l, word[i % 3]);
		T_EQ(l.n, i + 1);
		T_OK(l.v[i] == word[i % 3]);
		T_OK(!l.v[l.n]);
	}
	T_OK(strlist_has(&l, "c"));
	T_OK(!strlist_has(&l, "d"));
}

static void
test_mem(void)
{
	unsigned char *p = mem_new(64);
	bool zero = true;

	t_row("mem_new is zeroed, mem_wipe zeroes");
	for (int i = 0; i < 64; i++)
		zero = zero && p[i] == 0;
	memset(p, 1, 64);
	mem_wipe(p, 64);
	for (int i = 0; i < 64; i++)
		zero = zero && p[i] == 0;
	T_OK(zero);
	mem_wipe(p, 0);
	mem_free(p);
	mem_free(NULL);
	t_row("comparison");
	T_EQ(mem_differs("abc", "abc", 3), 0);
	T_EQ(mem_differs("abc", "abd", 3), 1);
	T_EQ(mem_differs("\x80", "\x00", 1), 1);
	T_EQ(mem_differs("a", "b", 0), 0);
}

/* In a child: the end of memory is the end of the process. */
static void
test_gone(void)
{
	int fds[2], status;
	char said[256] = "";

	t_row("without memory the process ends with one message");
	T_EQ(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct arena a = ARENA_INIT;

		dup2(fds[1], 2);
		arena_zero(&a, SIZE_MAX - 100);
		_exit(77);
	}
	close(fds[1]);
	T_OK(read(fds[0], said, sizeof said - 1) > 0);
	T_STR(said, "opencode-cloud: out of memory\n");
	T_EQ(waitpid(pid, &status, 0), pid);
	T_OK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	close(fds[0]);
}

int
main(void)
{
	test_blocks();
	test_strings();
	test_list();
	test_mem();
	test_gone();
	return t_done();
}

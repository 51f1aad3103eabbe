/* memory_test.c - a container's memory out of the files of its control group */
#include "lib/deploy/memory.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"

#include "tests/t.h"

static const struct {
	const char *text, *path;
	bool is_v2;
} groups[] = {
	{ "0::/system.slice/docker-1f.scope\n", "/sys/fs/cgroup/system.slice/docker-1f.scope", true },
	{ "5:devices:/docker/1f\n4:memory:/docker/1f\n0::/docker/1f\n", "/sys/fs/cgroup/memory/docker/1f", false },
	{ "9:cpu,memory,pids:/a:b\n", "/sys/fs/cgroup/memory/a:b", false },
	{ "9:memoryx:/a\n", NULL, false },
	{ "", NULL, false },
	{ "0::", NULL, false },
	{ "nonsense", NULL, false },
};

static void
test_group(void)
{
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		AUTO(buf) struct buf out = BUF_INIT(4096);
		bool is_v2 = false;

		t_row("control group of row %zu", i);
		T_EQ(memory_group_path(str_of(groups[i].text), &is_v2, &out), groups[i].path != NULL);
		if (!groups[i].path)
			continue;
		T_STR(out.p, groups[i].path);
		T_EQ(is_v2, groups[i].is_v2);
	}
}

static void
test_stat(void)
{
	struct str text = STR_LIT("cache 10\ninactive_file 4096\ntotal_inactive_file 8192\n");

	t_row("rows of memory.stat");
	T_EQ(memory_stat(text, "inactive_file"), 4096);
	T_EQ(memory_stat(text, "total_inactive_file"), 8192);
	T_EQ(memory_stat(text, "file"), 0);
	T_EQ(memory_stat(STR_LIT("inactive_file many"), "inactive_file"), 0);
}

static void
put_file(const char *dir, const char *name, const char *text)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	T_CALL(file_mkdirs(dir, 0700, &e));
	T_CALL(file_save(path_join(&a, dir, name), str_of(text), 0600, &e));
}

/* Groups of both versions; what cannot be read is not zero. */
static void
test_group_files(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *v1 = path_join(&a, t_tmpdir(), "v1"), *v2 = path_join(&a, t_tmpdir(), "v2"), *odd = path_join(&a, t_tmpdir(), "odd");
	uint64_t bytes = 7;

	t_row("a group of version 1");
	put_file(v1, "memory.usage_in_bytes", "1000\n");
	put_file(v1, "memory.stat", "inactive_file 1\ntotal_inactive_file 300\n");
	T_OK(memory_of_group(v1, &bytes));
	T_EQ(bytes, 700);
	t_row("a group of version 2, without a page cache");
	put_file(v2, "memory.current", "1000\n");
	T_OK(memory_of_group(v2, &bytes));
	T_EQ(bytes, 1000);
	t_row("no group, and no number");
	bytes = 7;
	put_file(odd, "memory.current", "max\n");
	T_OK(!memory_of_group(odd, &bytes) && !memory_of_group("/nonexistent", &bytes));
	T_OK(!memory_of_container("0123456789abcdef", INT32_MAX, &bytes));
	T_EQ(bytes, 7);
}

static void
test_places(void)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);
	size_t n = 0;

	t_row("the usual places name the container");
	while (memory_usual_place("1f", n, &out)) {
		T_OK(str_find(buf_str(&out), STR_LIT("1f")) != STR_NONE);
		n++;
	}
	T_EQ(n, 6);
}

int
main(void)
{
	test_group();
	test_stat();
	test_group_files();
	test_places();
	return t_done();
}

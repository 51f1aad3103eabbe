/* memory_test.c - a container's memory out of the files of its control group */
#include "lib/deploy/memory.h"

#include "lib/base/mem.h"

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

/* What the kernel says of this very process, where it mounts control groups at all. */
static void
test_self(void)
{
	uint64_t bytes = 1;

	t_row("a process that is not there");
	T_OK(!memory_of_pid(INT32_MAX, &bytes));
	T_EQ(bytes, 1);
}

int
main(void)
{
	test_group();
	test_stat();
	test_self();
	return t_done();
}

/* memory_linux.c - the control group of a process, read */
#ifdef __linux__

#include "lib/deploy/memory.h"

#include "lib/base/file.h"
#include "lib/base/num.h"

#define TEXT_MAX 65536

static bool
read_text(struct buf *out, const char *dir, const char *name)
{
	AUTO(buf) struct buf path = BUF_INIT(4096);
	struct err ignored = ERR_INIT;

	buf_reset(out);
	buf_printf(&path, "%s/%s", dir, name);
	return file_read(path.p, out, &ignored) == 0;
}

bool
memory_of_group(const char *dir, uint64_t *ret_bytes)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct err ignored = ERR_INIT;
	uint64_t held, cache = 0;
	bool is_v2 = read_text(&text, dir, "memory.current");

	if (!is_v2 && !read_text(&text, dir, "memory.usage_in_bytes"))
		return false;
	if (num_u64(str_trim(buf_str(&text)), 0, UINT64_MAX, &held, &ignored) < 0)
		return false;
	if (read_text(&text, dir, "memory.stat"))
		cache = memory_stat(buf_str(&text), is_v2 ? "inactive_file" : "total_inactive_file");
	*ret_bytes = held > cache ? held - cache : 0;
	return true;
}

bool
memory_of_container(const char *id, int64_t pid, uint64_t *ret_bytes)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX), dir = BUF_INIT(4096), proc = BUF_INIT(64);
	bool is_v2;

	buf_printf(&proc, "/proc/%lld", (long long)pid);
	if (pid > 0 && read_text(&text, proc.p, "cgroup") && memory_group_path(buf_str(&text), &is_v2, &dir) && memory_of_group(dir.p, ret_bytes))
		return true;
	for (size_t i = 0; id[0] && memory_usual_place(id, i, &dir); i++) {
		if (memory_of_group(dir.p, ret_bytes))
			return true;
	}
	return false;
}

#endif

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
memory_of_pid(int64_t pid, uint64_t *ret_bytes)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX), dir = BUF_INIT(4096), proc = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	uint64_t held, cache;
	bool is_v2;

	buf_printf(&proc, "/proc/%lld", (long long)pid);
	if (!read_text(&text, proc.p, "cgroup") || !memory_group_path(buf_str(&text), &is_v2, &dir))
		return false;
	if (!read_text(&text, dir.p, is_v2 ? "memory.current" : "memory.usage_in_bytes"))
		return false;
	if (num_u64(str_trim(buf_str(&text)), 0, UINT64_MAX, &held, &ignored) < 0)
		return false;
	cache = read_text(&text, dir.p, "memory.stat") ? memory_stat(buf_str(&text), is_v2 ? "inactive_file" : "total_inactive_file") : 0;
	*ret_bytes = held > cache ? held - cache : 0;
	return true;
}

#endif

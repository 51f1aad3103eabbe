/* build_check.c - a build that dies half-way for want of memory or disk is dearer than a look before it */
#include "lib/deploy/build_check.h"

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/num.h"

static uint64_t
kib_of(struct str line)
{
	struct err ignored = ERR_INIT;
	uint64_t kib = 0;

	(void)str_cut(&line, ':');
	line = str_trim(line);
	if (num_u64(str_cut(&line, ' '), 0, UINT64_MAX >> 10, &kib, &ignored) < 0)
		return 0;
	return kib << 10;
}

uint64_t
build_check_meminfo(struct str text)
{
	uint64_t sum = 0;
	struct str line;

	while (str_line(&text, &line)) {
		if (str_has_prefix(line, "MemAvailable:") || str_has_prefix(line, "SwapFree:"))
			sum += kib_of(line);
	}
	return sum;
}

static int
too_little(struct err *e, const char *what, uint64_t have, uint64_t need, const char *remedy)
{
	AUTO(buf) struct buf text = BUF_INIT(256);

	buf_printf(&text, "%s: ", what);
	num_put_bytes(&text, have);
	buf_puts(&text, " free, a build needs ");
	num_put_bytes(&text, need);
	err_set(e, ERR_FAIL, "%s", text.p);
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "%s", remedy);
}

int
build_check(struct service *s, struct err *e)
{
	AUTO(buf) struct buf meminfo = BUF_INIT(65536);
	struct err ignored = ERR_INIT;
	struct engine_info info;
	uint64_t disk, memory = 0;

	if (s->is_remote) {
		log_line("memory and disk of a remote engine are not checked");
		return 0;
	}
	if (engine_info_get(&s->engine, s->arena, &info, e) < 0)
		return -1;
	if (info.root_dir && file_free_bytes(info.root_dir, &disk, &ignored) == 0 && disk < BUILD_DISK_BYTES)
		return too_little(e, info.root_dir, disk, BUILD_DISK_BYTES, "docker system df, then remove what is not needed; or a larger disk");
	if (file_read("/proc/meminfo", &meminfo, &ignored) == 0)
		memory = build_check_meminfo(buf_str(&meminfo));
	if (memory && memory < BUILD_MEMORY_BYTES)
		return too_little(e, "memory and swap", memory, BUILD_MEMORY_BYTES,
		    "fallocate -l 2G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile");
	return 0;
}

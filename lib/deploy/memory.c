/* memory.c - the files of control groups, as text (cgroups(7), kernel documentation cgroup-v1/memory.rst and cgroup-v2.rst) */
#include "lib/deploy/memory.h"

#include "lib/base/mem.h"
#include "lib/base/num.h"

#define V1 "/sys/fs/cgroup/memory"
#define V2 "/sys/fs/cgroup"

/* Lines are ID:CONTROLLERS:PATH; version 2 is "0::PATH". Where both are mounted, memory is where its controller is named. */
bool
memory_group_path(struct str proc_cgroup, bool *ret_v2, struct buf *out)
{
	struct str line, v2 = STR_NULL;

	while (str_line(&proc_cgroup, &line)) {
		struct str id = str_cut(&line, ':'), controllers = str_cut(&line, ':');
		if (str_is(id, "0") && controllers.n == 0)
			v2 = line;
		while (controllers.n) {
			if (!str_is(str_cut(&controllers, ','), "memory"))
				continue;
			*ret_v2 = false;
			buf_puts(out, V1);
			buf_putstr(out, line);
			return true;
		}
	}
	if (!v2.n)
		return false;
	*ret_v2 = true;
	buf_puts(out, V2);
	buf_putstr(out, v2);
	return true;
}

bool
memory_usual_place(const char *id, size_t i, struct buf *out)
{
	static const struct {
		const char *before, *behind;
	} places[] = {
		{ V2 "/system.slice/docker-", ".scope" },		/* the engine's systemd driver */
		{ V2 "/docker/", "" },
		{ V1 "/docker/", "" },
		{ V1 "/system.slice/docker-", ".scope" },
		{ V2 "/machine.slice/libpod-", ".scope" },
		{ V1 "/machine.slice/libpod-", ".scope" },
	};

	if (i >= ARRAY_LEN(places))
		return false;
	buf_reset(out);
	buf_printf(out, "%s%s%s", places[i].before, id, places[i].behind);
	return true;
}

uint64_t
memory_stat(struct str text, const char *name)
{
	struct err ignored = ERR_INIT;
	struct str line;
	uint64_t n;

	while (str_line(&text, &line)) {
		if (str_is(str_cut(&line, ' '), name) && num_u64(str_trim(line), 0, UINT64_MAX, &n, &ignored) == 0)
			return n;
	}
	return 0;
}

/* boot_linux.c - the kernel's random name for this boot; the host's in a container, too, as CLOCK_BOOTTIME is */
#ifdef __linux__

#include <string.h>

#include "lib/base/file.h"
#include "lib/deploy/ladder.h"

void
ladder_boot_id(char ret[LADDER_BOOT_BYTES])
{
	AUTO(buf) struct buf text = BUF_INIT(LADDER_BOOT_BYTES - 1);
	struct err ignored = ERR_INIT;

	memset(ret, 0, LADDER_BOOT_BYTES);
	if (file_read("/proc/sys/kernel/random/boot_id", &text, &ignored) == 0)
		memcpy(ret, text.p, str_trim(buf_str(&text)).n);
}

#endif

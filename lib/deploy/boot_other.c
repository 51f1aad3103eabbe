/* boot_other.c - macOS names each boot by a UUID; elsewhere there is no name, and every start counts as one after a reboot */
#ifndef __linux__

#include <string.h>
#include <sys/types.h>
#include <sys/sysctl.h>

#include "lib/deploy/ladder.h"

void
ladder_boot_id(char ret[LADDER_BOOT_BYTES])
{
	size_t n = LADDER_BOOT_BYTES - 1;

	memset(ret, 0, LADDER_BOOT_BYTES);
	if (sysctlbyname("kern.bootsessionuuid", ret, &n, NULL, 0) < 0)
		ret[0] = '\0';
}

#endif

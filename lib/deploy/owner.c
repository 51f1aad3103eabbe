/* owner.c - user, host and configuration file of a deployment */
#include "lib/deploy/owner.h"

#include <pwd.h>
#include <unistd.h>

#define HOST_NAME_BYTES 256

const char *
owner_text(struct arena *a, const struct scope *s, struct err *e)
{
	char host[HOST_NAME_BYTES] = "";
	const struct passwd *pw = getpwuid(geteuid());

	if (gethostname(host, sizeof host - 1) < 0) {
		err_sys(e, "name of this host");
		return NULL;
	}
	if (!pw)
		return arena_printf(a, "uid %u on %s, %s", (unsigned)geteuid(), host, s->config_path);
	return arena_printf(a, "%s on %s, %s", pw->pw_name, host, s->config_path);
}

/* sandbox_other.c - macOS: the user and its groups; its own sandbox is no public interface */
#ifndef __linux__

#include <grp.h>
#include <unistd.h>

#include "lib/proc/sandbox_own.h"

int
sandbox_drop(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	if (w->has_user && geteuid() == 0) {
		if (setgroups(1, &w->gid) < 0 || setgid(w->gid) < 0 || setuid(w->uid) < 0)
			return err_sys(e, "become user id %lu", (unsigned long)w->uid);
		if (w->uid != 0 && setuid(0) == 0)
			return err_set(e, ERR_FAIL, "root's rights could be taken back");
	}
	ret->uid = geteuid();
	return 0;
}

int
sandbox_lock(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	(void)w;
	(void)e;
	sandbox_lack(ret, "seccomp and Landlock: Linux has them");
	return 0;
}

#endif

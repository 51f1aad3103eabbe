/*
 * sandbox_linux.c - the user, its groups, capabilities, and what prctl(2) can forbid
 *
 * What is asked of the kernel is asked back afterwards. A hardened unit refuses calls that it has made needless (capset without capabilities): that is no error, as long as
 * nothing is left to be taken away.
 */
#ifdef __linux__

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/proc/sandbox_own.h"

#define CAPS_MAX 64

struct caps {
	struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3];
};

static int
get_caps(struct caps *ret, struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &head, ret->half) < 0 ? err_sys(e, "capget") : 0;
}

static bool
is_effective(const struct caps *c, unsigned cap)
{
	return c->half[cap / 32].effective >> (cap % 32) & 1;
}

static bool
has_any(const struct caps *c)
{
	uint32_t all = 0;

	for (size_t i = 0; i < ARRAY_LEN(c->half); i++)
		all |= c->half[i].effective | c->half[i].permitted | c->half[i].inheritable;
	return all != 0;
}

/* ---- the user ---- */

static int
check_user(const struct sandbox_want *w, struct err *e)
{
	uid_t r, eff, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &eff, &s) < 0 || getresgid(&rg, &eg, &sg) < 0)
		return err_sys(e, "ask for the user");
	if (r != w->uid || eff != w->uid || s != w->uid || rg != w->gid || eg != w->gid || sg != w->gid || getgroups(0, NULL) != 0)
		return err_set(e, ERR_FAIL, "the user did not become %lu", (unsigned long)w->uid);
	/* Capabilities that survived would let it back. */
	if (w->uid != 0 && setresuid(0, 0, 0) == 0)
		return err_set(e, ERR_FAIL, "root's rights could be taken back");
	return 0;
}

static int
become(const struct sandbox_want *w, const struct caps *held, struct sandbox_state *ret, struct err *e)
{
	if (!is_effective(held, CAP_SETUID) || !is_effective(held, CAP_SETGID)) {
		if (geteuid() != w->uid)
			sandbox_lack(ret, "a user of its own: no right to change to one");
		return 0;
	}
	if (setgroups(0, NULL) < 0 || setresgid(w->gid, w->gid, w->gid) < 0 || setresuid(w->uid, w->uid, w->uid) < 0)
		return err_sys(e, "become user id %lu", (unsigned long)w->uid);
	return check_user(w, e);
}

/* ---- capabilities ---- */

/* What exec could give. Without CAP_SETPCAP it stays as it is, and no_new_privs has to hold alone. */
static void
drop_bounding(void)
{
	for (unsigned long cap = 0; cap < CAPS_MAX && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return;
}

static int
drop_caps(struct sandbox_state *ret, struct err *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct caps none = { .half = { { .effective = 0 } } }, left;
	long done;
	int sys;

	/* Refused only where there are none (before Linux 4.3): the inheritable set's end is theirs. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	done = syscall(SYS_capset, &head, none.half);
	sys = errno;
	if (get_caps(&left, e) < 0)
		return -1;
	errno = sys;
	if (has_any(&left))
		return done < 0 ? err_sys(e, "capset") : err_set(e, ERR_FAIL, "capabilities are left");
	ret->no_capabilities = true;
	return 0;
}

int
sandbox_drop(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	struct caps held;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "no new privileges");
	if (get_caps(&held, e) < 0)
		return -1;
	drop_bounding();
	if ((w->has_user && become(w, &held, ret, e) < 0) || drop_caps(ret, e) < 0)
		return -1;
	/* After the change of user, which sets it anew (PR_SET_DUMPABLE, prctl(2)). */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_sys(e, "make this process undumpable");
	ret->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	ret->no_dump = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
	ret->uid = geteuid();
	return 0;
}

int
sandbox_lock(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	/* In this order: seccomp allows no further Landlock. */
	return sandbox_landlock(w, ret, e) < 0 || sandbox_seccomp(w, ret, e) < 0 ? -1 : 0;
}

#endif

/*
 * sandbox_landlock.c - no file can be opened any more, and only given ports connected to: landlock(7)
 *
 * The numbers are the kernel's interface (include/uapi/linux/landlock.h), written here because the headers that this program is built with may be older than the kernel it
 * runs on.
 */
#ifdef __linux__

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/mem.h"
#include "lib/proc/sandbox_own.h"

#define CREATE_RULESET_VERSION 1u
#define RULE_NET_PORT 2
#define NET_BIND_TCP (UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define NET_SINCE_ABI 4

struct ruleset {
	uint64_t files, net, scoped;	/* rights that are taken away where no rule gives them */
};

struct net_port {
	uint64_t allowed, port;
};

/* What each version of the interface brought. A kernel refuses what it does not know, so only what it does is asked for. */
static const struct {
	unsigned abi;
	struct ruleset rights;
} brought[] = {
	{ 1, { .files = (UINT64_C(1) << 13) - 1 } },	/* execute to make_sym */
	{ 2, { .files = UINT64_C(1) << 13 } },		/* refer */
	{ 3, { .files = UINT64_C(1) << 14 } },		/* truncate */
	{ NET_SINCE_ABI, { .net = NET_BIND_TCP | NET_CONNECT_TCP } },
	{ 5, { .files = UINT64_C(1) << 15 } },		/* ioctl of devices */
	{ 6, { .scoped = 3 } },				/* abstract unix sockets and signals beyond this process */
};

/* 0: there is none, and the state says why. */
static unsigned
ask_abi(struct sandbox_state *ret)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, CREATE_RULESET_VERSION);

	if (abi > 0)
		return (unsigned)abi;
	sandbox_lack(ret, "Landlock: %s", errno == ENOSYS ? "not in this kernel" : errno == EOPNOTSUPP ? "turned off in this kernel" : strerror(errno));
	return 0;
}

static int
allow_ports(int fd, const struct sandbox_want *w, struct err *e)
{
	for (size_t i = 0; i < w->n_connect_ports; i++) {
		struct net_port rule = { .allowed = NET_CONNECT_TCP, .port = w->connect_ports[i] };

		if (syscall(SYS_landlock_add_rule, fd, RULE_NET_PORT, &rule, 0u) < 0)
			return err_sys(e, "Landlock: allow port %u", w->connect_ports[i]);
	}
	return 0;
}

int
sandbox_landlock(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	struct ruleset set = { .files = 0 };
	unsigned abi = ask_abi(ret);

	if (abi == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(brought) && brought[i].abi <= abi; i++) {
		set.files |= brought[i].rights.files;
		set.net |= brought[i].rights.net;
		set.scoped |= brought[i].rights.scoped;
	}
	AUTO(fd) int fd = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0u);
	if (fd < 0)
		return err_sys(e, "Landlock: make a ruleset");
	if (set.net && allow_ports(fd, w, e) < 0)
		return -1;
	if (syscall(SYS_landlock_restrict_self, fd, 0u) < 0)
		return err_sys(e, "Landlock: restrict this process");
	ret->landlock_abi = abi;
	ret->no_files = true;
	ret->has_ports = set.net != 0;
	if (!ret->has_ports)
		sandbox_lack(ret, "ports: Landlock %u holds files only", abi);
	return 0;
}

#endif

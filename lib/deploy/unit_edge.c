/*
 * unit_edge.c - the texts of the edge's systemd units: its process, and a socket unit for each of its ports
 *
 * A name for descriptors (FileDescriptorName=) is a whole socket unit's, so each port has a unit. The process needs no right at all: the ports come open, credentials and
 * certificates are its user's own files, and the engine is none of its business. `systemd-analyze security` gives it 1.6 as root and 1.3 as a user of its own
 * (PrivateUsers= would be 1.4 as root, and no start at all where a host forbids user namespaces).
 */
#include <string.h>

#include "lib/deploy/unit_text.h"
#include "lib/net/addr.h"
#include "lib/net/listen.h"

/* Starts of the process within a time, for the unit and for the sockets that start it: beyond, something is wrong that only a person mends. */
#define STARTS "20"
#define STARTS_S "300"

static void
put_head(const struct unit_input *in, const char *what, struct buf *out)
{
	unit_text_mark(in, out);
	buf_printf(out, "[Unit]\nDescription=opencode-cloud, the instance %s: %s\n", in->instance, what);
}

static const char *
name_of(struct arena *a, const struct unit_input *in, enum unit_part part)
{
	struct unit_input other = *in;

	other.part = part;
	return unit_is_wanted(&other) ? unit_name(a, &other) : NULL;
}

/* ---- ports ---- */

static const char *
descriptor_name(const struct unit_input *in)
{
	if (in->part == UNIT_EDGE_REDIRECT)
		return UNIT_SOCKET_REDIRECT;
	return in->is_edge_tls ? UNIT_SOCKET_HTTPS : UNIT_SOCKET_HTTP;
}

/* FreeBind: at boot an address may be there later than its port. */
void
unit_put_socket(const struct unit_input *in, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	put_head(in, in->part == UNIT_EDGE_REDIRECT ? "the port that leads to https" : "the port of its edge", out);
	buf_puts(out, "\n[Socket]\nListenStream=");
	addr_put_hostport(out, in->edge_bind, in->part == UNIT_EDGE_REDIRECT ? in->edge_redirect_port : in->edge_port);
	buf_printf(out, "\nFileDescriptorName=%s\nService=%s\n", descriptor_name(in), name_of(&a, in, UNIT_EDGE));
	buf_printf(out, "BindIPv6Only=both\nFreeBind=yes\nBacklog=%d\nNoDelay=yes\nKeepAlive=yes\n", LISTEN_BACKLOG);
	buf_puts(out, "TriggerLimitIntervalSec=" STARTS_S "\nTriggerLimitBurst=" STARTS "\n\n[Install]\nWantedBy=sockets.target\n");
}

/* ---- the process ---- */

/* Requires the main port alone: one that only redirects may be taken by another web server. */
static void
put_ports(const struct unit_input *in, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *redirect = name_of(&a, in, UNIT_EDGE_REDIRECT);

	buf_printf(out, "Sockets=%s", name_of(&a, in, UNIT_EDGE_SOCKET));
	if (redirect)
		buf_printf(out, " %s", redirect);
	buf_putc(out, '\n');
}

/* Exit statuses that no restart mends: usage, configuration, certificates, refused. */
static void
put_life(const struct unit_input *in, struct buf *out)
{
	buf_puts(out, "\n[Service]\nType=notify\nNotifyAccess=main\nExecStart=");
	unit_text_word(out, in->binary);
	buf_printf(out, " %s", in->kind == SCOPE_SYSTEM ? "--system" : "--user");
	if (strcmp(in->instance, SCOPE_DEFAULT_INSTANCE) != 0)
		buf_printf(out, " --instance %s", in->instance);
	buf_puts(out, " tls run\nExecReload=/bin/kill -HUP $MAINPID\n");
	put_ports(in, out);
	buf_puts(out, "Restart=on-failure\nRestartSec=1\nRestartPreventExitStatus=2 3 13 14\n"
	    "WatchdogSec=60\nTimeoutStartSec=60\nTimeoutStopSec=60\nTimeoutAbortSec=10\nKillMode=mixed\nLimitCORE=0\n"
	    "RuntimeDirectory=opencode-cloud\nRuntimeDirectoryPreserve=yes\n");
	unit_text_environment(in, out);
}

/* The engine's socket would be the whole machine: out of reach, also for a user of the engine's group. */
static void
put_no_engine(const struct unit_input *in, struct buf *out)
{
	buf_puts(out, "InaccessiblePaths=-/run/docker.sock -/run/podman -/run/containerd");
	if (in->engine_socket) {
		buf_puts(out, " -");
		unit_text_word(out, in->engine_socket);
	}
	buf_puts(out, "\nProcSubset=pid\nSocketBindDeny=any\n");
}

void
unit_put_edge(const struct unit_input *in, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	bool is_system = in->kind == SCOPE_SYSTEM, needs_homes = unit_text_is_in_a_home(in->edge_certificate) || unit_text_is_in_a_home(in->edge_key);

	put_head(in, "TLS and login in front of opencode", out);
	buf_printf(out, "After=network.target\nRequires=%s\nStartLimitIntervalSec=" STARTS_S "\nStartLimitBurst=" STARTS "\n", name_of(&a, in, UNIT_EDGE_SOCKET));
	put_life(in, out);
	unit_text_filters(out);
	/* What the process needs to take further rights away from itself; older lists of systemd's lack it. */
	buf_puts(out, "SystemCallFilter=seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self\n");
	if (is_system) {
		unit_text_fence(in, needs_homes ? "read-only" : "tmpfs", out);
		put_no_engine(in, out);
	} else {		/* a service of root's own manager has all of root's rights, until it becomes another user */
		buf_puts(out, "SystemCallFilter=@setuid\n");
	}
	buf_printf(out, "\n[Install]\nWantedBy=%s\n", is_system ? "multi-user.target" : "default.target");
}

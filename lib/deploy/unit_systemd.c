/*
 * unit_systemd.c - the text of a systemd unit
 *
 * A system unit drops every right that the watchdog has no use for: it needs the engine's socket, its state directory, loopback and outbound connections, and nothing
 * of the devices, kernel and homes of the machine. `systemd-analyze security` gives it 1.6 as root and 1.3 as a user of its own. A user's manager may not make mount
 * namespaces everywhere (that needs unprivileged user namespaces), so a user unit has what seccomp alone can do.
 */
#include <string.h>

#include "lib/base/path.h"
#include "lib/deploy/unit_text.h"

/* A word of a unit: quoted where needed, and safe from specifiers. `$` is expanded in the arguments of a command only, and no word here is one. */
void
unit_text_word(struct buf *out, const char *word)
{
	bool is_plain = word[0] && !word[strcspn(word, " \t\"'\\;")];

	if (!is_plain)
		buf_putc(out, '"');
	for (const char *p = word; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(out, '\\');
		if (*p == '%')
			buf_putc(out, *p);
		buf_putc(out, *p);
	}
	if (!is_plain)
		buf_putc(out, '"');
}

const char *
unit_text_owner(enum unit_part part)
{
	static const char *const owner[UNIT__PARTS] = { "the instance", "the port of the instance", "the redirecting port of the instance", "the edge of the instance" };

	return owner[part];
}

void
unit_text_mark(const struct unit_input *in, struct buf *out)
{
	buf_printf(out, "# Made by opencode-cloud for %s %s: `occ service install` writes it again, so changes belong in a drop-in (`systemctl edit`)\n",
	    unit_text_owner(in->part), in->instance);
}

void
unit_text_environment(const struct unit_input *in, struct buf *out)
{
	for (size_t i = 0; in->environment && in->environment[i]; i++) {
		buf_puts(out, "Environment=");
		unit_text_word(out, in->environment[i]);
		buf_putc(out, '\n');
	}
}

static void
put_command(const struct unit_input *in, const char *key, const char *option, struct buf *out)
{
	buf_printf(out, "%s=", key);
	unit_text_word(out, in->binary);
	buf_printf(out, " watchdog %s", in->kind == SCOPE_SYSTEM ? "--system" : "--user");
	if (strcmp(in->instance, SCOPE_DEFAULT_INSTANCE) != 0)
		buf_printf(out, " --instance %s", in->instance);
	buf_printf(out, "%s%s\n", option ? " " : "", option ? option : "");
}

/* Wants and After only: without docker.service (Podman, rootless, a user's manager) the watchdog starts as well, and waits for the engine. */
static void
put_head(const struct unit_input *in, struct buf *out)
{
	bool is_podman = in->engine_socket && strstr(in->engine_socket, "podman");

	unit_text_mark(in, out);
	buf_printf(out, "[Unit]\nDescription=opencode-cloud, the instance %s: keeps opencode running\n", in->instance);
	if (in->kind == SCOPE_SYSTEM) {
		buf_printf(out, "After=network.target docker.socket docker.service podman.socket\nWants=%s\n", is_podman ? "podman.socket" : "docker.service");
	} else {
		buf_puts(out, "After=docker.service podman.socket\n");
	}
	buf_puts(out, "StartLimitIntervalSec=300\nStartLimitBurst=20\n");
}

/* The exit statuses that no restart mends: usage, configuration, permission, refused. Preserve: other instances have their sockets in the same directory. */
static void
put_life(const struct unit_input *in, struct buf *out)
{
	buf_puts(out, "\n[Service]\nType=notify\nNotifyAccess=main\n");
	put_command(in, "ExecStart", NULL, out);
	put_command(in, "ExecStop", "--stop", out);
	buf_puts(out, "ExecReload=/bin/kill -HUP $MAINPID\n"
	    "Restart=always\nRestartSec=1\nRestartPreventExitStatus=2 3 5 14\n"
	    "WatchdogSec=60\nTimeoutStartSec=60\nTimeoutStopSec=120\nTimeoutAbortSec=10\nKillMode=mixed\n"
	    "RuntimeDirectory=opencode-cloud\nRuntimeDirectoryPreserve=yes\n");
	unit_text_environment(in, out);
}

void
unit_text_filters(struct buf *out)
{
	buf_puts(out, "UMask=0077\nNoNewPrivileges=yes\nLockPersonality=yes\nMemoryDenyWriteExecute=yes\nKeyringMode=private\n"
	    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\nRestrictNamespaces=yes\nRestrictRealtime=yes\nRestrictSUIDSGID=yes\n"
	    "SystemCallArchitectures=native\nSystemCallErrorNumber=EPERM\nSystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n");
}

bool
unit_text_is_in_a_home(const char *path)
{
	return path && (path_is_within(path, "/home") || path_is_within(path, "/root") || path_is_within(path, "/run/user"));
}

void
unit_text_fence(const struct unit_input *in, const char *homes, struct buf *out)
{
	if (in->user)
		buf_printf(out, "User=%s\n", in->user);
	buf_puts(out, "OOMScoreAdjust=-500\nStateDirectory=opencode-cloud\nStateDirectoryMode=0711\nReadWritePaths=-");
	unit_text_word(out, in->state_dir);
	buf_puts(out, "\nCapabilityBoundingSet=\nAmbientCapabilities=\nProtectSystem=strict\n");
	buf_printf(out, "ProtectHome=%s\n", homes);
	buf_puts(out, "ProtectProc=invisible\nPrivateTmp=yes\nPrivateDevices=yes\nPrivateMounts=yes\nDevicePolicy=closed\nProtectKernelTunables=yes\n"
	    "ProtectKernelModules=yes\nProtectKernelLogs=yes\nProtectControlGroups=yes\nProtectHostname=yes\nProtectClock=yes\nRemoveIPC=yes\n");
}

/* Homes are empty rather than forbidden: what looks for an optional file there finds none. An engine's socket below one stays reachable: connecting is no write to the file
 * system. */
void
unit_put_systemd(const struct unit_input *in, struct buf *out)
{
	bool is_system = in->kind == SCOPE_SYSTEM;
	const char *homes = unit_text_is_in_a_home(in->engine_socket) ? "read-only" : "tmpfs";

	put_head(in, out);
	put_life(in, out);
	unit_text_filters(out);
	if (is_system)
		unit_text_fence(in, homes, out);
	buf_printf(out, "\n[Install]\nWantedBy=%s\n", is_system ? "multi-user.target" : "default.target");
}

/*
 * unit_launchd.c - the text of a launchd property list (launchd.plist(5))
 *
 * launchd has no stop command of a job's own: `launchctl bootout` is SIGTERM, which ends supervising and leaves opencode running.
 */
#include <string.h>

#include "lib/base/path.h"
#include "lib/deploy/unit_text.h"
#include "lib/net/addr.h"

static void
put_text(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '&')
			buf_puts(out, "&amp;");
		else if (*p == '<')
			buf_puts(out, "&lt;");
		else if (*p == '>')
			buf_puts(out, "&gt;");
		else
			buf_putc(out, *p);
	}
}

static void
put_string(struct buf *out, const char *indent, const char *key, const char *value)
{
	if (key)
		buf_printf(out, "%s<key>%s</key>\n", indent, key);
	buf_printf(out, "%s<string>", indent);
	put_text(out, value);
	buf_puts(out, "</string>\n");
}

static void
put_program(const struct unit_input *in, struct buf *out)
{
	bool is_watchdog = in->part == UNIT_WATCHDOG;

	buf_puts(out, "\t<key>ProgramArguments</key>\n\t<array>\n");
	put_string(out, "\t\t", NULL, in->binary);
	if (is_watchdog)
		put_string(out, "\t\t", NULL, "watchdog");
	put_string(out, "\t\t", NULL, in->kind == SCOPE_SYSTEM ? "--system" : "--user");
	if (strcmp(in->instance, SCOPE_DEFAULT_INSTANCE) != 0) {
		put_string(out, "\t\t", NULL, "--instance");
		put_string(out, "\t\t", NULL, in->instance);
	}
	if (!is_watchdog) {
		put_string(out, "\t\t", NULL, "tls");
		put_string(out, "\t\t", NULL, "run");
	}
	buf_puts(out, "\t</array>\n");
}

/* launchd's own PATH lacks the places where engines on a Mac put their helpers. */
static void
put_environment(const struct unit_input *in, struct buf *out)
{
	buf_puts(out, "\t<key>EnvironmentVariables</key>\n\t<dict>\n");
	put_string(out, "\t\t", "PATH", "/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin");
	for (size_t i = 0; in->environment && in->environment[i]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct str value = str_of(in->environment[i]), name = str_cut(&value, '=');

		put_string(out, "\t\t", arena_str(&a, name), arena_str(&a, value));
	}
	buf_puts(out, "\t</dict>\n");
}

/* One port, under the name that launch_activate_socket(3) finds it by. Without a node launchd listens on every address. */
static void
put_socket(const struct unit_input *in, const char *name, unsigned port, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	bool is_v6 = addr_is_ipv6(in->edge_bind), is_any = addr_scope_of(in->edge_bind) == ADDR_ANY;

	buf_printf(out, "\t\t<key>%s</key>\n\t\t<dict>\n", name);
	if (!is_any)
		put_string(out, "\t\t\t", "SockNodeName", in->edge_bind);
	put_string(out, "\t\t\t", "SockServiceName", arena_printf(&a, "%u", port));
	put_string(out, "\t\t\t", "SockFamily", !is_v6 ? "IPv4" : is_any ? "IPv4v6" : "IPv6");
	put_string(out, "\t\t\t", "SockType", "stream");
	buf_puts(out, "\t\t</dict>\n");
}

static void
put_sockets(const struct unit_input *in, struct buf *out)
{
	buf_puts(out, "\t<key>Sockets</key>\n\t<dict>\n");
	put_socket(in, in->is_edge_tls ? UNIT_SOCKET_HTTPS : UNIT_SOCKET_HTTP, in->edge_port, out);
	if (in->edge_redirect_port)
		put_socket(in, UNIT_SOCKET_REDIRECT, in->edge_redirect_port, out);
	buf_puts(out, "\t</dict>\n");
}

void
unit_put_launchd(const struct unit_input *in, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct str name = str_of(unit_name(&a, in));
	const char *label = arena_str(&a, str_take(name, name.n - (sizeof ".plist" - 1)));
	const char *log = path_join(&a, in->state_dir, in->part == UNIT_WATCHDOG ? "service.log" : "edge.log");

	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Made by opencode-cloud: `occ service install` writes it again -->\n"
	    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	    "<plist version=\"1.0\">\n<dict>\n");
	put_string(out, "\t", "Label", label);
	put_program(in, out);
	put_environment(in, out);
	if (in->user)
		put_string(out, "\t", "UserName", in->user);
	put_string(out, "\t", "WorkingDirectory", "/");
	put_string(out, "\t", "StandardOutPath", log);
	put_string(out, "\t", "StandardErrorPath", log);
	put_string(out, "\t", "ProcessType", "Background");
	if (in->part == UNIT_EDGE)
		put_sockets(in, out);
	buf_puts(out, "\t<key>RunAtLoad</key>\n\t<true/>\n\t<key>KeepAlive</key>\n\t<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>\n"
	    "\t<key>ThrottleInterval</key>\n\t<integer>10</integer>\n\t<key>ExitTimeOut</key>\n\t<integer>120</integer>\n\t<key>Umask</key>\n\t<integer>63</integer>\n"
	    "</dict>\n</plist>\n");
}

/* unit_edge_test.c - the texts of the edge's units: its process, its ports, and launchd's list with both */
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/proc/spawn.h"
#include "tests/t.h"
#include "tests/unit/unit_input.h"

#define XMLLINT_MS 20000

static struct unit_input
edge_of(enum unit_manager m, enum scope_kind k, const char *instance, enum unit_part part)
{
	struct unit_input in = input_of(m, k, instance);

	in.part = part;
	in.has_edge = in.is_edge_tls = true;
	in.edge_bind = "0.0.0.0";
	in.edge_port = 443;
	in.edge_redirect_port = 80;
	return in;
}

static void
test_names(void)
{
	static const struct {
		enum unit_manager m;
		const char *instance;
		enum unit_part part;
		const char *name;
	} row[] = {
		{ UNIT_SYSTEMD, "default", UNIT_WATCHDOG, "opencode-cloud.service" },
		{ UNIT_SYSTEMD, "default", UNIT_EDGE, "opencode-cloud-edge.service" },
		{ UNIT_SYSTEMD, "default", UNIT_EDGE_SOCKET, "opencode-cloud-edge.socket" },
		{ UNIT_SYSTEMD, "work", UNIT_EDGE_REDIRECT, "opencode-cloud-work-edge-redirect.socket" },
		{ UNIT_SYSTEMD, "work", UNIT_EDGE, "opencode-cloud-work-edge.service" },
		{ UNIT_LAUNCHD, "work", UNIT_EDGE, "io.opencode-cloud.work.edge.plist" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_input in = edge_of(row[i].m, SCOPE_SYSTEM, row[i].instance, row[i].part);

		t_row("name %s", row[i].name);
		T_STR(unit_name(&a, &in), row[i].name);
	}
}

static void
test_wanted(void)
{
	static const struct {
		enum unit_manager m;
		bool has_edge;
		unsigned redirect;
		bool want[UNIT__PARTS];		/* watchdog, socket, redirect, edge */
	} row[] = {
		{ UNIT_SYSTEMD, false, 80, { true, false, false, false } },
		{ UNIT_SYSTEMD, true, 80, { true, true, true, true } },
		{ UNIT_SYSTEMD, true, 0, { true, true, false, true } },
		{ UNIT_LAUNCHD, true, 80, { true, false, false, true } },
		{ UNIT_LAUNCHD, false, 0, { true, false, false, false } },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("the set of manager %d, edge %d, redirect %u", row[i].m, row[i].has_edge, row[i].redirect);
		for (int part = 0; part < UNIT__PARTS; part++) {
			struct unit_input in = edge_of(row[i].m, SCOPE_USER, "default", (enum unit_part)part);

			in.has_edge = row[i].has_edge;
			in.edge_redirect_port = row[i].redirect;
			T_EQ(unit_is_wanted(&in), row[i].want[part]);
		}
	}
}

/* One file name for two: whose it is is in it. */
static void
test_owner(void)
{
	for (int part = 0; part < UNIT__PARTS; part++) {
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
		struct unit_input in = edge_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "x", (enum unit_part)part), other = in;

		t_row("whose is part %d", part);
		unit_put(&in, &text);
		T_OK(unit_is_ours(buf_str(&text)));
		T_OK(unit_is_for(&in, buf_str(&text)));
		other.instance = "x-edge";
		T_OK(!unit_is_for(&other, buf_str(&text)));
		other = in;
		other.part = part == UNIT_EDGE ? UNIT_WATCHDOG : UNIT_EDGE;
		T_OK(!unit_is_for(&other, buf_str(&text)));
		T_OK(!unit_is_for(&in, STR_LIT("[Unit]\n")));
		T_OK(unit_is_for(&in, STR_LIT("# Made by opencode-cloud: `occ service install` writes it again\n")));
	}
}

static void
test_process(void)
{
	static const char *const life[] = { "\nType=notify\n", "\nExecStart=/usr/local/lib/opencode-cloud/opencode-cloud --system tls run\n",
		"\nSockets=opencode-cloud-edge.socket opencode-cloud-edge-redirect.socket\n", "\nExecReload=/bin/kill -HUP $MAINPID\n", "\nRestart=on-failure\n",
		"\nRestartPreventExitStatus=2 3 13 14\n", "\nWatchdogSec=60\n", "\nCapabilityBoundingSet=\n", "\nProtectHome=tmpfs\n", "\nWantedBy=multi-user.target\n",
		"\nInaccessiblePaths=-/run/docker.sock -/run/podman -/run/containerd -/var/run/docker.sock\n" };
	AUTO(buf) struct buf system = BUF_INIT(UNIT_TEXT_MAX), user = BUF_INIT(UNIT_TEXT_MAX), again = BUF_INIT(UNIT_TEXT_MAX);
	struct unit_input in = edge_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default", UNIT_EDGE);
	struct str head;

	t_row("the process, of the machine");
	unit_put(&in, &system);
	for (size_t i = 0; i < ARRAY_LEN(life); i++)
		T_HAS(system.p, life[i]);
	t_row("its start limits are in [Unit], and it needs its port");
	head = str_take(buf_str(&system), str_find(buf_str(&system), STR_LIT("\n[Service]")));
	T_OK(str_find(head, STR_LIT("\nStartLimitIntervalSec=300\nStartLimitBurst=20\n")) != STR_NONE);
	T_OK(str_find(head, STR_LIT("\nRequires=opencode-cloud-edge.socket\n")) != STR_NONE);
	t_row("the process, of a user, without a redirect");
	in = edge_of(UNIT_SYSTEMD, SCOPE_USER, "work", UNIT_EDGE);
	in.edge_redirect_port = 0;
	unit_put(&in, &user);
	T_HAS(user.p, "\nExecStart=/usr/local/lib/opencode-cloud/opencode-cloud --user --instance work tls run\n");
	T_HAS(user.p, "\nSockets=opencode-cloud-work-edge.socket\n");
	T_HAS(user.p, "\nWantedBy=default.target\n");
	T_OK(str_find(buf_str(&user), STR_LIT("ProtectSystem=")) == STR_NONE);
	t_row("the same input, the same bytes");
	unit_put(&in, &again);
	T_STR(again.p, user.p);
	t_row("a certificate below a home, a user of its own");
	in = edge_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default", UNIT_EDGE);
	in.edge_certificate = "/home/me/cert.pem";
	in.user = "svc";
	buf_reset(&again);
	unit_put(&in, &again);
	T_HAS(again.p, "\nProtectHome=read-only\n");
	T_HAS(again.p, "\nUser=svc\n");
}

static void
test_ports(void)
{
	static const struct {
		const char *name, *bind;
		bool is_tls;
		enum unit_part part;
		const char *listen, *descriptor;
	} row[] = {
		{ "https", "0.0.0.0", true, UNIT_EDGE_SOCKET, "ListenStream=0.0.0.0:443", "https" },
		{ "plain", "127.0.0.1", false, UNIT_EDGE_SOCKET, "ListenStream=127.0.0.1:443", "http" },
		{ "both families", "::", true, UNIT_EDGE_SOCKET, "ListenStream=[::]:443", "https" },
		{ "IPv6", "2001:db8::1", true, UNIT_EDGE_REDIRECT, "ListenStream=[2001:db8::1]:80", "redirect" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
		struct unit_input in = edge_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "work", row[i].part);

		t_row("a port: %s", row[i].name);
		in.edge_bind = row[i].bind;
		in.is_edge_tls = row[i].is_tls;
		unit_put(&in, &text);
		T_HAS(text.p, arena_printf(&a, "\n[Socket]\n%s\nFileDescriptorName=%s\nService=opencode-cloud-work-edge.service\n", row[i].listen, row[i].descriptor));
		T_HAS(text.p, "\nFreeBind=yes\nBacklog=1024\n");
		T_HAS(text.p, "\nTriggerLimitIntervalSec=300\nTriggerLimitBurst=20\n");
		T_HAS(text.p, "\n[Install]\nWantedBy=sockets.target\n");
	}
}

/* Against the structure that Apple publishes: `plutil -lint` is a Mac's. */
static void
test_plist(void)
{
	static const struct {
		const char *bind;
		bool is_tls;
		const char *has;
	} row[] = {
		{ "0.0.0.0", true, "<key>https</key>\n\t\t<dict>\n\t\t\t<key>SockServiceName</key>\n\t\t\t<string>443</string>\n\t\t\t<key>SockFamily</key>\n\t\t\t<string>IPv4<" },
		{ "::", true, "<string>IPv4v6</string>" },
		{ "::1", true, "<key>SockNodeName</key>\n\t\t\t<string>::1</string>" },
		{ "127.0.0.1", false, "<key>http</key>\n\t\t<dict>\n\t\t\t<key>SockNodeName</key>\n\t\t\t<string>127.0.0.1</string>" },
	};
	char dtd[400], path[400];

	snprintf(dtd, sizeof dtd, "%s/tests/data/PropertyList-1.0.dtd", getenv("T_ROOT") ? getenv("T_ROOT") : ".");
	snprintf(path, sizeof path, "%s/x.plist", t_tmpdir());
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX), out = BUF_INIT(65536);
		struct unit_input in = edge_of(UNIT_LAUNCHD, SCOPE_SYSTEM, "work", UNIT_EDGE);
		const char *const argv[] = { "xmllint", "--nonet", "--noout", "--dtdvalid", dtd, path, NULL };
		struct err e = ERR_INIT;
		int status = -1;

		t_row("a property list with ports at %s is valid", row[i].bind);
		in.edge_bind = row[i].bind;
		in.is_edge_tls = row[i].is_tls;
		in.edge_redirect_port = row[i].is_tls ? 80 : 0;
		unit_put(&in, &text);
		T_HAS(text.p, row[i].has);
		T_HAS(text.p, "<string>tls</string>\n\t\t<string>run</string>");
		T_HAS(text.p, "<string>io.opencode-cloud.work.edge</string>");
		T_EQ(str_find(buf_str(&text), STR_LIT("<key>redirect</key>")) != STR_NONE, row[i].is_tls);
		T_CALL(file_save(path, buf_str(&text), 0644, &e));
		T_CALL(spawn_run(argv, STR_NULL, &out, clock_due_ms(XMLLINT_MS), &status, &e));
		T_EQ(status, 0);
	}
}

static void
test_commands(void)
{
	static const struct {
		enum unit_manager m;
		enum unit_part part;
		enum unit_verb v;
		const char *want;
	} row[] = {
		{ UNIT_SYSTEMD, UNIT_EDGE_SOCKET, UNIT_ENABLE, "systemctl --system enable opencode-cloud-work-edge.socket" },
		{ UNIT_SYSTEMD, UNIT_EDGE, UNIT_RESTART, "systemctl --system restart opencode-cloud-work-edge.service" },
		{ UNIT_LAUNCHD, UNIT_EDGE, UNIT_STOP, "launchctl bootout system/io.opencode-cloud.work.edge" },
		{ UNIT_LAUNCHD, UNIT_EDGE, UNIT_START, "launchctl bootstrap system /Library/LaunchDaemons/io.opencode-cloud.work.edge.plist" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf line = BUF_INIT(4096);
		struct unit_input in = edge_of(row[i].m, SCOPE_SYSTEM, "work", row[i].part);
		const char *const *argv = unit_command(&a, &in, 501, row[i].v);

		for (size_t j = 0; argv && argv[j]; j++)
			buf_printf(&line, "%s%s", j ? " " : "", argv[j]);
		t_row("command %s", row[i].want);
		T_STR(line.p, row[i].want);
	}
}

int
main(void)
{
	test_names();
	test_wanted();
	test_owner();
	test_process();
	test_ports();
	test_plist();
	test_commands();
	return t_done();
}

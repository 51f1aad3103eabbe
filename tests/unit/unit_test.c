/* unit_test.c - the text of units, their places and the commands, as data */
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/proc/spawn.h"
#include "tests/t.h"
#include "tests/unit/unit_input.h"
#include "tests/unit/unit_jobs.h"

#define XMLLINT_MS 20000

static const char *const some_environment[] = { "XDG_STATE_HOME=/srv/50% \"x\"", "DOCKER_HOST=unix:///run/user/1000/docker.sock", NULL };

/* ---- names and places ------------------------------------------------------------------------------------------ */

static void
test_names(void)
{
	static const struct {
		enum unit_manager m;
		enum scope_kind k;
		const char *instance, *xdg, *path;
	} row[] = {
		{ UNIT_SYSTEMD, SCOPE_SYSTEM, "default", NULL, "/etc/systemd/system/opencode-cloud.service" },
		{ UNIT_SYSTEMD, SCOPE_SYSTEM, "work", "/x", "/etc/systemd/system/opencode-cloud-work.service" },
		{ UNIT_SYSTEMD, SCOPE_USER, "default", NULL, "/home/me/.config/systemd/user/opencode-cloud.service" },
		{ UNIT_SYSTEMD, SCOPE_USER, "work", "/x", "/x/systemd/user/opencode-cloud-work.service" },
		{ UNIT_SYSTEMD, SCOPE_USER, "work", "x", "/home/me/.config/systemd/user/opencode-cloud-work.service" },
		{ UNIT_LAUNCHD, SCOPE_SYSTEM, "default", NULL, "/Library/LaunchDaemons/io.opencode-cloud.default.plist" },
		{ UNIT_LAUNCHD, SCOPE_USER, "work", NULL, "/home/me/Library/LaunchAgents/io.opencode-cloud.work.plist" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_input in = input_of(row[i].m, row[i].k, row[i].instance);

		in.xdg_config_home = row[i].xdg;
		t_row("place %s", row[i].path);
		T_STR(unit_path(&a, &in), row[i].path);
	}
}

static void
test_places(void)
{
	static const struct {
		const char *path;
		bool is_system, is_user;
		const char *kind;
	} row[] = {
		{ "/usr/bin/opencode-cloud", true, true, NULL },
		{ "/usr/local/bin/opencode-cloud", true, true, NULL },
		{ "/usr/local/lib/opencode-cloud/opencode-cloud", true, true, NULL },
		{ "/home/me/.local/bin/opencode-cloud", false, true, NULL },
		{ "/home/me/.local/lib/opencode-cloud/opencode-cloud", false, true, NULL },
		{ "/home/you/.local/bin/opencode-cloud", false, false, "a directory that is none for programs" },
		{ "/usr/lib/node_modules/opencode-cloud/bin/opencode-cloud", false, false, "an npm package, which an update replaces" },
		{ "/home/me/.npm/_npx/1f/node_modules/.bin/opencode-cloud", false, false, "npx's cache" },
		{ "/home/me/.nvm/versions/node/v22.1.0/bin/opencode-cloud", false, false, "one version of node (nvm)" },
		{ "/home/me/.cache/x/opencode-cloud", false, false, "a cache" },
		{ "/home/me/src/opencode-cloud/build/opencode-cloud", false, false, "a build directory" },
		{ "/tmp/opencode-cloud", false, false, "a temporary directory" },
		{ "/var/tmp/x/opencode-cloud", false, false, "a temporary directory" },
		{ "/usr/local/bin/sub/opencode-cloud", false, false, "a directory that is none for programs" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		t_row("stable? %s", row[i].path);
		T_EQ(unit_is_stable_place(row[i].path, SCOPE_SYSTEM, "/home/me"), row[i].is_system);
		T_EQ(unit_is_stable_place(row[i].path, SCOPE_USER, "/home/me"), row[i].is_user);
		if (row[i].kind)
			T_STR(unit_place_kind(row[i].path), row[i].kind);
	}
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

static void
test_systemd(void)
{
	AUTO(buf) struct buf system = BUF_INIT(UNIT_TEXT_MAX), user = BUF_INIT(UNIT_TEXT_MAX), again = BUF_INIT(UNIT_TEXT_MAX);
	struct unit_input in = input_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default");
	struct str head;

	unit_put(&in, &system);
	t_row("a system unit");
	T_OK(unit_is_ours(buf_str(&system)));
	T_HAS(system.p, "\nExecStart=/usr/local/lib/opencode-cloud/opencode-cloud watchdog --system\n");
	T_HAS(system.p, "\nExecStop=/usr/local/lib/opencode-cloud/opencode-cloud watchdog --system --stop\n");
	T_HAS(system.p, "\nWants=docker.service\n");
	T_HAS(system.p, "\nProtectHome=tmpfs\n");
	T_HAS(system.p, "\nRestartPreventExitStatus=2 3 5 14\n");
	T_HAS(system.p, "\nWantedBy=multi-user.target\n");
	T_OK(str_find(buf_str(&system), STR_LIT("Requires=")) == STR_NONE);
	T_OK(str_find(buf_str(&system), STR_LIT("User=")) == STR_NONE);
	t_row("start limits are in [Unit], where systemd reads them");
	head = str_take(buf_str(&system), str_find(buf_str(&system), STR_LIT("\n[Service]")));
	T_OK(str_find(head, STR_LIT("\nStartLimitIntervalSec=300\nStartLimitBurst=20\n")) != STR_NONE);
	t_row("a user unit wants and requires nothing a user's manager lacks");
	in = input_of(UNIT_SYSTEMD, SCOPE_USER, "work");
	in.environment = some_environment;
	unit_put(&in, &user);
	T_HAS(user.p, "\nExecStart=/usr/local/lib/opencode-cloud/opencode-cloud watchdog --user --instance work\n");
	T_HAS(user.p, "\nEnvironment=\"XDG_STATE_HOME=/srv/50%% \\\"x\\\"\"\n");
	T_HAS(user.p, "\nWantedBy=default.target\n");
	T_OK(str_find(buf_str(&user), STR_LIT("Wants=")) == STR_NONE && str_find(buf_str(&user), STR_LIT("Requires=")) == STR_NONE);
	T_OK(str_find(buf_str(&user), STR_LIT("ProtectSystem=")) == STR_NONE);
	t_row("the same input, the same bytes");
	unit_put(&in, &again);
	T_STR(again.p, user.p);
	t_row("an engine below a home, another engine, another user");
	in = input_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default");
	in.engine_socket = "/run/user/1000/podman/podman.sock";
	in.user = "svc";
	in.binary = "/opt/50% of $x/occ";	/* systemd expands no variable in the path itself */
	buf_reset(&again);
	unit_put(&in, &again);
	T_HAS(again.p, "\nProtectHome=read-only\n");
	T_HAS(again.p, "\nWants=podman.socket\n");
	T_HAS(again.p, "\nUser=svc\n");
	T_HAS(again.p, "\nExecStart=\"/opt/50%% of $x/occ\" watchdog --system\n");
}

static void
test_read(void)
{
	for (int m = UNIT_SYSTEMD; m <= UNIT_LAUNCHD; m++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX);
		struct unit_input in = input_of((enum unit_manager)m, SCOPE_SYSTEM, "default");
		struct unit_said said;

		t_row("what an installed unit of manager %d says", m);
		unit_put(&in, &text);
		unit_read(&a, in.manager, buf_str(&text), &said);
		T_STR(said.user, NULL);
		T_STR(said.docker_host, NULL);
		in.user = "svc";
		in.environment = some_environment;
		buf_reset(&text);
		unit_put(&in, &text);
		T_OK(unit_is_ours(buf_str(&text)));
		unit_read(&a, in.manager, buf_str(&text), &said);
		T_STR(said.user, "svc");
		T_STR(said.docker_host, "unix:///run/user/1000/docker.sock");
	}
	t_row("somebody else's unit");
	T_OK(!unit_is_ours(STR_LIT("[Unit]\nDescription=opencode-cloud\n\n\n# Made by opencode-cloud\n")));
	T_OK(!unit_is_ours(STR_NULL));
}

/* Against the structure that Apple publishes: `plutil -lint` is a Mac's. */
static void
test_plist(void)
{
	static const char *const instances[] = { "default", "work" };
	char dtd[400], path[400];

	snprintf(dtd, sizeof dtd, "%s/tests/data/PropertyList-1.0.dtd", getenv("T_ROOT") ? getenv("T_ROOT") : ".");
	snprintf(path, sizeof path, "%s/x.plist", t_tmpdir());
	for (size_t i = 0; i < 4; i++) {
		AUTO(buf) struct buf text = BUF_INIT(UNIT_TEXT_MAX), out = BUF_INIT(65536);
		struct unit_input in = input_of(UNIT_LAUNCHD, i & 1 ? SCOPE_SYSTEM : SCOPE_USER, instances[i / 2]);
		const char *const argv[] = { "xmllint", "--nonet", "--noout", "--dtdvalid", dtd, path, NULL };
		struct err e = ERR_INIT;
		int status = -1;

		t_row("a property list is valid, %s of %s", i & 1 ? "daemon" : "agent", in.instance);
		in.environment = some_environment;
		in.binary = "/Users/me & you/<occ>";
		in.user = i & 1 ? "svc" : NULL;
		unit_put(&in, &text);
		T_HAS(text.p, "<string>/Users/me &amp; you/&lt;occ&gt;</string>");
		T_CALL(file_save(path, buf_str(&text), 0644, &e));
		T_CALL(spawn_run(argv, STR_NULL, &out, clock_due_ms(XMLLINT_MS), &status, &e));
		T_EQ(status, 0);
	}
	/* The check itself: a dict without its key is none. */
	AUTO(buf) struct buf out = BUF_INIT(65536);
	const char *const argv[] = { "xmllint", "--nonet", "--noout", "--dtdvalid", dtd, path, NULL };
	struct err e = ERR_INIT;
	int status = -1;

	t_row("an invalid one is told");
	T_CALL(file_save(path, STR_LIT("<plist version=\"1.0\"><dict><string>x</string></dict></plist>\n"), 0644, &e));
	T_CALL(spawn_run(argv, STR_NULL, &out, clock_due_ms(XMLLINT_MS), &status, &e));
	T_OK(status > 0);
}

/* ---- the manager -------------------------------------------------------------------------------------------------- */

static void
test_commands(void)
{
	static const struct {
		enum unit_manager m;
		enum scope_kind k;
		enum unit_verb v;
		const char *want;
	} row[] = {
		{ UNIT_SYSTEMD, SCOPE_SYSTEM, UNIT_RELOAD, "systemctl --system daemon-reload" },
		{ UNIT_SYSTEMD, SCOPE_USER, UNIT_ENABLE, "systemctl --user enable opencode-cloud-work.service" },
		{ UNIT_SYSTEMD, SCOPE_USER, UNIT_DISABLE, "systemctl --user --no-reload disable opencode-cloud-work.service" },
		{ UNIT_SYSTEMD, SCOPE_SYSTEM, UNIT_STOP, "systemctl --system stop opencode-cloud-work.service" },
		{ UNIT_LAUNCHD, SCOPE_SYSTEM, UNIT_START, "launchctl bootstrap system /Library/LaunchDaemons/io.opencode-cloud.work.plist" },
		{ UNIT_LAUNCHD, SCOPE_USER, UNIT_START, "launchctl bootstrap gui/501 /home/me/Library/LaunchAgents/io.opencode-cloud.work.plist" },
		{ UNIT_LAUNCHD, SCOPE_USER, UNIT_STOP, "launchctl bootout gui/501/io.opencode-cloud.work" },
		{ UNIT_LAUNCHD, SCOPE_SYSTEM, UNIT_STOP, "launchctl bootout system/io.opencode-cloud.work" },
		{ UNIT_LAUNCHD, SCOPE_SYSTEM, UNIT_RESTART, "launchctl kickstart -k system/io.opencode-cloud.work" },
		{ UNIT_LAUNCHD, SCOPE_SYSTEM, UNIT_RELOAD, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf line = BUF_INIT(4096);
		struct unit_input in = input_of(row[i].m, row[i].k, "work");
		const char *const *argv = unit_command(&a, &in, 501, row[i].v);

		for (size_t j = 0; argv && argv[j]; j++)
			buf_printf(&line, "%s%s", j ? " " : "", argv[j]);
		t_row("command %s", row[i].want);
		T_STR(line.p, row[i].want);
	}
}

static void
test_shown(void)
{
	static const struct {
		enum unit_manager m;
		const char *text;
		bool is_loaded, is_enabled, is_active;
		const char *activity, *status;
		int64_t pid;
	} row[] = {
		{ UNIT_SYSTEMD, "Result=success\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nStatusText=supervising: up, a=b\n"
		  "NeedDaemonReload=no\nMainPID=4711\n", true, true, true, "active (running)", "supervising: up, a=b", 4711 },
		{ UNIT_SYSTEMD, "Result=exit-code\nLoadState=loaded\nActiveState=failed\nSubState=failed\nUnitFileState=disabled\nStatusText=\nMainPID=x\n", true, false, false,
		  "failed (exit-code)", "", 0 },
		{ UNIT_SYSTEMD, "Result=success\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n", false, false, false, "", "", 0 },
		{ UNIT_SYSTEMD, "Result=signal\nLoadState=loaded\nActiveState=activating\nSubState=auto-restart\nUnitFileState=enabled\n", true, true, false,
		  "activating (auto-restart)", "", 0 },
		{ UNIT_SYSTEMD, "", false, false, false, "", "", 0 },
		{ UNIT_LAUNCHD, "system/io.opencode-cloud.default = {\n\tactive count = 1\n\tstate = running\n\n\tspawn role = {\n\t\tstate = x\n", true, true, true,
		  "running", "", 0 },
		{ UNIT_LAUNCHD, "system/io.opencode-cloud.default = {\n\tstate = not running\n\tlast exit code = 3\n", true, true, false, "not running", "", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_shown got;

		t_row("shown: %s", row[i].activity[0] ? row[i].activity : "nothing");
		unit_read_shown(&a, row[i].m, str_of(row[i].text), &got);
		T_EQ(got.is_loaded, row[i].is_loaded);
		T_EQ(got.is_enabled, row[i].is_enabled);
		T_EQ(got.is_active, row[i].is_active);
		T_STR(got.activity, row[i].activity);
		T_STR(got.status, row[i].status);
		T_EQ(got.pid, row[i].pid);
	}
}

static void
test_jobs(void)
{
	static const struct {
		const char *name, *jobs, *unit;
		bool want;
	} row[] = {
		{ "systemctl stop", JOBS_STOP, "opencode-cloud.service", true },
		{ "the same with its heading", JOBS_STOP_LEGEND, "opencode-cloud.service", true },
		{ "another unit's stop", JOBS_STOP, "opencode-cloud-work.service", false },
		{ "a prefix is another unit", JOBS_STOP, "cloud.service", false },
		{ "systemctl restart", JOBS_RESTART, "opencode-cloud.service", false },
		{ "no job: it ended by itself", "", "opencode-cloud.service", false },
		{ "No jobs running.", "No jobs running.\n", "opencode-cloud.service", false },
		{ "the end of a user's manager", JOBS_USER_EXIT, "opencode-cloud.service", false },
		{ "shutdown", JOBS_SHUTDOWN, "opencode-cloud.service", false },
		{ "rescue", JOBS_RESCUE, "opencode-cloud.service", false },
		{ "a stop beside another unit's jobs", "7 ssh.service start running\n" JOBS_STOP "9 cron.service restart waiting\n", "opencode-cloud.service", true },
		{ "cut short", "236 opencode-cloud.service", "opencode-cloud.service", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		size_t n = strlen(row[i].jobs);

		t_row("is it wanted: %s", row[i].name);
		T_EQ(unit_jobs_want_stop(str_from(t_guard(row[i].jobs, n), n), row[i].unit), row[i].want);
	}
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

static void
test_input_check(void)
{
	static const char *const plain[] = { "A=b c", NULL }, *const bad[] = { "A=b", "DOCKER_HOST=unix:///tmp/x\nExecStartPre=/bin/true", NULL };
	static const struct {
		const char *name;
		enum unit_manager m;
		struct unit_input with;		/* what differs from input_of */
		enum err_code code;
	} row[] = {
		{ "as usual", UNIT_SYSTEMD, { .environment = plain }, ERR_NONE },
		{ "a blank, a percent and a dollar", UNIT_SYSTEMD, { .binary = "/opt/50% of $x/occ" }, ERR_NONE },
		{ "a line break in a variable", UNIT_SYSTEMD, { .environment = bad }, ERR_CONFIG },
		{ "the same for launchd", UNIT_LAUNCHD, { .environment = bad }, ERR_CONFIG },
		{ "a line break in the home", UNIT_SYSTEMD, { .home = "/home/me\nUser=root" }, ERR_CONFIG },
		{ "a line break in the program's path", UNIT_SYSTEMD, { .binary = "/home/me\n/occ" }, ERR_CONFIG },
		{ "a line break in the state directory", UNIT_SYSTEMD, { .state_dir = "/x\n" }, ERR_CONFIG },
		{ "a line break in XDG_CONFIG_HOME", UNIT_SYSTEMD, { .xdg_config_home = "/x\n" }, ERR_CONFIG },
		{ "a carriage return in the socket's path", UNIT_SYSTEMD, { .engine_socket = "/x\r" }, ERR_CONFIG },
		{ "a delete in the user's name", UNIT_SYSTEMD, { .user = "x\177" }, ERR_CONFIG },
		{ "a quote in the program's path", UNIT_SYSTEMD, { .binary = "/home/o'me/occ" }, ERR_CONFIG },
		{ "a backslash in the program's path", UNIT_SYSTEMD, { .binary = "/home/o\\me/occ" }, ERR_CONFIG },
		{ "which launchd takes", UNIT_LAUNCHD, { .binary = "/home/o'me/occ" }, ERR_NONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct unit_input *with = &row[i].with;
		struct unit_input in = input_of(row[i].m, SCOPE_USER, "default");
		struct err e = ERR_INIT;

		in.binary = with->binary ? with->binary : in.binary;
		in.home = with->home ? with->home : in.home;
		in.state_dir = with->state_dir ? with->state_dir : in.state_dir;
		in.engine_socket = with->engine_socket ? with->engine_socket : in.engine_socket;
		in.xdg_config_home = with->xdg_config_home;
		in.user = with->user;
		in.environment = with->environment;
		t_row("input: %s", row[i].name);
		T_EQ(unit_input_check(&in, &e), row[i].code ? -1 : 0);
		T_EQ(e.code, row[i].code);
	}
}

int
main(void)
{
	test_names();
	test_places();
	test_systemd();
	test_read();
	test_plist();
	test_commands();
	test_shown();
	test_jobs();
	test_input_check();
	return t_done();
}

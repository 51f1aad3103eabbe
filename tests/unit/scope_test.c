/* scope_test.c - whose deployment is meant, in every mix of files, flags and sudo */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/scope.h"
#include "tests/t.h"

/* Paths are below the case's own root. */
struct row {
	const char *name, *files;	/* made, separated by spaces */
	const char *instance, *sudo_user, *xdg_config, *xdg_state;
	bool is_system, is_user, is_root, no_home;
	enum err_code code;
	enum scope_kind kind;
	const char *config, *state;	/* expected, NULL: not looked at */
};

#define ETC "/etc/opencode-cloud/"
#define MINE "/home/me/.config/opencode-cloud/"
#define ROOTS "/root/.config/opencode-cloud/"
#define ALICES "/home/alice/.config/opencode-cloud/"

static const struct row rows[] = {
	{ .name = "nothing there: the user's", .files = "", .kind = SCOPE_USER, .config = MINE "config.json",
	  .state = "/home/me/.local/state/opencode-cloud" },
	{ .name = "the user's configuration", .files = MINE "config.json", .kind = SCOPE_USER },
	{ .name = "the machine's configuration", .files = ETC "config.json", .kind = SCOPE_SYSTEM, .config = ETC "config.json",
	  .state = "/var/lib/opencode-cloud" },
	{ .name = "the machine's credentials alone", .files = ETC "credentials.json", .kind = SCOPE_SYSTEM },
	{ .name = "an empty directory of the machine", .files = ETC ".keep", .kind = SCOPE_USER },
	{ .name = "both: the machine's", .files = ETC "config.json " MINE "config.json", .kind = SCOPE_SYSTEM },
	{ .name = "both and --user", .files = ETC "config.json " MINE "config.json", .is_user = true, .kind = SCOPE_USER },
	{ .name = "--system with nothing there", .files = "", .is_system = true, .kind = SCOPE_SYSTEM, .config = ETC "config.json" },
	{ .name = "--system and --user", .files = "", .is_system = true, .is_user = true, .code = ERR_USAGE },
	{ .name = "another instance of the machine is not this one", .files = ETC "instances/work/config.json", .kind = SCOPE_USER },
	{ .name = "a named instance of the machine", .files = ETC "instances/work/config.json", .instance = "work", .kind = SCOPE_SYSTEM,
	  .config = ETC "instances/work/config.json", .state = "/var/lib/opencode-cloud/instances/work" },
	{ .name = "the default of the machine, a named one asked for", .files = ETC "config.json", .instance = "work", .kind = SCOPE_USER,
	  .config = MINE "instances/work/config.json", .state = "/home/me/.local/state/opencode-cloud/instances/work" },
	{ .name = "XDG directories", .files = "", .xdg_config = "/xc", .xdg_state = "/xs", .kind = SCOPE_USER,
	  .config = "/xc/opencode-cloud/config.json", .state = "/xs/opencode-cloud" },
	{ .name = "no home, the user's", .files = "", .no_home = true, .code = ERR_FAIL },
	{ .name = "no home, the machine's", .files = "", .no_home = true, .is_system = true, .kind = SCOPE_SYSTEM },

	{ .name = "sudo, nothing anywhere: root's", .files = "", .is_root = true, .sudo_user = "alice", .kind = SCOPE_USER,
	  .config = ROOTS "config.json" },
	{ .name = "sudo, only alice's", .files = ALICES "config.json", .is_root = true, .sudo_user = "alice", .code = ERR_REFUSED },
	{ .name = "sudo, only alice's credentials", .files = ALICES "credentials.json", .is_root = true, .sudo_user = "alice", .code = ERR_REFUSED },
	{ .name = "sudo, alice's and the machine's", .files = ALICES "config.json " ETC "config.json", .is_root = true, .sudo_user = "alice",
	  .kind = SCOPE_SYSTEM },
	{ .name = "sudo, alice's and root's", .files = ALICES "config.json " ROOTS "config.json", .is_root = true, .sudo_user = "alice",
	  .kind = SCOPE_USER, .config = ROOTS "config.json" },
	{ .name = "sudo --system, only alice's", .files = ALICES "config.json", .is_root = true, .sudo_user = "alice", .is_system = true,
	  .kind = SCOPE_SYSTEM },
	{ .name = "sudo --user, only alice's", .files = ALICES "config.json", .is_root = true, .sudo_user = "alice", .is_user = true,
	  .kind = SCOPE_USER, .config = ROOTS "config.json" },
	{ .name = "sudo, alice has another instance", .files = ALICES "instances/work/config.json", .is_root = true, .sudo_user = "alice",
	  .kind = SCOPE_USER },
	{ .name = "sudo, alice's instance asked for", .files = ALICES "instances/work/config.json", .is_root = true, .sudo_user = "alice",
	  .instance = "work", .code = ERR_REFUSED },
	{ .name = "root of itself", .files = ALICES "config.json", .is_root = true, .kind = SCOPE_USER, .config = ROOTS "config.json" },
	{ .name = "sudo by root", .files = ALICES "config.json", .is_root = true, .sudo_user = "root", .kind = SCOPE_USER },
	{ .name = "su to alice keeps SUDO_USER", .files = ALICES "config.json", .sudo_user = "alice", .kind = SCOPE_USER },
};

static const char *
below(struct arena *a, const char *root, const char *path)
{
	return path ? arena_printf(a, "%s%s", root, path) : NULL;
}

static void
make_files(struct arena *a, const char *root, const char *files)
{
	struct str rest = str_of(files);
	struct err e = ERR_INIT;

	while (rest.n > 0) {
		const char *path = below(a, root, arena_str(a, str_cut(&rest, ' ')));

		T_CALL(file_mkdirs(path_dir(a, path), 0755, &e));
		T_CALL(file_save(path, STR_LIT("{}"), 0644, &e));
	}
}

static struct scope_request
request(struct arena *a, const char *root, const struct row *r)
{
	return (struct scope_request){
		.instance = r->instance, .is_system = r->is_system, .is_user = r->is_user, .uid = r->is_root ? 0 : 1000, .root = root,
		.home = r->no_home ? NULL : below(a, root, r->is_root ? "/root" : "/home/me"),
		.xdg_config_home = below(a, root, r->xdg_config), .xdg_state_home = below(a, root, r->xdg_state),
		.sudo_user = r->sudo_user, .sudo_home = below(a, root, "/home/alice"),
	};
}

static void
test_resolve(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const struct row *r = &rows[i];
		const char *root = arena_printf(&a, "%s/%zu", t_tmpdir(), i);
		struct scope_request rq = request(&a, root, r);
		struct err e = ERR_INIT;
		struct scope s;

		t_row("resolve: %s", r->name);
		make_files(&a, root, r->files);
		if (r->code != ERR_NONE) {
			T_FAILS(scope_resolve(&a, &rq, &s, &e), r->code);
			T_OK(r->code != ERR_REFUSED || (e.n_notes == 2 && strstr(e.notes[1].text, "--system") && strstr(e.notes[0].text, "without sudo")));
			continue;
		}
		T_CALL(scope_resolve(&a, &rq, &s, &e));
		T_EQ(s.kind, r->kind);
		T_OK((s.status_path != NULL) == (r->kind == SCOPE_SYSTEM));
		if (r->config)
			T_STR(s.config_path, below(&a, root, r->config));
		if (r->state)
			T_STR(s.state_dir, below(&a, root, r->state));
	}
}

static void
test_xdg_relative(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct scope_request rq = { .uid = 1000, .root = t_tmpdir(), .home = "/h", .xdg_config_home = "rel", .xdg_state_home = "" };
	struct err e = ERR_INIT;
	struct scope s;

	t_row("a relative or empty XDG variable counts as unset");
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_STR(s.config_path, "/h/.config/opencode-cloud/config.json");
	T_STR(s.lock_path, "/h/.local/state/opencode-cloud/lock");
}

static void
test_config_option(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct scope_request rq = { .uid = 1000, .root = t_tmpdir(), .home = "/h", .config_file = "/elsewhere/c.json" };
	struct err e = ERR_INIT;
	struct scope s;

	t_row("--config replaces the configuration's path only");
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_STR(s.config_path, "/elsewhere/c.json");
	T_STR(s.credentials_path, "/h/.config/opencode-cloud/credentials.json");
	T_STR(s.state_path, "/h/.local/state/opencode-cloud/state.json");
}

static void
test_names(void)
{
	static const struct { const char *name; bool is_ok; } row[] = {
		{ "default", true }, { "work", true }, { "a", true }, { "9-lives", true }, { "abcdefghijklmnopqrstuvwxyz012345", true },
		{ "abcdefghijklmnopqrstuvwxyz0123456", false }, { "", false }, { "-work", false }, { "Work", false }, { "a/b", false }, { "..", false },
		{ "a b", false }, { "a.b", false }, { "w\xc3\xb6rk", false }, { "a\nb", false },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const struct scope_request rq = { .instance = row[i].name, .uid = 1000, .root = t_tmpdir(), .home = "/h" };
		struct err e = ERR_INIT;
		struct scope s;
		int rc = scope_resolve(&a, &rq, &s, &e);

		t_row("instance name %zu", i);
		T_EQ(rc, row[i].is_ok ? 0 : -1);
		if (!row[i].is_ok)
			T_ERR(ERR_USAGE);
	}
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
test_prepare(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *root = arena_printf(&a, "%s/prepare", t_tmpdir());
	struct scope_request rq = { .uid = 1000, .root = root, .home = below(&a, root, "/home/me") };
	struct err e = ERR_INIT;
	struct scope s;

	t_row("directories of a user: 0700");
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_CALL(scope_prepare(&s, &e));
	T_EQ(mode_of(path_dir(&a, s.config_path)), 0700);
	T_EQ(mode_of(s.state_dir), 0700);
	T_CALL(scope_prepare(&s, &e));

	t_row("directories of the machine: others may read the configuration and reach the status file");
	rq.is_system = true;
	rq.instance = "work";
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_CALL(scope_prepare(&s, &e));
	T_EQ(mode_of(path_dir(&a, s.config_path)), 0755);
	T_EQ(mode_of(s.state_dir), 0711);

	t_row("a file in a directory's place");
	rq = (struct scope_request){ .uid = 1000, .root = root, .home = below(&a, root, "/file") };
	make_files(&a, root, "/file");
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_FAILS(scope_prepare(&s, &e), ERR_SYS);
}

/* Rights of other users can only be told by one who is not root. */
static void
test_denied(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *root = arena_printf(&a, "%s/denied", t_tmpdir());
	const struct scope_request rq = { .uid = 1000, .root = root, .home = "/nowhere" };
	struct err e = ERR_INIT;
	bool was_root = geteuid() == 0;
	struct scope s;

	t_row("another's system instance: permission denied, with sudo as the remedy");
	make_files(&a, root, ETC "config.json /var/lib/opencode-cloud/state.json");
	T_CALL(scope_resolve(&a, &rq, &s, &e));
	T_EQ(s.kind, SCOPE_SYSTEM);
	chmod(t_tmpdir(), 0755);
	chmod(path_dir(&a, s.config_path), 0555);
	T_OK(!was_root || seteuid(65534) == 0);
	T_FAILS(scope_prepare(&s, &e), ERR_PERM);
	T_OK(!was_root || seteuid(0) == 0);
	T_OK(e.n_notes > 0 && strstr(e.notes[0].text, "sudo"));
	t_row("a watchdog that may write its state only");
	chmod(s.state_dir, 0777);
	T_OK(!was_root || seteuid(65534) == 0);
	T_CALL(scope_prepare_state(&s, &e));
	T_FAILS(scope_prepare(&s, &e), ERR_PERM);
	T_OK(!was_root || seteuid(0) == 0);
	chmod(path_dir(&a, s.config_path), 0755);
	chmod(t_tmpdir(), 0700);
}

static void
test_instances(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *root = arena_printf(&a, "%s/instances", t_tmpdir());
	struct scope_request rq = { .uid = 1000, .root = root, .home = below(&a, root, "/home/me") };
	struct err e = ERR_INIT;
	struct strlist l = { 0 };

	t_row("no instances");
	T_CALL(scope_instances(&a, &rq, &l, &e));
	T_EQ(l.n, 0);

	t_row("instances by configuration, credentials or state, sorted, each once");
	make_files(&a, root, MINE "config.json " MINE "instances/work/config.json " MINE "instances/empty/note.txt " MINE "instances/Bad/config.json "
		   MINE "instances/cred/credentials.json /home/me/.local/state/opencode-cloud/instances/old/state.json "
		   "/home/me/.local/state/opencode-cloud/instances/work/state.json " MINE "instances/default/config.json");
	T_CALL(scope_instances(&a, &rq, &l, &e));
	T_EQ(l.n, 4);
	if (l.n == 4) {
		T_STR(l.v[0], "cred");
		T_STR(l.v[1], "default");
		T_STR(l.v[2], "old");
		T_STR(l.v[3], "work");
	}

	t_row("instances of the machine are others");
	make_files(&a, root, ETC "instances/prod/config.json");
	rq.is_system = true;
	T_CALL(scope_instances(&a, &rq, &l, &e));
	T_EQ(l.n, 1);
	T_STR(l.n > 0 ? l.v[0] : NULL, "prod");
}

int
main(void)
{
	test_resolve();
	test_xdg_relative();
	test_config_option();
	test_names();
	test_prepare();
	test_denied();
	test_instances();
	return t_done();
}

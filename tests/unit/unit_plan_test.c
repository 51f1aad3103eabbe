/* unit_plan_test.c - what install and uninstall would do, what refuses them, and the steps carried out */
#include "lib/base/mem.h"
#include "lib/deploy/unit_install.h"
#include "tests/t.h"
#include "tests/unit/unit_input.h"

/* ---- plans ------------------------------------------------------------------------------------------------------- */

/* "copy write command ?command command:edge": what is done, in order; ? may fail, behind the colon is the unit that is not the watchdog's. */
static const char *
steps_of(struct arena *a, const struct unit_plan *p)
{
	static const char *const names[] = { [UNIT_STEP_AWAIT] = "await", [UNIT_STEP_COPY] = "copy", [UNIT_STEP_WRITE] = "write", [UNIT_STEP_OWN] = "own",
		[UNIT_STEP_REMOVE] = "remove", [UNIT_STEP_UNCOPY] = "uncopy" };
	static const char *const parts[UNIT__PARTS] = { "", ":socket", ":redirect", ":edge" };
	AUTO(buf) struct buf out = BUF_INIT(4096);

	for (size_t i = 0; i < p->n; i++) {
		const char *const *argv = p->steps[i].argv;
		size_t verb = argv && argv[2] && argv[2][0] == '-' ? 3 : 2;

		if (p->steps[i].kind == UNIT_STEP_LINGER)
			verb = 1;
		buf_printf(&out, "%s%s%s%s", i ? " " : "", p->steps[i].kind == UNIT_STEP_TRY ? "?" : "",
		    argv && p->steps[i].kind != UNIT_STEP_AWAIT ? argv[verb] : names[p->steps[i].kind], parts[p->steps[i].part]);
	}
	return arena_str(a, buf_str(&out));
}

static void
test_plan_install(void)
{
	static const char *const old = "# Made by opencode-cloud: old", *const same = "# Made by opencode-cloud";
	const struct {
		const char *name;
		struct unit_state st;
		bool is_now;
		bool is_user;
		const char *want;
	} row[] = {
		{ "the first time", { .is_copy = true }, true, false, "copy write daemon-reload enable ?reset-failed start" },
		{ "without --now", { .is_copy = true }, false, false, "copy write daemon-reload enable" },
		{ "from a stable place", { .is_copy = false }, false, false, "write daemon-reload enable" },
		{ "beside a package's, which has the same text", { .unit[0].installed = same, .unit[0].is_packaged = true }, true, false, "write daemon-reload enable ?reset-failed start" },
		{ "again", { .unit[0].installed = same, .unit[0].is_enabled = true, .unit[0].is_active = true, .is_copy = true, .is_copy_same = true }, true, false, "" },
		{ "a new program", { .unit[0].installed = same, .unit[0].is_enabled = true, .unit[0].is_active = true, .is_copy = true }, false, false, "copy restart" },
		{ "a program replaced where it was", { .unit[0].installed = same, .unit[0].is_enabled = true, .unit[0].is_active = true, .unit[0].is_stale = true }, false, false, "restart" },
		{ "a new text", { .unit[0].installed = old, .unit[0].is_enabled = true, .unit[0].is_active = true }, false, false, "write daemon-reload restart" },
		{ "a new text, not running", { .unit[0].installed = old, .unit[0].is_enabled = true }, false, false, "write daemon-reload" },
		{ "stopped by hand", { .unit[0].installed = same, .unit[0].is_enabled = true }, true, false, "?reset-failed start" },
		{ "disabled by hand", { .unit[0].installed = same, .unit[0].is_active = true }, false, false, "enable" },
		{ "a manager with an older text", { .unit[0].installed = same, .unit[0].is_enabled = true, .unit[0].is_active = true, .unit[0].needs_reload = true }, false, false, "daemon-reload" },
		{ "a user of its own", { .needs_owner = true }, false, false, "own write daemon-reload enable" },
		{ "a user's, logged in", { .is_copy = true }, false, true, "enable-linger copy write daemon-reload enable" },
		{ "a user's, logged in nowhere", { .no_manager = "why" }, true, true,
		  "enable-linger await write daemon-reload enable ?reset-failed start" },
		{ "a user's, with linger", { .has_linger = true }, false, true, "write daemon-reload enable" },
		{ "a user's, with linger of ours", { .has_linger = true, .made_linger = true }, false, true, "write daemon-reload enable" },
		{ "a user's, with linger of ours that somebody disabled", { .made_linger = true }, false, true, "remove enable-linger write daemon-reload enable" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_state st = row[i].st;
		struct unit_plan p;

		st.in = input_of(UNIT_SYSTEMD, row[i].is_user ? SCOPE_USER : SCOPE_SYSTEM, "default");
		st.unit[UNIT_WATCHDOG].text = same;
		st.unit[UNIT_WATCHDOG].path = "/etc/systemd/system/opencode-cloud.service";
		st.self = "/tmp/occ";
		st.user_name = "me";
		t_row("install: %s", row[i].name);
		unit_plan_install(&a, &st, row[i].is_now, &p);
		T_STR(steps_of(&a, &p), row[i].want);
	}
}

static void
test_plan_uninstall(void)
{
	static const char *const ours = "# Made by opencode-cloud";
	const struct {
		const char *name;
		struct unit_state st;
		const char *want;
	} row[] = {
		{ "nothing there", { .unit[0].activity = "" }, "" },
		{ "runs", { .unit[0].installed = ours, .unit[0].is_enabled = true, .unit[0].is_active = true, .unit[0].activity = "active (running)" },
		  "?disable remove stop ?daemon-reload ?reset-failed" },
		{ "failed", { .unit[0].installed = ours, .unit[0].is_enabled = true, .unit[0].activity = "failed (exit-code)" }, "?disable remove ?daemon-reload ?reset-failed" },
		{ "between two attempts", { .unit[0].installed = ours, .unit[0].is_enabled = true, .unit[0].activity = "activating (auto-restart)" },
		  "?disable remove stop ?daemon-reload ?reset-failed" },
		{ "not enabled, not running", { .unit[0].installed = ours, .unit[0].activity = "" }, "remove ?daemon-reload ?reset-failed" },
		{ "its copy goes as well", { .unit[0].installed = ours, .made_copy = true, .unit[0].activity = "" }, "remove ?daemon-reload ?reset-failed uncopy" },
		{ "a copy that another needs stays", { .unit[0].installed = ours, .made_copy = true, .is_shared = true, .unit[0].activity = "" }, "remove ?daemon-reload ?reset-failed" },
		{ "no manager: files only", { .unit[0].installed = ours, .no_manager = "why", .made_copy = true, .unit[0].activity = "" }, "remove uncopy" },
		{ "linger that was ours", { .unit[0].installed = ours, .made_linger = true, .has_linger = true, .unit[0].activity = "" },
		  "remove ?daemon-reload ?reset-failed disable-linger" },
		{ "linger that another instance needs", { .unit[0].installed = ours, .made_linger = true, .has_linger = true, .has_others = true, .unit[0].activity = "" },
		  "remove ?daemon-reload ?reset-failed" },
		{ "linger that was ours, disabled meanwhile", { .unit[0].installed = ours, .made_linger = true, .unit[0].activity = "" },
		  "remove ?daemon-reload ?reset-failed remove" },
		{ "the same, while another instance is there", { .unit[0].installed = ours, .made_linger = true, .has_others = true, .unit[0].activity = "" },
		  "remove ?daemon-reload ?reset-failed" },
		{ "linger that was there before", { .unit[0].installed = ours, .has_linger = true, .unit[0].activity = "" }, "remove ?daemon-reload ?reset-failed" },
		{ "a package's", { .unit[0].installed = ours, .unit[0].is_packaged = true, .unit[0].is_enabled = true, .unit[0].is_active = true, .unit[0].activity = "active (running)" },
		  "?disable stop ?daemon-reload ?reset-failed" },
		{ "a package's, not used", { .unit[0].installed = ours, .unit[0].is_packaged = true, .unit[0].activity = "" }, "" },
		{ "somebody else's", { .unit[0].installed = "[Unit]", .unit[0].is_foreign = true, .unit[0].is_active = true, .unit[0].is_enabled = true, .unit[0].activity = "active (running)" }, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_state st = row[i].st;
		struct unit_plan p;

		st.in = input_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default");
		st.unit[UNIT_WATCHDOG].path = "/etc/systemd/system/opencode-cloud.service";
		st.user_name = "me";
		t_row("uninstall: %s", row[i].name);
		unit_plan_uninstall(&a, &st, &p);
		T_STR(steps_of(&a, &p), row[i].want);
	}
}

/* ---- with the edge ----------------------------------------------------------------------------------------------- */

static const char ours[] = "# Made by opencode-cloud", older[] = "# Made by opencode-cloud: old", theirs[] = "[Unit]";

/* What there is of each part: W wanted and not there, I as wanted and running, i the same but stopped, C running with another text, c stopped with another text, O ours, running
 * and not wanted, F another's file. */
static struct unit_piece
piece_of(char what)
{
	bool is_there = what != 'W' && what != '-', runs = what == 'I' || what == 'C' || what == 'O';

	return (struct unit_piece){ .path = "/etc/systemd/system/x", .text = strchr("-OF", what) ? NULL : ours,
		.installed = !is_there ? NULL : what == 'F' ? theirs : what == 'C' || what == 'c' ? older : ours, .is_foreign = what == 'F',
		.is_enabled = is_there && what != 'F', .is_active = runs, .activity = runs ? "active (running)" : "", .status = "" };
}

static struct unit_state
state_of(const char *parts)
{
	struct unit_state st = { .in = input_of(UNIT_SYSTEMD, SCOPE_SYSTEM, "default"), .self = "/tmp/occ", .is_copy_same = true };

	for (int i = 0; i < UNIT__PARTS; i++)
		st.unit[i] = piece_of(parts[i]);
	return st;
}

#define THREE(verb) verb ":socket " verb ":redirect " verb ":edge"
#define STARTED "?reset-failed:socket start:socket ?reset-failed:redirect start:redirect ?reset-failed:edge start:edge"
#define DROPPED(part) "?disable:" part " remove:" part " stop:" part

static void
test_plan_edge(void)
{
	static const struct {
		const char *name, *parts;
		bool is_now, is_new_program;
		const char *want;
	} row[] = {
		{ "the first time", "WWWW", true, false, "write " THREE("write") " daemon-reload enable " THREE("enable") " ?reset-failed start " STARTED },
		{ "the first time, without --now", "WWWW", false, false, "write " THREE("write") " daemon-reload enable " THREE("enable") },
		{ "again", "IIII", true, false, "" },
		{ "turned on beside a watchdog that runs", "IWWW", false, false, THREE("write") " daemon-reload " THREE("enable") " " STARTED },
		{ "turned off", "IOOO", false, false, DROPPED("socket") " " DROPPED("redirect") " " DROPPED("edge") " daemon-reload" },
		{ "a new program: the ports stay", "IIII", false, true, "copy restart restart:edge" },
		{ "a new text of the process: the ports stay", "IIIC", false, false, "write:edge daemon-reload restart:edge" },
		{ "another port", "ICII", false, false, "write:socket daemon-reload stop:edge restart:socket start:edge" },
		{ "another port, not running", "icii", false, false, "write:socket daemon-reload" },
		{ "a redirect as well", "IIWC", false, false,
		  "write:redirect write:edge daemon-reload enable:redirect stop:edge ?reset-failed:redirect start:redirect start:edge" },
		{ "no redirect any more", "IIOC", false, false, DROPPED("redirect") " write:edge daemon-reload restart:edge" },
		{ "the process stopped by hand", "IIIi", true, false, "?reset-failed:edge start:edge" },
		{ "a port closed by hand", "IiII", true, false, "stop:edge ?reset-failed:socket start:socket start:edge" },
		{ "another's file where none of ours shall be", "I--F", true, false, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_state st = state_of(row[i].parts);
		struct unit_plan p;

		t_row("install with the edge: %s", row[i].name);
		st.is_copy = row[i].is_new_program;
		st.is_copy_same = !row[i].is_new_program;
		unit_plan_install(&a, &st, row[i].is_now, &p);
		T_STR(steps_of(&a, &p), row[i].want);
	}
}

static void
test_unplan_edge(void)
{
	static const struct {
		const char *name, *parts, *want;
	} row[] = {
		{ "all of it", "IIII", DROPPED("socket") " " DROPPED("redirect") " " DROPPED("edge") " ?disable remove stop ?daemon-reload ?reset-failed "
		  "?reset-failed:socket ?reset-failed:redirect ?reset-failed:edge" },
		{ "turned off meanwhile", "IO-O", DROPPED("socket") " " DROPPED("edge") " ?disable remove stop ?daemon-reload ?reset-failed ?reset-failed:socket "
		  "?reset-failed:edge" },
		{ "never installed", "IWWW", "?disable remove stop ?daemon-reload ?reset-failed" },
		{ "another's file is left alone", "I--F", "?disable remove stop ?daemon-reload ?reset-failed" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_state st = state_of(row[i].parts);
		struct unit_plan p;

		t_row("uninstall with the edge: %s", row[i].name);
		unit_plan_uninstall(&a, &st, &p);
		T_STR(steps_of(&a, &p), row[i].want);
	}
}

static void
test_running(void)
{
	static const struct {
		const char *parts;
		bool runs, is_foreign;
	} row[] = { { "I---", true, false }, { "i---", false, false }, { "IIII", true, false }, { "IIIW", false, false }, { "IIIi", false, false }, { "I--O", true, false },
		{ "I--F", true, false }, { "F---", false, true } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct unit_state st = state_of(row[i].parts);

		t_row("running? %s", row[i].parts);
		T_EQ(unit_is_running(&st), row[i].runs);
		T_EQ(unit_foreign(&st) != NULL, row[i].is_foreign);
	}
	struct unit_state st = state_of("I--F");

	t_row("another's file where the edge has to be");
	st.unit[UNIT_EDGE].text = ours;
	T_OK(unit_foreign(&st) == &st.unit[UNIT_EDGE]);
}

/* The copy is what install made, not the program that asks: that one may be a person's own. */
static void
test_plan_copy(void)
{
	static const struct {
		enum scope_kind k;
		const char *self, *copy;
	} row[] = {
		{ SCOPE_SYSTEM, "/usr/local/bin/opencode-cloud", "/usr/local/lib/opencode-cloud/opencode-cloud" },
		{ SCOPE_USER, "/home/me/.local/bin/opencode-cloud", "/home/me/.local/lib/opencode-cloud/opencode-cloud" },
		{ SCOPE_USER, "/usr/bin/opencode-cloud", "/home/me/.local/lib/opencode-cloud/opencode-cloud" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct unit_state st = { .in = input_of(UNIT_SYSTEMD, row[i].k, "default"), .made_copy = true, .unit[0].activity = "", .no_manager = "why" };
		struct unit_plan p;

		t_row("uninstall, asked by %s", row[i].self);
		st.in.binary = row[i].self;
		unit_plan_uninstall(&a, &st, &p);
		T_EQ(p.n, 1);
		T_STR(p.steps[0].object, row[i].copy);
	}
}

/* ---- refusals ---------------------------------------------------------------------------------------------------- */

/* What hinders an install hinders nothing else, and a hint names the instance. */
static void
test_checks(void)
{
	const struct {
		const char *name;
		const char *instance;
		struct unit_state st;
		enum err_code any, wish, install, password;
		const char *hint;
	} row[] = {
		{ "all is well", "default", { .uid = 0 }, 0, 0, 0, 0, NULL },
		{ "not root", "default", { .uid = 1000 }, ERR_PERM, 0, ERR_PERM, 0, "run it with sudo" },
		{ "somebody else's file", "default", { .unit[0].is_foreign = true, .unit[0].path = "/x" }, ERR_REFUSED, 0, ERR_REFUSED, 0, NULL },
		{ "an engine elsewhere", "default", { .refusal = { .code = ERR_REFUSED } }, 0, ERR_REFUSED, ERR_REFUSED, 0, NULL },
		{ "no manager", "default", { .no_manager = "why", .cure = "cure" }, 0, 0, ERR_FAIL, 0, "cure" },
		{ "another instance as another user", "default", { .other_user = "svc", .other_name = "x" }, 0, ERR_REFUSED, ERR_REFUSED, 0,
		  "occ --system service install --run-as svc" },
		{ "the same of an instance with a name", "work", { .other_user = "svc", .other_name = "x" }, 0, ERR_REFUSED, ERR_REFUSED, 0,
		  "occ --system --instance work service install --run-as svc" },
		{ "no password", "work", { .in.user = "svc" }, 0, 0, 0, ERR_FAIL, "occ --system --instance work start, and then again" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct service s = { .arena = &a, .scope = { .kind = SCOPE_SYSTEM, .instance = row[i].instance, .credentials_path = "/nowhere/credentials" } };
		struct err e[4] = { ERR_INIT, ERR_INIT, ERR_INIT, ERR_INIT };

		t_row("check: %s", row[i].name);
		T_EQ(unit_check(&s, &row[i].st, &e[0]), row[i].any ? -1 : 0);
		T_EQ(unit_check_wish(&s, &row[i].st, &e[1]), row[i].wish ? -1 : 0);
		T_EQ(unit_check_install(&s, &row[i].st, &e[2]), row[i].install ? -1 : 0);
		T_EQ(unit_check_password(&s, &row[i].st, &e[3]), row[i].password ? -1 : 0);
		T_OK(e[0].code == row[i].any && e[1].code == row[i].wish && e[2].code == row[i].install && e[3].code == row[i].password);
		if (row[i].hint)
			T_STR(e[row[i].password ? 3 : 2].notes[0].text, row[i].hint);
	}
}

/* ---- carried out ------------------------------------------------------------------------------------------------- */

static void
keep_row(void *ctx, const char *label, const char *text)
{
	buf_printf(ctx, "%s: %s|", label, text);
}

/* What may fail is told when it does; what may not ends it. */
static void
test_apply(void)
{
	static const char *const bad[] = { "sh", "-c", "echo no bus; exit 1", NULL }, *const good[] = { "true", NULL };
	static const struct {
		const char *name;
		enum unit_step_kind kind;
		const char *label;
		const char *const *argv;
		int rc;
		const char *told;
	} row[] = {
		{ "done", UNIT_STEP_TRY, "Disabled", good, 0, "Disabled: done|Last: done|" },
		{ "not done", UNIT_STEP_TRY, "Disabled", bad, 0, "Disabled: sh -c echo no bus; exit 1: no bus|Last: done|" },
		{ "not done, which matters to nobody", UNIT_STEP_TRY, NULL, bad, 0, "Last: done|" },
		{ "a stop that failed", UNIT_STEP_COMMAND, "Service", bad, -1, "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf told = BUF_INIT(4096);
		const char *dir = arena_printf(&a, "%s/apply", t_tmpdir());
		struct service s = { .arena = &a, .scope = { .kind = SCOPE_USER, .instance = "default", .home = dir } };
		struct unit_state st = { .in = input_of(UNIT_SYSTEMD, SCOPE_USER, "default"), .unit[0].name = "x.service" };
		struct unit_plan p = { .n = 2, .is_removal = true, .steps = { { .kind = row[i].kind, .label = row[i].label, .text = "done", .argv = row[i].argv },
			{ .kind = UNIT_STEP_TRY, .label = "Last", .text = "done", .argv = good } } };
		const struct plan_report report = { .ctx = &told, .row = keep_row };
		struct err e = ERR_INIT;

		s.scope.state_dir = arena_printf(&a, "%s/state", dir);
		s.scope.config_path = arena_printf(&a, "%s/config/config.json", dir);
		s.scope.credentials_path = arena_printf(&a, "%s/config/credentials", dir);
		s.scope.control_path = arena_printf(&a, "%s/run/control", dir);
		t_row("carried out: %s", row[i].name);
		T_EQ(unit_apply(&s, &st, &p, &report, &e), row[i].rc);
		T_STR(told.p, row[i].told);
		T_EQ(e.code, row[i].rc ? ERR_FAIL : ERR_NONE);
	}
}

int
main(void)
{
	test_plan_install();
	test_plan_uninstall();
	test_plan_copy();
	test_plan_edge();
	test_unplan_edge();
	test_running();
	test_checks();
	test_apply();
	return t_done();
}

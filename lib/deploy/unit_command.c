/* unit_command.c - the commands of each service manager, as data; and the places a unit may point to */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/unit.h"

/* Words that stand for something: @NAME the unit, @SCOPE --system or --user, @DOMAIN and @JOB launchd's target, @PATH the file. */
static const char *const systemd[][8] = {
	[UNIT_RELOAD] = { "systemctl", "@SCOPE", "daemon-reload" },
	[UNIT_ENABLE] = { "systemctl", "@SCOPE", "enable", "@NAME" },
	[UNIT_DISABLE] = { "systemctl", "@SCOPE", "--no-reload", "disable", "@NAME" },	/* what it reloads would have no stop command any more */
	[UNIT_START] = { "systemctl", "@SCOPE", "start", "@NAME" },
	[UNIT_RESTART] = { "systemctl", "@SCOPE", "restart", "@NAME" },
	[UNIT_STOP] = { "systemctl", "@SCOPE", "stop", "@NAME" },
	[UNIT_FORGET] = { "systemctl", "@SCOPE", "reset-failed", "@NAME" },
	[UNIT_SHOW] = { "systemctl", "@SCOPE", "show", "--no-pager", "@NAME" },
	[UNIT_PING] = { "systemctl", "@SCOPE", "show", "--property=Version" },
};
static const char *const launchd[][8] = {
	[UNIT_ENABLE] = { "launchctl", "enable", "@JOB" },
	[UNIT_DISABLE] = { "launchctl", "disable", "@JOB" },
	[UNIT_START] = { "launchctl", "bootstrap", "@DOMAIN", "@PATH" },
	[UNIT_RESTART] = { "launchctl", "kickstart", "-k", "@JOB" },
	[UNIT_STOP] = { "launchctl", "bootout", "@JOB" },
	[UNIT_SHOW] = { "launchctl", "print", "@JOB" },
	[UNIT_PING] = { "launchctl", "print", "@DOMAIN" },
};

static const char *
expand(struct arena *a, const struct unit_input *in, uid_t uid, const char *word)
{
	bool is_system = in->kind == SCOPE_SYSTEM;
	const char *domain = is_system ? "system" : arena_printf(a, "gui/%lu", (unsigned long)uid);
	struct str name = str_of(unit_name(a, in));

	if (strcmp(word, "@SCOPE") == 0)
		return is_system ? "--system" : "--user";
	if (strcmp(word, "@NAME") == 0)
		return arena_str(a, name);
	if (strcmp(word, "@PATH") == 0)
		return unit_path(a, in);
	if (strcmp(word, "@DOMAIN") == 0)
		return domain;
	if (strcmp(word, "@JOB") == 0)
		return arena_printf(a, "%s/" STR_FMT, domain, STR_ARG(str_take(name, name.n - (sizeof ".plist" - 1))));
	return word;
}

const char *const *
unit_command(struct arena *a, const struct unit_input *in, uid_t uid, enum unit_verb v)
{
	const char *const *words = in->manager == UNIT_LAUNCHD ? launchd[v] : systemd[v];
	struct strlist l = { 0 };

	for (size_t i = 0; words[i]; i++)
		strlist_add(a, &l, expand(a, in, uid, words[i]));
	return l.v;
}

/* ---- places --------------------------------------------------------------------------------------------------- */

static const char *const system_dirs[] = { "/usr/bin", "/usr/local/bin", "/usr/lib/opencode-cloud", "/usr/local/lib/opencode-cloud" };
static const char *const home_dirs[] = { ".local/bin", ".local/lib/opencode-cloud", "bin" };

bool
unit_is_stable_place(const char *path, enum scope_kind kind, const char *home)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = path_dir(&a, path);

	for (size_t i = 0; i < ARRAY_LEN(system_dirs); i++)
		if (strcmp(dir, system_dirs[i]) == 0)
			return true;
	for (size_t i = 0; kind == SCOPE_USER && home && i < ARRAY_LEN(home_dirs); i++)
		if (strcmp(dir, path_join(&a, home, home_dirs[i])) == 0)
			return true;
	return false;
}

const char *
unit_stable_place(struct arena *a, enum scope_kind kind, const char *home)
{
	const char *below = "lib/opencode-cloud/opencode-cloud";

	return kind == SCOPE_SYSTEM ? path_join(a, "/usr/local", below) : path_join(a, path_join(a, home, ".local"), below);
}

static const struct {
	const char *part, *kind;
} kinds[] = {
	{ "/_npx/", "npx's cache" },
	{ "/.npm/", "npm's cache" },
	{ "/.nvm/", "one version of node (nvm)" },
	{ "/node_modules/", "an npm package, which an update replaces" },
	{ "/.cache/", "a cache" },
	{ "/Caches/", "a cache" },
	{ "/build/", "a build directory" },
	{ "/target/", "a build directory" },
};
static const char *const temporary[] = { "/tmp", "/var/tmp", "/private/tmp", "/private/var/folders", "/dev/shm", "/run" };

const char *
unit_place_kind(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(temporary); i++)
		if (path_is_within(path, temporary[i]))
			return "a temporary directory";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strstr(path, kinds[i].part))
			return kinds[i].kind;
	return "a directory that is none for programs";
}

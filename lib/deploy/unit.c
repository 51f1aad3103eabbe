/* unit.c - names, places and marks of units, the same for every service manager */
#include "lib/deploy/unit.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"

#define MARK "Made by opencode-cloud"
#define LABEL "io.opencode-cloud."
#define MARK_LINES 3		/* XML wants its declaration first */

#ifdef __APPLE__
const enum unit_manager unit_manager_here = UNIT_LAUNCHD;
#else
const enum unit_manager unit_manager_here = UNIT_SYSTEMD;
#endif

const char *
unit_base(struct arena *a, const char *instance)
{
	if (strcmp(instance, SCOPE_DEFAULT_INSTANCE) == 0)
		return "opencode-cloud";
	return arena_printf(a, "opencode-cloud-%s", instance);
}

const char *
unit_name(struct arena *a, const struct unit_input *in)
{
	if (in->manager == UNIT_LAUNCHD)
		return arena_printf(a, LABEL "%s.plist", in->instance);
	return arena_printf(a, "%s.service", unit_base(a, in->instance));
}

const char *
unit_dir(struct arena *a, const struct unit_input *in)
{
	if (in->manager == UNIT_LAUNCHD)
		return in->kind == SCOPE_SYSTEM ? "/Library/LaunchDaemons" : path_join(a, in->home, "Library/LaunchAgents");
	if (in->kind == SCOPE_SYSTEM)
		return "/etc/systemd/system";
	if (in->xdg_config_home && in->xdg_config_home[0] == '/')
		return path_join(a, in->xdg_config_home, "systemd/user");
	return path_join(a, in->home, ".config/systemd/user");
}

const char *
unit_path(struct arena *a, const struct unit_input *in)
{
	return path_join(a, unit_dir(a, in), unit_name(a, in));
}

void
unit_put(const struct unit_input *in, struct buf *out)
{
	if (in->manager == UNIT_LAUNCHD)
		unit_put_launchd(in, out);
	else
		unit_put_systemd(in, out);
}

bool
unit_is_ours(struct str text)
{
	struct str line;

	for (int i = 0; i < MARK_LINES && str_line(&text, &line); i++)
		if (str_find(line, STR_LIT(MARK)) != STR_NONE)
			return true;
	return false;
}

/* ---- what cannot be put ---- */

static int
refuse_control(const char *what, const char *text, struct err *e)
{
	for (const char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(e, ERR_CONFIG, "%s has a line break or another control character in it, which no unit can hold", what);
	return 0;
}

int
unit_input_check(const struct unit_input *in, struct err *e)
{
	const struct {
		const char *what, *text;
	} part[] = {
		{ "the program's path", in->binary }, { "the user's name", in->user }, { "the path of the engine's socket", in->engine_socket },
		{ "the home directory", in->home }, { "the state directory", in->state_dir }, { "XDG_CONFIG_HOME", in->xdg_config_home },
	};

	for (size_t i = 0; i < ARRAY_LEN(part); i++)
		if (refuse_control(part[i].what, part[i].text, e) < 0)
			return -1;
	for (size_t i = 0; in->environment && in->environment[i]; i++)
		if (refuse_control("a variable that the service needs", in->environment[i], e) < 0)
			return -1;
	if (in->manager == UNIT_SYSTEMD && strpbrk(in->binary, "\"'\\")) {
		err_set(e, ERR_CONFIG, "the program's path has a quote or a backslash in it, which systemd refuses: %s", in->binary);
		return err_note(e, "try", "the program in /usr/local/bin");
	}
	return 0;
}

/* ---- what an installed one says ---- */

/* As unit_systemd.c quotes it. */
static const char *
unquote(struct arena *a, struct str word)
{
	char *text = arena_str(a, str_trim_char(word, '"'));
	size_t n = 0;

	for (size_t i = 0; text[i]; i++) {
		if ((text[i] == '\\' || text[i] == '%') && text[i + 1])
			i++;
		text[n++] = text[i];
	}
	text[n] = '\0';
	return text;
}

static void
read_systemd(struct arena *a, struct str text, struct unit_said *ret)
{
	struct str line;

	while (str_line(&text, &line)) {
		struct str value = line, key = str_cut(&value, '=');

		if (str_is(key, "User")) {
			ret->user = arena_str(a, value);
		} else if (str_is(key, "Environment")) {
			struct str assigned = str_of(unquote(a, value)), name = str_cut(&assigned, '=');

			if (str_is(name, "DOCKER_HOST"))
				ret->docker_host = arena_str(a, assigned);
		}
	}
}

/* The string on the line behind <key>NAME</key>. */
static void
read_launchd(struct arena *a, struct str text, struct unit_said *ret)
{
	struct str line, key = STR_NULL;

	while (str_line(&text, &line)) {
		struct str t = str_trim(line);

		if (str_has_prefix(t, "<string>") && str_has_suffix(t, "</string>")) {
			struct str value = str_take(str_skip(t, sizeof "<string>" - 1), t.n - (sizeof "<string></string>" - 1));

			if (str_is(key, "<key>UserName</key>"))
				ret->user = arena_str(a, value);
			else if (str_is(key, "<key>DOCKER_HOST</key>"))
				ret->docker_host = arena_str(a, value);
		}
		key = t;
	}
}

void
unit_read(struct arena *a, enum unit_manager m, struct str text, struct unit_said *ret)
{
	*ret = (struct unit_said){ 0 };
	if (m == UNIT_LAUNCHD)
		read_launchd(a, text, ret);
	else
		read_systemd(a, text, ret);
}

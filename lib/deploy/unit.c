/* unit.c - names, places and marks of units, the same for every service manager */
#include "lib/deploy/unit.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/unit_text.h"

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
	static const char *const systemd[UNIT__PARTS] = { ".service", "-edge.socket", "-edge-redirect.socket", "-edge.service" };

	/* An instance's name has no dot. */
	if (in->manager == UNIT_LAUNCHD)
		return arena_printf(a, LABEL "%s%s.plist", in->instance, in->part == UNIT_WATCHDOG ? "" : ".edge");
	return arena_printf(a, "%s%s", unit_base(a, in->instance), systemd[in->part]);
}

bool
unit_is_wanted(const struct unit_input *in)
{
	switch (in->part) {
	case UNIT_WATCHDOG:
		return true;
	case UNIT_EDGE:
		return in->has_edge;
	case UNIT_EDGE_SOCKET:
		return in->has_edge && in->manager == UNIT_SYSTEMD;
	case UNIT_EDGE_REDIRECT:
		return in->has_edge && in->manager == UNIT_SYSTEMD && in->edge_redirect_port != 0;
	case UNIT__PARTS:
		break;
	}
	return false;
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

/* Ours in /etc goes before it, as systemd.unit(5) has it. */
const char *
unit_packaged_path(struct arena *a, const struct unit_input *in)
{
	bool has_one = in->manager == UNIT_SYSTEMD && in->kind == SCOPE_SYSTEM && in->part == UNIT_WATCHDOG;

	return has_one ? path_join(a, "/usr/lib/systemd/system", unit_name(a, in)) : NULL;
}

void
unit_put_packaged(struct buf *out)
{
	static const struct unit_input in = { .manager = UNIT_SYSTEMD, .kind = SCOPE_SYSTEM, .instance = SCOPE_DEFAULT_INSTANCE, .binary = "/usr/bin/opencode-cloud",
		.state_dir = "/var/lib/opencode-cloud" };

	unit_put(&in, out);
}

void
unit_put(const struct unit_input *in, struct buf *out)
{
	static void (*const systemd[UNIT__PARTS])(const struct unit_input *, struct buf *) = {
		[UNIT_WATCHDOG] = unit_put_systemd, [UNIT_EDGE_SOCKET] = unit_put_socket, [UNIT_EDGE_REDIRECT] = unit_put_socket, [UNIT_EDGE] = unit_put_edge,
	};

	if (in->manager == UNIT_LAUNCHD)
		unit_put_launchd(in, out);
	else
		systemd[in->part](in, out);
}

/* The line with our mark, from there on; empty when there is none. */
static struct str
mark_of(struct str text)
{
	struct str line;

	for (int i = 0; i < MARK_LINES && str_line(&text, &line); i++) {
		size_t at = str_find(line, STR_LIT(MARK));

		if (at != STR_NONE)
			return str_skip(line, at);
	}
	return STR_NULL;
}

bool
unit_is_ours(struct str text)
{
	return mark_of(text).n > 0;
}

bool
unit_is_for(const struct unit_input *in, struct str text)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct str mark = mark_of(text);

	/* launchd's names do not meet, and its mark names nobody. */
	if (!str_has_prefix(mark, MARK " for "))
		return mark.n > 0;
	return str_has_prefix(mark, arena_printf(&a, MARK " for %s %s:", unit_text_owner(in->part), in->instance));
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
		{ "edge.bind", in->edge_bind },
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

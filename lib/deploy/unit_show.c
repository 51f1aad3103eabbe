/* unit_show.c - what the service manager says of a unit */
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/deploy/unit.h"

static struct str
value_of(struct str text, const char *key)
{
	struct str line;

	while (str_line(&text, &line)) {
		struct str value = line, name = str_cut(&value, '=');

		if (str_is(name, key))
			return value;
	}
	return STR_NULL;
}

static void
read_systemd(struct arena *a, struct str text, struct unit_shown *ret)
{
	struct str active = value_of(text, "ActiveState"), result = value_of(text, "Result"), files = value_of(text, "UnitFileState");
	bool is_failed = str_is(active, "failed");
	struct err ignored = ERR_INIT;

	ret->is_loaded = str_is(value_of(text, "LoadState"), "loaded");
	ret->is_enabled = str_is(files, "enabled") || str_is(files, "enabled-runtime");
	ret->is_active = str_is(active, "active") || str_is(active, "reloading");
	ret->needs_reload = str_is(value_of(text, "NeedDaemonReload"), "yes");
	ret->status = arena_str(a, value_of(text, "StatusText"));
	(void)!num_i64(value_of(text, "MainPID"), 0, INT32_MAX, &ret->pid, &ignored);
	if (active.n > 0 && !str_is(active, "inactive"))
		ret->activity = arena_printf(a, STR_FMT " (" STR_FMT ")", STR_ARG(active), STR_ARG(is_failed ? result : value_of(text, "SubState")));
}

/* Lines "\tstate = running", "\tlast exit code = 3"; the text is for people, so little is read of it. */
static void
read_launchd(struct arena *a, struct str text, struct unit_shown *ret)
{
	struct str line;

	ret->is_loaded = text.n > 0;
	ret->is_enabled = true;
	while (str_line(&text, &line)) {
		struct str t = str_trim(line);

		if (!ret->activity[0] && str_has_prefix(t, "state = "))
			ret->activity = arena_str(a, str_skip(t, sizeof "state = " - 1));
	}
	ret->is_active = str_is(str_of(ret->activity), "running");
}

void
unit_read_shown(struct arena *a, enum unit_manager m, struct str text, struct unit_shown *ret)
{
	*ret = (struct unit_shown){ .activity = "", .status = "" };
	if (m == UNIT_LAUNCHD)
		read_launchd(a, text, ret);
	else
		read_systemd(a, text, ret);
}

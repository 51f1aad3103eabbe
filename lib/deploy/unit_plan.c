/* unit_plan.c - pure: what install and uninstall do, in which order, and why */
#include "lib/deploy/unit_install.h"

#include "lib/base/mem.h"
#include "lib/base/path.h"

static void
add(struct unit_plan *p, struct unit_step step)
{
	if (p->n == ARRAY_LEN(p->steps))
		BUG("a unit's plan has more steps than there is room for");
	p->steps[p->n++] = step;
}

/* A verb that this manager does not know adds nothing. */
static void
add_verb(struct arena *a, struct unit_plan *p, const struct unit_state *st, enum unit_verb v, enum unit_step_kind kind, const char *label, const char *text)
{
	const char *const *argv = unit_command(a, &st->in, st->uid, v);

	if (argv)
		add(p, (struct unit_step){ .kind = kind, .label = label, .text = text, .argv = argv });
}

static const char *
shown(struct arena *a, const struct unit_state *st, const char *path)
{
	return path_tilde(a, path, st->in.home);
}

static const char *const *
linger_command(struct arena *a, const struct unit_state *st, const char *verb)
{
	struct strlist l = { 0 };

	strlist_add(a, &l, "loginctl");
	strlist_add(a, &l, verb);
	strlist_add(a, &l, st->user_name);
	return l.v;
}

static void
plan_linger(struct arena *a, const struct unit_state *st, struct unit_plan *p)
{
	if (st->in.manager != UNIT_SYSTEMD || st->in.kind != SCOPE_USER)
		return;
	/* Left over from before somebody disabled it: what he may enable by himself, when it fails here, is not ours. */
	if (st->made_linger && !st->has_linger)
		add(p, (struct unit_step){ .kind = UNIT_STEP_REMOVE, .object = st->linger_mark, .text = "an earlier linger is forgotten" });
	if (!st->has_linger)
		add(p, (struct unit_step){ .kind = UNIT_STEP_LINGER, .label = "Linger", .argv = linger_command(a, st, "enable-linger"),
		    .text = arena_printf(a, "enabled for %s: the service starts at boot and goes on after the logout", st->user_name) });
	if (st->no_manager)
		add_verb(a, p, st, UNIT_PING, UNIT_STEP_AWAIT, "Manager", arena_printf(a, "of %s answers", st->user_name));
}

static void
plan_start(struct arena *a, const struct unit_state *st, bool is_now, bool is_changed, struct unit_plan *p)
{
	if (st->is_active && is_changed && st->in.manager == UNIT_LAUNCHD) {
		add_verb(a, p, st, UNIT_STOP, UNIT_STEP_TRY, "Service", "ended, to read its new list");
		add_verb(a, p, st, UNIT_START, UNIT_STEP_COMMAND, "Service", "started again; opencode was not touched");
	} else if (st->is_active && is_changed) {
		add_verb(a, p, st, UNIT_RESTART, UNIT_STEP_COMMAND, "Service", "restarted; opencode was not touched");
	} else if (!st->is_active && is_now) {
		add_verb(a, p, st, UNIT_FORGET, UNIT_STEP_TRY, NULL, "forgets earlier failures");
		add_verb(a, p, st, UNIT_START, UNIT_STEP_COMMAND, "Service", "started");
	}
}

void
unit_plan_install(struct arena *a, const struct unit_state *st, bool is_now, struct unit_plan *ret)
{
	bool wants_copy = st->is_copy && !st->is_copy_same;
	bool is_same = st->installed && str_is(str_of(st->installed), st->text);

	*ret = (struct unit_plan){ .n = 0 };
	plan_linger(a, st, ret);
	if (wants_copy)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_COPY, .label = "Program", .object = st->in.binary,
		    .text = arena_printf(a, "copied to %s: %s is in %s", shown(a, st, st->in.binary), shown(a, st, st->self), unit_place_kind(st->self)) });
	if (st->needs_owner)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_OWN, .label = "Files", .object = st->in.state_dir,
		    .text = arena_printf(a, "state and credentials given to %s", st->in.user ? st->in.user : "root") });
	if (!is_same)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_WRITE, .label = "Unit", .object = st->path,
		    .text = arena_printf(a, "%s %s", st->installed ? "brought up to date in" : "written to", shown(a, st, st->path)) });
	if (!is_same || st->needs_reload)
		add_verb(a, ret, st, UNIT_RELOAD, UNIT_STEP_COMMAND, NULL, "the manager reads it");
	if (!st->is_enabled)
		add_verb(a, ret, st, UNIT_ENABLE, UNIT_STEP_COMMAND, "Enabled", st->in.kind == SCOPE_SYSTEM ? "starts at boot" : "starts with your service manager");
	plan_start(a, st, is_now, !is_same || wants_copy, ret);
}

static void
add_remove(struct arena *a, const struct unit_state *st, enum unit_step_kind kind, const char *label, const char *path, struct unit_plan *p)
{
	add(p, (struct unit_step){ .kind = kind, .label = label, .object = path, .text = arena_printf(a, "removed: %s", shown(a, st, path)) });
}

/* The file goes before the service is stopped: that is how its stop command knows that opencode is to go on. systemd keeps the text it read until it is told to read
 * again. launchd calls it a failure when the end takes a moment. */
void
unit_plan_uninstall(struct arena *a, const struct unit_state *st, struct unit_plan *ret)
{
	enum unit_step_kind stop = st->in.manager == UNIT_LAUNCHD ? UNIT_STEP_TRY : UNIT_STEP_COMMAND;
	bool can_ask = !st->no_manager, is_failed = str_has_prefix(str_of(st->activity), "failed");

	*ret = (struct unit_plan){ .is_removal = true };
	if (can_ask && st->is_enabled && st->installed && !st->is_foreign)
		add_verb(a, ret, st, UNIT_DISABLE, UNIT_STEP_TRY, "Disabled", "does not start at boot any more");
	if (st->installed && !st->is_foreign)
		add_remove(a, st, UNIT_STEP_REMOVE, "Unit", st->path, ret);
	if (can_ask && st->activity[0] && !is_failed && !st->is_foreign)
		add_verb(a, ret, st, UNIT_STOP, stop, "Service", "ended; opencode was not touched");
	if (can_ask && ret->n > 0) {
		add_verb(a, ret, st, UNIT_RELOAD, UNIT_STEP_TRY, NULL, "the manager forgets it");
		add_verb(a, ret, st, UNIT_FORGET, UNIT_STEP_TRY, NULL, "and its failures");
	}
	if (st->made_copy && !st->is_shared)
		add_remove(a, st, UNIT_STEP_UNCOPY, "Program", unit_stable_place(a, st->in.kind, st->in.home), ret);
	if (st->made_linger && !st->has_linger && !st->has_others)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_REMOVE, .object = st->linger_mark, .text = "linger, disabled meanwhile, is forgotten" });
	if (st->made_linger && st->has_linger && !st->has_others)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_LINGER, .label = "Linger", .argv = linger_command(a, st, "disable-linger"),
		    .text = "disabled, as it was before" });
}

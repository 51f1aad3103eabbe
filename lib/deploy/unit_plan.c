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

static struct unit_input
input_of(const struct unit_state *st, enum unit_part part)
{
	struct unit_input in = st->in;

	in.part = part;
	return in;
}

/* A verb that this manager does not know adds nothing. */
static void
add_verb(struct arena *a, struct unit_plan *p, const struct unit_state *st, enum unit_part part, enum unit_verb v, struct unit_step step)
{
	struct unit_input in = input_of(st, part);

	step.part = part;
	step.argv = unit_command(a, &in, st->uid, v);
	if (step.argv)
		add(p, step);
}

/* The words of a step: COMMAND has to succeed, TRY may fail. */
#define DO(what, done) (struct unit_step){ .kind = UNIT_STEP_COMMAND, .label = (what), .text = (done) }
#define MAY(what, done) (struct unit_step){ .kind = UNIT_STEP_TRY, .label = (what), .text = (done) }

/* A package's unit is never the one that install makes: that is taken away by uninstall, under a running opencode. */
static bool
has_changed(const struct unit_piece *u)
{
	return u->text && !(u->installed && !u->is_packaged && str_is(str_of(u->installed), u->text));
}

static bool
is_ours(const struct unit_piece *u)
{
	return u->installed && !u->is_foreign;
}

bool
unit_is_running(const struct unit_state *st)
{
	for (int i = 0; i < UNIT__PARTS; i++)
		if ((i == UNIT_WATCHDOG || st->unit[i].text) && !(is_ours(&st->unit[i]) && st->unit[i].is_active))
			return false;
	return true;
}

const struct unit_piece *
unit_foreign(const struct unit_state *st)
{
	for (int i = 0; i < UNIT__PARTS; i++)
		if (st->unit[i].is_foreign && (i == UNIT_WATCHDOG || st->unit[i].text))
			return &st->unit[i];
	return NULL;
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
		add_verb(a, p, st, UNIT_WATCHDOG, UNIT_PING,
		    (struct unit_step){ .kind = UNIT_STEP_AWAIT, .label = "Manager", .text = arena_printf(a, "the service manager of %s answers", st->user_name) });
}

/* ---- a unit taken away ---- */

static void
add_remove(struct arena *a, const struct unit_state *st, enum unit_part part, enum unit_step_kind kind, const char *path, struct unit_plan *p)
{
	const char *label = kind == UNIT_STEP_UNCOPY ? "Program" : "Unit";

	add(p, (struct unit_step){ .kind = kind, .label = label, .part = part, .object = path, .text = arena_printf(a, "removed: %s", shown(a, st, path)) });
}

static const char *
end_of(enum unit_part part)
{
	return part == UNIT_WATCHDOG ? "ended; opencode was not touched" : part == UNIT_EDGE ? "ended" : "closed";
}

/* The file goes before the service is stopped: that is how its stop command knows that opencode is to go on. systemd keeps the text it read until it is told to read
 * again. launchd calls it a failure when the end takes a moment. */
static void
plan_drop(struct arena *a, const struct unit_state *st, enum unit_part part, struct unit_plan *p)
{
	static const char *const labels[UNIT__PARTS] = { "Service", "Port", "Port", "Edge" };
	const struct unit_piece *u = &st->unit[part];
	const char *end = u->is_packaged ? "ended, and opencode with it: the unit is a package's, and stays" : end_of(part);
	struct unit_step stop = st->in.manager == UNIT_LAUNCHD ? MAY(labels[part], end) : DO(labels[part], end);
	bool can_ask = !st->no_manager, is_failed = str_has_prefix(str_of(u->activity), "failed"), is_watchdog = part == UNIT_WATCHDOG;

	if (u->is_foreign)
		return;
	if (can_ask && u->is_enabled && u->installed)
		add_verb(a, p, st, part, UNIT_DISABLE, MAY(is_watchdog ? "Disabled" : NULL, "does not start at boot any more"));
	if (u->installed && !u->is_packaged)
		add_remove(a, st, part, UNIT_STEP_REMOVE, u->path, p);
	if (can_ask && u->activity && u->activity[0] && !is_failed)
		add_verb(a, p, st, part, UNIT_STOP, stop);
}

/* ---- install ---- */

/* One that runs the program. */
static void
plan_start(struct arena *a, const struct unit_state *st, enum unit_part part, bool is_now, bool is_changed, struct unit_plan *p)
{
	const char *label = part == UNIT_WATCHDOG ? "Service" : "Edge";
	bool is_active = st->unit[part].is_active;

	is_changed = is_changed || st->unit[part].is_stale;
	if (is_active && is_changed && st->in.manager == UNIT_LAUNCHD) {
		add_verb(a, p, st, part, UNIT_STOP, MAY(label, "ended, to read its new list"));
		add_verb(a, p, st, part, UNIT_START, DO(label, "started again; opencode was not touched"));
	} else if (is_active && is_changed) {
		add_verb(a, p, st, part, UNIT_RESTART, DO(label, "restarted; opencode was not touched"));
	} else if (!is_active && is_now) {
		add_verb(a, p, st, part, UNIT_FORGET, MAY(NULL, "forgets earlier failures"));
		add_verb(a, p, st, part, UNIT_START, DO(label, "started"));
	}
}

/* The ports first. systemd opens none while the process that it starts is there: then that one has to end for a moment. The rest of the set runs with the watchdog. */
static void
plan_start_edge(struct arena *a, const struct unit_state *st, bool is_now, bool is_new_program, struct unit_plan *p)
{
	const struct unit_piece *edge = &st->unit[UNIT_EDGE];
	bool runs = is_now || st->unit[UNIT_WATCHDOG].is_active || edge->is_active, moves = false;

	for (int i = UNIT_EDGE_SOCKET; i <= UNIT_EDGE_REDIRECT; i++)
		if (st->unit[i].text && (st->unit[i].is_active ? has_changed(&st->unit[i]) : runs))
			moves = true;
	if (moves && edge->is_active)
		add_verb(a, p, st, UNIT_EDGE, UNIT_STOP, DO("Edge", "ended for a moment: its ports change"));
	for (int i = UNIT_EDGE_SOCKET; i <= UNIT_EDGE_REDIRECT; i++) {
		const struct unit_piece *u = &st->unit[i];

		if (u->text && u->is_active && has_changed(u)) {
			add_verb(a, p, st, (enum unit_part)i, UNIT_RESTART, DO("Port", "opened anew"));
		} else if (u->text && !u->is_active && runs) {
			add_verb(a, p, st, (enum unit_part)i, UNIT_FORGET, MAY(NULL, "forgets earlier failures"));
			add_verb(a, p, st, (enum unit_part)i, UNIT_START, DO("Port", "open"));
		}
	}
	if (moves && edge->is_active)
		add_verb(a, p, st, UNIT_EDGE, UNIT_START, DO("Edge", "started again"));
	else
		plan_start(a, st, UNIT_EDGE, runs, has_changed(edge) || is_new_program, p);
}

static void
plan_write(struct arena *a, const struct unit_state *st, enum unit_part part, struct unit_plan *p)
{
	const struct unit_piece *u = &st->unit[part];

	if (has_changed(u))
		add(p, (struct unit_step){ .kind = UNIT_STEP_WRITE, .label = "Unit", .part = part, .object = u->path,
		    .text = arena_printf(a, "%s %s", u->installed && !u->is_packaged ? "brought up to date in" : "written to", shown(a, st, u->path)) });
}

/* The edge was turned off, or one of its ports. */
static bool
plan_drop_rest(struct arena *a, const struct unit_state *st, struct unit_plan *p)
{
	size_t n = p->n;

	for (int i = UNIT_EDGE_SOCKET; i < UNIT__PARTS; i++)
		if (!st->unit[i].text && is_ours(&st->unit[i]))
			plan_drop(a, st, (enum unit_part)i, p);
	return p->n > n;
}

static void
plan_enable(struct arena *a, const struct unit_state *st, enum unit_part part, struct unit_plan *p)
{
	bool is_port = part == UNIT_EDGE_SOCKET || part == UNIT_EDGE_REDIRECT;
	const char *text = st->in.kind == SCOPE_SYSTEM ? "starts at boot" : "starts with your service manager";

	/* One row for a person: the parts go together. */
	if (st->unit[part].text && !st->unit[part].is_enabled)
		add_verb(a, p, st, part, UNIT_ENABLE, DO(is_port ? NULL : part == UNIT_EDGE ? "Edge" : "Enabled", text));
}

void
unit_plan_install(struct arena *a, const struct unit_state *st, bool is_now, struct unit_plan *ret)
{
	bool wants_copy = st->is_copy && !st->is_copy_same, reloads;

	*ret = (struct unit_plan){ .n = 0 };
	plan_linger(a, st, ret);
	if (wants_copy)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_COPY, .label = "Program", .object = st->in.binary,
		    .text = arena_printf(a, "copied to %s: %s is in %s", shown(a, st, st->in.binary), shown(a, st, st->self), unit_place_kind(st->self)) });
	if (st->needs_owner)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_OWN, .label = "Files", .object = st->in.state_dir,
		    .text = arena_printf(a, "state and credentials given to %s", st->in.user ? st->in.user : "root") });
	reloads = plan_drop_rest(a, st, ret);
	for (int i = 0; i < UNIT__PARTS; i++) {
		plan_write(a, st, (enum unit_part)i, ret);
		reloads = reloads || has_changed(&st->unit[i]) || (st->unit[i].text && st->unit[i].needs_reload);
	}
	if (reloads)
		add_verb(a, ret, st, UNIT_WATCHDOG, UNIT_RELOAD, DO(NULL, "the manager reads it"));
	for (int i = 0; i < UNIT__PARTS; i++)
		plan_enable(a, st, (enum unit_part)i, ret);
	plan_start(a, st, UNIT_WATCHDOG, is_now, has_changed(&st->unit[UNIT_WATCHDOG]) || wants_copy, ret);
	if (st->unit[UNIT_EDGE].text)
		plan_start_edge(a, st, is_now, wants_copy, ret);
}

/* ---- uninstall ---- */

static void
plan_forget(struct arena *a, const struct unit_state *st, struct unit_plan *p)
{
	add_verb(a, p, st, UNIT_WATCHDOG, UNIT_RELOAD, MAY(NULL, "the manager forgets it"));
	for (int i = 0; i < UNIT__PARTS; i++)
		if (i == UNIT_WATCHDOG || is_ours(&st->unit[i]))
			add_verb(a, p, st, (enum unit_part)i, UNIT_FORGET, MAY(NULL, "and its failures"));
}

/* The edge before the watchdog, and its ports before itself: an open one would start it again. */
void
unit_plan_uninstall(struct arena *a, const struct unit_state *st, struct unit_plan *ret)
{
	*ret = (struct unit_plan){ .is_removal = true };
	for (int i = UNIT_EDGE_SOCKET; i < UNIT__PARTS; i++)
		plan_drop(a, st, (enum unit_part)i, ret);
	plan_drop(a, st, UNIT_WATCHDOG, ret);
	if (!st->no_manager && ret->n > 0)
		plan_forget(a, st, ret);
	if (st->made_copy && !st->is_shared)
		add_remove(a, st, UNIT_WATCHDOG, UNIT_STEP_UNCOPY, unit_stable_place(a, st->in.kind, st->in.home), ret);
	if (st->made_linger && !st->has_linger && !st->has_others)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_REMOVE, .object = st->linger_mark, .text = "linger, disabled meanwhile, is forgotten" });
	if (st->made_linger && st->has_linger && !st->has_others)
		add(ret, (struct unit_step){ .kind = UNIT_STEP_LINGER, .label = "Linger", .argv = linger_command(a, st, "disable-linger"),
		    .text = "disabled, as it was before" });
}

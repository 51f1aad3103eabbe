/*
 * unit_jobs.c - why systemd stops the unit: because somebody wants it stopped, or in passing
 *
 * `systemctl stop` is `occ stop`. A restart, the machine's end, a user's last logout and an uninstall end the supervisor alone, and the desired state stays. systemd tells
 * its stop command nothing of this, but its queue of jobs does.
 */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/unit.h"
#include "lib/deploy/unit_run.h"

#define ASK_MS 20000
#define JOBS_BYTES_MAX (1u << 20)

/* Their start is the end of the machine or of a user's manager, or leaves little of it (`systemctl rescue`). */
static const char *const ends[] = {
	"shutdown.target", "reboot.target", "poweroff.target", "halt.target", "kexec.target", "soft-reboot.target", "exit.target", "final.target", "rescue.target",
	"emergency.target",
};

/* JOB UNIT TYPE STATE, in columns; a heading and a footer are told by their first word. */
struct job {
	struct str unit, type;
};

static struct str
next_word(struct str *s)
{
	*s = str_trim(*s);
	return str_cut(s, ' ');
}

static bool
read_job(struct str line, struct job *ret)
{
	struct str id = next_word(&line);

	ret->unit = next_word(&line);
	ret->type = next_word(&line);
	return id.n > 0 && id.p[0] >= '0' && id.p[0] <= '9' && ret->type.n > 0;
}

static bool
is_end(const struct job *j)
{
	/* What everything else stands on is only stopped with everything else. */
	if (str_is(j->unit, "basic.target") || str_is(j->unit, "sysinit.target"))
		return str_is(j->type, "stop");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (str_is(j->unit, ends[i]))
			return !str_is(j->type, "stop");
	return false;
}

bool
unit_jobs_want_stop(struct str jobs, const char *unit)
{
	bool is_stopping = false;
	struct str line;
	struct job j;

	while (str_line(&jobs, &line)) {
		if (!read_job(line, &j))
			continue;
		if (is_end(&j))
			return false;
		if (str_is(j.unit, unit))
			is_stopping = str_is(j.type, "stop");
	}
	return is_stopping;
}

/* The file that systemd made the unit from: gone while it is being uninstalled. */
static int
has_fragment(const struct unit_input *in, const char *name, bool *ret, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(UNIT_TEXT_MAX);
	const char *argv[] = { "systemctl", in->kind == SCOPE_SYSTEM ? "--system" : "--user", "show", "--value", "--property=FragmentPath", name, NULL };
	AUTO(arena) struct arena a = ARENA_INIT;

	if (unit_run(argv, &out, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	*ret = file_exists(arena_str(&a, str_trim(buf_str(&out))));
	return 0;
}

int
unit_stop_is_wanted(const struct scope *s, const char *unit, bool *ret, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf jobs = BUF_INIT(JOBS_BYTES_MAX);
	struct unit_input in = { .manager = unit_manager_here, .kind = s->kind, .instance = s->instance, .home = s->home };
	const char *name = unit ? unit : unit_name(&a, &in);
	const char *argv[] = { "systemctl", s->kind == SCOPE_SYSTEM ? "--system" : "--user", "list-jobs", "--no-legend", "--no-pager", "--plain", "--full", NULL };
	bool has_file = false;

	*ret = false;
	if (in.manager != UNIT_SYSTEMD)
		return 0;
	if (unit_run(argv, &jobs, clock_due_ms(ASK_MS), e) < 0)
		return err_wrap(e, "ask systemd why it stops %s", name);
	if (!unit_jobs_want_stop(buf_str(&jobs), name))
		return 0;
	if (has_fragment(&in, name, &has_file, e) < 0)
		return -1;
	*ret = has_file;
	return 0;
}

/* prepare.c - the answers thought through to the end, before anything is changed */
#include "applets/occ-setup/setup.h"

#include "lib/base/path.h"
#include "lib/deploy/expose.h"
#include "lib/deploy/mount.h"
#include "lib/deploy/up.h"

int
setup_no_password(struct err *e)
{
	err_set(e, ERR_USAGE, "the answers say that the password is given, and it is not");
	err_note(e, "try", "--password-file FILE   or   --password-stdin");
	return err_note(e, "or", "the answer \"password\": \"keep\"   (generates one where there is none)");
}

static int
check_mount_of(struct setup *s, struct err *e)
{
	const char *host = s->changes.workspace, *remark = NULL;

	if (!host)
		return 0;
	const struct config_mount m = { .host = str_of(host), .target = str_of(path_join(s->r->arena, SERVICE_WORKSPACE, path_base(host))) };
	if (mount_check(&s->s, &m, &remark, e) < 0)
		return -1;
	if (remark)
		term_warn(s->r->term, s->r->cli->prog, "%s", remark);
	return 0;
}

/* The configuration as it will be, environment included. */
static int
config_after(struct setup *s, struct config *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	const char *path = path_tilde(s->r->arena, s->s.scope.config_path, s->s.scope.home);
	bool exists;

	if (config_text(&s->s.scope, &text, &exists, e) < 0)
		return -1;
	if (config_edit_text(s->r->arena, path, s->changes.pairs, s->changes.n, &text, e) < 0)
		return -1;
	return config_parse(s->r->arena, buf_str(&text), path, occ_environment(), ret, e);
}

/* The steps of the start that will follow; everything it would refuse is refused here. */
static int
plan_start(struct setup *s, const struct config *after, struct err *e)
{
	const struct up_options dry = { .is_dry_run = true, .timeout_ms = -1 };
	const struct config before = s->s.config;
	struct up_result result;
	int rc;

	s->has_plan = false;
	if (!s->s.is_connected)
		return 0;
	s->s.config = *after;
	rc = up_start(&s->s, &dry, &result, e);
	s->s.config = before;
	if (rc < 0)
		return -1;
	s->plan = result.plan;
	s->has_plan = true;
	return 0;
}

int
setup_prepare(struct setup *s, struct err *e)
{
	struct config after;

	s->settled = s->answers;
	if (answers_settle(s->r->arena, &s->settled, &s->facts, e) < 0 ||
	    changes_make(s->r->arena, &s->settled, &s->file, &s->facts, &s->changes, e) < 0)
		return -1;
	if (s->changes.password == PASSWORD_TYPED && s->password.n == 0)
		return setup_no_password(e);
	if (check_mount_of(s, e) < 0 || config_after(s, &after, e) < 0)
		return -1;
	if (expose_check(&after, true, e) < 0)
		return -1;
	setup_service_prepare(s, &after);
	return plan_start(s, &after, e);
}

/* tell.c - what a person hears when nobody looks */
#include "applets/occ-watchdog/watchdog.h"
#include "lib/deploy/backup_round.h"
#include "lib/deploy/update_news.h"

/* The container's address as last known, or where the configuration would have it. */
static const char *
base_of(struct watchdog *wd, struct arena *a)
{
	const struct service *s = &wd->service;

	return service_url_at(a, &s->config, s->scope.kind, wd->target.is_inner, wd->target.host[0] ? wd->target.host : NULL, wd->target.port);
}

void
tell_trouble(struct watchdog *wd, enum policy_notice n)
{
	static const struct {
		enum notice_kind kind;
		const char *title;
	} of[] = {
		[POLICY_NOTIFY_FAILED] = { NOTICE_FAILED, "opencode is down" },
		[POLICY_NOTIFY_RECOVERED] = { NOTICE_RECOVERED, "opencode is back" },
		[POLICY_NOTIFY_RESTARTED] = { NOTICE_RESTARTED, "opencode was restarted" },
	};
	AUTO(arena) struct arena scratch = ARENA_INIT;
	const char *remedy = wd->policy.cause != CAUSE_NONE ? cause_remedy(wd->policy.cause) : NULL;
	char status[WATCHDOG_TEXT];
	const char *text = drive_status(wd, status, sizeof status);

	if (n == POLICY_NOTIFY_RESTARTED && wd->policy.ladder.cause != CAUSE_NONE)
		text = arena_printf(&scratch, "after: %s; occ incidents show %llu", cause_text(wd->policy.ladder.cause), (unsigned long long)wd->last_incident);
	else if (n == POLICY_NOTIFY_FAILED && remedy)
		text = arena_printf(&scratch, "%s. Try: %s", text, remedy);
	const struct notice notice = { .kind = of[n].kind, .title = of[n].title, .text = text, .link = base_of(wd, &scratch) };
	notice_send(&wd->sender, &notice);
}

void
tell_backup(struct watchdog *wd)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct backup_round last;

	backup_round_load(&scratch, &wd->service.scope, &last);
	const struct notice notice = { .kind = NOTICE_FAILED, .title = "the backup failed", .link = base_of(wd, &scratch),
		.text = last.why[0] ? last.why : "its process ended before it was done; it is tried again" };
	notice_send(&wd->sender, &notice);
}

void
tell_news(struct watchdog *wd)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct update_news n;

	update_news_load(&scratch, &wd->service.scope, &n);
	const struct notice notice = { .kind = NOTICE_UPDATE, .title = "there is a newer opencode", .link = base_of(wd, &scratch),
		.text = arena_printf(&scratch, "opencode %s. To change to it: occ update", n.newest) };
	notice_send(&wd->sender, &notice);
}

void
tell_activity(struct watchdog *wd, const struct activity_event *ev)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;
	struct notice n;

	if (notice_of_activity(&scratch, ev, base_of(wd, &scratch), &n))
		notice_send(&wd->sender, &n);
}

/* notice_activity.c - what opencode says of its sessions, as a notice */
#include "lib/base/path.h"
#include "lib/deploy/notice_send.h"

bool
notice_of_activity(struct arena *a, const struct activity_event *ev, const char *base, struct notice *ret)
{
	const char *where = path_tilde(a, ev->directory, SERVICE_HOME), *what = ev->title[0] ? ev->title : "a session";
	struct notice n = { .instance = "", .link = notice_link(a, base, ev->directory, ev->session), .text = ev->text };

	switch (ev->kind) {
	case ACTIVITY_FINISHED:
		n.kind = NOTICE_FINISHED;
		n.title = arena_printf(a, "%s: %s", ev->text[0] ? "Ended with an error" : "Finished", what);
		break;
	case ACTIVITY_QUESTION:
		n.kind = NOTICE_QUESTION;
		n.title = arena_printf(a, "Question: %s", what);
		break;
	case ACTIVITY_PERMISSION:
		n.kind = NOTICE_PERMISSION;
		n.title = arena_printf(a, "Permission wanted: %s", what);
		break;
	default:
		return false;
	}
	if (where[0])
		n.text = n.text[0] ? arena_printf(a, "%s (%s)", n.text, where) : arena_printf(a, "in %s", where);
	*ret = n;
	return true;
}

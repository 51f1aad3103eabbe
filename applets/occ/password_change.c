/* password_change.c - a new password into the file and, proved, into the service */
#include "applets/occ/password_change.h"

#include "applets/occ/report.h"

static void
say(struct run *r, enum up_rotated how)
{
	switch (how) {
	case UP_ROTATED_PROVED:
		term_row(r->term, "Password", "changed: opencode refuses the old one and takes the new one");
		return;
	case UP_ROTATED_FILE:
		term_row(r->term, "Password", "saved; opencode is not running, the next `%s start` uses it", r->cli->prog);
		return;
	case UP_ROTATED_EDGE:
		term_row(r->term, "Password", "saved; the edge (occ-tls) takes it over, and whoever is logged in has to log in again");
		term_row(r->term, "opencode", "not restarted: it has a password of its own, which the edge presents");
		return;
	}
}

int
password_change(struct run *r, struct service *s, struct credentials *fresh, const struct password_idle *idle, struct err *e)
{
	const struct up_idle up = report_idle(r, idle->now, idle->wait_idle_ms);
	int rc;

	term_progress(r->term, "Password", "changing it");
	rc = up_rotate(s, buf_str(&fresh->password), &up, e);
	term_progress_end(r->term);
	if (rc >= 0)
		say(r, (enum up_rotated)rc);
	return rc;
}

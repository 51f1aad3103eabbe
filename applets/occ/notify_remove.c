/* notify_remove.c - no more notifications to an address */
#include "applets/occ/common.h"
#include "lib/base/clock.h"

#define LOCK_MS 5000

static int
notify_remove_run(struct run *r, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials c;
	const char *name = r->argv[0];
	struct scope s;

	credentials_init(&c);
	if (occ_scope(r, &s, e) < 0 || state_lock(&lock, &s, "notify remove", clock_due_ms(LOCK_MS), e) < 0 || credentials_load(&s, &c, e) < 0)
		return -1;
	if (!credentials_remove_notify(&c, name)) {
		err_set(e, ERR_NOT_FOUND, "there is no address named %.80s", name);
		return err_note(e, "try", "%s notify list", r->cli->prog);
	}
	if (credentials_save(&s, &c, e) < 0)
		return -1;
	term_row(r->term, "Notify", "%s is removed", name);
	return 0;
}

CMD(occ_notify_remove) = {
	.applet = "occ", .name = "notify remove", .group = "Settings", .args = "NAME", .args_min = 1, .args_max = 1,
	.brief = "send no more notifications to an address",
	.about = "Removes it from the credentials file; `occ notify list` has the names.",
	.run = notify_remove_run,
};

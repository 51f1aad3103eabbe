/* secret_unset.c - takes a key away from the agent */
#include "applets/occ/common.h"
#include "lib/base/clock.h"

#define LOCK_MS 5000

static int
secret_unset_run(struct run *r, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials c;
	const char *name = r->argv[0];
	struct scope s;

	credentials_init(&c);
	if (occ_scope(r, &s, e) < 0 || state_lock(&lock, &s, "secret unset", clock_due_ms(LOCK_MS), e) < 0 || credentials_load(&s, &c, e) < 0)
		return -1;
	if (!credentials_unset_secret(&c, name)) {
		err_set(e, ERR_NOT_FOUND, "there is no secret %.80s", name);
		return err_note(e, "try", "%s secret list", r->cli->prog);
	}
	if (credentials_save(&s, &c, e) < 0)
		return -1;
	term_row(r->term, "Secret", "%s is removed; applies at the next `%s restart`", name, r->cli->prog);
	return 0;
}

CMD(occ_secret_unset) = {
	.applet = "occ", .name = "secret unset", .group = "Access", .args = "NAME", .args_min = 1, .args_max = 1,
	.brief = "take a key away from the agent",
	.about = "Removes it from the credentials file. A running service keeps it until its next restart.",
	.run = secret_unset_run,
};

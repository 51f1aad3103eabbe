/* password_show.c - the password and nothing else */
#include "applets/occ/common.h"

static int
password_show_run(struct run *r, struct err *e)
{
	AUTO(credentials) struct credentials c;
	struct scope s;

	credentials_init(&c);
	if (occ_scope(r, &s, e) < 0 || credentials_load(&s, &c, e) < 0)
		return -1;
	if (!c.has_password) {
		err_set(e, ERR_FAIL, "there is no password yet: the first start makes one");
		return err_note(e, "try", "%s start", r->cli->prog);
	}
	if (c.password.n == 0)
		return err_set(e, ERR_FAIL, "the password is empty: whoever reaches opencode is let in");
	term_put(r->term, buf_str(&c.password));
	term_put(r->term, STR_LIT("\n"));
	return 0;
}

CMD(occ_password_show) = {
	.applet = "occ", .name = "password show", .group = "Access", .args = "", .args_max = 0,
	.brief = "print the password",
	.about = "Prints the password and a line feed, nothing else. The user name is the setting auth.username.",
	.run = password_show_run,
};

/* secret_list.c - the names of the agent's keys, never their values */
#include "applets/occ/common.h"

#define LIST_BYTES_MAX 65536

static int
secret_list_run(struct run *r, struct err *e)
{
	AUTO(credentials) struct credentials c;
	AUTO(buf) struct buf out = BUF_INIT(LIST_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	struct scope s;

	credentials_init(&c);
	if (occ_scope(r, &s, e) < 0 || credentials_load(&s, &c, e) < 0)
		return -1;
	if (r->g->wants_json)
		jsonw_array(&w, NULL);
	for (size_t i = 0; i < c.n_secrets; i++) {
		if (r->g->wants_json)
			jsonw_str(&w, NULL, c.secrets[i].name);
		else
			buf_printf(&out, "%s\n", c.secrets[i].name);
	}
	if (r->g->wants_json)
		return occ_put_json(r, &w, "list", e);
	return occ_put_text(r, &out, "list", e);
}

CMD(occ_secret_list) = {
	.applet = "occ", .name = "secret list", .group = "Access", .args = "", .args_max = 0, .has_json = true,
	.brief = "list the names of the agent's keys",
	.about = "Names only, one a line; values are never shown. With --json an array of names.",
	.run = secret_list_run,
};

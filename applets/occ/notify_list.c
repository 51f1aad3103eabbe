/* notify_list.c - where notifications go: names, kinds and hosts, never the whole address */
#include "applets/occ/common.h"

#define LIST_BYTES_MAX 65536

static int
notify_list_run(struct run *r, struct err *e)
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
	for (size_t i = 0; i < c.n_notify; i++) {
		const struct credentials_notify *n = &c.notify[i];
		const char *kind = notice_service_name(n->service), *origin = notice_origin(r->arena, buf_str(&n->url));

		if (!r->g->wants_json) {
			buf_printf(&out, "%-16s %-8s %s/...\n", n->name, kind, origin);
			continue;
		}
		jsonw_object(&w, NULL);
		jsonw_str(&w, "name", n->name);
		jsonw_str(&w, "kind", kind);
		jsonw_str(&w, "origin", origin);
		jsonw_end(&w);
	}
	if (r->g->wants_json)
		return occ_put_json(r, &w, "list", e);
	return occ_put_text(r, &out, "list", e);
}

CMD(occ_notify_list) = {
	.applet = "occ", .name = "notify list", .group = "Settings", .args = "", .args_max = 0, .has_json = true,
	.brief = "list where notifications go",
	.about = "Name, kind and host of each address; what is behind the host may be a token and is never shown. With --json an array of objects of name, kind and origin.",
	.run = notify_list_run,
};

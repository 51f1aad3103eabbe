/* config_get.c - one value, for scripts */
#include "applets/occ/common.h"

static int
config_get_run(struct run *r, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);
	const struct schema_key *k = schema_find(r->argv[0]);
	struct scope s;
	struct config c;

	if (!k) {
		const char *nearest = schema_nearest(r->argv[0]);

		err_set(e, ERR_USAGE, "'%.80s' is not a key of the configuration", r->argv[0]);
		if (nearest)
			return err_note(e, "try", "%s config get %s", r->cli->prog, nearest);
		return err_note(e, "try", "%s config show --all", r->cli->prog);
	}
	if (occ_config(r, &s, &c, e) < 0)
		return -1;
	if (r->g->wants_json)
		config_put_value(&c, k, &out);
	else
		config_put_plain(&c, k, &out);
	if (out.n > 0)
		buf_putc(&out, '\n');
	if (buf_check(&out, k->name, e) < 0)
		return -1;
	term_put(r->term, buf_str(&out));
	return 0;
}

CMD(occ_config_get) = {
	.applet = "occ", .name = "config get", .group = "Settings", .args = "KEY", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "print the value of one setting",
	.about = "The value in force: from the environment, else the file, else the default. A list is printed one element a line.",
	.run = config_get_run,
};

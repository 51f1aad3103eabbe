/* config_set.c - one key, one value */
#include "applets/occ/config_change.h"

static const char *const config_set_examples[] = {
	"config set server.port 4000", "publish on another port",
	"config set container.memory 4g", "limit the memory",
	"config set image.packages '[\"golang\", \"gdb\"]'", "a whole list",
	NULL,
};

static int
config_set_run(struct run *r, struct err *e)
{
	struct config_change c;

	if (config_change_begin(r, r->argv[0], &c, e) < 0)
		return -1;
	if (config_set(r->arena, &c.scope, r->argv[0], r->argv[1], e) < 0)
		return -1;
	return config_change_report(r, &c, e);
}

CMD(occ_config_set) = {
	.applet = "occ", .name = "config set", .group = "Settings", .args = "KEY VALUE", .args_min = 2, .args_max = 2, .has_json = true,
	.brief = "change one setting",
	.about = "Changes one value of the file; comments, order and all other lines stay. The value is checked first, and an invalid one changes "
		 "nothing. Passwords and keys do not belong into the configuration: see `password` and `secret`.",
	.examples = config_set_examples, .run = config_set_run,
};

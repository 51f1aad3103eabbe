/* config_unset.c - a key back to its default */
#include "applets/occ/config_change.h"

static int
config_unset_run(struct run *r, struct err *e)
{
	struct config_change c;

	if (config_change_begin(r, r->argv[0], &c, e) < 0)
		return -1;
	if (config_unset(r->arena, &c.scope, r->argv[0], e) < 0)
		return -1;
	return config_change_report(r, &c, e);
}

CMD(occ_config_unset) = {
	.applet = "occ", .name = "config unset", .group = "Settings", .args = "KEY", .args_min = 1, .args_max = 1, .has_json = true,
	.brief = "put one setting back to its default",
	.about = "Takes the key out of the file. Where it does not stand there, nothing changes.",
	.run = config_unset_run,
};

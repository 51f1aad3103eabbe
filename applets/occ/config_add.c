/* config_add.c - one element more in a list */
#include "applets/occ/config_change.h"

static const char *const config_add_examples[] = {
	"config add image.packages golang", "one more package in the image",
	"config add container.mounts /srv/shop:/home/opencode/workspace/shop", "a directory of the host",
	NULL,
};

static int
config_add_run(struct run *r, struct err *e)
{
	struct config_change c;
	bool is_changed;

	if (config_change_begin(r, r->argv[0], &c, e) < 0)
		return -1;
	if (config_add(r->arena, &c.scope, r->argv[0], r->argv[1], &is_changed, e) < 0)
		return -1;
	return config_change_report(r, &c, e);
}

CMD(occ_config_add) = {
	.applet = "occ", .name = "config add", .group = "Settings", .args = "KEY ELEMENT", .args_min = 2, .args_max = 2, .has_json = true,
	.brief = "add an element to a setting that is a list",
	.about = "An element that the list holds already changes nothing.",
	.examples = config_add_examples, .run = config_add_run,
};

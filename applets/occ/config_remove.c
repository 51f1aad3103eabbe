/* config_remove.c - one element less in a list */
#include "applets/occ/config_change.h"

static int
config_remove_run(struct run *r, struct err *e)
{
	struct config_change c;
	bool is_changed;

	if (config_change_begin(r, r->argv[0], &c, e) < 0)
		return -1;
	if (config_remove(r->arena, &c.scope, r->argv[0], r->argv[1], &is_changed, e) < 0)
		return -1;
	if (is_changed)
		return config_change_report(r, &c, e);
	err_set(e, ERR_NOT_FOUND, "%s does not hold this element", r->argv[0]);
	return err_note(e, "try", "%s config get %s", r->cli->prog, r->argv[0]);
}

CMD(occ_config_remove) = {
	.applet = "occ", .name = "config remove", .group = "Settings", .args = "KEY ELEMENT", .args_min = 2, .args_max = 2, .has_json = true,
	.brief = "remove an element from a setting that is a list",
	.about = "The element is given exactly as `config get KEY` prints it.",
	.run = config_remove_run,
};

/* config_validate.c - is the configuration right, and if not, where */
#include "applets/occ/common.h"
#include "lib/base/file.h"
#include "lib/base/path.h"

#define EXIT_CONFIG 3

/* A file beside the scope's own: what the environment adds is not its fault. */
static int
load_file(struct run *r, const char *name, const char **ret_shown, struct config *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);

	*ret_shown = name;
	if (file_read(name, &text, e) < 0)
		return err_wrap(e, "read the configuration");
	return config_parse(r->arena, buf_str(&text), name, NULL, ret, e);
}

static int
load_own(struct run *r, const char **ret_shown, struct config *ret, struct err *e)
{
	struct scope s;

	if (occ_scope(r, &s, e) < 0)
		return -1;
	*ret_shown = path_tilde(r->arena, s.config_path, s.home);
	return config_load(r->arena, &s, occ_environment(), ret, e);
}

/* problem may be e itself: it is written down before e can be filled. */
static int
as_json(struct run *r, const char *shown, const struct config *c, const struct err *problem, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "file", shown);
	jsonw_bool(&w, "valid", !problem);
	jsonw_str(&w, "error", problem ? problem->msg : NULL);
	jsonw_array(&w, "warnings");
	for (size_t i = 0; !problem && i < c->warnings.n; i++)
		jsonw_str(&w, NULL, c->warnings.v[i]);
	jsonw_end(&w);
	return occ_put_json(r, &w, "report", e);
}

static int
config_validate_run(struct run *r, struct err *e)
{
	const char *shown = NULL;
	struct config c = { .line = { 0 } };
	int rc = r->argc > 0 ? load_file(r, r->argv[0], &shown, &c, e) : load_own(r, &shown, &c, e);

	if (rc < 0 && (!r->g->wants_json || e->code != ERR_CONFIG))
		return -1;
	if (r->g->wants_json) {
		if (as_json(r, shown, &c, rc < 0 ? e : NULL, e) < 0)
			return -1;
		return rc < 0 ? EXIT_CONFIG : 0;
	}
	for (size_t i = 0; i < c.warnings.n; i++)
		term_warn(r->term, r->cli->prog, "%s", c.warnings.v[i]);
	if (!r->term->is_quiet)
		term_printf(r->term, "%s is valid%s\n", shown, c.warnings.n > 0 ? ", with warnings" : "");
	return 0;
}

CMD(occ_config_validate) = {
	.applet = "occ", .name = "config validate", .group = "Settings", .args = "[FILE]", .args_max = 1, .has_json = true,
	.brief = "check the configuration, or another file",
	.about = "Names the first mistake with line and column, what is allowed, and the command that mends it. Exit code 0 when valid, 3 when not.",
	.run = config_validate_run,
};

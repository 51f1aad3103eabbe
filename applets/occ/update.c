/* occ update: another version of opencode, proved before the old one goes */
#include <string.h>

#include "applets/occ/change.h"
#include "applets/occ/update_self.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/schema_check.h"
#include "lib/deploy/update_news.h"

struct update_opts {
	bool is_self, check, rebuild, dry_run, now, yes;
	int64_t wait_idle_ms, timeout_ms;
};

static const struct opt update_opts[] = {
	FLAG(struct update_opts, check, 'c', "check", "only tell whether there is a newer one"),
	FLAG(struct update_opts, dry_run, 'n', "dry-run", "show what would be done; change nothing"),
	FLAG(struct update_opts, is_self, 0, "self", "this program, instead of opencode"),
	FLAG(struct update_opts, rebuild, 0, "rebuild", "make the image anew: newer packages, the same opencode"),
	DURATION(struct update_opts, timeout_ms, 't', "timeout", "DURATION", "how long to wait until it answers (2m)"),
	DURATION(struct update_opts, wait_idle_ms, 0, "wait-idle", "DURATION", "how long to wait for busy sessions (10m)"),
	FLAG(struct update_opts, now, 0, "now", "stop busy sessions instead of waiting"),
	FLAG(struct update_opts, yes, 'y', "yes", "do not ask"),
	OPT_LAST,
};

static const char *const update_examples[] = {
	"update", "to the newest version; asks first",
	"update --check", "is there one?",
	"update --self", "this program; opencode goes on meanwhile",
	"update 1.18.33 --yes --wait-idle 2h", "to a certain one, when nobody is at work",
	NULL,
};

static int
tell_check(struct run *r, const char *now, const char *newest, struct err *e)
{
	AUTO(buf) struct buf out = BUF_INIT(4096);
	struct jsonw w = JSONW_INIT(&out, 2);
	bool is_newer = update_compare(newest, now) > 0;

	if (r->g->wants_json) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "opencode", now);
		jsonw_str(&w, "newest", newest);
		jsonw_bool(&w, "is_newer", is_newer);
		return occ_put_json(r, &w, "the report", e);
	}
	if (is_newer)
		term_row(r->term, "Update", "opencode %s is there, %s runs: %s update", newest, now[0] ? now : "an unknown one", r->cli->prog);
	else
		term_row(r->term, "Update", "opencode %s is the newest", now);
	return 0;
}

/* The version to go to: NULL when the image decides. */
static int
choose(struct run *r, struct service *s, const struct container *c, const char **ret, struct err *e)
{
	bool is_pull = image_source_is_pull(s);

	*ret = NULL;
	if (r->argc > 0 && is_pull) {
		err_set(e, ERR_USAGE, "'%.40s': image.source is pull, and the version is that of the image", r->argv[0]);
		return err_note(e, "try", "%s config set image.ref REF   and then: %s update", r->cli->prog, r->cli->prog);
	}
	if (r->argc > 0) {
		if (check_opencode(str_of(r->argv[0]), e) < 0) {
			e->code = ERR_USAGE;
			return -1;
		}
		*ret = r->argv[0];
		return 0;
	}
	const struct update_opts *o = r->opts;
	if ((is_pull && !o->check) || o->rebuild)
		return 0;
	*ret = update_news_ask(s, c, e);
	return *ret ? 0 : -1;
}

static int
nothing_to_do(struct run *r, struct service *s, const char *now, struct err *e)
{
	const struct up_result unchanged = { .version = now };

	if (r->g->wants_json)
		return change_put_json(r, service_url(s, NULL), now, &unchanged, e);
	term_row(r->term, "Update", "nothing to do: opencode %s is %s", now, r->argc > 0 ? "what is there" : "the newest");
	return 0;
}

static const char *
question_of(struct run *r, const char *now, const char *to, const char *instance)
{
	if (!to)
		return arena_printf(r->arena, "Get the image of %s anew (now opencode %s)", instance, now);
	return arena_printf(r->arena, "Change %s from opencode %s to %s%s", instance, now[0] ? now : "unknown", to,
	    now[0] && update_compare(to, now) < 0 ? ", which is OLDER" : "");
}

/* It proves itself by running, and its newest version is asked for inside. A rollback does without. */
static int
check_runs(struct service *s, const struct container *c, struct err *e)
{
	if (c->state == CONTAINER_RUNNING)
		return 0;
	err_set(e, ERR_NOT_RUNNING, "%s does not run", s->names.container);
	return err_note(e, "try", "occ start");
}

static int
run_self(struct run *r, struct err *e)
{
	const struct update_opts *o = r->opts;
	const struct update_self_opts self = { .is_check = o->check, .is_dry_run = o->dry_run, .is_yes = o->yes };

	if (o->rebuild || o->now || o->wait_idle_ms >= 0 || o->timeout_ms >= 0)
		return err_set(e, ERR_USAGE, "--self goes with --check, --dry-run and --yes alone: opencode is not touched");
	return update_self_run(r, &self, e);
}

static int
update_run(struct run *r, struct err *e)
{
	const struct update_opts *o = r->opts;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	const char *now, *to;

	if (o->is_self)
		return run_self(r, e);
	if (occ_connect(r, &s, e) < 0 || image_source_look(&s, &c, &now, e) < 0 || check_runs(&s, &c, e) < 0 || choose(r, &s, &c, &to, e) < 0)
		return -1;
	if (o->check)
		return tell_check(r, now, to ? to : now, e);
	if (to && !o->rebuild && strcmp(to, now) == 0)
		return nothing_to_do(r, &s, now, e);
	if (!o->dry_run && change_agree(r, o->yes, question_of(r, now, to, s.scope.instance), e) < 0)
		return -1;
	const struct change change = { .from = now, .is_dry_run = o->dry_run, .is_rebuild = o->rebuild, .is_pull = image_source_is_pull(&s), .now = o->now,
		.wait_idle_ms = o->wait_idle_ms, .timeout_ms = o->timeout_ms, .verb = to ? arena_printf(r->arena, "update to opencode %s", to) : "update of the image",
		.wish = { .watch_s = (unsigned)s.config.update.watch_s, .set_source = "", .set_ref = "", .set_opencode = to ? to : "" } };
	return change_run(r, &s, &change, e);
}

CMD(occ_update) = {
	.applet = "occ", .name = "update", .group = "Service", .args = "[VERSION]", .args_max = 1, .has_json = true,
	.brief = "change to another version of opencode, proved first",
	.about = "The new image is made while the old one serves. Then opencode's data is copied, requests are held where there is an edge, the old container is stopped and the new "
		 "one has to prove itself on the data: its version, its page, its events, 401 without the password, and that it stays well for update.watch_seconds. If it "
		 "does not, image, container and data are what they were (exit 10). Mounts, variables and secrets are those of before. Without VERSION: the newest of "
		 "opencode 1; with image.source pull: what image.ref is by now. The last update.keep versions can be taken back by rollback. "
		 "With --self it is this program that changes, to a release whose signature it knows: the old one stays beside it as NAME.previous, and services are brought over.",
	.examples = update_examples, .opts = update_opts, .opts_bytes = sizeof(struct update_opts), .run = update_run,
};

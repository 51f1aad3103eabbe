/* image_source.c - build or pull, and the contract that an image has to meet */
#include "lib/deploy/image_source.h"

#include "lib/base/clock.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/build_context.h"
#include "lib/deploy/embed.h"
#include "lib/deploy/image_published.h"
#include "lib/http/remote.h"
#include "lib/tls/digest.h"

#define INPUTS_MAX (64u << 10)
#define ENTRYPOINT_SCRIPT "/usr/local/lib/opencode-cloud/entrypoint"

bool
image_source_is_pull(const struct service *s)
{
	return str_is(str_of(s->config.image.source), "pull");
}

const char *
image_source_ref(struct service *s)
{
	if (image_source_is_pull(s))
		return s->config.image.ref;
	return arena_printf(s->arena, "%s:%s", s->names.container, s->config.image.opencode);
}

static const char *
joined_packages(struct arena *a, const struct config *c)
{
	AUTO(buf) struct buf out = BUF_INIT(INPUTS_MAX);

	for (size_t i = 0; i < c->image.packages.n; i++)
		buf_printf(&out, "%s%s", i ? " " : "", c->image.packages.v[i]);
	return arena_str(a, buf_str(&out));
}

const char *
image_source_inputs(struct arena *a, const struct config *c)
{
	AUTO(buf) struct buf text = BUF_INIT(INPUTS_MAX), hex = BUF_INIT(2 * DIGEST_SHA256_BYTES);

	buf_printf(&text, "%s\n%s\n%s\n%s\n%s\n%s\n", embed_digest, c->image.base, c->image.opencode, c->image.variant, c->image.ca_bundle,
	    joined_packages(a, c));
	digest_sha256_hex(buf_str(&text), &hex);
	return arena_str(a, buf_str(&hex));
}

/* The proxies of this environment, under both spellings that programs read; the builder knows them without a declaration. */
static void
add_proxies(struct service *s, struct strlist *args)
{
	static const char *const names[] = { "HTTP_PROXY=", "HTTPS_PROXY=", "NO_PROXY=", "http_proxy=", "https_proxy=", "no_proxy=", NULL };

	for (const char *const *v = s->rq.environment; v && *v; v++) {
		for (size_t i = 0; names[i]; i++) {
			if (str_has_prefix(str_of(*v), names[i]))
				strlist_add(s->arena, args, *v);
		}
	}
}

static struct strlist
build_args(struct service *s)
{
	struct strlist args = { .v = NULL };
	const struct config *c = &s->config;

	strlist_add(s->arena, &args, arena_printf(s->arena, "BASE_IMAGE=%s", c->image.base));
	strlist_add(s->arena, &args, arena_printf(s->arena, "OPENCODE_VERSION=%s", c->image.opencode));
	strlist_add(s->arena, &args, arena_printf(s->arena, "OPENCODE_VARIANT=%s", c->image.variant));
	strlist_add(s->arena, &args, arena_printf(s->arena, "EXTRA_PACKAGES=%s", joined_packages(s->arena, c)));
	add_proxies(s, &args);
	return args;
}

/* Carries the build's lines to the report. */
struct show {
	const struct plan_report *report;
	const char *what;
};

static void
show_step(void *ctx, struct str line, uint64_t done_bytes, uint64_t total_bytes)
{
	const struct show *sh = ctx;
	AUTO(buf) struct buf text = BUF_INIT(1024);

	if (!sh->report->progress)
		return;
	buf_printf(&text, "%s: ", sh->what);
	if (total_bytes)
		buf_printf(&text, "%llu %%, ", (unsigned long long)(done_bytes * 100 / total_bytes));
	buf_putstr(&text, str_take(str_trim(line), 512));
	sh->report->progress(sh->report->ctx, "Image", text.p);
}

static const char *
ca_path_of(struct service *s)
{
	const char *v = s->config.image.ca_bundle;

	if (str_is(str_of(v), "none"))
		return NULL;
	return str_is(str_of(v), "auto") ? remote_ca_file(s->arena) : v;
}

static int
explain_build(struct service *s, struct err *e)
{
	if (e->code == ERR_IMAGE && str_find(str_of(e->msg), STR_LIT("code: 132")) != STR_NONE)
		err_note(e, "try", "occ config set image.variant baseline   (this CPU lacks instructions that opencode was built for)");
	else if (e->code == ERR_IMAGE && str_find(str_of(e->msg), str_of(s->config.image.base)) != STR_NONE)
		err_note(e, "try", "occ config set image.base IMAGE   (a base that this engine has or can pull)");
	return err_wrap(e, "build the image");
}

int
image_source_build(struct service *s, bool no_cache, bool pull_base, const struct plan_report *report, struct err *e)
{
	AUTO(build_context) struct build_context context = { .next = 0, .ca = BUF_INIT(0), .piece = BUF_INIT(0) };
	const char *ref = image_source_ref(s), *ignored_id;
	struct strlist labels = { .v = NULL }, args = build_args(s);
	struct show show = { .report = report, .what = arena_printf(s->arena, "building %s", ref) };
	const struct image_progress progress = { .step = show_step, .ctx = &show };

	if (report->progress)
		report->progress(report->ctx, "Image", arena_printf(s->arena, "building %s (first time about 3 min)", ref));
	if (build_check(s, e) < 0)
		return err_wrap(e, "build the image");
	if (build_context_open(&context, ca_path_of(s), e) < 0)
		return -1;
	strlist_add(s->arena, &labels, LABEL_MANAGED "=" LABEL_MANAGED_VALUE);
	strlist_add(s->arena, &labels, arena_printf(s->arena, "%s=%s", LABEL_INSTANCE, s->scope.instance));
	strlist_add(s->arena, &labels, arena_printf(s->arena, "%s=%s", LABEL_INPUTS, image_source_inputs(s->arena, &s->config)));
	const struct image_build build = { .tag = ref, .args = args.v, .labels = labels.v, .no_cache = no_cache,
		.pull = pull_base };
	struct image_context source = build_context_source(&context);
	if (image_build(&s->engine, s->arena, &build, &source, &progress, clock_due_ms(IMAGE_BUILD_MS), &ignored_id, e) < 0)
		return explain_build(s, e);
	struct image im;
	if (image_inspect(&s->engine, s->arena, ref, &im, e) < 0)
		return -1;
	return image_source_check(&im, ref, e);
}

int
image_source_make(struct service *s, bool no_cache, bool pull_base, const struct plan_report *report, struct image_made *ret, struct err *e)
{
	const char *published = no_cache ? NULL : image_published_ref(s);

	*ret = (struct image_made){ .published = published };
	if (published) {
		if (image_published_get(s, published, report, e) == 0)
			return 0;
		/* Not what the registry says, but that one was asked to stop. */
		if (e->code != ERR_IMAGE)
			return -1;
		if (report->row)
			report->row(report->ctx, "Image", arena_printf(s->arena, "built here, for the published one cannot be had: %s", e->msg));
		err_clear(e);
		ret->published = NULL;
	}
	return image_source_build(s, no_cache, pull_base, report, e);
}

int
image_source_fetch(struct service *s, const char *ref, const struct plan_report *report, struct err *e)
{
	struct show show = { .report = report, .what = arena_printf(s->arena, "pulling %s", ref) };
	const struct image_progress progress = { .step = show_step, .ctx = &show };

	return image_pull(&s->engine, s->arena, ref, &progress, clock_due_ms(IMAGE_BUILD_MS), e);
}

int
image_source_pull(struct service *s, const struct plan_report *report, struct err *e)
{
	const char *ref = image_source_ref(s);
	struct image im;

	if (image_source_fetch(s, ref, report, e) < 0)
		return -1;
	if (image_inspect(&s->engine, s->arena, ref, &im, e) < 0)
		return -1;
	return image_source_check(&im, ref, e);
}

const char *
image_source_version(const struct image *im)
{
	const char *version = image_label(im, LABEL_VERSION);

	return version ? version : "";
}

static bool
has_word(const struct json *words, const char *word)
{
	for (JSON_EACH(w, words)) {
		if (str_is(w->text, word))
			return true;
	}
	return false;
}

int
image_source_check(const struct image *im, const char *ref, struct err *e)
{
	const char *contract = image_label(im, LABEL_CONTRACT), *version = image_label(im, LABEL_VERSION);
	const char *user = json_str(json_get(im->config, "User"), "");
	const char *lacks = NULL;

	if (!contract || !str_is(str_of(contract), IMAGE_CONTRACT))
		lacks = "the label " LABEL_CONTRACT "=" IMAGE_CONTRACT;
	else if (!has_word(json_get(im->config, "Entrypoint"), ENTRYPOINT_SCRIPT))
		lacks = "the entrypoint " ENTRYPOINT_SCRIPT;
	else if (!str_is(str_of(user), "1000:1000"))
		lacks = "the user 1000:1000";
	if (lacks) {
		err_set(e, ERR_IMAGE, "the image %s does not meet the image contract: it lacks %s", ref, lacks);
		return err_note(e, "try", "occ config set image.source build   (or an image built from this program's docker/)");
	}
	if (!version || !str_has_prefix(str_of(version), "1.")) {
		err_set(e, ERR_IMAGE, "the image %s holds opencode %s; this program runs major version 1", ref, version ? version : "of no version");
		return err_note(e, "try", "an image whose label " LABEL_VERSION " begins with 1.");
	}
	return 0;
}

int
image_source_look(struct service *s, struct container *ret, const char **ret_version, struct err *e)
{
	struct image im;
	int there = service_container(s, ret, e);

	if (there < 0)
		return -1;
	if (there == 0) {
		err_set(e, ERR_NOT_RUNNING, "%s is not there", s->names.container);
		return err_note(e, "try", "occ start");
	}
	*ret_version = "";
	if (image_inspect(&s->engine, s->arena, ret->image_id, &im, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	*ret_version = image_source_version(&im);
	return 0;
}

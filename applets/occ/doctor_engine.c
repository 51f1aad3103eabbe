/* doctor_engine.c - the engine, its host, the image, and what carries our labels there */
#include <string.h>

#include "applets/occ/doctor.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/num.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/engine/container.h"
#include "lib/net/addr.h"

#define IMAGE_OLD_S (120LL * 24 * 3600)
#define NS_PER_S 1000000000

/* ---- the engine ---- */

static void
look_engine(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;

	if (service_connect(&d->s, &e) < 0 || engine_info_get(&d->s.engine, d->r->arena, &d->info, &e) < 0 || spec_input_of(&d->s, &d->spec, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	d->has |= DOCTOR_ENGINE | (d->s.is_remote ? 0 : DOCTOR_LOCAL);
	doctor_fine(d, f, "%s %s on %s", d->s.engine.is_podman ? "Podman" : "Docker", d->info.version, d->s.engine.at.url);
}

/* The context that docker itself would take is another engine than ours: two programs, two worlds. */
static void
look_context(struct doctor *d, struct doctor_finding *f)
{
	const char *host = occ_env("DOCKER_HOST");

	if (host && strcmp(host, d->s.engine.at.url) != 0)
		doctor_odd(d, f, "occ config unset engine.url   (or unset DOCKER_HOST)", "docker in this shell asks %s, and this program %s (%s)", host, d->s.engine.at.url,
		    d->s.engine.at.origin);
	else
		doctor_fine(d, f, "%s", d->s.engine.at.origin);
}

static void
look_disk(struct doctor *d, struct doctor_finding *f)
{
	AUTO(buf) struct buf text = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	uint64_t n;

	if (!d->info.root_dir[0] || file_free_bytes(d->info.root_dir, &n, &ignored) < 0)
		return;
	num_put_bytes(&text, n);
	if (n < BUILD_DISK_BYTES)
		doctor_wrong(d, f, "docker image prune   (images that nothing uses)", "only %s free in %s: a build of the image needs more", text.p, d->info.root_dir);
	else
		doctor_fine(d, f, "%s free in %s", text.p, d->info.root_dir);
}

/* ---- the image ---- */

static void
look_image(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;
	struct image im;
	int64_t made_ns;

	if (image_inspect(&d->s.engine, d->r->arena, d->spec.image, &im, &e) < 0) {
		if (e.code == ERR_NOT_FOUND)
			doctor_odd(d, f, "occ start", "there is no image %s yet", d->spec.image);
		else
			doctor_error(d, f, &e);
		return;
	}
	if (image_source_check(&im, d->spec.image, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	if (clock_parse_rfc3339(str_of(json_str(json_get(im.raw, "Created"), "")), &made_ns, &e) == 0 && clock_epoch_s() - made_ns / NS_PER_S > IMAGE_OLD_S)
		doctor_odd(d, f, "occ start --rebuild --pull", "the image is %lld days old: its packages have known holes by now",
		    (long long)((clock_epoch_s() - made_ns / NS_PER_S) / (24 * 3600)));
	else
		doctor_fine(d, f, "%s", d->spec.image);
}

/* ---- objects ---- */

static void
look_owner(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;
	int there = service_container(&d->s, &d->container, &e);

	if (there < 0 || observe_volume(&d->s, d->s.names.home_volume, &e) < 0 || observe_volume(&d->s, d->s.names.workspace_volume, &e) < 0) {
		doctor_error(d, f, &e);
		return;
	}
	if (there)
		d->has |= DOCTOR_CONTAINER | (d->container.state == CONTAINER_RUNNING ? DOCTOR_RUNNING : 0);
	doctor_fine(d, f, "%s", there ? d->s.names.container : "there is nothing yet");
}

/* The new one of a replacement that was cut may be what serves: occ start finishes that. */
static bool
is_needed(struct doctor *d, const char *name)
{
	return strcmp(name, d->s.names.container) == 0 || strcmp(name, d->s.names.next_container) == 0;
}

/* Of a start, a backup or a verification that was killed. */
static void
look_strays(struct doctor *d, struct doctor_finding *f)
{
	const char *labels[] = { arena_printf(d->r->arena, LABEL_DEPLOYMENT "=%s", d->s.state.deployment), arena_printf(d->r->arena, LABEL_HELPER "=%s", d->s.state.deployment) };
	struct err e = ERR_INIT;
	const char *first = NULL;

	for (size_t i = 0; i < 2; i++) {
		const struct json *list;

		if (container_list(&d->s.engine, d->r->arena, labels[i], &list, &e) < 0) {
			doctor_error(d, f, &e);
			return;
		}
		for (JSON_EACH(c, list)) {
			const char *name = json_str(json_at(json_get(c, "Names"), 0), "/");

			name += name[0] == '/';
			if (is_needed(d, name))
				continue;
			first = first ? first : name;
			strlist_add(d->r->arena, &d->strays, json_str(json_get(c, "Id"), ""));
		}
	}
	if (d->strays.n > 0)
		doctor_odd(d, f, "occ doctor --fix", "%zu container%s of a command that was cut %s left: %s", d->strays.n, d->strays.n == 1 ? "" : "s", d->strays.n == 1 ? "is" : "are", first);
}

static int
mend_strays(struct doctor *d, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT, helpers = FILE_LOCK_INIT;

	/* Whoever holds these may need one of them. */
	if (state_lock(&lock, &d->scope, "doctor", clock_due_ms(0), e) < 0 || helper_lock(&helpers, &d->s, "doctor", e) < 0)
		return -1;
	struct doctor_finding again = { .verdict = DOCTOR_FINE };
	d->strays = (struct strlist){ .v = NULL };
	look_strays(d, &again);		/* by now one of them may have become the service */
	for (size_t i = 0; i < d->strays.n; i++) {
		if (container_remove(&d->s.engine, d->strays.v[i], true, e) < 0)
			return -1;
	}
	return 0;
}

static void
look_drift(struct doctor *d, struct doctor_finding *f)
{
	struct err e = ERR_INIT;
	const char *drift = observe_drift(&d->s, &d->spec, &d->container, &e);

	if (!drift)
		doctor_error(d, f, &e);
	else if (drift[0])
		doctor_odd(d, f, "occ start", "the container is not as configured: %s", drift);
}

const struct doctor_check doctor_engine_checks[] = {
	{ "engine", "an engine that answers, of a version that is known", DOCTOR_SETTINGS, look_engine, NULL },
	{ "context", "docker and this program ask the same engine", DOCTOR_ENGINE, look_context, NULL },
	{ "disk", "room for images and data", DOCTOR_ENGINE | DOCTOR_LOCAL, look_disk, NULL },
	{ "image", "an image that meets the contract, not too old", DOCTOR_ENGINE, look_image, NULL },
	{ "owner", "names on the engine that are ours", DOCTOR_ENGINE, look_owner, NULL },
	{ "strays", "no containers that a cut command has left", DOCTOR_ENGINE, look_strays, mend_strays },
	{ "drift", "a container as it is configured", DOCTOR_CONTAINER, look_drift, NULL },
	{ NULL, NULL, 0, NULL, NULL },
};

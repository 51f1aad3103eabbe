/*
 * image_source.h - where the service's image comes from: a build of docker/, or a pull that meets the image contract
 */
#ifndef OCC_DEPLOY_IMAGE_SOURCE_H
#define OCC_DEPLOY_IMAGE_SOURCE_H

#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"
#include "lib/engine/image.h"

#define LABEL_CONTRACT "io.opencode-cloud.contract"
#define LABEL_VERSION "io.opencode-cloud.opencode-version"
#define LABEL_INPUTS "io.opencode-cloud.inputs"
#define IMAGE_CONTRACT "1"
#define IMAGE_BUILD_MS (60 * 60 * 1000)

/* Does image.source say that the image is pulled? */
bool image_source_is_pull(const struct service *s);

/* Reference the container is created from: "opencode-cloud:1.18.33" (the instance's name for named ones), or image.ref. In the arena. */
const char *image_source_ref(struct service *s);

/* Digest of everything a build is made from but the CA bundle's bytes (those change with every update of the host). In the arena. */
const char *image_source_inputs(struct arena *a, const struct config *c);

/* opencode's version by the image's label; "" without one. */
const char *image_source_version(const struct image *im);
/* The container, whether it runs or not, and opencode's version by its image's label ("" when that is gone). ERR_NOT_RUNNING when there is none. */
int image_source_look(struct service *s, struct container *ret, const char **ret_version, struct err *e) MUST_CHECK;

/* Builds or pulls (image.source pull) with progress under the label "Image"; checks memory, swap and disk first, the contract last. */
int image_source_build(struct service *s, bool no_cache, bool pull_base, const struct plan_report *report, struct err *e) MUST_CHECK;
int image_source_pull(struct service *s, const struct plan_report *report, struct err *e) MUST_CHECK;
/* The pull alone, of any reference. */
int image_source_fetch(struct service *s, const char *ref, const struct plan_report *report, struct err *e) MUST_CHECK;

/* The image for image.source build and auto: the published one where there is one for these settings and it can be had, which a row says when not; else a build. */
struct image_made {
	const char *published;		/* what was pulled; NULL: it was built */
};
int image_source_make(struct service *s, bool no_cache, bool pull_base, const struct plan_report *report, struct image_made *ret, struct err *e) MUST_CHECK;

/* The image contract of docker/Dockerfile: label, entrypoint, user (Podman's inspect tells no health check). ERR_IMAGE with what is missing; opencode of another major version
 * than 1 is refused by name. */
int image_source_check(const struct image *im, const char *ref, struct err *e) MUST_CHECK;

#endif

/*
 * image_published.h - the image that was published with this program: what `image.source auto` takes rather than build the same here
 *
 * A release knows its image by digest, and the inputs it was built from (image_source_inputs). With settings that make other inputs, and in a program that no image was
 * published with, there is none.
 */
#ifndef OCC_DEPLOY_IMAGE_PUBLISHED_H
#define OCC_DEPLOY_IMAGE_PUBLISHED_H

#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"

/* Of this program, made by the build: "REGISTRY/NAME@sha256:..." and the inputs' digest; "" when there is none. */
extern const char image_published_name[], image_published_inputs[];

/* "REGISTRY/NAME@sha256:..." for these settings; NULL: it is built here. */
const char *image_published_ref(struct service *s);

/* Pulls it, proves that it is what it should be (digest: the engine does; contract and inputs: here) and gives it the name that a build would have. ERR_IMAGE when it cannot be
 * had or is another; then nothing has that name that had not before. */
int image_published_get(struct service *s, const char *published, const struct plan_report *report, struct err *e) MUST_CHECK;

#endif

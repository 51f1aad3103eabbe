/*
 * build_check.h - is there room for a build: memory, swap and disk of a local engine's host
 */
#ifndef OCC_DEPLOY_BUILD_CHECK_H
#define OCC_DEPLOY_BUILD_CHECK_H

#include "lib/deploy/service.h"

#define BUILD_DISK_BYTES (4ull << 30)		/* layers of a first build, with the builder's own copies */
#define BUILD_MEMORY_BYTES (700ull << 20)	/* memory and swap together; npm and apt take most of it */

/* The host of a remote engine cannot be looked at: passes. Otherwise ERR_FAIL naming what is there, what is needed and how to get it. */
int build_check(struct service *s, struct err *e) MUST_CHECK;

/* Available memory plus free swap out of /proc/meminfo's text; 0 when it tells neither. */
uint64_t build_check_meminfo(struct str text);

#endif

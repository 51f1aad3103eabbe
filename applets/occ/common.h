/*
 * common.h - what the commands of occ share: opening the instance they were called for
 */
#ifndef OCC_APPLETS_OCC_COMMON_H
#define OCC_APPLETS_OCC_COMMON_H

#include "applets/applet.h"
#include "lib/deploy/service.h"
#include "lib/json/jsonw.h"

/* What the global options and the environment ask for; for commands that look at more than one instance. */
int occ_request(struct run *r, struct service_request *ret, struct err *e) MUST_CHECK;
/* Scope, configuration and state from the global options and the environment (read here, nowhere else); warnings of the configuration are shown. */
int occ_open(struct run *r, struct service *s, struct err *e) MUST_CHECK;
/* occ_open and the engine. */
int occ_connect(struct run *r, struct service *s, struct err *e) MUST_CHECK;
/* The scope only: for commands that must work with a broken configuration. */
int occ_scope(struct run *r, struct scope *ret, struct err *e) MUST_CHECK;
/* The scope and the configuration, without state and engine; warnings are shown. */
int occ_config(struct run *r, struct scope *ret_scope, struct config *ret, struct err *e) MUST_CHECK;
/* The end of what --json prints: closes the outermost, and puts it on the screen, or nothing of it when it grew too large ("WHAT is too ..."). */
int occ_put_json(struct run *r, struct jsonw *w, const char *what, struct err *e) MUST_CHECK;
/* A finished text onto the screen, or nothing of it when it grew too large. */
int occ_put_text(struct run *r, const struct buf *out, const char *what, struct err *e) MUST_CHECK;
/* Before an archive goes to standard output: ERR_USAGE for a terminal, with the option that names a file instead. */
int occ_check_pipe(struct run *r, const char *option, struct err *e) MUST_CHECK;
const char *const *occ_environment(void);
const char *occ_env(const char *name);		/* NULL where unset or empty */

#endif

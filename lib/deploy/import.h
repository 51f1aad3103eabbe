/*
 * import.h - a standalone opencode of this machine copied into an instance that has nothing yet
 *
 * The files are read here and written by a throw-away container (helper.h), so that an engine elsewhere is no different; opencode then runs on the copy where nobody else reaches
 * it, and has to know as many sessions. A failure or Ctrl-C takes everything back; a kill leaves a mark (restore_mark.h), and the next import takes it back first.
 */
#ifndef OCC_DEPLOY_IMPORT_H
#define OCC_DEPLOY_IMPORT_H

#include "lib/deploy/import_source.h"
#include "lib/deploy/plan.h"
#include "lib/deploy/service.h"

struct import_result {
	struct import_seen seen;	/* what was copied */
	const char *version;		/* opencode's that answered on it; NULL: nothing was done */
	int64_t n_sessions;		/* that it knows */
	const struct json *absent;	/* directories that sessions refer to and that the container will not have: strings, the first hundred */
};

/* ERR_REFUSED, with the ways on, when the instance has a container or volumes; those of an import that was cut do not count. The service is connected. */
int import_check_new(struct service *s, struct err *e) MUST_CHECK;

/* Copies, proves and keeps it; opencode does not run afterwards. Builds the image where it is missing. ret->absent is in the service's arena. */
int import_run(struct service *s, const struct import_source *from, const struct plan_report *report, struct import_result *ret, struct err *e) MUST_CHECK;

#endif

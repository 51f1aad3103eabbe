/*
 * config_change.h - what `config set`, `unset`, `add` and `remove` share: the value before and after, and what the change costs
 */
#ifndef OCC_APPLETS_OCC_CONFIG_CHANGE_H
#define OCC_APPLETS_OCC_CONFIG_CHANGE_H

#include "applets/occ/common.h"

struct config_change {
	const struct schema_key *key;
	struct scope scope;
	bool was_valid;			/* the file, before; else before is unknown */
	enum config_origin origin;	/* CONFIG_FILE or CONFIG_DEFAULT, before */
	const char *before;		/* as JSON; NULL when unknown */
};

/* Finds the key (ERR_USAGE with the nearest) and notes its value in the file. Works with a broken configuration. */
int config_change_begin(struct run *r, const char *key, struct config_change *ret, struct err *e) MUST_CHECK;
/* Reads again, says old -> new and what it costs, and warns where an environment variable stands above the file. */
int config_change_report(struct run *r, const struct config_change *c, struct err *e) MUST_CHECK;

#endif

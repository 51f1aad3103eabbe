/*
 * doctor.h - what `occ doctor` looks at: a table of checks, each with what it needs, what is wrong and the command that mends it
 *
 * Checks change nothing and never fail: what cannot be looked at is skipped, with the reason. They run in the table's order; later ones use what earlier ones found.
 */
#ifndef OCC_APPLETS_OCC_DOCTOR_H
#define OCC_APPLETS_OCC_DOCTOR_H

#include "applets/occ/common.h"
#include "lib/deploy/spec.h"
#include "lib/deploy/unit_install.h"

enum doctor_verdict { DOCTOR_FINE, DOCTOR_ODD, DOCTOR_WRONG, DOCTOR_SKIPPED };

struct doctor_finding {
	enum doctor_verdict verdict;
	const char *text;		/* what is wrong; of a fine one what was seen, or NULL */
	const char *fix;		/* the command that mends it, or NULL */
};

/* What checks need, and earlier checks fill in. */
enum {
	DOCTOR_SETTINGS = 1,		/* configuration and state are readable: struct service is good */
	DOCTOR_ENGINE = 2,		/* it is connected */
	DOCTOR_CONTAINER = 4,		/* the instance has one */
	DOCTOR_RUNNING = 8,		/* and it runs */
	DOCTOR_CREDENTIALS = 16,
	DOCTOR_LOCAL = 32,		/* the engine is this machine's */
	DOCTOR_NETWORK = 64,		/* asked for: --network */
};

struct doctor {
	struct run *r;
	unsigned has;			/* DOCTOR_... */
	struct scope scope;
	struct service s;
	struct credentials credentials;
	struct container container;
	struct spec_input spec;
	struct engine_info info;
	struct strlist strays;		/* ids of containers that nothing needs */
	struct strlist open_files;	/* that others may read or write */
};

struct doctor_check {
	const char *name;		/* "engine" */
	const char *what;		/* for --all and people: "an engine that answers" */
	unsigned needs;
	void (*look)(struct doctor *d, struct doctor_finding *f);
	int (*mend)(struct doctor *d, struct err *e);	/* --fix; NULL: only a person can */
};

/* Each list ends with a NULL name. */
extern const struct doctor_check doctor_host_checks[], doctor_engine_checks[], doctor_service_checks[];

void doctor_fine(struct doctor *d, struct doctor_finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* fix: a command, or NULL. */
void doctor_odd(struct doctor *d, struct doctor_finding *f, const char *fix, const char *fmt, ...) PRINTF_LIKE(4, 5);
void doctor_wrong(struct doctor *d, struct doctor_finding *f, const char *fix, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The error's message, and its first remedy. */
void doctor_error(struct doctor *d, struct doctor_finding *f, const struct err *e);

#define DOCTOR_BUNDLE_TRY "%s doctor --bundle FILE"	/* with the program's name */
/* --bundle (doctor_bundle.c). Where it goes, in the arena: the operand, "-" for standard output, else a name of its own here. ERR_USAGE for what is there already, and for a
 * terminal. */
int doctor_bundle_path(struct doctor *d, const char **ret, struct err *e) MUST_CHECK;
/* Writes the support archive, all of it redacted, and says so; report: the findings as JSON. Nothing is left there on failure. */
int doctor_bundle(struct doctor *d, const char *path, struct str report, struct err *e) MUST_CHECK;

#endif

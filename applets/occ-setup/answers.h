/*
 * answers.h - what a setup is told, as data: one table of answers, filled from the defaults, the existing configuration, a file, and the questions
 *
 * Each answer is kept as a person would type it, and checked when it is set: one that stands here is right for itself. answers_settle says what does not go
 * together. The password itself is never an answer: only whether it is kept, generated or given.
 */
#ifndef OCC_APPLETS_OCC_SETUP_ANSWERS_H
#define OCC_APPLETS_OCC_SETUP_ANSWERS_H

#include "lib/deploy/config.h"

#define ANSWERS_BYTES_MAX (1u << 18)

enum answer_id {
	ANSWER_REACH,
	ANSWER_USERNAME, ANSWER_NAME, ANSWER_CERTIFICATE, ANSWER_KEY, ANSWER_EDGE, ANSWER_BIND, ANSWER_PROXIES, ANSWER_PUBLIC_URL, ANSWER_PLAIN_HTTP,
	ANSWER_PASSWORD,
	ANSWER_BOOT,
	/* advanced, in the order of their menu */
	ANSWER_PORT, ANSWER_IMAGE_SOURCE, ANSWER_IMAGE_REF, ANSWER_IMAGE_BASE, ANSWER_OPENCODE, ANSWER_WORKSPACE, ANSWER_MEMORY, ANSWER_CPUS, ANSWER_PIDS,
	ANSWER_RESTART, ANSWER_GIT_NAME, ANSWER_GIT_EMAIL, ANSWER_SSH_KEY,
	ANSWER__N
};
#define ANSWER_ADVANCED ANSWER_PORT	/* the first of them */

enum answer_kind {
	ANSWER_OF_KEY,		/* the value of a configuration key */
	ANSWER_CHOICE,		/* one of .allowed */
	ANSWER_BOOL,		/* "true", "false" */
	ANSWER_TEXT,		/* anything on one line, "" is none */
};

struct answer_row {
	const char *name;		/* in the answers file */
	enum answer_kind kind;
	const char *key;		/* ANSWER_OF_KEY */
	const char *const *allowed;	/* ANSWER_CHOICE: NULL-terminated */
	const char *dflt;		/* not ANSWER_OF_KEY */
	const char *text;		/* one line for people */
};
extern const struct answer_row answer_rows[ANSWER__N];

#define REACH_LOCAL "local"
#define REACH_TAILSCALE "tailscale"
#define REACH_PROXY "load-balancer"
#define REACH_INTERNET "internet"	/* this program does TLS and the login: the edge */
#define REACH_NETWORK "network"		/* by its own address, without encryption: proposed only where it is so already */
#define PASSWORD_KEEP "keep"
#define PASSWORD_GENERATE "generate"
#define PASSWORD_GIVEN "given"

struct setup_answers {
	const char *text[ANSWER__N];	/* in the arena */
	bool is_set[ANSWER__N];		/* by a file or a person, no default */
};

/* What the machine and the instance say, where it decides an answer's default or whether it is possible. Texts are NULL where there is none. */
struct setup_facts {
	const char *outward;		/* this machine's own address on its way out */
	unsigned free_port;		/* instead of the taken default one; 0: nothing to avoid */
	bool has_tailscale;
	const char *tailscale_name;	/* "box.tail1234.ts.net" */
	bool has_password, has_container;
	const char *git_name, *git_email;
	bool has_ssh_key;
	bool has_manager;		/* a service manager that install can use */
	bool is_remote;			/* the engine is another machine's: no edge */
	bool is_service_installed;
};

bool answer_is(const struct setup_answers *a, enum answer_id id, const char *text);
/* A load balancer reaches the edge, and opencode is reached by nobody else. */
bool answers_are_fronted(const struct setup_answers *ans);

/* The configuration key that checks an answer of ANSWER_OF_KEY: `bind` is server.bind's, but for the one value that only edge.bind may have. */
const struct schema_key *answer_key(enum answer_id id, struct str value);

/* Defaults and what exists. */
void answers_init(struct arena *a, const struct config *c, const struct setup_facts *f, struct setup_answers *ret);
/* The value of a configuration key as a person types it: a list with commas. */
const char *answers_text_of(struct arena *a, const struct config *c, const struct schema_key *k);
/* Checks one answer as typed and keeps it. ERR_CONFIG: "what is wrong", without the answer's name. */
int answer_set(struct arena *a, struct setup_answers *ans, enum answer_id id, const char *typed, struct err *e) MUST_CHECK;
/* What follows from other answers is filled in; ERR_USAGE names the answers that are missing or exclude each other. */
int answers_settle(struct arena *a, struct setup_answers *ans, const struct setup_facts *f, struct err *e) MUST_CHECK;
/* The host's directory that stands in the workspace, of container.mounts; NULL when there is none. */
const char *answers_workspace_mount(struct arena *a, const struct config *c, const char **ret_element);

/* The file: JSONC, one object. ERR_CONFIG "path:line:column: what"; unknown names are refused with the nearest known one. */
int answers_parse(struct arena *a, struct str text, const char *path, struct setup_answers *ans, struct err *e) MUST_CHECK;
/* All answers with their texts as comments; what answers_parse takes. */
void answers_put(const struct setup_answers *ans, struct buf *out);

#endif

/*
 * credentials.h - the passwords, the agent's own keys, the addresses of notifications, the edge's key: 0600 in 0700, nowhere else
 *
 * Refused when the file is wider than that. Held in memory only between load and wipe (AUTO). Never logged, never in errors.
 */
#ifndef OCC_DEPLOY_CREDENTIALS_H
#define OCC_DEPLOY_CREDENTIALS_H

#include "lib/base/buf.h"
#include "lib/deploy/notice.h"
#include "lib/deploy/scope.h"
#include "lib/tls/mac.h"

#define CREDENTIALS_SECRETS_MAX 64
#define CREDENTIALS_VALUE_MAX 8192	/* bytes of one secret */
#define CREDENTIALS_NOTIFY_MAX 8
#define CREDENTIALS_URL_MAX 2048	/* bytes of one address */
#define CREDENTIALS_PASSWORD_MIN_BITS 128	/* of a generated one */

/* Where notifications go. The address holds a token as a rule: a secret. Not for the container. */
struct credentials_notify {
	enum notice_service service;
	char *name;
	struct buf url;
};

struct credentials {
	bool has_password;		/* false: none was ever made */
	struct buf password;		/* the user's; may be empty: opencode then is open, refused beyond loopback */
	/* Made with the first start behind the edge, and kept. */
	bool has_edge;
	struct buf inner_password;	/* what the edge presents to opencode; people never see it */
	unsigned char cookie_key[MAC_KEY_BYTES];	/* signs the edge's sessions */
	uint32_t generation;		/* of password: one more with each change of it through this program; kept in the file beside the edge's key */
	size_t n_secrets;
	struct { char *name; struct buf value; } secrets[CREDENTIALS_SECRETS_MAX];	/* sorted by name */
	size_t n_notify;
	struct credentials_notify notify[CREDENTIALS_NOTIFY_MAX];	/* in the order of their making */
};

void credentials_init(struct credentials *c);
void credentials_auto(struct credentials *c);		/* wipes */

/* A missing file gives no password and no secrets. ERR_REFUSED when others could read it. */
/* Are these the contents of such a file? ERR_CONFIG. */
int credentials_check(struct str text, struct err *e) MUST_CHECK;
int credentials_load(const struct scope *s, struct credentials *ret, struct err *e) MUST_CHECK;
int credentials_save(const struct scope *s, const struct credentials *c, struct err *e) MUST_CHECK;

/* "kV7d-...-9sQe": groups of 4 from rand_token, at least 128 bits. */
int credentials_generate_password(struct credentials *c, struct err *e) MUST_CHECK;
/* Checks a password a person chose (no control characters, no ':' problems, at most 1024 bytes; shorter than 12 is ERR_USAGE unless empty is allowed) and sets it. */
int credentials_set_password(struct credentials *c, struct str password, struct err *e) MUST_CHECK;

/* What credentials_generate_password or credentials_set_password has made elsewhere. */
int credentials_take_password(struct credentials *c, struct str password, struct err *e) MUST_CHECK;

/* Makes the inner password and the edge's key if there are none. *ret_made: they are to be saved. */
int credentials_ensure_edge(struct credentials *c, bool *ret_made, struct err *e) MUST_CHECK;
/* The one place that knows which password opencode itself has: of a container that was made for the edge (vantage.h tells) the inner one, else the user's. The
 * second puts one there that was read back. */
struct str credentials_for_opencode(const struct credentials *c, bool is_inner);
int credentials_take_for_opencode(struct credentials *c, bool is_inner, struct str password, struct err *e) MUST_CHECK;

/* Name: [A-Z_][A-Z0-9_]*, not one of ours (OPENCODE_SERVER_*, OCC_*, PATH, LD_*...). Value without NUL and newline. */
int credentials_set_secret(struct credentials *c, const char *name, struct str value, struct err *e) MUST_CHECK;
bool credentials_unset_secret(struct credentials *c, const char *name);

/* name NULL: the service's, with a number when it is taken. Names are [a-z0-9-]; ERR_CONFLICT for one that is there. */
int credentials_add_notify(struct credentials *c, enum notice_service service, const char *name, struct str url, struct err *e) MUST_CHECK;
bool credentials_remove_notify(struct credentials *c, const char *name);

/* The file the entrypoint reads: OPENCODE_SERVER_PASSWORD (the one for opencode), OPENCODE_SERVER_USERNAME and the secrets as NAME=VALUE lines. A secret: wipe it. */
void credentials_put_secret_file(const struct credentials *c, bool is_inner, const char *username, struct buf *out);

#endif

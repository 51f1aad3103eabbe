/*
 * query.h - pure: members of a query or a posted form (application/x-www-form-urlencoded, WHATWG URL section 5)
 *
 * Names are compared decoded: auth%5Ftoken is auth_token to everybody behind us as well. Views point into the caller's text. Nothing fails but the decoding.
 */
#ifndef OCC_APPLETS_TLS_QUERY_H
#define OCC_APPLETS_TLS_QUERY_H

#include "lib/base/buf.h"

struct query_member {
	struct str whole;		/* "name=value" as it stands */
	struct str name, value;		/* still encoded */
};

/* The next member of *rest, which it is cut off; false at the end. Empty members ("a&&b") are passed over. */
bool query_next(struct str *rest, struct query_member *ret);
/* Is this the member's name? */
bool query_is(const struct query_member *m, const char *name);
/* Decoded into `to`, NUL-terminated; false, with "" there, when an escape is malformed, a NUL comes out, or it does not fit. */
bool query_decode(struct str value, char *to, size_t to_bytes);

/* Has the query of a target or URL a member of one of these names (NULL-terminated)? */
bool query_has(struct str target, const char *const *names);
/* The target without those, and without the '?' when nothing is left behind it. */
void query_put_without(struct buf *out, struct str target, const char *const *names);

#endif

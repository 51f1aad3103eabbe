/*
 * schema_check.h - what a single string of the configuration may be
 *
 * One function per kind of value, named by the rows of schema_keys. Each gives ERR_CONFIG with a whole sentence part: the value as given
 * (never what may be a secret), what is wrong, what is allowed. Pure.
 */
#ifndef OCC_DEPLOY_SCHEMA_CHECK_H
#define OCC_DEPLOY_SCHEMA_CHECK_H

#include "lib/base/buf.h"

int check_engine_url(struct str v, struct err *e) MUST_CHECK;		/* "" or unix://, ssh:// */
int check_bind(struct str v, struct err *e) MUST_CHECK;			/* IP address */
int check_public_url(struct str v, struct err *e) MUST_CHECK;		/* "" or an origin */
int check_origin(struct str v, struct err *e) MUST_CHECK;		/* http(s)://HOST[:PORT] */
int check_username(struct str v, struct err *e) MUST_CHECK;
int check_image_ref(struct str v, struct err *e) MUST_CHECK;		/* "" or a reference */
int check_image_base(struct str v, struct err *e) MUST_CHECK;		/* a reference */
int check_opencode(struct str v, struct err *e) MUST_CHECK;		/* exact version of major version 1 */
int check_package(struct str v, struct err *e) MUST_CHECK;		/* Debian package name */
int check_ca_bundle(struct str v, struct err *e) MUST_CHECK;		/* auto, none, absolute path */
int check_env(struct str v, struct err *e) MUST_CHECK;			/* NAME=VALUE without secrets */
int check_mount(struct str v, struct err *e) MUST_CHECK;
int check_port(struct str v, struct err *e) MUST_CHECK;
int check_extra_host(struct str v, struct err *e) MUST_CHECK;
int check_edge_bind(struct str v, struct err *e) MUST_CHECK;		/* auto, private, or an IP address */
int check_edge_name(struct str v, struct err *e) MUST_CHECK;		/* [*.]NAME, or an IP address */
int check_network(struct str v, struct err *e) MUST_CHECK;		/* ADDRESS/BITS */
int check_file_path(struct str v, struct err *e) MUST_CHECK;		/* "" or an absolute path */
int check_recipient(struct str v, struct err *e) MUST_CHECK;		/* age1... */
int check_feed(struct str v, struct err *e) MUST_CHECK;			/* "" or http(s)://, without credentials */
int check_notice(struct str v, struct err *e) MUST_CHECK;		/* a kind of notification */

bool check_is_ip(struct str v);			/* IPv4 or IPv6, without brackets */

/* Anything without control characters: what every string has to pass. */
int check_text(struct str v, struct err *e) MUST_CHECK;

#endif

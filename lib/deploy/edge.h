/*
 * edge.h - pure: what the configuration makes of the edge (DESIGN.md section 8): is it on, where it listens, where its files are, what people type
 *
 * The one place that fills in what the configuration leaves open ("auto"). Strings are the configuration's own or live in the arena given. Only edge_host may ask the
 * system, and only for the address of this machine.
 */
#ifndef OCC_DEPLOY_EDGE_H
#define OCC_DEPLOY_EDGE_H

#include "lib/base/arena.h"
#include "lib/deploy/scope.h"
#include "lib/net/addr.h"

struct config;

enum edge_mode { EDGE_OFF, EDGE_PLAIN, EDGE_SELF_SIGNED, EDGE_FILES };
enum edge_log { EDGE_LOG_OFF, EDGE_LOG_TEXT, EDGE_LOG_JSON };

#define EDGE_NAMES_MAX 16	/* elements of edge.names: as many as a certificate of ours holds (CERT_NAMES_MAX) */
#define EDGE_LIST_MAX 32	/* elements of every other list that the edge's processes exchange; server.cors too, with the edge on */
#define EDGE_BIND_PRIVATE "private"
#define EDGE_TEXT_MAX 255	/* bytes of one element, and of the host of server.public_url */

enum edge_mode edge_mode_of(const struct config *c);
enum edge_log edge_log_of(const struct config *c);
bool edge_is_on(const struct config *c);
bool edge_is_tls(const struct config *c);	/* on, and browsers speak TLS with it */
bool edge_is_page(const struct config *c);	/* edge.login */

/* Where it listens: a literal address. auto: every address with TLS, this machine only without; private: every address as well, but see edge_is_private. */
const char *edge_bind(const struct config *c);
/* As a person says it: private, or that address. */
const char *edge_bind_text(const struct config *c);
/* Connections to a public address of this machine are closed unanswered: what `private` means, whatever addresses the machine has today. */
bool edge_is_private(const struct config *c);
/* From where it is reached. */
enum addr_scope edge_scope(const struct config *c);
/* auto: 443 in system scope, 8443 else; 8080 in mode plain. */
unsigned edge_port(const struct config *c, enum scope_kind kind);
/* Plain HTTP that only leads to https; 0: none. auto: 80 in system scope with TLS. Never in mode plain, whatever is configured. */
unsigned edge_redirect_port(const struct config *c, enum scope_kind kind);

/* What people type to reach it: server.public_url; else scheme, edge_host and edge_port (left out where it is the scheme's own). For a configuration with the edge on. */
const char *edge_url(struct arena *a, const struct config *c, enum scope_kind kind);
/* A name or literal address of this machine: the first of edge.names that is no wildcard; edge_bind when it is one address; this machine's own towards the
 * default route; 127.0.0.1. */
const char *edge_host(struct arena *a, const struct config *c);

struct edge_paths {
	const char *dir;			/* STATE/edge, 0700; whoever writes makes it */
	const char *ca_cert, *ca_key;		/* ca.pem 0644, ca.key 0600: the local authority of mode self-signed */
	const char *leaf_cert, *leaf_key;	/* leaf.pem 0644, leaf.key 0600 */
	const char *links;			/* one-time links that are out, 0600 */
	const char *control;			/* the keeper's socket: INSTANCE.edge.sock beside the watchdog's */
};
void edge_paths_of(struct arena *a, const struct scope *s, struct edge_paths *ret);

/* ---- what does not go with the edge ---- */

/* server.bind beyond loopback would go round the edge. ERR_REFUSED; 0 with the edge off. */
int edge_check_bypass(const struct config *c, struct err *e) MUST_CHECK;
/* The edge reaches opencode over a published port of this machine: ERR_REFUSED for a remote engine; 0 with the edge off. */
int edge_check_engine(const struct config *c, bool is_remote, struct err *e) MUST_CHECK;
/* The edge's ports against each other, server.port and container.ports: ERR_CONFIG with the key in *ret_key; 0 with the edge off. Ports as by edge_port and
 * edge_redirect_port; 0: not known yet (or none), not looked at. */
int edge_check_ports(const struct config *c, unsigned port, unsigned redirect_port, const char **ret_key, struct err *e) MUST_CHECK;

#endif

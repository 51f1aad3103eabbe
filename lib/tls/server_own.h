/*
 * server_own.h - what server.c and session.c share
 */
#ifndef OCC_TLS_SERVER_OWN_H
#define OCC_TLS_SERVER_OWN_H

#include <mbedtls/ssl.h>

#include "lib/tls/bio.h"
#include "lib/tls/server.h"

struct tls_tickets;

struct tls_server *tls_server_ref(struct tls_server *s);
const mbedtls_ssl_config *tls_server_config(const struct tls_server *s);
struct bio_stage *tls_server_stage(struct tls_server *s);
/* Tickets of clients that were good so far. */
uint64_t tls_server_n_resumed(const struct tls_server *s);
/* The session notes the name; called from within mbedTLS with what the client sent. */
void tls_session_named(void *session, struct str name);

#endif

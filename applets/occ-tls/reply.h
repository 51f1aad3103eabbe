/*
 * reply.h - the edge's own answers
 *
 * Each ends the exchange as far as the client is concerned. A request whose body has not been read ends the connection.
 */
#ifndef OCC_APPLETS_TLS_REPLY_H
#define OCC_APPLETS_TLS_REPLY_H

#include "lib/base/str.h"
#include "lib/http/message.h"

struct conn;

/* fields: whole lines with CRLF, about the content too; they and body may lie in edge->fields and edge->page. */
void reply_send(struct conn *c, int status, struct str fields, struct str body);
void reply_text(struct conn *c, int status, const char *text);		/* one line, for programs */
void reply_error(struct conn *c, int status, const char *why);		/* a page where a person looks, else text */
void reply_unavailable(struct conn *c);					/* opencode is not there */
void reply_redirect(struct conn *c);
void reply_not_tls(struct conn *c);

/* What every answer that is passed on gets in addition: fills set with at most REPLY_FIELDS_MAX fields, returns how many. */
#define REPLY_FIELDS_MAX 1
size_t reply_fields(const struct conn *c, struct http_field *set);

#endif

/*
 * intake.h - from bytes of a client to a request, and from the request to who answers it
 */
#ifndef OCC_APPLETS_TLS_INTAKE_H
#define OCC_APPLETS_TLS_INTAKE_H

struct conn;

void intake_head(struct conn *c);	/* the client has sent something */
void intake_kept(struct conn *c);	/* what was read ahead has not been looked at */
void intake_late(struct conn *c);	/* no request, or not the rest of it, in time */

#endif

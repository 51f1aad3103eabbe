/*
 * control_server.h - the owner's end of a control socket, on its loop
 *
 * At most CONTROL_CLIENTS_MAX connections, one request at a time each; who is slow with a request or with reading its answer is dropped. Leases of several
 * connections count together: the owner is suspended with the first and resumed with the end of the last, by resume, close, kill or the end of its time. A
 * struct control_server stays where it is while it is open. Handlers run in the loop's callback and must not block, nor close the server.
 */
#ifndef OCC_DEPLOY_CONTROL_SERVER_H
#define OCC_DEPLOY_CONTROL_SERVER_H

#include "lib/deploy/control.h"
#include "lib/json/jsonw.h"
#include "lib/loop/loop.h"

#define CONTROL_CLIENTS_MAX 16
#define CONTROL_IO_MS 10000		/* for the rest of a request that has begun, and for reading an answer */
#define CONTROL_IDLE_MS 60000		/* a connection without a lease that asks nothing */

struct control_handlers {
	void *ctx;
	/* A verb that is neither TAKE nor GIVE. 0: answered at once; 1: later, by control_server_answer; -1: refused, with e. */
	int (*act)(void *ctx, const struct control_request *r, struct err *e);
	void (*put)(void *ctx, unsigned verb, struct jsonw *w);		/* members of a good answer, behind "ok"; any verb */
	int (*suspend)(void *ctx, const struct control_request *r, struct err *e);	/* the first lease */
	void (*resume)(void *ctx);					/* the last lease has ended */
};

struct control_server;

struct control_client {
	struct watch watch;		/* fd -1: a free place */
	struct control_server *server;
	struct buf in, out;
	int64_t lease_due_ms;		/* LOOP_NEVER: none */
	int64_t lease_end_ms;		/* renewals do not go beyond */
	int64_t io_due_ms;
	bool is_closing;		/* once the answer is out */
	bool waits_for_end;		/* a verb of kind LAST was taken: it may stay */
	bool is_waiting;		/* for the answer to verb: nothing further is taken until then */
	unsigned verb;
	char why[CONTROL_WHY_MAX + 1];
};

struct control_server {
	struct watch listener;
	struct loop *loop;
	const struct control_protocol *protocol;
	struct control_handlers handlers;
	char *path;
	uint64_t device, inode;		/* of our socket: another's is left alone */
	unsigned n_leases;
	struct control_client clients[CONTROL_CLIENTS_MAX];
};

void control_server_init(struct control_server *s);
/* Listens; the directory is made with dir_mode (0700 user, 0755 system), the socket is 0600. The caller holds the owner's lock: a socket that is there
 * is a dead one's. */
int control_server_open(struct control_server *s, struct loop *l, const struct control_protocol *p, const char *path, unsigned dir_mode,
    const struct control_handlers *h, struct err *e) MUST_CHECK;
/* Answers every client that waits for this verb; refused NULL: well. */
void control_server_answer(struct control_server *s, unsigned verb, const struct err *refused);
/* Why the oldest lease was taken, NULL without one. */
const char *control_server_lease(const struct control_server *s);
/* Closes every connection (leases end without the handler being called) and removes the socket. */
void control_server_close(struct control_server *s);

#endif

/*
 * keeper_parts.h - what each part of the keeper keeps: the files' contents, the listeners, the workers
 *
 * Plain data inside struct keeper; each part's functions are in the file of its name, and nobody else changes it.
 */
#ifndef OCC_APPLETS_TLS_KEEPER_PARTS_H
#define OCC_APPLETS_TLS_KEEPER_PARTS_H

#include "applets/occ-tls/certs.h"
#include "applets/occ-tls/verify.h"
#include "applets/occ-tls/wire.h"
#include "lib/loop/loop.h"

#define KEEPER_WORKERS 4		/* one serves, one begins, others end */
#define KEEPER_QUEUE 64
#define KEEPER_LISTENERS 8
#define KEEPER_TEXT 512
#define KEEPER_END_MS 20000		/* what is under way when a worker has to go */

struct keeper;

/* ---- what the files say ---- */

struct keeper_source {
	struct arena arena;
	struct config config;
	struct edge_settings settings;	/* secrets in it: wiped */
	struct certs certs;
	struct verify verify;
	uint64_t mark;			/* of the files as they were read */
};

/* ---- listeners ---- */

enum keeper_kind { KEEPER_TLS, KEEPER_PLAIN, KEEPER_REDIRECT, KEEPER__KINDS };	/* in the order in which a worker has them */

struct keeper_listener {
	int fd;
	enum keeper_kind kind;
	char host[64];			/* "" when the service manager opened it */
	unsigned port;
};

struct keeper_listeners {
	struct keeper_listener v[KEEPER_LISTENERS];
	size_t n;
	bool is_given;			/* by the service manager: they are what they are */
};

/* ---- workers ---- */

enum keeper_worker_state { KEEPER_FREE, KEEPER_STARTING, KEEPER_SERVING, KEEPER_ENDING };

struct keeper_message {
	enum wire_kind kind;
	uint32_t id;
	struct buf body;		/* a secret */
};

struct keeper_worker {
	struct watch pipe, timer;	/* timer: it has to have said something by then */
	struct loop_child child;
	struct keeper *keeper;
	enum keeper_worker_state state;
	int64_t began_ms;
	bool owes_drained;		/* it has been told to hold, and something may be in flight there yet */
	struct keeper_message queue[KEEPER_QUEUE];	/* [0] goes out next */
	size_t n_queue;
};

#endif

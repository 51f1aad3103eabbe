/*
 * worker.h - the process that speaks with the network
 *
 * Started by the keeper by exec of this program (argv: "occ-tls", "--worker"), with WIRE_FD and its listeners open and nothing else. Waits for the first settings, takes its
 * rights away from itself (lib/proc/sandbox), serves until told to end. Returns the exit status.
 */
#ifndef OCC_APPLETS_TLS_WORKER_H
#define OCC_APPLETS_TLS_WORKER_H

#include "lib/base/err.h"

int edge_worker(struct err *e) MUST_CHECK;

#endif

/*
 * conn_list.h - queues of connections that wait for something
 *
 * Pure. A connection is in one of them at most, through its own links.
 */
#ifndef OCC_APPLETS_TLS_CONN_LIST_H
#define OCC_APPLETS_TLS_CONN_LIST_H

struct conn;

struct conn_list {
	struct conn *first, *last;
	unsigned n;
};

/* At the end of l, out of where it was; l NULL: in none. */
void conn_list_move(struct conn *c, struct conn_list *l);

#endif

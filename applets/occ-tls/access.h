/*
 * access.h - whose request it is, and the record of it: access log and durations
 *
 * Lines are gathered and written to standard output at the end of the loop's round, as far as that takes them without blocking; what does not fit is dropped and counted,
 * because a log that stands still must not stop the edge.
 */
#ifndef OCC_APPLETS_TLS_ACCESS_H
#define OCC_APPLETS_TLS_ACCESS_H

#include "applets/occ-tls/client_addr.h"
#include "applets/occ-tls/metrics.h"
#include "lib/loop/loop.h"

#define ACCESS_SAID_MAX (4 * 4096)	/* method, target, host and agent, each cut */
#define ACCESS_PENDING_MAX (256 * 1024)

struct edge;
struct conn;

struct access {
	struct cidr trusted[WIRE_LIST_MAX], metrics_from[WIRE_LIST_MAX];
	size_t n_trusted, n_metrics_from;
	struct metrics_durations durations;
	struct buf lines, line;
	struct watch again;		/* standard output took nothing */
	struct deferred write;
	uint64_t n_dropped;
	bool has_many;			/* clients of more than one address, or a public one, have come */
	char only[CIDR_ADDR_TEXT];	/* the one private address that all have come from */
};

void access_init(struct edge *e);
void access_fini(struct edge *e);
void access_configure(struct edge *e);

/* The request in edge->request has come. */
void access_begin(struct conn *c);
/* It has been answered, or (is_whole false) will not be to its end. */
void access_done(struct conn *c, int status, bool is_whole);

/* As the browser sees it. */
bool access_is_secure(const struct conn *c);
struct str access_port(struct conn *c);		/* empty when it is not known; good until the next call */
bool access_may_read_metrics(const struct conn *c);
bool access_is_trusted(const struct edge *e, const char *address);
int64_t access_now_us(void);

#endif

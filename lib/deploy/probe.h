/*
 * probe.h - health questions in flight, several at once, none of them blocking
 *
 * Each has a connection of its own and an absolute deadline. The owner polls their descriptors together.
 */
#ifndef OCC_DEPLOY_PROBE_H
#define OCC_DEPLOY_PROBE_H

#include "lib/http/message.h"
#include "lib/net/stream.h"

#define PROBE_ANSWER_MAX 16384

enum probe_result { PROBE_PENDING, PROBE_ANSWERED, PROBE_FAILED };

struct probe {
	struct stream stream;		/* fd -1: not in use */
	struct buf answer;
	int64_t due_ms;
};

#define PROBE_INIT { .stream = STREAM_INIT, .answer = BUF_INIT(PROBE_ANSWER_MAX) }

/* Connects and sends; false when nobody listens there. */
bool probe_start(struct probe *p, const char *host, unsigned port, struct str request, int64_t due_ms);
/* Reads what is there. PROBE_ANSWERED once the whole answer is: its status, and the body in p->answer (the head removed). */
enum probe_result probe_step(struct probe *p, int *ret_status);
void probe_stop(struct probe *p);

/* Pure: 1 when answer holds a whole response, whose body is then appended to body; 0 not yet (is_eof: nor ever, -1); -1 malformed. */
int probe_parse(struct str answer, bool is_eof, int *ret_status, struct buf *body);

#endif

/* edge_hold.c - the two requests, and no fault of the edge's */
#include "lib/deploy/edge_hold.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/edge.h"

#define ASK_MS 2000
#define LEASE_S 600		/* a stop, a start and the first answer; longer than each of their limits together */

static int
hold_and_drain(struct edge_hold *h, struct service *s, const char *why, struct err *e)
{
	const struct control_request hold = { .verb = CONTROL_EDGE_HOLD, .seconds = LEASE_S, .why = why };
	const struct control_request drain = { .verb = CONTROL_EDGE_DRAIN, .seconds = EDGE_DRAIN_S, .why = "" };
	const struct json *answer;
	struct edge_paths paths;

	edge_paths_of(s->arena, &s->scope, &paths);
	if (control_open(&h->control, &control_edge, paths.control, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	if (control_ask(&h->control, s->arena, &hold, &answer, clock_due_ms(ASK_MS), e) < 0)
		return -1;
	if (control_ask(&h->control, s->arena, &drain, &answer, clock_due_ms(EDGE_DRAIN_S * 1000 + ASK_MS), e) < 0)
		return -1;
	if (!json_bool(json_get(answer, "drained"), false))
		log_line("requests are still in flight after %d s: they are cut", EDGE_DRAIN_S);
	return 0;
}

int
edge_hold_begin(struct edge_hold *h, struct service *s, const char *why, struct err *e)
{
	struct err inner = ERR_INIT;

	if (h->control.fd >= 0 || !edge_is_on(&s->config))
		return 0;
	if (hold_and_drain(h, s, why, &inner) == 0)
		return 0;
	if (inner.code == ERR_INTERRUPTED) {
		edge_hold_end(h);
		*e = inner;
		return -1;
	}
	log_line("the edge holds nothing: %s", inner.msg);
	return 0;
}

void
edge_hold_end(struct edge_hold *h)
{
	control_auto(&h->control);
}

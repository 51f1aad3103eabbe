/* bring_up.c - the same container, with these credentials, answering */
#include "lib/deploy/bring_up.h"

#include "lib/base/clock.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/secret_file.h"

int
bring_up(struct service *s, const char *id, const struct credentials *cr, int64_t ready_ms, struct err *e)
{
	struct container now;
	const char *version;

	if (container_stop(&s->engine, id, BRING_UP_GRACE_S, e) < 0 || secret_file_put(s, id, cr, e) < 0)
		return -1;
	if (container_start(&s->engine, id, clock_due_ms(BRING_UP_START_MS), e) < 0)
		return -1;
	if (container_inspect(&s->engine, s->arena, id, &now, e) < 0)
		return -1;
	return ready_wait(s, &now, cr, clock_due_ms(ready_ms), &version, e);
}

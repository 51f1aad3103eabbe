/* bring_up.c - the same container, with these credentials, answering */
#include "lib/deploy/bring_up.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/spec.h"

static void
logged(int r, const char *what, const struct err *inner)
{
	if (r < 0)
		log_line("while bringing down: %s: %s", what, inner->msg);
}

void
bring_down(struct service *s, const char *id)
{
	struct err inner = ERR_INIT;

	if (!s->engine.is_podman)
		logged(container_set_restart_policy(&s->engine, id, SPEC_RESTART_STOPPED, &inner), "restart policy", &inner);
	logged(container_stop(&s->engine, id, BRING_UP_GRACE_S, &inner), "stop", &inner);
}

int
bring_up(struct service *s, const char *id, const struct credentials *cr, int64_t ready_ms, bool *ret_started, struct err *e)
{
	struct container now;
	const char *version;

	*ret_started = false;
	if (container_stop(&s->engine, id, BRING_UP_GRACE_S, e) < 0 || container_inspect(&s->engine, s->arena, id, &now, e) < 0
	    || secret_file_put(s, &now, cr, e) < 0)
		return -1;
	if (container_start(&s->engine, id, clock_due_ms(BRING_UP_START_MS), e) < 0)
		return -1;
	*ret_started = true;
	if (container_inspect(&s->engine, s->arena, id, &now, e) < 0)
		return -1;
	int r = ready_wait(s, &now, cr, clock_due_ms(ready_ms), &version, e);
	if (r < 0 && e->code == ERR_REFUSED)
		bring_down(s, id);
	return r;
}

/* up_rotate.c - a new password, proved: the old one refused, the new one let in, else everything as before */
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/deploy/bring_up.h"
#include "lib/deploy/busy.h"
#include "lib/deploy/expose.h"
#include "lib/deploy/ready.h"
#include "lib/deploy/secret_file.h"
#include "lib/deploy/up.h"
#include "lib/deploy/vantage.h"

/* The old password must be refused now. Without a difference there is nothing to prove. */
static int
prove_refused(struct service *s, const struct container *c, const struct credentials *old, const struct credentials *fresh, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(1u << 20);
	struct container now;

	if (!old->has_password || str_eq(buf_str(&old->password), buf_str(&fresh->password)) || !fresh->password.n)
		return 0;
	if (container_inspect(&s->engine, s->arena, c->id, &now, e) < 0)
		return -1;
	int status = vantage_http(s, &now, "GET", "/global/health", STR_NULL, old, &body, clock_due_ms(READY_PROBE_MS * 4), e);
	if (status < 0)
		return -1;
	if (status != 401)
		return err_set(e, ERR_UNHEALTHY, "the old password is still let in (status %d)", status);
	return 0;
}

/* The file first: whatever becomes of the container, the next start then gives it the old password again. */
static int
put_back(struct service *s, const struct container *c, const struct credentials *old, struct err *e)
{
	struct err inner = ERR_INIT;
	bool is_saved, is_started = false;

	cancel_hold();
	is_saved = credentials_save(&s->scope, old, &inner) == 0;
	int r = is_saved ? bring_up(s, c->id, old, READY_START_MS, &is_started, &inner) : -1;
	cancel_release();
	if (r == 0)
		err_note(e, "changed", "nothing; the old password holds");
	else if (!is_saved)
		err_note(e, "changed", "the new password is saved; putting the old one back failed: %s", inner.msg);
	else if (is_started && inner.code != ERR_REFUSED)
		err_note(e, "changed", "the old password is back; the container was started with it and does not answer: %s", inner.msg);
	else
		err_note(e, "changed", "the old password is back; the container is stopped: %s", inner.msg);
	return -1;
}

static int
rotate_live(struct service *s, const struct container *c, const struct credentials *old, const struct credentials *fresh,
    const struct up_idle *idle, struct err *e)
{
	bool is_started;

	/* The configuration may say loopback by now; what counts is how this container is published. */
	if (!fresh->password.n && vantage_is_exposed(c)) {
		err_set(e, ERR_REFUSED, "an empty password would open the running service: it is published beyond this machine");
		return err_note(e, "try", "occ start   (to apply server.bind first)");
	}
	if (busy_settle(s, c, old, idle, e) < 0)
		return -1;
	if (credentials_save(&s->scope, fresh, e) < 0)
		return -1;
	if (bring_up(s, c->id, fresh, READY_START_MS, &is_started, e) < 0 || prove_refused(s, c, old, fresh, e) < 0)
		return put_back(s, c, old, e);
	return UP_ROTATED_PROVED;
}

/* It does not run, but the engine may start it before we do: after its own restart. */
static int
rotate_stopped(struct service *s, const struct container *c, const struct credentials *old, const struct credentials *fresh, struct err *e)
{
	struct err inner = ERR_INIT;

	if (credentials_save(&s->scope, fresh, e) < 0)
		return -1;
	if (secret_file_put(s, c, fresh, e) == 0)
		return UP_ROTATED_FILE;
	if (credentials_save(&s->scope, old, &inner) < 0)
		return err_note(e, "changed", "the new password is saved; putting the old one back failed: %s", inner.msg);
	return err_note(e, "changed", "nothing; the old password holds");
}

/* What serves under the next one's name would keep the old password: the start that ends the replacement comes first. */
static int
refuse_cut_replacement(struct service *s, struct err *e)
{
	struct container next;

	if (container_inspect(&s->engine, s->arena, s->names.next_container, &next, e) < 0)
		return e->code == ERR_NOT_FOUND ? 0 : -1;
	if (!plan_is_live(next.state) || vantage_is_inner(&next))
		return 0;
	err_set(e, ERR_CONFLICT, "a replacement of the container was cut, and %s serves in its place", s->names.next_container);
	err_note(e, "changed", "nothing");
	return err_note(e, "try", "occ start, which finishes it, and then this again");
}

/* What the file holds now, with the new password: a secret that was set meanwhile stays. */
static int
load_with(struct service *s, struct str password, struct credentials *ret, struct err *e)
{
	return credentials_load(&s->scope, ret, e) < 0 ? -1 : credentials_take_password(ret, password, e);
}

static int
rotate_locked(struct service *s, const struct credentials *old, const struct credentials *fresh, const struct up_idle *idle,
    struct err *e)
{
	struct container c;

	if (expose_check(&s->config, fresh->password.n > 0, e) < 0)
		return -1;
	/* Before the first start there is nothing to connect to: the file is all there is. */
	if (s->state.is_new)
		return credentials_save(&s->scope, fresh, e);
	if (service_connect(s, e) < 0)
		return -1;
	if (refuse_cut_replacement(s, e) < 0)
		return -1;
	int there = service_container(s, &c, e);
	if (there < 0)
		return -1;
	/* It does not have the user's password, whatever the configuration says by now. */
	if (there && vantage_is_inner(&c))
		return credentials_save(&s->scope, fresh, e) < 0 ? -1 : UP_ROTATED_EDGE;
	if (there && plan_is_live(c.state))
		return rotate_live(s, &c, old, fresh, idle, e);
	if (there && (c.state == CONTAINER_CREATED || c.state == CONTAINER_EXITED))
		return rotate_stopped(s, &c, old, fresh, e);
	return credentials_save(&s->scope, fresh, e);
}

int
up_rotate(struct service *s, struct str password, const struct up_idle *idle, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;
	AUTO(credentials) struct credentials old, fresh;

	credentials_init(&old);
	credentials_init(&fresh);
	if (scope_prepare(&s->scope, e) < 0 || state_lock(&lock, &s->scope, "password", clock_due_ms(0), e) < 0)
		return -1;
	if (credentials_load(&s->scope, &old, e) < 0 || load_with(s, password, &fresh, e) < 0)
		return -1;
	return rotate_locked(s, &old, &fresh, idle, e);
}

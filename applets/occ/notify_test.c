/* notify_test.c - a notification now, and what each receiver said to it */
#include <string.h>

#include "applets/occ/common.h"
#include "lib/base/clock.h"
#include "lib/deploy/notice_send.h"

#define POST_MS 20000

static int
post(struct run *r, struct service *s, const struct credentials_notify *to, struct err *e)
{
	const struct notice n = {
		.kind = NOTICE_TEST, .title = arena_printf(r->arena, "opencode-cloud (%s): a test", s->scope.instance),
		.text = "Notifications arrive here.", .link = service_url(s, NULL), .instance = s->scope.instance, .at_epoch_s = clock_epoch_s(),
	};
	bool is_temporary;

	if (notice_post(r->arena, to, &n, s->config.notify.allow_http, clock_due_ms(POST_MS), &is_temporary, e) < 0)
		return err_wrap(e, "%s", to->name);
	term_row(r->term, "Notify", "%s took it (%s)", to->name, notice_origin(r->arena, buf_str(&to->url)));
	return 0;
}

static int
none(struct run *r, const char *name, struct err *e)
{
	if (name)
		err_set(e, ERR_NOT_FOUND, "there is no address named %.80s", name);
	else
		err_set(e, ERR_NOT_FOUND, "there is no address to send to");
	return err_note(e, "try", name ? "%s notify list" : "%s notify add webhook   or   ntfy   or   slack", r->cli->prog);
}

static int
notify_test_run(struct run *r, struct err *e)
{
	AUTO(credentials) struct credentials c;
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	const char *name = r->argc ? r->argv[0] : NULL;
	unsigned n_tried = 0, n_failed = 0;

	credentials_init(&c);
	if (occ_open(r, &s, e) < 0 || credentials_load(&s.scope, &c, e) < 0)
		return -1;
	for (size_t i = 0; i < c.n_notify; i++) {
		if (name && strcmp(name, c.notify[i].name) != 0)
			continue;
		n_tried++;
		if (post(r, &s, &c.notify[i], e) == 0)
			continue;
		if (name || c.n_notify == 1 || e->code == ERR_INTERRUPTED)
			return -1;
		n_failed++;
		term_warn(r->term, r->cli->prog, "%s", e->msg);
	}
	if (n_tried == 0)
		return none(r, name, e);
	return n_failed ? err_set(e, ERR_FAIL, "%u of %u addresses did not take it", n_failed, n_tried) : 0;
}

CMD(occ_notify_test) = {
	.applet = "occ", .name = "notify test", .group = "Settings", .args = "[NAME]", .args_max = 1,
	.brief = "send a notification now",
	.about = "To one address, or to all; says what each receiver answered. Does not need a running service.",
	.run = notify_test_run,
};

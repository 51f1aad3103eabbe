/* boot.c - the fourth question: does it come back after a reboot? */
#include "applets/occ-setup/setup.h"

static int
ask_boot(struct setup *s, enum setup_move *ret, struct err *e)
{
	bool is_yes = answer_is(&s->answers, ANSWER_BOOT, "true");
	enum term_reply reply;

	if (s->facts.has_manager)
		term_printf(s->r->term, "A service %s starts it, watches over it, and tells why it ended.\n",
			    s->s.scope.kind == SCOPE_SYSTEM ? "of this machine" : "of yours");
	else
		term_printf(s->r->term, "Without a service (the reason is above): the engine starts it when it starts.\n");
	if (term_prompt_bool(s->r->term, "Start it when this machine boots", is_yes, &is_yes, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	if (*ret != SETUP_NEXT)
		return 0;
	return answer_set(s->r->arena, &s->answers, ANSWER_BOOT, is_yes ? "true" : "false", e);
}

const struct setup_step setup_boot[] = {
	{ "4. Start on boot", NULL, ask_boot },
	{ NULL, NULL, NULL },
};

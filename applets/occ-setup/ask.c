/* ask.c - the order of the questions, forth and back */
#include "applets/occ-setup/setup.h"

#include "lib/base/mem.h"

static const struct setup_step *const pages[] = { setup_reach, setup_account, setup_password, setup_boot, setup_summary };

#define STEPS_MAX 32

struct order {
	const struct setup_step *v[STEPS_MAX];
	size_t n, summary;
};

static void
order_make(struct order *ret)
{
	*ret = (struct order){ .n = 0 };
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (pages[i] == setup_summary)
			ret->summary = ret->n;
		for (const struct setup_step *step = pages[i]; step->ask; step++) {
			if (ret->n == STEPS_MAX)
				BUG("more questions than there is room for");
			ret->v[ret->n++] = step;
		}
	}
}

static bool
applies(const struct setup *s, const struct setup_step *step)
{
	return !step->applies || step->applies(s);
}

/* The one before that applies; the first one has none before it. */
static size_t
step_back(struct setup *s, const struct order *o, size_t i)
{
	for (size_t k = i; k > 0; k--) {
		if (applies(s, o->v[k - 1]))
			return k - 1;
	}
	term_warn(s->r->term, s->r->cli->prog, "this is the first question; q ends without changing anything");
	return i;
}

int
setup_ask(struct setup *s, bool begins_at_summary, struct err *e)
{
	struct order o;
	size_t i;

	order_make(&o);
	i = begins_at_summary ? o.summary : 0;
	while (i < o.n) {
		enum setup_move move = SETUP_NEXT;

		if (!applies(s, o.v[i])) {
			i++;
			continue;
		}
		if (o.v[i]->heading)
			term_printf(s->r->term, "\n%s\n", o.v[i]->heading);
		if (o.v[i]->ask(s, &move, e) < 0)
			return -1;
		if (move == SETUP_QUIT)
			return 0;
		i = move == SETUP_BACK ? step_back(s, &o, i) : i + 1;
	}
	return 1;
}

enum setup_move
setup_move_of(enum term_reply reply)
{
	return reply == TERM_BACK ? SETUP_BACK : reply == TERM_QUIT ? SETUP_QUIT : SETUP_NEXT;
}

int
setup_ask_text(struct setup *s, enum answer_id id, const char *question, enum setup_move *ret, struct err *e)
{
	for (;;) {
		AUTO(buf) struct buf line = BUF_INIT(ANSWERS_BYTES_MAX);
		enum term_reply reply;

		if (term_prompt(s->r->term, question, s->answers.text[id], &line, &reply, e) < 0)
			return -1;
		*ret = setup_move_of(reply);
		if (*ret != SETUP_NEXT || answer_set(s->r->arena, &s->answers, id, line.p, e) == 0)
			return 0;
		term_error(s->r->term, s->r->cli->prog, e);
		err_clear(e);
	}
}

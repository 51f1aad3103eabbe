/* plan_test: every state of the container against every wish, as one table, and invariants over all combinations */
#include "lib/deploy/plan.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static const struct plan_objects objects = { .image = "img", .network = "net", .home_volume = "home", .workspace_volume = "work",
	.container = "c", .next_container = "c.next", .container_id = "id of c", .next_id = "id of c.next" };

#define ALL .has_image = true, .is_image_current = true, .has_network = true, .has_home = true, .has_workspace = true
#define THERE ALL, .drift = "", .has_container = true, .is_same_spec = true, .is_same_image = true, .is_same_policy = true

static const struct {
	const char *name;
	struct plan_facts facts;
	struct plan_wish wish;
	const char *want;		/* letters of the steps, see letter_of */
	bool is_partial;
} rows[] = {
	{ "nothing at all", { .drift = "" }, { false }, "B", true },
	{ "nothing at all, pull", { .drift = "", .is_pull = true }, { false }, "P", true },
	{ "image there, nothing else", { .has_image = true, .is_image_current = true, .drift = "" }, { false }, "NVVCkst", false },
	{ "image there, volumes there", { ALL, .drift = "" }, { false }, "Ckst", false },
	{ "image of other inputs", { .has_image = true, .drift = "" }, { false }, "B", true },
	{ "rebuild asked for", { THERE, .state = CONTAINER_RUNNING }, { .is_rebuild = true }, "B", true },
	{ "pull asked for", { THERE, .is_pull = true, .state = CONTAINER_RUNNING }, { .is_pull = true }, "P", true },
	{ "running, in step", { THERE, .state = CONTAINER_RUNNING }, { false }, "", false },
	{ "running, restart", { THERE, .state = CONTAINER_RUNNING }, { .is_restart = true }, "wxkst", false },
	{ "created", { THERE, .state = CONTAINER_CREATED }, { false }, "kst", false },
	{ "exited", { THERE, .state = CONTAINER_EXITED }, { false }, "kst", false },
	{ "exited, restart", { THERE, .state = CONTAINER_EXITED }, { .is_restart = true }, "kst", false },
	{ "paused", { THERE, .state = CONTAINER_PAUSED }, { false }, "ut", false },
	{ "paused, restart", { THERE, .state = CONTAINER_PAUSED }, { .is_restart = true }, "uwxkst", false },
	{ "restarting", { THERE, .state = CONTAINER_RESTARTING }, { false }, "xkst", false },
	{ "dead", { THERE, .state = CONTAINER_DEAD }, { false }, "DCkst", false },
	{ "removing", { THERE, .state = CONTAINER_REMOVING }, { false }, "DCkst", false },
	{ "running, drifted", { ALL, .has_container = true, .is_same_image = true, .is_same_policy = true, .drift = "server.port changed",
	    .state = CONTAINER_RUNNING }, { false }, "Xwxkst=p", false },
	{ "running, new image", { ALL, .drift = "", .has_container = true, .is_same_spec = true, .is_same_policy = true, .state = CONTAINER_RUNNING },
	    { false }, "Xwxkst=p", false },
	{ "exited, drifted", { ALL, .has_container = true, .is_same_image = true, .drift = "x", .state = CONTAINER_EXITED }, { false },
	    "Xkst=p", false },
	{ "paused, drifted", { ALL, .has_container = true, .is_same_image = true, .drift = "x", .state = CONTAINER_PAUSED }, { false },
	    "Xuwxkst=p", false },
	{ "restarting, drifted", { ALL, .has_container = true, .is_same_image = true, .drift = "x", .state = CONTAINER_RESTARTING }, { false },
	    "Xxkst=p", false },
	{ "left-over next beside a running one", { THERE, .has_next = true, .next_state = CONTAINER_CREATED, .state = CONTAINER_RUNNING }, { false },
	    "D", false },
	{ "left-over next that serves", { THERE, .has_next = true, .next_state = CONTAINER_RUNNING, .state = CONTAINER_EXITED }, { false },
	    "wxDkst", false },
	{ "left-over next that serves, drifted", { ALL, .has_container = true, .is_same_image = true, .drift = "x", .has_next = true,
	    .next_state = CONTAINER_RUNNING, .state = CONTAINER_EXITED }, { false }, "wxDXkst=p", false },
	{ "left-over next, paused", { THERE, .has_next = true, .next_state = CONTAINER_PAUSED, .state = CONTAINER_EXITED }, { false },
	    "uwxDkst", false },
	{ "left-over next that keeps ending", { THERE, .has_next = true, .next_state = CONTAINER_RESTARTING, .state = CONTAINER_EXITED }, { false },
	    "xDkst", false },
	{ "left-over next that serves while an image is made", { THERE, .has_next = true, .next_state = CONTAINER_RUNNING, .state = CONTAINER_EXITED },
	    { .is_rebuild = true }, "B", true },
	{ "next without the old one", { ALL, .drift = "", .has_next = true }, { false }, "=", true },
	{ "next without the old one, rebuild asked for", { ALL, .drift = "", .has_next = true }, { .is_rebuild = true }, "=", true },
	{ "policy only", { ALL, .drift = "", .has_container = true, .is_same_spec = true, .is_same_image = true, .state = CONTAINER_RUNNING }, { false },
	    "p", false },
};

static char
letter_of(enum plan_step_kind k)
{
	static const char letters[] = { [PLAN_BUILD] = 'B', [PLAN_PULL] = 'P', [PLAN_NETWORK] = 'N', [PLAN_VOLUME] = 'V', [PLAN_DISCARD] = 'D',
		[PLAN_CREATE] = 'C', [PLAN_CREATE_NEXT] = 'X', [PLAN_WAIT_IDLE] = 'w', [PLAN_STOP] = 'x', [PLAN_UNPAUSE] = 'u',
		[PLAN_SECRET] = 'k', [PLAN_START] = 's', [PLAN_READY] = 't', [PLAN_SWAP] = '=', [PLAN_POLICY] = 'p' };

	return letters[k];
}

static void
put_letters(const struct plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++)
		buf_putc(out, letter_of(p->steps[i].kind));
}

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(buf) struct buf got = BUF_INIT(64);
		struct plan p;

		t_row("plan: %s", rows[i].name);
		plan_make(&rows[i].facts, &rows[i].wish, &objects, &p);
		put_letters(&p, &got);
		T_STR(got.p, rows[i].want);
		T_EQ(p.is_partial, rows[i].is_partial);
		T_OK(p.n == 0 || rows[i].facts.has_next || p.reason[0] || !rows[i].facts.is_same_policy);
	}
}

/* Position of the first step of a kind, or -1. */
static int
find(const struct plan *p, enum plan_step_kind k)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == k)
			return (int)i;
	}
	return -1;
}

static bool
is_one_of_before(const struct plan_step *step)
{
	return step->id && (step->id == objects.container_id || step->id == objects.next_id);
}

/* The steps before this one that are about the same container: is one of this kind among them? */
static bool
has_before(const struct plan *p, size_t at, enum plan_step_kind kind)
{
	for (size_t i = 0; i < at; i++) {
		if (p->steps[i].kind == kind && p->steps[i].id == p->steps[at].id)
			return true;
	}
	return false;
}

static bool
is_step_sound(const struct plan_facts *f, const struct plan *p, size_t at)
{
	const struct plan_step *step = &p->steps[at];
	enum container_state state = step->id == objects.next_id ? f->next_state : f->state;
	bool is_next_live = f->has_next && plan_is_live(f->next_state);

	switch (step->kind) {
	case PLAN_STOP:			/* work in progress is not cut, nor is what was paused exempt */
		return is_one_of_before(step) && (state == CONTAINER_RESTARTING || has_before(p, at, PLAN_WAIT_IDLE))
		    && (state != CONTAINER_PAUSED || has_before(p, at, PLAN_UNPAUSE));
	case PLAN_WAIT_IDLE:
		return is_one_of_before(step) && (state != CONTAINER_PAUSED || has_before(p, at, PLAN_UNPAUSE));
	case PLAN_DISCARD:		/* never by force what runs */
		return is_one_of_before(step) && (!plan_is_live(state) || has_before(p, at, PLAN_STOP));
	case PLAN_UNPAUSE:
	case PLAN_SWAP:			/* what is acted on is what was observed, not what has the name by then */
		return is_one_of_before(step);
	case PLAN_START:
		return !is_next_live || find(p, PLAN_DISCARD) >= 0;
	default:
		return true;
	}
}

static bool
is_sound(const struct plan_facts *f, const struct plan *p)
{
	int secret = find(p, PLAN_SECRET), start = find(p, PLAN_START), ready = find(p, PLAN_READY), stop = find(p, PLAN_STOP);
	int next = find(p, PLAN_CREATE_NEXT), swap = find(p, PLAN_SWAP);
	bool is_live = f->has_container && plan_is_live(f->state);

	if (start >= 0 && (secret < 0 || secret > start || ready < start))
		return false;		/* never started without its secret, never believed without an answer */
	if (start >= 0 && is_live && (stop < 0 || stop > start))
		return false;		/* never two at once on one database */
	if (next >= 0 && (swap < ready || stop > start))
		return false;		/* the old one goes last */
	for (size_t i = 0; i < p->n; i++) {
		if (!is_step_sound(f, p, i))
			return false;
	}
	return true;
}

#define STATES (CONTAINER_UNKNOWN + 1)

/* All combinations of facts and wishes. */
static void
test_invariants(void)
{
	unsigned bad = 0;

	t_row("plan: invariants over all facts and wishes");
	for (unsigned bits = 0; bits < 1u << 14; bits++) {
		for (int both = 0; both < STATES * STATES; both++) {
			const struct plan_facts f = { .has_image = bits & 1, .is_image_current = bits & 2, .is_pull = bits & 4,
				.has_network = bits & 8, .has_home = bits & 16, .has_workspace = bits & 32, .has_container = bits & 64,
				.has_next = bits & 128, .is_same_spec = bits & 256, .is_same_image = bits & 512,
				.is_same_policy = bits & 1024, .state = (enum container_state)(both / STATES),
				.next_state = (enum container_state)(both % STATES), .drift = bits & 256 ? "" : "x" };
			const struct plan_wish w = { .is_rebuild = bits & 2048, .is_pull = bits & 4096, .is_restart = bits & 8192 };
			struct plan p;

			plan_make(&f, &w, &objects, &p);
			bad += !is_sound(&f, &p);
		}
	}
	T_EQ(bad, 0);
}

/* A wish for a new image outlives a round that only recovers, and is done once. */
static void
test_wish(void)
{
	struct plan_facts f = { ALL, .drift = "", .has_next = true, .next_state = CONTAINER_RUNNING };
	struct plan_wish w = { .is_rebuild = true, .is_restart = true };
	struct plan p;

	t_row("plan: a rebuild asked for after a recovery");
	plan_make(&f, &w, &objects, &p);
	plan_take_wish(&p, &w);
	T_OK(w.is_rebuild && w.is_restart);
	f = (struct plan_facts){ THERE, .state = CONTAINER_RUNNING };
	plan_make(&f, &w, &objects, &p);
	T_OK(find(&p, PLAN_BUILD) >= 0);
	plan_take_wish(&p, &w);
	T_OK(!w.is_rebuild && w.is_restart);
	plan_make(&f, &w, &objects, &p);
	T_OK(find(&p, PLAN_BUILD) < 0);

	t_row("plan: a pull is done once");
	w = (struct plan_wish){ .is_pull = true };
	f.is_pull = true;
	plan_make(&f, &w, &objects, &p);
	plan_take_wish(&p, &w);
	T_OK(!w.is_pull);
}

int
main(void)
{
	test_rows();
	test_invariants();
	test_wish();
	for (int k = PLAN_BUILD; k <= PLAN_POLICY; k++)
		T_OK(plan_step_name((enum plan_step_kind)k)[0]);
	return t_done();
}

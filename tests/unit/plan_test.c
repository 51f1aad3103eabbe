/* plan_test: every state of the container against every wish, as one table, and invariants over all combinations */
#include "lib/deploy/plan.h"

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static const struct plan_objects objects = { .image = "img", .network = "net", .home_volume = "home", .workspace_volume = "work",
	.container = "c", .next_container = "c.next" };

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
	{ "paused, restart", { THERE, .state = CONTAINER_PAUSED }, { .is_restart = true }, "uxkst", false },
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
	    "Xuxkst=p", false },
	{ "left-over next beside a running one", { THERE, .has_next = true, .state = CONTAINER_RUNNING }, { false }, "D", false },
	{ "next without the old one", { ALL, .drift = "", .has_next = true }, { false }, "=", true },
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
is_sound(const struct plan_facts *f, const struct plan *p)
{
	int secret = find(p, PLAN_SECRET), start = find(p, PLAN_START), ready = find(p, PLAN_READY), stop = find(p, PLAN_STOP);
	int next = find(p, PLAN_CREATE_NEXT), swap = find(p, PLAN_SWAP);
	bool is_live = f->has_container && (f->state == CONTAINER_RUNNING || f->state == CONTAINER_PAUSED || f->state == CONTAINER_RESTARTING);

	if (start >= 0 && (secret < 0 || secret > start || ready < start))
		return false;		/* never started without its secret, never believed without an answer */
	if (start >= 0 && is_live && (stop < 0 || stop > start))
		return false;		/* never two at once on one database */
	if (next >= 0 && (swap < ready || stop > start))
		return false;		/* the old one goes last */
	if (is_live && f->state == CONTAINER_RUNNING && stop >= 0 && (find(p, PLAN_WAIT_IDLE) < 0 || find(p, PLAN_WAIT_IDLE) > stop))
		return false;		/* work in progress is not cut */
	return true;
}

/* All combinations of facts and wishes. */
static void
test_invariants(void)
{
	unsigned bad = 0;

	t_row("plan: invariants over all facts and wishes");
	for (unsigned bits = 0; bits < 1u << 14; bits++) {
		for (int state = CONTAINER_CREATED; state <= CONTAINER_UNKNOWN; state++) {
			const struct plan_facts f = { .has_image = bits & 1, .is_image_current = bits & 2, .is_pull = bits & 4,
				.has_network = bits & 8, .has_home = bits & 16, .has_workspace = bits & 32, .has_container = bits & 64,
				.has_next = bits & 128, .is_same_spec = bits & 256, .is_same_image = bits & 512,
				.is_same_policy = bits & 1024, .state = (enum container_state)state, .drift = bits & 256 ? "" : "x" };
			const struct plan_wish w = { .is_rebuild = bits & 2048, .is_pull = bits & 4096, .is_restart = bits & 8192 };
			struct plan p;

			plan_make(&f, &w, &objects, &p);
			bad += !is_sound(&f, &p);
		}
	}
	T_EQ(bad, 0);
}

int
main(void)
{
	test_rows();
	test_invariants();
	for (int k = PLAN_BUILD; k <= PLAN_POLICY; k++)
		T_OK(plan_step_name((enum plan_step_kind)k)[0]);
	return t_done();
}

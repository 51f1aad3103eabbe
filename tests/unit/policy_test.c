/*
 * policy_test.c - the watchdog's policy, told as scenes
 *
 * A scene is a script of steps, "; " between them: [+TIME] EVENT[(CAUSE|uncounted ...)] -> STATE [ORDER...] [in=TIME|in=never]. +TIME moves the clock
 * first; `due` without it moves to when it is due. Orders are look start restart stop, record, down (saved), !failed !recovered !restarted; all of them
 * stand there and no others. in= is when POLICY_DUE is to come from now. Other steps: `set KEY=TIME`, and `reborn`: the watchdog is killed and begins anew
 * with the ladder that it saved.
 */
#include "lib/deploy/policy.h"

#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "tests/t.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The defaults of the schema. */
static const struct policy_config defaults = { .first_delay_ms = SECOND, .max_delay_ms = 5 * MINUTE, .reset_ms = 10 * MINUTE, .budget_ms = 10 * MINUTE,
	.retry_ms = HOUR, .hang_ms = MINUTE, .start_ms = 2 * MINUTE, .doubt_ms = 30 * SECOND, .plan_wait_ms = 4 * HOUR, .budget = 5 };

#define UP "want-up -> looking look; found-running -> starting in=2m; +1s answer -> up in=never; "
/* A crash that is not the first, from up to up again. */
#define CRASH(delay) "ended(exit) -> backoff record in=" delay "; due -> acting start; started-ok -> starting; "
#define FIVE CRASH("1s") CRASH("2s") CRASH("4s") CRASH("8s") "ended(exit) -> failed record !failed in=1h; "

static const struct {
	const char *name, *script;
} scenes[] = {
	{ "1: down: nothing is started", "want-down -> down; ended(exit) -> down; started -> down; gone -> down; due -> down; no-answer -> down; "
	    "let-in -> down" },
	{ "1: down from every state: up", UP "want-down -> down in=never; answer -> down; ended(killed) -> down" },
	{ "1: down from an action calls it off", "want-up -> looking look; want-down -> down; found-ended(exit) -> down" },
	{ "1: down from backoff", UP "ended(exit) -> backoff record; want-down -> down in=never; +1h due -> down" },
	{ "1: up again after a stop: at once, and no failure", UP "want-down -> down; stopped -> down; +1h want-up -> looking look; "
	    "found-ended(stopped) -> acting start; started-ok -> starting; answer -> up" },

	{ "2: a lease: nothing is done or counted", UP "yield -> yielded in=never; ended(exit) -> yielded; started -> yielded; no-answer -> yielded; "
	    "let-in -> yielded; resume -> looking look; found-running -> starting; answer -> up" },
	{ "2: a command that was killed between stop and start", UP "yield -> yielded; stopped -> yielded; resume -> looking look; "
	    "found-ended(stopped) -> acting start; started-ok -> starting; answer -> up" },
	{ "2: a lease calls an action off", UP "ended(exit) -> backoff record; due -> acting start; yield -> yielded; started-ok -> yielded; "
	    "resume -> looking look" },
	{ "2: up and down under a lease: nothing until it ends", "yield -> down; want-up -> yielded; want-down -> down; want-up -> yielded; "
	    "resume -> looking look" },
	{ "2: a lease that ends while there is no engine", UP "yield -> yielded; engine-lost -> yielded; resume -> no-engine; engine-back -> looking look" },

	{ "3: no engine: nothing is tried, nothing counted", UP "engine-lost -> no-engine in=never; ended(exit) -> no-engine; +30d due -> no-engine; "
	    "engine-back -> looking look; found-ended(killed) -> acting start record; started-ok -> starting; answer -> up; "
	    "ended(exit) -> backoff record in=1s" },
	{ "3: no engine when it begins", "engine-lost -> down; want-up -> no-engine; +1h engine-back -> looking look; "
	    "found-absent(uncounted) -> acting start" },
	{ "3: the engine goes while a start is under way", UP "ended(exit) -> backoff record; due -> acting start; engine-lost -> no-engine; "
	    "start-failed(start-refused) -> no-engine; engine-back -> looking look; found-ended(exit) -> acting start" },
	{ "3: it ran out of memory while the engine was away", UP "engine-lost -> no-engine; engine-back -> looking look; "
	    "found-ended(out-of-memory) -> acting start record" },
	{ "3: it ended before the engine went: told already", UP "ended(exit) -> backoff record; engine-lost -> no-engine; engine-back -> looking look; "
	    "found-ended(exit) -> acting start" },
	{ "3: it was started, and ended, since the engine is back", UP "engine-lost -> no-engine; engine-back -> looking look; started -> looking; "
	    "found-running -> looking look; found-ended(exit) -> backoff record" },

	{ "4: kill -9 of opencode", UP "+1h ended(killed) -> backoff record in=1s; due -> acting start; +1s started -> acting; "
	    "started-ok -> starting in=2m; +2s answer -> up !restarted in=never" },
	{ "4: kill -9, first delay 0: at once, the second after 1 s", "set first=0; " UP "ended(killed) -> acting start record; started-ok -> starting; "
	    "ended(killed) -> backoff record in=1s; due -> acting start; started-ok -> starting; ended(killed) -> backoff record in=2s" },
	{ "4: the container is removed", UP "gone -> backoff record in=1s; due -> acting start; started-ok -> starting; answer -> up !restarted" },
	{ "4: found ended, found absent", "want-up -> looking look; found-ended(out-of-memory) -> backoff record in=1s; want-down -> down; "
	    "started -> down; want-up -> looking look; found-absent -> backoff record in=2s" },
	{ "4: a start that fails", UP "ended(exit) -> backoff record in=1s; due -> acting start; start-failed(start-refused) -> backoff record in=2s; "
	    "due -> acting start; start-failed(disk-full) -> backoff record in=4s" },
	{ "4: no first answer: a restart", UP "started -> starting in=2m; no-answer -> starting; due -> backoff record in=1s; due -> acting restart; "
	    "started-ok -> starting; heartbeat -> up !restarted" },
	{ "4: what hangs and then ends during the delay is started, and counted once", UP "no-answer -> silent; due -> backoff record in=1s; "
	    "ended(exit) -> backoff; due -> acting start; started-ok -> starting; ended(exit) -> backoff record in=2s" },
	{ "4: a hang that passes by itself during the delay", UP "no-answer -> silent; due -> backoff record in=1s; answer -> up in=never" },
	{ "4: a late answer of what has ended", UP "ended(exit) -> backoff record; answer -> backoff; heartbeat -> backoff; unauthorized -> backoff; "
	    "let-in -> backoff" },
	{ "4: somebody else starts it during the delay", UP "ended(exit) -> backoff record; started -> starting in=2m; answer -> up !restarted" },
	{ "4: the longest delay", "set budget=32; set max=5s; " UP CRASH("1s") CRASH("2s") CRASH("4s") CRASH("5s") CRASH("5s") "answer -> up !restarted" },

	{ "5: the budget, and the hourly try", UP FIVE "due -> acting start; started-ok -> starting; due -> failed record in=1h; due -> acting restart; "
	    "start-failed(start-refused) -> failed record in=1h; due -> acting start; start-failed(start-refused) -> failed in=1h; due -> acting start; "
	    "started-ok -> starting; answer -> up !recovered; ended(exit) -> backoff record in=4m16s" },
	{ "5: the budget, and then nothing", "set retry=0; " UP CRASH("1s") CRASH("2s") CRASH("4s") CRASH("8s")
	    "ended(exit) -> failed record !failed in=never; ended(exit) -> failed; +30d due -> failed" },
	{ "5: failures that are old do not count", UP CRASH("1s") CRASH("2s") CRASH("4s") CRASH("8s") "+10m started -> starting; "
	    "ended(exit) -> backoff record in=16s" },
	{ "5: somebody else starts it after the circuit has opened", UP FIVE "started -> starting; answer -> up !recovered" },
	{ "5: the circuit opens by a hang that passes", "set budget=1; " UP "no-answer -> silent; due -> failed record !failed in=1h; "
	    "answer -> up !recovered" },
	{ "5: the circuit survives the watchdog's end, without a second notice", UP FIVE "reborn -> down; want-up -> looking look; "
	    "found-ended(exit) -> failed in=1h; due -> acting start; started-ok -> starting; answer -> up !recovered" },
	{ "5: so do the delays", UP CRASH("1s") CRASH("2s") "reborn -> down; want-up -> looking look; found-ended(exit) -> backoff record in=4s" },
	{ "5: a person's retry", UP FIVE "retry -> looking look; found-ended(exit) -> acting start; started-ok -> starting; "
	    "ended(exit) -> backoff record in=1s" },
	{ "5: a person's retry during a delay", UP CRASH("1s") "ended(exit) -> backoff record in=2s; retry -> looking look; "
	    "found-ended(exit) -> acting start" },
	{ "5: a person's retry that opens the circuit again is told", "set budget=1; " UP "ended(exit) -> failed record !failed; retry -> looking look; "
	    "found-ended(exit) -> acting start; started-ok -> starting; ended(exit) -> failed record !failed" },

	{ "6: health resets the delays", UP CRASH("1s") CRASH("2s") "answer -> up !restarted; +5m heartbeat -> up; +5m answer -> up; "
	    "ended(exit) -> backoff record in=1s" },
	{ "6: too little health does not", UP CRASH("1s") CRASH("2s") "answer -> up !restarted; +599s answer -> up; ended(exit) -> backoff record in=4s" },
	{ "6: a slow answer does not take health back", UP CRASH("1s") "answer -> up !restarted; +5m no-answer -> silent; heartbeat -> up; "
	    "+5m answer -> up; ended(exit) -> backoff record in=1s" },

	{ "7: a blocked port", UP "ended(exit) -> backoff record; due -> acting start; start-failed(port-taken) -> blocked record !failed in=1h; "
	    "due -> acting start; start-failed(port-taken) -> blocked in=1h; due -> acting start; started-ok -> starting; answer -> up !recovered" },
	{ "7: another cause is told, too", UP "gone -> backoff record; due -> acting start; start-failed(port-taken) -> blocked record !failed; "
	    "retry -> looking look; found-absent -> acting start; start-failed(image) -> blocked record !failed in=1h; due -> acting start; "
	    "start-failed(mount) -> blocked record !failed in=1h; due -> acting start; start-failed(image) -> blocked in=1h" },
	{ "7: what no time mends is not tried", UP "gone -> backoff record; due -> acting start; "
	    "start-failed(foreign) -> blocked record !failed in=never; retry -> looking look; found-absent -> acting start; "
	    "start-failed(configuration) -> blocked record !failed in=never" },
	{ "7: 401 restarts nothing", UP "unauthorized -> blocked record !failed in=never; unauthorized -> blocked; heartbeat -> blocked; "
	    "no-answer -> blocked; +30d due -> blocked; answer -> up !recovered" },
	{ "7: 401 that begins with a start", UP "ended(exit) -> backoff record; due -> acting start; "
	    "start-failed(password) -> blocked record !failed in=never; answer -> up !recovered" },
	{ "7: a container that ends while it refuses the password", UP "unauthorized -> blocked record !failed; ended(exit) -> backoff record in=1s" },
	{ "7: it lets in without a password", UP "let-in -> acting stop record !failed; stop-done -> blocked in=never; ended(killed) -> blocked; "
	    "answer -> blocked; +30d due -> blocked" },
	{ "7: a start that lets in without a password", UP "gone -> backoff record; due -> acting start; "
	    "start-failed(open) -> acting stop record !failed; stop-done -> blocked" },
	{ "7: it could not be stopped", UP "let-in -> acting stop record !failed; start-failed(start-refused) -> blocked; answer -> blocked; "
	    "let-in -> acting stop; stop-done -> blocked" },
	{ "7: the engine's return does not start it", UP "let-in -> acting stop record !failed; stop-done -> blocked; engine-lost -> no-engine; "
	    "engine-back -> looking look; found-ended(engine uncounted) -> blocked in=never; retry -> looking look; found-ended(engine) -> acting start" },

	{ "8: one slow answer of 5 s restarts nothing", UP "+5s no-answer -> silent in=55s; +2s answer -> up in=never; +1h answer -> up" },
	{ "8: slow, but heartbeats flow", UP "+5s no-answer -> silent in=55s; +9s heartbeat -> up; no-answer -> silent in=1m; +10s heartbeat -> up; "
	    "busy -> up; no-answer -> silent; no-answer -> silent; +10s heartbeat -> up" },
	{ "8: a hang by SIGSTOP, busy or not", UP "busy -> up; +5s no-answer -> silent in=55s; +5s no-answer -> silent in=50s; "
	    "due -> backoff record in=1s; due -> acting restart; ended(killed) -> acting; started -> acting; started-ok -> starting; "
	    "answer -> up !restarted" },
	{ "8: a hang of a container that ends meanwhile", UP "no-answer -> silent; ended(segfault) -> backoff record; due -> acting start" },

	{ "9: docker stop with the watchdog up", UP "stopped -> doubt in=30s; gone -> doubt; answer -> doubt; due -> down down record in=never" },
	{ "9: the engine is restarted", UP "stopped -> doubt; +2s engine-lost -> no-engine in=never; +10s engine-back -> looking look; "
	    "found-ended(terminated) -> acting start record; started-ok -> starting; answer -> up" },
	{ "9: the engine is restarted, the container with it by itself", UP "stopped -> doubt; engine-lost -> no-engine; engine-back -> looking look; "
	    "found-running -> starting; answer -> up" },
	{ "9: docker restart", UP "stopped -> doubt; +1s started -> starting in=2m; answer -> up" },
	{ "9: docker stop of what hangs, during the delay", UP "no-answer -> silent; due -> backoff record; stopped -> doubt; due -> down down record" },
	{ "9: docker stop while nobody looked", "want-up -> looking look; stopped -> looking; found-running -> looking look; "
	    "found-ended(stopped) -> doubt in=30s" },
	{ "9: occ stop while in doubt", UP "stopped -> doubt; want-down -> down; want-up -> looking look; found-ended(stopped) -> acting start" },
	{ "9: the machine was restarted", "want-up -> looking look; found-ended(engine uncounted) -> acting start record; started-ok -> starting; "
	    "answer -> up" },
	{ "9: a service manager's restart is no incident", "want-up -> looking look; found-ended(uncounted) -> acting start" },

	{ "10: a planned restart waits for busy sessions", UP "busy -> up; plan(memory-threshold) -> up in=4h; +1h answer -> up in=3h; "
	    "idle -> acting restart record; started-ok -> starting; answer -> up; ended(exit) -> backoff record in=1s" },
	{ "10: but not for ever", UP "busy -> up; plan(changed) -> up in=4h; +1h plan(memory-threshold) -> up in=3h; due -> acting restart record" },
	{ "10: with nobody at work it is done at once", UP "plan(changed) -> acting restart record" },
	{ "10: somebody began to work at the last moment", UP "plan(memory-threshold) -> acting restart record; +1s postponed -> up in=3h59m59s; "
	    "+1s answer -> up; idle -> acting restart record; started-ok -> starting; answer -> up in=never" },
	{ "10: put off beyond the limit: done", UP "busy -> up; plan(changed) -> up in=4h; due -> acting restart record; postponed -> acting restart record" },
	{ "10: only what was planned can be put off", UP "ended(exit) -> backoff record; due -> acting start; plan(changed) -> acting; postponed -> acting; "
	    "started-ok -> starting; answer -> up !restarted in=never" },
	{ "10: it is taken back", UP "busy -> up; plan(memory-threshold) -> up in=4h; plan(none) -> up in=never; idle -> up" },
	{ "10: it waits while there is no answer", UP "busy -> up; plan(changed) -> up; no-answer -> silent in=1m; idle -> silent; "
	    "answer -> acting restart record" },
	{ "10: it outlives an engine that was away", UP "busy -> up; plan(changed) -> up; engine-lost -> no-engine; engine-back -> looking look; "
	    "found-running -> starting; idle -> starting; answer -> acting restart record" },
	{ "10: an end makes it needless", UP "busy -> up; plan(changed) -> up; ended(exit) -> backoff record; due -> acting start; "
	    "started-ok -> starting; answer -> up !restarted in=never" },
	{ "10: so does somebody else's start", UP "busy -> up; plan(changed) -> up; started -> starting; answer -> up in=never" },

	{ "11: paused: left alone until it goes on", "want-up -> looking look; found-paused -> blocked in=never; +30d due -> blocked; answer -> up" },
	{ "11: paused while up; unpaused", UP "found-paused -> blocked in=never; no-answer -> blocked; plan(changed) -> blocked; started -> starting; "
	    "answer -> up" },
	{ "11: paused while it hangs, and killed", UP "no-answer -> silent; due -> backoff record; found-paused -> blocked in=never; "
	    "ended(killed) -> backoff record in=2s" },

	{ "12: no second action before the result", UP "ended(exit) -> backoff record; due -> acting start; ended(exit) -> acting; gone -> acting; "
	    "due -> acting; retry -> acting; let-in -> acting; want-up -> acting; engine-back -> acting; found-running -> acting; stop-done -> acting" },
	{ "12: an end while it is being started", UP "ended(exit) -> backoff record; due -> acting start; started -> acting; "
	    "ended(no-program) -> acting; started-ok -> looking look; found-ended(no-program) -> backoff record in=2s" },
	{ "12: our own stop is no end", UP "plan(changed) -> acting restart record; stopped -> acting; started -> acting; started-ok -> starting in=2m" },
	{ "12: a look that is old when it comes", "want-up -> looking look; ended(exit) -> looking; found-running -> looking look; "
	    "found-ended(exit) -> backoff record" },
	{ "12: a look that fails is repeated", "want-up -> looking look; start-failed(start-refused) -> looking in=5s; found-running -> looking in=5s; "
	    "due -> looking look; found-running -> starting" },
	{ "12: a look that fails for what a person has to mend", "want-up -> looking look; start-failed(configuration) -> blocked record !failed in=never; "
	    "retry -> looking look; found-running -> starting; answer -> up !recovered" },
	{ "12: results of nothing", UP "started-ok -> up; start-failed(image) -> up; stop-done -> up; found-ended(exit) -> up; found-absent -> up" },

	{ "13: a jump of 30 days restarts nothing: up", UP "+30d answer -> up; +30d no-answer -> silent in=1m; answer -> up" },
	{ "13: silent", UP "no-answer -> silent in=1m; +30d due -> silent in=1m; +1s answer -> up" },
	{ "13: but what still hangs is restarted", UP "no-answer -> silent in=1m; +30d due -> silent in=1m; due -> backoff record; due -> acting restart" },
	{ "13: starting", "want-up -> looking look; found-running -> starting; +30d due -> starting in=2m; answer -> up" },
	{ "13: in doubt", UP "stopped -> doubt; +30d due -> doubt in=30s; engine-lost -> no-engine" },
	{ "13: a plan", UP "busy -> up; plan(changed) -> up in=4h; +30d due -> up in=4h; idle -> acting restart record" },
	{ "13: what was due is done", UP "ended(exit) -> backoff record; +30d due -> acting start" },
	{ "13: a little late is not asleep", UP "no-answer -> silent; +1m59s due -> backoff record" },
	{ "13: before its time nothing is due", UP "no-answer -> silent in=1m; +59s due -> silent in=1s" },
};

/* ---- the scripts ---- */

struct scene {
	struct policy p;
	struct policy_config c;
	int64_t now_ms;
};

static int64_t
time_of(struct str s)
{
	int64_t total_ms = 0, n = 0;

	for (; s.n; s = str_skip(s, 1)) {
		char c = s.p[0];
		if (c >= '0' && c <= '9') {
			n = n * 10 + (c - '0');
			continue;
		}
		total_ms += n * (c == 'd' ? DAY : c == 'h' ? HOUR : c == 'm' ? MINUTE : SECOND);
		n = 0;
	}
	return total_ms + n;
}

static bool
parse_event(struct str word, struct policy_event *ret)
{
	struct str name = str_cut(&word, '(');
	struct str args = str_take(word, word.n ? word.n - 1 : 0);

	while (args.n) {
		struct str arg = str_cut(&args, ' ');
		if (str_is(arg, "uncounted"))
			ret->is_uncounted = true;
		else
			ret->cause = cause_of_name(arg);
		if (ret->cause == CAUSE_NONE && !str_is(arg, "uncounted") && !str_is(arg, "none"))
			return false;
	}
	for (unsigned k = 0; k < POLICY__EVENTS; k++) {
		if (!str_is(name, policy_event_name((enum policy_event_kind)k)))
			continue;
		ret->kind = (enum policy_event_kind)k;
		return true;
	}
	return false;
}

static void
put_orders(struct buf *out, const struct policy_orders *o)
{
	static const char *const actions[] = { "", " look", " start", " restart", " stop" };
	static const char *const notices[] = { "", " !failed", " !recovered", " !restarted" };

	buf_puts(out, actions[o->action]);
	buf_puts(out, o->saves_down ? " down" : "");
	buf_puts(out, o->records ? " record" : "");
	buf_puts(out, notices[o->notice]);
}

/* want: "STATE [ORDER...] [in=TIME]". */
static void
check(struct scene *sc, const struct policy_orders *o, struct str step, struct str want)
{
	AUTO(buf) struct buf got = BUF_INIT(256);
	size_t at = str_find(want, STR_LIT(" in="));
	struct str in = at == STR_NONE ? STR_NULL : str_skip(want, at + 4);
	int64_t left_ms = sc->p.due_ms == POLICY_NEVER ? -1 : sc->p.due_ms - sc->now_ms;

	buf_puts(&got, policy_state_name(sc->p.state));
	put_orders(&got, o);
	if (!str_is(at == STR_NONE ? want : str_take(want, at), got.p))
		T_FAIL("\"" STR_FMT "\" gave \"%s\"", STR_ARG(step), got.p);
	if (in.n && left_ms != (str_is(in, "never") ? -1 : time_of(in)))
		T_FAIL("\"" STR_FMT "\" is due in %jd ms", STR_ARG(step), (intmax_t)left_ms);
}

static void
set(struct scene *sc, struct str key, struct str value)
{
	int64_t ms = time_of(value);

	if (str_is(key, "first"))
		sc->c.first_delay_ms = ms;
	else if (str_is(key, "max"))
		sc->c.max_delay_ms = ms;
	else if (str_is(key, "retry"))
		sc->c.retry_ms = ms;
	else if (str_is(key, "budget"))
		sc->c.budget = (unsigned)ms;
	else
		T_FAIL("no key " STR_FMT, STR_ARG(key));
}

static void
run_step(struct scene *sc, struct str step)
{
	struct str head = step;
	size_t at = str_find(step, STR_LIT(" -> "));
	struct policy_event ev = { .cause = CAUSE_NONE };
	struct policy_orders o = { .action = POLICY_DO_NOTHING };

	if (str_has_prefix(step, "set ")) {
		head = str_skip(step, 4);
		struct str key = str_cut(&head, '=');
		set(sc, key, head);
		return;
	}
	if (at == STR_NONE) {
		T_FAIL("\"" STR_FMT "\" expects nothing", STR_ARG(step));
		return;
	}
	head = str_take(step, at);
	struct str want = str_skip(step, at + 4);
	bool has_time = str_has_prefix(head, "+");
	if (has_time)
		sc->now_ms += time_of(str_skip(str_cut(&head, ' '), 1));
	if (str_is(head, "reborn")) {
		struct policy_ladder saved = sc->p.ladder;
		policy_init(&sc->p, &saved, sc->now_ms);
	} else if (parse_event(head, &ev)) {
		if (ev.kind == POLICY_DUE && !has_time && sc->p.due_ms != POLICY_NEVER)
			sc->now_ms = sc->p.due_ms;
		ev.now_ms = sc->now_ms;
		policy_step(&sc->p, &sc->c, &ev, &o);
	} else {
		T_FAIL("\"" STR_FMT "\" is no event", STR_ARG(head));
	}
	check(sc, &o, step, want);
}

static void
test_scenes(void)
{
	for (size_t i = 0; i < ARRAY_LEN(scenes); i++) {
		struct scene sc = { .c = defaults, .now_ms = 7 };
		struct str rest = str_of(scenes[i].script);

		t_row("%s", scenes[i].name);
		policy_init(&sc.p, NULL, sc.now_ms);
		while (rest.n) {
			size_t at = str_find(rest, STR_LIT("; "));
			struct str step = at == STR_NONE ? rest : str_take(rest, at);
			rest = at == STR_NONE ? STR_NULL : str_skip(rest, at + 2);
			run_step(&sc, step);
		}
	}
}

/* ---- what is not a scene ---- */

static void
test_cells(void)
{
	t_row("every state knows every event");
	for (unsigned state = 0; state < POLICY__STATES; state++) {
		for (unsigned kind = 0; kind < POLICY__EVENTS; kind++) {
			struct policy p;
			struct policy_orders o;
			const struct policy_event ev = { .kind = (enum policy_event_kind)kind, .now_ms = 1, .cause = CAUSE_EXIT };

			policy_init(&p, NULL, 0);
			p.state = (enum policy_state)state;
			p.due_ms = 1;
			policy_step(&p, &defaults, &ev, &o);	/* an empty cell is a BUG */
			T_OK(p.state < POLICY__STATES && p.due_ms > 0);
		}
	}
	t_row("names are there, and differ");
	for (unsigned i = 0; i < POLICY__STATES; i++) {
		for (unsigned k = 0; k < i; k++)
			T_OK(strcmp(policy_state_name((enum policy_state)i), policy_state_name((enum policy_state)k)) != 0);
	}
	for (unsigned i = 0; i < POLICY__EVENTS; i++) {
		for (unsigned k = 0; k < i; k++)
			T_OK(strcmp(policy_event_name((enum policy_event_kind)i), policy_event_name((enum policy_event_kind)k)) != 0);
	}
}

static void
test_delays(void)
{
	static const struct {
		int64_t first_ms, max_ms;
		unsigned step;
		int64_t want_ms;
	} rows[] = {
		{ SECOND, 5 * MINUTE, 1, SECOND }, { SECOND, 5 * MINUTE, 2, 2 * SECOND }, { SECOND, 5 * MINUTE, 9, 256 * SECOND },
		{ SECOND, 5 * MINUTE, 10, 5 * MINUTE }, { SECOND, 5 * MINUTE, UINT32_MAX, 5 * MINUTE }, { 0, 5 * MINUTE, 1, 0 },
		{ 0, 5 * MINUTE, 2, SECOND }, { 0, 5 * MINUTE, 3, 2 * SECOND }, { 5 * MINUTE, SECOND, 1, SECOND }, { 0, 500, 2, 500 },
	};

	t_row("delays: doubling, capped");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct policy_config c = { .first_delay_ms = rows[i].first_ms, .max_delay_ms = rows[i].max_ms };
		T_EQ(policy_delay_ms(&c, rows[i].step, 0), rows[i].want_ms);
	}
	t_row("delays: never shorter than the one before, jitter at most a quarter");
	for (unsigned step = 1; step < 40; step++) {
		int64_t full_ms = policy_delay_ms(&defaults, step, 0), least_ms = policy_delay_ms(&defaults, step, UINT32_MAX);
		T_OK(full_ms <= policy_delay_ms(&defaults, step + 1, 0));
		T_OK(full_ms <= defaults.max_delay_ms && least_ms <= full_ms && least_ms >= full_ms * 3 / 4);
	}
}

static void
test_ladder(void)
{
	struct policy_ladder l;
	struct policy_config c = defaults;

	t_row("ladder: a full list, the circuit open: the oldest goes");
	c.budget = POLICY_BUDGET_MAX;
	policy_ladder_clear(&l);
	T_OK(policy_ladder_is_empty(&l));
	for (int64_t i = 1; i <= 100; i++)
		T_EQ(policy_ladder_fail(&l, &c, CAUSE_EXIT, i), i >= POLICY_BUDGET_MAX);
	T_EQ(l.n_failures, POLICY_BUDGET_MAX);
	T_EQ(l.failed_ms[0], 100 - POLICY_BUDGET_MAX + 1);
	T_EQ(l.step, 100);
	T_EQ(l.cause, CAUSE_EXIT);
	t_row("ladder: failures of before a reboot count by their age");
	policy_ladder_clear(&l);
	l.n_failures = 1;
	l.failed_ms[0] = -5 * MINUTE;
	c.budget = 2;
	T_OK(policy_ladder_fail(&l, &c, CAUSE_EXIT, 0));
	t_row("ladder: exactly as old as the budget's time is too old");
	policy_ladder_clear(&l);
	T_OK(!policy_ladder_fail(&l, &c, CAUSE_EXIT, 0));
	T_OK(!policy_ladder_fail(&l, &c, CAUSE_EXIT, c.budget_ms));
	T_OK(policy_ladder_fail(&l, &c, CAUSE_EXIT, 2 * c.budget_ms - 1));
}

/* When the ladder is to be saved: each count, each closing, each emptying; not otherwise. */
static void
test_saves(void)
{
	static const struct {
		enum policy_event_kind kind;
		int64_t at_ms;
		bool saves;
	} steps[] = {
		{ POLICY_WANT_UP, 0, false }, { POLICY_FOUND_RUNNING, 0, false }, { POLICY_ANSWER, 0, false }, { POLICY_ANSWER, HOUR, false },
		{ POLICY_ENDED, HOUR, true }, { POLICY_DUE, HOUR + SECOND, false }, { POLICY_STARTED_OK, HOUR + SECOND, false },
		{ POLICY_ANSWER, HOUR + SECOND, false }, { POLICY_ANSWER, 2 * HOUR, true }, { POLICY_ANSWER, 3 * HOUR, false },
		{ POLICY_RETRY, 3 * HOUR, false }, { POLICY_ENDED, 3 * HOUR, true }, { POLICY_RETRY, 3 * HOUR, true },
	};
	struct policy p;

	t_row("the ladder is saved when it changes, and only then");
	policy_init(&p, NULL, 0);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct policy_event ev = { .kind = steps[i].kind, .now_ms = steps[i].at_ms, .cause = CAUSE_EXIT };
		struct policy_orders o;
		policy_step(&p, &defaults, &ev, &o);
		if (o.saves_ladder != steps[i].saves)
			T_FAIL("step %zu (%s)", i, policy_event_name(ev.kind));
	}
}

int
main(void)
{
	test_cells();
	test_scenes();
	test_delays();
	test_ladder();
	test_saves();
	return t_done();
}

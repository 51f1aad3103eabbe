/*
 * ladder.c - failures and the circuit as a record that outlives the process
 *
 * A record says when it was saved in the same clock as the failures in it. During the same boot that clock goes on, so they are taken as they are;
 * after a reboot only their ages at the save mean something, and the time in between is not counted.
 */
#include "lib/deploy/ladder.h"

#include <string.h>

#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define AGE_MAX_MS (INT64_C(400) * 86400 * 1000)	/* older than any budget */

/* ---- the record ---- */

void
ladder_put(const struct ladder *l, const char *boot_id, int64_t now_ms, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", LADDER_FORMAT);
	jsonw_str(&w, "boot", boot_id);
	jsonw_int(&w, "saved_ms", now_ms);
	jsonw_bool(&w, "stopped", l->was_stopped);
	jsonw_int(&w, "step", l->policy.step);
	jsonw_bool(&w, "open", l->policy.is_open);
	jsonw_str(&w, "cause", cause_name(l->policy.cause));
	jsonw_array(&w, "failed_ms");
	for (unsigned i = 0; i < l->policy.n_failures; i++)
		jsonw_int(&w, NULL, l->policy.failed_ms[i]);
	jsonw_end(&w);
	jsonw_end(&w);
}

/* 0 .. AGE_MAX_MS; the difference of any two times, damaged ones included. */
static int64_t
age_ms(int64_t of_ms, int64_t at_ms)
{
	uint64_t age = (uint64_t)at_ms - (uint64_t)of_ms;

	if (of_ms >= at_ms)
		return 0;
	return age < (uint64_t)AGE_MAX_MS ? (int64_t)age : AGE_MAX_MS;
}

/* The last POLICY_BUDGET_MAX ones, in order. */
static void
read_failures(const struct json *list, int64_t saved_ms, int64_t now_ms, struct policy_ladder *p)
{
	size_t skip = list && list->n > POLICY_BUDGET_MAX ? list->n - POLICY_BUDGET_MAX : 0;

	for (JSON_EACH(one, list)) {
		int64_t at_ms;

		if (skip > 0) {
			skip--;
			continue;
		}
		at_ms = now_ms - age_ms(json_int(one, saved_ms), saved_ms);
		if (p->n_failures > 0 && at_ms < p->failed_ms[p->n_failures - 1])
			at_ms = p->failed_ms[p->n_failures - 1];
		p->failed_ms[p->n_failures++] = at_ms;
	}
}

int
ladder_parse(struct str text, const char *boot_id, int64_t now_ms, struct ladder *ret, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct ladder l = { .is_new = false };
	const struct json *j = json_parse(&a, text, e);
	int64_t format = json_int(json_get(j, "format"), 0), saved_ms = json_int(json_get(j, "saved_ms"), -1);
	int64_t step = json_int(json_get(j, "step"), 0);
	const char *boot = json_str(json_get(j, "boot"), "");

	if (!j)
		return -1;
	if (format > LADDER_FORMAT)
		return err_set(e, ERR_CONFIG, "it has format %lld, newer than this program knows (%d): use the newer program", (long long)format,
		    LADDER_FORMAT);
	if (format != LADDER_FORMAT || saved_ms < 0)
		return err_set(e, ERR_PARSE, "it names no %s", format == LADDER_FORMAT ? "time" : "format");
	/* A clock behind the save is another one, whatever the boot is called. */
	l.is_same_boot = boot[0] && strcmp(boot, boot_id) == 0 && saved_ms <= now_ms;
	l.was_stopped = json_bool(json_get(j, "stopped"), false);
	l.policy.step = step < 0 ? 0 : step < LADDER_STEP_MAX ? (unsigned)step : LADDER_STEP_MAX;
	l.policy.is_open = json_bool(json_get(j, "open"), false);
	l.policy.cause = cause_of_name(str_of(json_str(json_get(j, "cause"), "")));
	read_failures(json_get(j, "failed_ms"), l.is_same_boot ? now_ms : saved_ms, now_ms, &l.policy);
	*ret = l;
	return 0;
}

/* ---- the file ---- */

/* The newest record that can be read; an older one is better than none. */
static int
load(struct ladder_file *f, int64_t now_ms, struct ladder *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(LADDER_SLOT_BYTES);
	uint64_t seq[SLOTS_MAX];
	unsigned n = slots_list(&f->slots, seq);

	*ret = (struct ladder){ .is_new = true };
	for (unsigned i = 0; i < n; i++) {
		buf_reset(&text);
		if (slots_get(&f->slots, seq[i], &text, e) == 0 && ladder_parse(buf_str(&text), f->boot_id, now_ms, ret, e) == 0)
			return 0;
		if (e->code == ERR_CONFIG)
			return -1;
		err_clear(e);
	}
	return 0;
}

int
ladder_open(struct ladder_file *f, const char *path, int64_t now_ms, struct ladder *ret, struct err *e)
{
	bool is_new;

	ladder_boot_id(f->boot_id);
	if (slots_open(&f->slots, path, LADDER_SLOTS, LADDER_SLOT_BYTES, &is_new, e) < 0)
		return err_wrap(e, "the watchdog's memory");
	if (load(f, now_ms, ret, e) == 0)
		return 0;
	ladder_auto(f);
	return err_wrap(e, "the watchdog's memory: %s", path);
}

int
ladder_save(struct ladder_file *f, const struct ladder *l, int64_t now_ms, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(LADDER_SLOT_BYTES);
	uint64_t seq;

	ladder_put(l, f->boot_id, now_ms, &text);
	if (buf_check(&text, "record", e) < 0 || slots_put(&f->slots, buf_str(&text), &seq, e) < 0)
		return err_wrap(e, "save the watchdog's memory");
	return 0;
}

void
ladder_auto(struct ladder_file *f)
{
	slots_auto(&f->slots);
}

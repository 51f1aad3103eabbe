/*
 * ladder_test.c - the watchdog's memory: same boot, another boot, damage, kills, jumps of the wall clock
 */
/* ldflags: -Wl,--wrap=pwrite,--wrap=pwrite64,--wrap=write,--wrap=fsync,--wrap=rename,--wrap=clock_gettime */
#include "lib/deploy/ladder.h"

#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/unit/slots_kit.h"

#define BOOT "0f1e2d3c-0000-4000-8000-000000000001"
#define OTHER "0f1e2d3c-0000-4000-8000-000000000002"
#define DAY_S 86400

static struct arena arena;
static struct err e;
static int64_t jump_s;		/* of the wall clock */

int __real_clock_gettime(clockid_t id, struct timespec *ret);
int __wrap_clock_gettime(clockid_t id, struct timespec *ret);

int
__wrap_clock_gettime(clockid_t id, struct timespec *ret)
{
	int rc = __real_clock_gettime(id, ret);

	if (id == CLOCK_REALTIME)
		ret->tv_sec += (time_t)jump_s;
	return rc;
}

static struct ladder
make_ladder(unsigned n)
{
	struct ladder l = { .policy = { .step = n + 3, .n_failures = n, .is_open = n % 2 == 1, .cause = CAUSE_OOM } };

	for (unsigned i = 0; i < n; i++)
		l.policy.failed_ms[i] = 1000 + 10 * (int64_t)i;
	return l;
}

static bool
is_same_policy(const struct policy_ladder *a, const struct policy_ladder *b)
{
	return a->step == b->step && a->n_failures == b->n_failures && a->is_open == b->is_open && a->cause == b->cause &&
	       memcmp(a->failed_ms, b->failed_ms, a->n_failures * sizeof a->failed_ms[0]) == 0;
}

/* ---- the record ---- */

static void
test_record(void)
{
	static const unsigned ns[] = { 0, 1, 5, POLICY_BUDGET_MAX };

	for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
		AUTO(buf) struct buf text = BUF_INIT(LADDER_SLOT_BYTES - SLOT_HEAD_BYTES);
		struct ladder l = make_ladder(ns[i]), got;

		t_row("%u failures: the same boot keeps times", ns[i]);
		l.was_stopped = i % 2;
		ladder_put(&l, BOOT, 5000, &text);
		T_CALL(buf_check(&text, "record", &e));
		T_CALL(ladder_parse(buf_str(&text), BOOT, 9000, &got, &e));
		T_OK(is_same_policy(&got.policy, &l.policy));
		T_OK(got.is_same_boot && !got.is_new && got.was_stopped == l.was_stopped);

		t_row("%u failures: after a reboot ages count from the save", ns[i]);
		T_CALL(ladder_parse(buf_str(&text), OTHER, 300, &got, &e));
		T_OK(!got.is_same_boot && !got.is_new && got.policy.n_failures == ns[i] && got.policy.step == l.policy.step);
		for (unsigned k = 0; k < ns[i]; k++)
			T_EQ(got.policy.failed_ms[k], 300 - (5000 - l.policy.failed_ms[k]));

		t_row("%u failures: a clock behind the save, and no boot id, are another boot", ns[i]);
		T_CALL(ladder_parse(buf_str(&text), BOOT, 4999, &got, &e));
		T_EQ(got.is_same_boot, false);
		buf_reset(&text);
		ladder_put(&l, "", 5000, &text);
		T_CALL(ladder_parse(buf_str(&text), "", 9000, &got, &e));
		T_EQ(got.is_same_boot, false);
	}
}

static const struct {
	const char *text;
	enum err_code want;
	unsigned n, step;
	int64_t first_ms, last_ms;
} rows[] = {
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"step\":2,\"failed_ms\":[10,20]}", ERR_NONE, 2, 2, 10, 20 },
	{ "{\"format\":1,\"boot\":\"A\",\"saved_ms\":50,\"step\":2,\"failed_ms\":[10,20]}", ERR_NONE, 2, 2, 60, 70 },
	/* damage that the CRC did not see, or a program that erred: in order, not in the future, bounded */
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"step\":-2,\"failed_ms\":[20,10]}", ERR_NONE, 2, 0, 20, 20 },
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"failed_ms\":[20,5000]}", ERR_NONE, 2, 0, 20, 100 },
	{ "{\"format\":1,\"boot\":\"A\",\"saved_ms\":50,\"failed_ms\":[-9223372036854775808,9223372036854775807]}", ERR_NONE, 2, 0, 100 - INT64_C(34560000000), 100 },
	{ "{\"format\":1,\"boot\":\"A\",\"saved_ms\":9223372036854775807,\"failed_ms\":[-9223372036854775808]}", ERR_NONE, 1, 0, 100 - INT64_C(34560000000),
	    100 - INT64_C(34560000000) },
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"step\":99999999999,\"failed_ms\":[\"x\",null,{}]}", ERR_NONE, 3, LADDER_STEP_MAX, 100, 100 },
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"failed_ms\":7,\"cause\":\"nobody knows\"}", ERR_NONE, 0, 0, 0, 0 },
	{ "{\"format\":1,\"boot\":\"B\",\"saved_ms\":50,\"failed_ms\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,"
	  "36,37,38,39,40,41]}", ERR_NONE, POLICY_BUDGET_MAX, 0, 42 - POLICY_BUDGET_MAX, 41 },
	{ "{\"format\":1}", ERR_PARSE, 0, 0, 0, 0 },
	{ "{\"saved_ms\":1}", ERR_PARSE, 0, 0, 0, 0 },
	{ "{\"format\":2,\"saved_ms\":1}", ERR_CONFIG, 0, 0, 0, 0 },
	{ "{\"format\":1,\"saved_ms\":1", ERR_PARSE, 0, 0, 0, 0 },
	{ "", ERR_PARSE, 0, 0, 0, 0 },
	{ "[]", ERR_PARSE, 0, 0, 0, 0 },
};

static void
test_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ladder l = { .is_new = false };
		struct str text = str_of(rows[i].text);

		t_row("record %.200s", rows[i].text[0] ? rows[i].text : "(empty)");
		e = (struct err)ERR_INIT;
		T_EQ(ladder_parse(str_from(t_guard(text.p, text.n), text.n), "B", 100, &l, &e), rows[i].want == ERR_NONE ? 0 : -1);
		T_ERR(rows[i].want);
		T_EQ(l.policy.n_failures, rows[i].n);
		T_EQ(l.policy.step, rows[i].step);
		T_EQ(l.policy.cause, CAUSE_NONE);
		if (rows[i].n > 0) {
			T_EQ(l.policy.failed_ms[0], rows[i].first_ms);
			T_EQ(l.policy.failed_ms[rows[i].n - 1], rows[i].last_ms);
		}
	}
}

/* ---- the file ---- */

static void
test_file(void)
{
	AUTO(ladder) struct ladder_file f = LADDER_FILE_INIT;
	const char *path = arena_printf(&arena, "%s/ladder", t_tmpdir());
	struct ladder l, want;
	uint64_t seq;

	t_row("file: made at the first open, read at the next");
	T_CALL(ladder_open(&f, path, 1000, &l, &e));
	T_OK(l.is_new && !l.is_same_boot && l.policy.n_failures == 0);
	for (unsigned n = 0; n < 12; n++) {
		want = make_ladder(n);
		T_CALL(ladder_save(&f, &want, 2000, &e));
	}
	ladder_auto(&f);
	T_CALL(ladder_open(&f, path, 3000, &l, &e));
	T_OK(!l.is_new && is_same_policy(&l.policy, &want.policy));
	T_EQ(l.is_same_boot, f.boot_id[0] != '\0');

	t_row("file: a record that cannot be read gives way to the one before it");
	T_CALL(slots_put(&f.slots, STR_LIT("{nonsense"), &seq, &e));
	ladder_auto(&f);
	T_CALL(ladder_open(&f, path, 3000, &l, &e));
	T_OK(!l.is_new && is_same_policy(&l.policy, &want.policy));

	t_row("file: nothing readable is left: as new, and usable");
	for (int i = 0; i < LADDER_SLOTS; i++)
		T_CALL(slots_put(&f.slots, STR_LIT("{nonsense"), &seq, &e));
	ladder_auto(&f);
	T_CALL(ladder_open(&f, path, 3000, &l, &e));
	T_EQ(l.is_new, true);
	T_CALL(ladder_save(&f, &want, 3000, &e));

	t_row("file: what a newer program wrote is refused by name");
	T_CALL(slots_put(&f.slots, STR_LIT("{\"format\":2,\"saved_ms\":1}"), &seq, &e));
	ladder_auto(&f);
	T_FAILS(ladder_open(&f, path, 3000, &l, &e), ERR_CONFIG);
	T_HAS(e.msg, path);
	T_EQ(f.slots.fd, -1);
}

static void
test_boot_id(void)
{
	char id[LADDER_BOOT_BYTES], again[LADDER_BOOT_BYTES];

	t_row("this boot has a name, and keeps it");
	ladder_boot_id(id);
	ladder_boot_id(again);
	T_STR(id, again);
	T_OK(access("/proc/sys/kernel/random/boot_id", R_OK) < 0 || strlen(id) == 36);
}

static void
test_wall_clock(void)
{
	static const int64_t jumps[] = { 30 * DAY_S, -30 * DAY_S };
	const char *path = arena_printf(&arena, "%s/jump", t_tmpdir());
	int64_t now_ms = clock_now_ms();

	for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
		AUTO(ladder) struct ladder_file f = LADDER_FILE_INIT;
		struct ladder want = make_ladder(4), l;
		int64_t before_s = clock_epoch_s();

		t_row("the wall clock jumps by %+lld days: the ladder stays", (long long)(jumps[i] / DAY_S));
		for (unsigned k = 0; k < 4; k++)
			want.policy.failed_ms[k] = now_ms - 100 + k;
		T_CALL(ladder_open(&f, path, now_ms, &l, &e));
		T_CALL(ladder_save(&f, &want, now_ms, &e));
		ladder_auto(&f);
		jump_s = jumps[i];
		T_OK(llabs(clock_epoch_s() - before_s - jumps[i]) < DAY_S);
		T_CALL(ladder_open(&f, path, now_ms + 5, &l, &e));
		T_OK(!l.is_new && is_same_policy(&l.policy, &want.policy));
		T_CALL(ladder_save(&f, &l, now_ms + 5, &e));
		ladder_auto(&f);
		jump_s = 0;
		T_CALL(ladder_open(&f, path, now_ms + 10, &l, &e));
		T_OK(!l.is_new && is_same_policy(&l.policy, &want.policy));
	}
}

/* ---- kills ---- */

struct kill_case {
	const char *path;
	volatile unsigned *acked;	/* shared: failures in the last save that returned */
	unsigned from;
};

static void
save_many(void *ctx)
{
	struct kill_case *c = ctx;
	struct ladder_file f = LADDER_FILE_INIT;
	struct err why = ERR_INIT;
	struct ladder l;

	if (ladder_open(&f, c->path, 1000, &l, &why) < 0)
		_exit(1);
	for (unsigned n = c->from; n < c->from + 40; n++) {
		l = make_ladder(n % POLICY_BUDGET_MAX);
		l.policy.step = n;
		if (ladder_save(&f, &l, 2000, &why) < 0)
			_exit(1);
		*c->acked = n;
	}
}

static void
test_kills(void)
{
	struct kill_case c = { .path = arena_printf(&arena, "%s/kills", t_tmpdir()), .from = 1 };
	unsigned points = kit_points(), killed = 0;
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	T_OK(shared != MAP_FAILED);
	c.acked = shared;
	t_row("killed at %u points of its writes: the next open reads the ladder before or after", points);
	for (unsigned i = 0; i < points; i++) {
		AUTO(ladder) struct ladder_file f = LADDER_FILE_INIT;
		unsigned acked;
		struct ladder l, want;

		killed += kit_killed(save_many, &c, i < 6 ? i + 1 : 10 + i * 13 % 200, 60);
		acked = *c.acked;
		T_CALL(ladder_open(&f, c.path, 3000, &l, &e));
		if (acked == 0 && l.is_new)
			continue;
		want = make_ladder(l.policy.step % POLICY_BUDGET_MAX);
		want.policy.step = l.policy.step;
		if (l.is_new || (l.policy.step != acked && l.policy.step != acked + 1) || !is_same_policy(&l.policy, &want.policy))
			T_FAIL("point %u: new %d, step %u, acknowledged %u", i, l.is_new, l.policy.step, acked);
		*c.acked = l.policy.step;
		c.from = l.policy.step + 1;
	}
	T_EQ(killed, points);
	T_OK(*c.acked > 0);
	munmap(shared, 4096);
}

int
main(void)
{
	test_record();
	test_rows();
	test_file();
	test_boot_id();
	test_wall_clock();
	test_kills();
	arena_fini(&arena);
	return t_done();
}

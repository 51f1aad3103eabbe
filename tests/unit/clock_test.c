/* clock_test.c - clocks, deadlines, times as text */
#include "lib/base/clock.h"

#include <time.h>

#include "lib/base/mem.h"
#include "tests/t.h"

#define NS INT64_C(1000000000)

static struct str
guarded(const char *s)
{
	return str_from(t_guard(s, strlen(s)), strlen(s));
}

static const struct {
	const char *in;
	int64_t want_ns;
} good_row[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "0001-01-01T00:00:00Z", 0 },
	{ "2026-11-01T10:00:00Z", 1793527200 * NS },
	{ "2026-11-01T10:00:00.123456789Z", 1793527200 * NS + 123456789 },
	{ "2026-11-01T10:00:00.1234567899999Z", 1793527200 * NS + 123456789 },
	{ "2026-11-01T10:00:00.5Z", 1793527200 * NS + 500000000 },
	{ "2026-11-01t10:00:00z", 1793527200 * NS },
	{ "2026-11-01T12:00:00+02:00", 1793527200 * NS },
	{ "2026-11-01T04:30:00-05:30", 1793527200 * NS },
	{ "2026-11-01T10:00:00-00:00", 1793527200 * NS },
	{ "2000-02-29T00:00:00Z", 951782400 * NS },
	{ "2024-02-29T23:59:59.999999999Z", 1709251199 * NS + 999999999 },
	{ "2016-12-31T23:59:60Z", 1483228800 * NS },
	{ "1969-12-31T23:59:59.25Z", -NS + 250000000 },
	{ "1900-03-01T00:00:00Z", -2203891200 * NS },
	{ "2262-04-11T23:47:15Z", 9223372035 * NS },
	{ "1677-09-21T00:12:45Z", -9223372035 * NS },
};

static const char *const bad_row[] = {
	"", "2026-11-01", "2026-11-01T10:00:00", "2026-11-01 10:00:00Z", "2026-11-01T10:00Z", "2026-13-01T10:00:00Z",
	"2026-00-01T10:00:00Z", "2026-11-00T10:00:00Z", "2026-11-31T10:00:00Z", "2026-02-29T10:00:00Z", "1900-02-29T00:00:00Z",
	"2026-11-01T24:00:00Z", "2026-11-01T10:60:00Z", "2026-11-01T10:00:61Z", "2026-11-01T10:00:00.Z", "2026-11-01T10:00:00.5",
	"2026-11-01T10:00:00+0200", "2026-11-01T10:00:00+24:00", "2026-11-01T10:00:00+02:60", "2026-11-01T10:00:00Zx",
	"2026-11-01T10:00:00ZZ", "26-11-01T10:00:00Z", "2026-1-01T10:00:00Z", "-026-11-01T10:00:00Z", "+026-11-01T10:00:00Z",
	"2026-11-01T-1:00:00Z", "2263-01-01T00:00:00Z", "1600-01-01T00:00:00Z", "0001-01-01T00:00:01Z", "9999-12-31T23:59:59Z",
};

static void
test_rfc3339(void)
{
	struct err e = ERR_INIT;
	int64_t ns;

	for (size_t i = 0; i < ARRAY_LEN(good_row); i++) {
		size_t n = strlen(good_row[i].in);

		t_row("time %s", good_row[i].in);
		ns = 4711;
		T_CALL(clock_parse_rfc3339(guarded(good_row[i].in), &ns, &e));
		T_EQ(ns, good_row[i].want_ns);
		for (size_t cut = 0; cut < n; cut++)
			T_FAILS(clock_parse_rfc3339(str_from(t_guard(good_row[i].in, cut), cut), &ns, &e), ERR_PARSE);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_row); i++) {
		t_row("no time: '%s'", bad_row[i]);
		ns = 4711;
		T_FAILS(clock_parse_rfc3339(guarded(bad_row[i]), &ns, &e), ERR_PARSE);
		T_EQ(ns, 4711);
	}
}

/* Against libc's calendar, day by day and at odd seconds. */
static void
test_against_libc(void)
{
	struct err e = ERR_INIT;
	bool same = true;

	t_row("two hundred years of days, written and read, agree with libc");
	for (int64_t day = -36500; day < 36500; day++) {
		AUTO(buf) struct buf b = BUF_INIT(64);
		time_t t = (time_t)(day * 86400 + (day * 7919) % 86400);
		int64_t ns = 0;
		struct tm tm;
		char want[32];

		clock_put_rfc3339(&b, t);
		gmtime_r(&t, &tm);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
		same = same && strcmp(b.p, want) == 0 && clock_parse_rfc3339(buf_str(&b), &ns, &e) == 0 && ns == t * NS;
		if (!same) {
			T_FAIL("%s, want %s", b.p, want);
			break;
		}
	}
	T_OK(same);
}

static const struct {
	int64_t in;
	const char *want;
} put_row[] = {
	{ 0, "1970-01-01T00:00:00Z" },
	{ -1, "1969-12-31T23:59:59Z" },
	{ 951782399, "2000-02-28T23:59:59Z" },
	{ 951782400, "2000-02-29T00:00:00Z" },
	{ -62135596800, "0001-01-01T00:00:00Z" },
	{ -62167219200, "0000-01-01T00:00:00Z" },
	{ 253402300799, "9999-12-31T23:59:59Z" },
	{ INT64_MAX, "9999-12-31T23:59:59Z" },
	{ INT64_MIN, "0000-01-01T00:00:00Z" },
};

#define NOW 1793527200

/* In a zone two hours east of Greenwich, without summer time. */
static const struct {
	const char *in;
	int64_t want;		/* -1: refused */
} when_row[] = {
	{ "10m", NOW - 600 },
	{ "1h30m", NOW - 5400 },
	{ "2d", NOW - 172800 },
	{ "1500ms", NOW - 1 },
	{ "0", 0 },
	{ "1700000000", 1700000000 },
	{ "2026-11-01", NOW - 36000 - 7200 },
	{ "2026-11-01T10:00:00", NOW - 7200 },
	{ "2026-11-01T10:00:00.9", NOW - 7200 },
	{ "2026-11-01T10:00:00Z", NOW },
	{ "2026-11-01T10:00:00+01:00", NOW - 3600 },
	{ "", -1 },
	{ "yesterday", -1 },
	{ "-10m", -1 },
	{ "2026-11-31", -1 },
	{ "2026-11-01T", -1 },
	{ "2026-11-01T10", -1 },
	{ "2026-11-01Z", -1 },
	{ "99999999999999999999", -1 },
};

static void
test_when(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(put_row); i++) {
		AUTO(buf) struct buf b = BUF_INIT(64);

		t_row("write %s", put_row[i].want);
		clock_put_rfc3339(&b, put_row[i].in);
		T_STR(b.p, put_row[i].want);
	}
	setenv("TZ", "XXX-2", 1);
	tzset();
	for (size_t i = 0; i < ARRAY_LEN(when_row); i++) {
		int64_t v = 4711;
		int rc = clock_parse_when(guarded(when_row[i].in), NOW, &v, &e);

		t_row("when '%s'", when_row[i].in);
		T_EQ(rc, when_row[i].want < 0 ? -1 : 0);
		T_EQ(v, when_row[i].want < 0 ? 4711 : when_row[i].want);
	}
}

static void
test_clocks(void)
{
	int64_t before = clock_now_ms(), epoch = clock_epoch_s();

	t_row("the monotonic clock does not run back");
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_now_ms();

		if (now < before)
			T_FAIL("%jd after %jd", (intmax_t)now, (intmax_t)before);
		before = now;
	}
	t_row("deadlines saturate");
	T_EQ(clock_due_ms(CLOCK_NEVER), CLOCK_NEVER);
	T_EQ(clock_due_ms(CLOCK_NEVER - 1), CLOCK_NEVER);
	T_OK(clock_due_ms(1000) >= before + 1000);
	T_OK(clock_due_ms(-1) < clock_now_ms() + 1);
	T_OK(clock_due_ms(INT64_MIN) < 0);
	t_row("wall clock in seconds and nanoseconds is one clock");
	T_OK(clock_epoch_ns() / NS >= epoch);
	T_OK(epoch > 1700000000);
}

int
main(void)
{
	test_clocks();
	test_rfc3339();
	test_against_libc();
	test_when();
	return t_done();
}

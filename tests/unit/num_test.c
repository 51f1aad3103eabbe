/* num_test.c - numbers, sizes and durations from text, and for people */
#include "lib/base/num.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static struct str
guarded(const char *s)
{
	return str_from(t_guard(s, strlen(s)), strlen(s));
}

static const struct {
	const char *in;
	uint64_t min, max;
	bool ok;
	uint64_t want;
} u64_row[] = {
	{ "0", 0, 9, true, 0 },
	{ "007", 0, 9, true, 7 },
	{ "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX },
	{ "18446744073709551616", 0, UINT64_MAX, false, 0 },
	{ "99999999999999999999999", 0, UINT64_MAX, false, 0 },
	{ "1", 1, 65535, true, 1 },
	{ "0", 1, 65535, false, 0 },
	{ "65535", 1, 65535, true, 65535 },
	{ "65536", 1, 65535, false, 0 },
	{ "", 0, 9, false, 0 },
	{ " 1", 0, 9, false, 0 },
	{ "1 ", 0, 9, false, 0 },
	{ "+1", 0, 9, false, 0 },
	{ "-1", 0, 9, false, 0 },
	{ "1x", 0, 9, false, 0 },
	{ "0x1", 0, 9, false, 0 },
	{ "a", 0, 99, false, 0 },
};

static const struct {
	const char *in;
	int64_t min, max;
	bool ok;
	int64_t want;
} i64_row[] = {
	{ "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN },
	{ "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX },
	{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
	{ "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0 },
	{ "-0", -1, 1, true, 0 },
	{ "-1", -1, 1, true, -1 },
	{ "-2", -1, 1, false, 0 },
	{ "-", -1, 1, false, 0 },
	{ "--1", -1, 1, false, 0 },
	{ "", -1, 1, false, 0 },
};

static void
test_whole(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(u64_row); i++) {
		uint64_t v = 4711;

		t_row("u64 '%s' in %ju..%ju", u64_row[i].in, (uintmax_t)u64_row[i].min, (uintmax_t)u64_row[i].max);
		if (u64_row[i].ok) {
			T_CALL(num_u64(guarded(u64_row[i].in), u64_row[i].min, u64_row[i].max, &v, &e));
			T_OK(v == u64_row[i].want);
		} else {
			T_FAILS(num_u64(guarded(u64_row[i].in), u64_row[i].min, u64_row[i].max, &v, &e), ERR_PARSE);
			T_OK(v == 4711);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(i64_row); i++) {
		int64_t v = 4711;

		t_row("i64 '%s'", i64_row[i].in);
		if (i64_row[i].ok) {
			T_CALL(num_i64(guarded(i64_row[i].in), i64_row[i].min, i64_row[i].max, &v, &e));
			T_EQ(v, i64_row[i].want);
		} else {
			T_FAILS(num_i64(guarded(i64_row[i].in), i64_row[i].min, i64_row[i].max, &v, &e), ERR_PARSE);
			T_EQ(v, 4711);
		}
	}
	uint64_t v = 0;

	t_row("the message quotes the text and names the range");
	T_FAILS(num_u64(STR_LIT("abc"), 1, 65535, &v, &e), ERR_PARSE);
	T_STR(e.msg, "'abc' is not a whole number from 1 to 65535");
	t_row("hexadecimal");
	T_CALL(num_hex(guarded("fF0a"), UINT64_MAX, &v, &e));
	T_EQ(v, 0xff0a);
	T_CALL(num_hex(guarded("ffffffffffffffff"), UINT64_MAX, &v, &e));
	T_OK(v == UINT64_MAX);
	T_FAILS(num_hex(guarded("10000000000000000"), UINT64_MAX, &v, &e), ERR_PARSE);
	T_FAILS(num_hex(guarded("100"), 0xff, &v, &e), ERR_PARSE);
	T_FAILS(num_hex(guarded("0x1"), 0xff, &v, &e), ERR_PARSE);
	T_FAILS(num_hex(guarded(""), 0xff, &v, &e), ERR_PARSE);
	T_FAILS(num_hex(guarded("g"), 0xff, &v, &e), ERR_PARSE);
}

static const struct {
	const char *in;
	int64_t want;		/* -1: refused */
} bytes_row[] = {
	{ "0", 0 },
	{ "1073741824", 1073741824 },
	{ "512m", 536870912 },
	{ "512M", 536870912 },
	{ "512mb", 536870912 },
	{ "512MiB", 536870912 },
	{ "2 GiB", INT64_C(2147483648) },
	{ "2 gb", INT64_C(2147483648) },
	{ "1.5g", 1610612736 },
	{ ".5k", 512 },
	{ "1b", 1 },
	{ "3 b", 3 },
	{ "1.000001m", 1048577 },
	{ "1.9k", 1945 },
	{ "8388607t", INT64_C(9223370937343148032) },
	{ "8388608t", -1 },		/* 2^63 */
	{ "9223372036854775807", INT64_MAX },
	{ "9223372036854775808", -1 },
	{ "", -1 },
	{ "m", -1 },
	{ "1.5", -1 },
	{ "1.5b", -1 },
	{ "1.g", -1 },
	{ ".", -1 },
	{ "1..5g", -1 },
	{ "1.2.3g", -1 },
	{ "1.1234567g", -1 },
	{ "1 ", -1 },
	{ " 1", -1 },
	{ "1  g", -1 },
	{ "-1g", -1 },
	{ "1x", -1 },
	{ "1ki", -1 },
	{ "1kbb", -1 },
	{ "1p", -1 },
	{ "1e3", -1 },
};

static const struct {
	const char *in;
	int64_t want;
} duration_row[] = {
	{ "0", 0 },
	{ "90", 90000 },
	{ "90s", 90000 },
	{ "500ms", 500 },
	{ "5m", 300000 },
	{ "1h30m", 5400000 },
	{ "2d", 172800000 },
	{ "1d2h3m4s5ms", 93784005 },
	{ "0s", 0 },
	{ "106751991167d", INT64_C(9223372036828800000) },
	{ "106751991168d", -1 },
	{ "", -1 },
	{ "s", -1 },
	{ "-1s", -1 },
	{ "1.5s", -1 },
	{ "1m1h", -1 },
	{ "1s1s", -1 },
	{ "1h30", -1 },
	{ "0h30", -1 },
	{ "1 s", -1 },
	{ "1S", -1 },
	{ "1w", -1 },
	{ "s1", -1 },
	{ "1msx", -1 },
};

static const struct {
	const char *in;
	int64_t want;
} nano_row[] = {
	{ "0", 0 },
	{ "1", 1000000000 },
	{ "1.5", 1500000000 },
	{ "0.000000001", 1 },
	{ ".5", 500000000 },
	{ "9223372036.854775807", INT64_MAX },
	{ "9223372036.854775808", -1 },
	{ "9223372037", -1 },
	{ "1.0000000001", -1 },
	{ "1.", -1 },
	{ ".", -1 },
	{ "", -1 },
	{ "-1", -1 },
	{ "1.5x", -1 },
	{ "1,5", -1 },
};

static void
test_units(void)
{
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bytes_row); i++) {
		uint64_t v = 4711;
		int rc = num_bytes(guarded(bytes_row[i].in), &v, &e);

		t_row("size '%s'", bytes_row[i].in);
		T_EQ(rc, bytes_row[i].want < 0 ? -1 : 0);
		T_EQ(v, bytes_row[i].want < 0 ? 4711 : bytes_row[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(duration_row); i++) {
		int64_t v = 4711;
		int rc = num_duration_ms(guarded(duration_row[i].in), &v, &e);

		t_row("duration '%s'", duration_row[i].in);
		T_EQ(rc, duration_row[i].want < 0 ? -1 : 0);
		T_EQ(v, duration_row[i].want < 0 ? 4711 : duration_row[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(nano_row); i++) {
		int64_t v = 4711;
		int rc = num_nano(guarded(nano_row[i].in), &v, &e);

		t_row("nano '%s'", nano_row[i].in);
		T_EQ(rc, nano_row[i].want < 0 ? -1 : 0);
		T_EQ(v, nano_row[i].want < 0 ? 4711 : nano_row[i].want);
	}
}

static const struct {
	uint64_t in;
	const char *want;
} put_bytes_row[] = {
	{ 0, "0 B" },
	{ 999, "999 B" },
	{ 1000, "1.0 kB" },
	{ 1449, "1.4 kB" },
	{ 1450, "1.5 kB" },
	{ 9949, "9.9 kB" },
	{ 9950, "10 kB" },
	{ 612000000, "612 MB" },
	{ 999499, "999 kB" },
	{ 999500, "1.0 MB" },
	{ 1400000000, "1.4 GB" },
	{ UINT64_C(3400000000000), "3.4 TB" },
	{ UINT64_MAX, "18 EB" },
};

static const struct {
	int64_t in;
	const char *want;
} put_duration_row[] = {
	{ -5, "0 ms" },
	{ 0, "0 ms" },
	{ 999, "999 ms" },
	{ 2400, "2.4 s" },
	{ 9999, "9.9 s" },
	{ 10000, "10 s" },
	{ 59999, "59 s" },
	{ 60000, "1 min" },
	{ 61000, "1 min 1 s" },
	{ 3600000, "1 h" },
	{ 25200000, "7 h" },
	{ 273600000, "3 d 4 h" },
	{ INT64_C(6134400000), "71 d" },
	{ INT64_MAX, "106751991167 d 7 h" },
};

static void
test_put(void)
{
	for (size_t i = 0; i < ARRAY_LEN(put_bytes_row); i++) {
		AUTO(buf) struct buf b = BUF_INIT(64);

		t_row("show %ju bytes", (uintmax_t)put_bytes_row[i].in);
		num_put_bytes(&b, put_bytes_row[i].in);
		T_STR(b.p, put_bytes_row[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(put_duration_row); i++) {
		AUTO(buf) struct buf b = BUF_INIT(64);

		t_row("show %jd ms", (intmax_t)put_duration_row[i].in);
		num_put_duration(&b, put_duration_row[i].in);
		T_STR(b.p, put_duration_row[i].want);
	}
}

int
main(void)
{
	test_whole();
	test_units();
	test_put();
	return t_done();
}

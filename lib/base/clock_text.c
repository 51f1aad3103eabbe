/*
 * clock_text.c - times as text: RFC 3339 and what `--since` takes
 *
 * The calendar is counted here and not by libc: timegm is no standard, and gmtime's range differs. Only a time
 * without a zone goes through mktime, because it is meant in the person's own zone.
 */
#include <inttypes.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/num.h"

#define DAY_S 86400
#define NS_PER_S INT64_C(1000000000)
#define QUOTE_MAX 40

struct civil {
	int64_t year, month, day, hour, minute, second, ns;
	int64_t offset_s;	/* of the zone, east positive */
	bool has_time;
	bool has_zone;
};

static bool
is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t
days_in_month(int64_t year, int64_t month)
{
	static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to 1 January of a year >= 0; the constant is the count from year 0. */
static int64_t
days_to_year(int64_t year)
{
	int64_t past = year - 1;

	/* Year 0 is a leap year and lies before `past` begins to count. */
	return year == 0 ? -719528 : 366 + past * 365 + past / 4 - past / 100 + past / 400 - 719528;
}

static int64_t
epoch_s_of(const struct civil *c)
{
	int64_t days = days_to_year(c->year) + c->day - 1;

	for (int64_t m = 1; m < c->month; m++)
		days += days_in_month(c->year, m);
	return days * DAY_S + c->hour * 3600 + c->minute * 60 + c->second - c->offset_s;
}

/* ---- scanning ---- */

/* Cuts exactly n digits off the front and keeps the number in its range. */
static bool
cut_number(struct str *s, size_t n, int64_t min, int64_t max, int64_t *ret)
{
	struct err ignored;

	if (s->n < n || num_i64(str_take(*s, n), min, max, ret, &ignored) < 0 || s->p[0] == '-')
		return false;
	*s = str_skip(*s, n);
	return true;
}

/* Cuts one character of a set off the front. */
static bool
cut_any(struct str *s, const char *set)
{
	if (s->n == 0 || str_find_char(str_of(set), s->p[0]) == STR_NONE)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool
scan_date(struct str *s, struct civil *c)
{
	return cut_number(s, 4, 0, 9999, &c->year) && cut_any(s, "-") &&
	       cut_number(s, 2, 1, 12, &c->month) && cut_any(s, "-") &&
	       cut_number(s, 2, 1, days_in_month(c->year, c->month), &c->day);
}

/* Second 60 is a leap second (RFC 3339 section 5.6); it counts as the first of the next minute. */
static bool
scan_time(struct str *s, struct civil *c)
{
	int64_t unit = NS_PER_S / 10;

	if (!cut_number(s, 2, 0, 23, &c->hour) || !cut_any(s, ":") ||
	    !cut_number(s, 2, 0, 59, &c->minute) || !cut_any(s, ":") ||
	    !cut_number(s, 2, 0, 60, &c->second))
		return false;
	c->has_time = true;
	if (!cut_any(s, "."))
		return true;
	if (s->n == 0 || s->p[0] < '0' || s->p[0] > '9')
		return false;
	while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9') {
		c->ns += (s->p[0] - '0') * unit;	/* digits beyond the ninth weigh nothing */
		unit /= 10;
		*s = str_skip(*s, 1);
	}
	return true;
}

static bool
scan_zone(struct str *s, struct civil *c)
{
	int64_t hours, minutes, sign;

	c->has_zone = true;
	if (cut_any(s, "Zz"))
		return true;
	sign = s->n > 0 && s->p[0] == '-' ? -1 : 1;
	if (!cut_any(s, "+-") || !cut_number(s, 2, 0, 23, &hours) || !cut_any(s, ":") ||
	    !cut_number(s, 2, 0, 59, &minutes))
		return false;
	c->offset_s = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* A date, perhaps a time behind it, perhaps a zone behind that, and nothing else. */
static bool
scan(struct str s, struct civil *c)
{
	*c = (struct civil){ .year = 0 };
	if (!scan_date(&s, c))
		return false;
	if (cut_any(&s, "Tt") && (!scan_time(&s, c) || (s.n > 0 && !scan_zone(&s, c))))
		return false;
	return s.n == 0;
}

/* ---- public ---- */

int
clock_parse_rfc3339(struct str s, int64_t *ret_epoch_ns, struct err *e)
{
	struct civil c;
	int64_t epoch_s;

	if (!scan(s, &c) || !c.has_time || !c.has_zone)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a time as 2026-11-01T10:00:00Z",
			       STR_ARG(str_take(s, QUOTE_MAX)));
	epoch_s = epoch_s_of(&c);
	if (epoch_s == days_to_year(1) * DAY_S && c.ns == 0) {
		*ret_epoch_ns = 0;	/* the engine's "never" */
		return 0;
	}
	if (epoch_s > INT64_MAX / NS_PER_S - 1 || epoch_s < INT64_MIN / NS_PER_S + 1)
		return err_set(e, ERR_PARSE, "'" STR_FMT "' is outside the years 1678 to 2261",
			       STR_ARG(str_take(s, QUOTE_MAX)));
	*ret_epoch_ns = epoch_s * NS_PER_S + c.ns;
	return 0;
}

void
clock_put_rfc3339(struct buf *b, int64_t epoch_s)
{
	const int64_t first_s = days_to_year(0) * DAY_S, last_s = days_to_year(10000) * DAY_S - 1;
	int64_t days, second, year, month = 1;

	/* The form has four digits for the year. */
	epoch_s = epoch_s < first_s ? first_s : epoch_s > last_s ? last_s : epoch_s;
	days = epoch_s / DAY_S;
	second = epoch_s % DAY_S;
	if (second < 0) {
		second += DAY_S;
		days--;
	}
	/* An estimate that is never above the year, and a few below it at most. */
	year = days < 0 ? 1970 + days / 365 - 1 : 1970 + days / 366;
	year = year < 0 ? 0 : year;
	while (days >= days_to_year(year + 1))
		year++;
	days -= days_to_year(year);
	while (days >= days_in_month(year, month))
		days -= days_in_month(year, month++);
	buf_printf(b, "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 "Z", year, month,
		   days + 1, second / 3600, second / 60 % 60, second % 60);
}

/* Local time by the zone that TZ or the system names; in a gap or overlap of summer time libc decides. */
static bool
local_epoch_s(const struct civil *c, int64_t *ret)
{
	struct tm tm = {
		.tm_year = (int)c->year - 1900,
		.tm_mon = (int)c->month - 1,
		.tm_mday = (int)c->day,
		.tm_hour = (int)c->hour,
		.tm_min = (int)c->minute,
		.tm_sec = (int)c->second,
		.tm_isdst = -1,
	};
	time_t t = mktime(&tm);

	*ret = (int64_t)t;
	return t != (time_t)-1;
}

int
clock_parse_when(struct str s, int64_t now_epoch_s, int64_t *ret_epoch_s, struct err *e)
{
	struct civil c;
	struct err ignored;
	int64_t ms;

	if (num_i64(s, 0, INT64_MAX / NS_PER_S, ret_epoch_s, &ignored) == 0)
		return 0;
	if (num_duration_ms(s, &ms, &ignored) == 0) {
		*ret_epoch_s = now_epoch_s - ms / 1000;
		return 0;
	}
	if (scan(s, &c)) {
		int64_t epoch_s = epoch_s_of(&c);

		if (c.has_zone || local_epoch_s(&c, &epoch_s)) {
			*ret_epoch_s = epoch_s;
			return 0;
		}
	}
	return err_set(e, ERR_PARSE, "'" STR_FMT "' is not a time: 10m ago is 10m, else as 2026-11-01T10:00:00Z or 2026-11-01",
		       STR_ARG(str_take(s, QUOTE_MAX)));
}

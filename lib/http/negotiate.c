/* negotiate.c - Accept-Encoding and If-None-Match */
#include "lib/http/negotiate.h"

#define WEIGHT_ONE 1000		/* weights are in thousandths: three decimals are all there can be */
#define UNNAMED (-1)

/* qvalue, RFC 9110 section 12.4.2; 0 when it is none. */
static int
read_weight(struct str s)
{
	int v = 0, unit = WEIGHT_ONE;

	for (size_t i = 0; i < s.n; i++) {
		if (i == 1) {
			if (s.p[i] != '.')
				return 0;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9' || unit == 0)
			return 0;
		v += (s.p[i] - '0') * unit;
		unit /= 10;
	}
	return v <= WEIGHT_ONE ? v : 0;
}

/* One member of the list: its coding, and its weight. */
static struct str
read_coding(struct str member, int *ret_weight)
{
	struct str coding = str_trim(str_cut(&member, ';')), parameter = str_trim(member);
	struct str name = str_trim(str_cut(&parameter, '='));

	*ret_weight = WEIGHT_ONE;
	if (name.n > 0)
		*ret_weight = str_ieq(name, STR_LIT("q")) ? read_weight(str_trim(parameter)) : 0;
	return coding;
}

struct weights {
	int gzip, identity, any;
};

static void
weigh(struct str list, struct weights *w)
{
	while (list.n > 0) {
		int weight;
		struct str coding = read_coding(str_cut(&list, ','), &weight);

		if (str_ieq(coding, STR_LIT("gzip")) || str_ieq(coding, STR_LIT("x-gzip")))
			w->gzip = weight;
		else if (str_ieq(coding, STR_LIT("identity")))
			w->identity = weight;
		else if (str_is(coding, "*"))
			w->any = weight;
	}
}

bool
http_accepts_gzip(const struct http_field *fields, size_t n)
{
	struct weights w = { UNNAMED, UNNAMED, UNNAMED };

	for (size_t i = 0; i < n; i++)
		if (str_ieq(fields[i].name, STR_LIT("accept-encoding")))
			weigh(fields[i].value, &w);
	if (w.gzip == UNNAMED)
		w.gzip = w.any;
	return w.gzip > 0 && w.gzip >= w.identity;
}

/* A tag may hold commas, so the list is not cut at those. */
static bool
list_has_tag(struct str list, struct str tag)
{
	for (;;) {
		size_t open = str_find_char(list, '"');

		if (open == STR_NONE)
			return false;
		list = str_skip(list, open);
		size_t shut = str_find_char(str_skip(list, 1), '"');
		if (shut == STR_NONE)
			return false;
		if (str_eq(str_take(list, shut + 2), tag))
			return true;
		list = str_skip(list, shut + 2);
	}
}

bool
http_none_match_has(const struct http_field *fields, size_t n, struct str tag)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(fields[i].name, STR_LIT("if-none-match")) && list_has_tag(fields[i].value, tag))
			return true;
	return false;
}

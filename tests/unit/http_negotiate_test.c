/* http_negotiate_test.c - Accept-Encoding and If-None-Match */
#include "lib/http/negotiate.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define TAG "\"0123,4567\""

static const struct {
	const char *first, *second;	/* field lines; NULL: none */
	bool is_yes;
} codings[] = {
	{ NULL, NULL, false },
	{ "", NULL, false },
	{ "gzip", NULL, true },
	{ "GZip", NULL, true },
	{ "x-gzip", NULL, true },
	{ "gzip, deflate, br, zstd", NULL, true },
	{ "deflate, br", NULL, false },
	{ "br", "gzip", true },
	{ "gzip;q=0", NULL, false },
	{ "gzip;q=0.0", NULL, false },
	{ "gzip;q=0.", NULL, false },
	{ "gzip;q=0.000", NULL, false },
	{ "gzip;q=0.001", NULL, true },
	{ "gzip;q=0.0001", NULL, false },
	{ "gzip;q=1", NULL, true },
	{ "gzip;q=1.000", NULL, true },
	{ "gzip;q=1.001", NULL, false },
	{ "gzip;q=2", NULL, false },
	{ "gzip;q=.5", NULL, false },
	{ "gzip;q=-1", NULL, false },
	{ "gzip;q=", NULL, false },
	{ "gzip;q", NULL, false },
	{ "gzip;level=9", NULL, false },
	{ "gzip ; q=0.5", NULL, true },
	{ "gzip;Q=0.5", NULL, true },
	{ "*", NULL, true },
	{ "*;q=0", NULL, false },
	{ "*;q=0, gzip", NULL, true },
	{ "*, gzip;q=0", NULL, false },
	{ "identity", NULL, false },
	{ "identity, gzip", NULL, true },
	{ "identity, gzip;q=0.5", NULL, false },
	{ "identity;q=0.5, gzip;q=0.8", NULL, true },
	{ "identity;q=0", NULL, false },
	{ "identity;q=0, *", NULL, true },
	{ ",, gzip ,", NULL, true },
	{ "gzipped", NULL, false },
};

static const struct {
	const char *first, *second;
	bool is_yes;
} tags[] = {
	{ NULL, NULL, false },
	{ "", NULL, false },
	{ TAG, NULL, true },
	{ "W/" TAG, NULL, true },
	{ "\"a\", " TAG, NULL, true },
	{ "\"a\"", TAG, true },
	{ "\"a,b\",W/\"c\"," TAG, NULL, true },
	{ "*", NULL, false },
	{ "0123,4567", NULL, false },
	{ "\"0123,4567", NULL, false },
	{ "\"0123\",\"4567\"", NULL, false },
	{ "\"x" TAG, NULL, false },
	{ "\"", NULL, false },
};

static size_t
make_fields(const char *name, const char *first, const char *second, struct http_field fields[3])
{
	size_t n = 0;

	fields[n++] = (struct http_field){ STR_LIT("X-Other"), STR_LIT("gzip, " TAG) };
	if (first)
		fields[n++] = (struct http_field){ str_of(name), str_from(t_guard(first, strlen(first)), strlen(first)) };
	if (second)
		fields[n++] = (struct http_field){ str_of(name), str_of(second) };
	return n;
}

int
main(void)
{
	struct http_field fields[3];

	for (size_t i = 0; i < ARRAY_LEN(codings); i++) {
		t_row("coding %s", codings[i].first ? codings[i].first : "(none)");
		size_t n = make_fields("ACCEPT-encoding", codings[i].first, codings[i].second, fields);
		T_EQ(http_accepts_gzip(fields, n), codings[i].is_yes);
	}
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		t_row("tag %s", tags[i].first ? tags[i].first : "(none)");
		size_t n = make_fields("If-None-Match", tags[i].first, tags[i].second, fields);
		T_EQ(http_none_match_has(fields, n, STR_LIT(TAG)), tags[i].is_yes);
	}
	return t_done();
}

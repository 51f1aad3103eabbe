/* update_news_test.c - which version is newer, when to ask, and what an answer may be */
#include "lib/deploy/update_news.h"
#include "tests/t.h"

#define NOW 1800000000

static const struct { const char *a, *b; int is; } versions[] = {
	{ "1.18.33", "1.18.33", 0 }, { "1.18.34", "1.18.33", 1 }, { "1.9.0", "1.18.0", -1 }, { "1.18.100", "1.18.99", 1 }, { "2.0.0", "1.99.99", 1 },
	{ "1.18.33", "", 1 }, { "", "1.18.33", -1 }, { "", "", 0 }, { "nonsense", "1.0.0", -1 },
};

static void
test_compare(void)
{
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		int is = update_compare(versions[i].a, versions[i].b);

		t_row("'%s' against '%s'", versions[i].a, versions[i].b);
		T_EQ((is > 0) - (is < 0), versions[i].is);
	}
}

static const struct { const char *name, *check, *source; int64_t tried; const char *why; int64_t due; } dues[] = {
	{ "the first a while after the beginning", "daily", "build", 0, "", NOW + 600 },
	{ "a day later", "daily", "build", NOW, "", NOW + 86400 },
	{ "an hour after a failure", "daily", "build", NOW, "no network", NOW + 3600 },
	{ "always: an hour later", "always", "build", NOW, "", NOW + 3600 },
	{ "never", "never", "build", 0, "", 0 },
	{ "never again", "never", "build", NOW, "", 0 },
	{ "an image that somebody else makes", "daily", "pull", 0, "", 0 },
};

static void
test_due(void)
{
	for (size_t i = 0; i < sizeof dues / sizeof dues[0]; i++) {
		const struct config c = { .update = { .check = dues[i].check }, .image = { .source = dues[i].source } };
		const struct update_news last = { .tried_epoch_s = dues[i].tried, .newest = "", .told = "", .why = dues[i].why };

		t_row("due: %s", dues[i].name);
		T_EQ(update_news_due(&c, &last, NOW), dues[i].due);
	}
}

static const struct { const char *json, *newest; } answers[] = {
	{ "\"1.18.33\"", "1.18.33" }, { "[\"1.18.9\",\"1.18.33\",\"1.18.10\"]", "1.18.33" }, { "{\"version\":\"1.18.33\"}", "1.18.33" },
	{ "[\"1.18.33\",\"2.0.0\"]", "1.18.33" }, { "\"2.0.0\"", "" }, { "{\"version\":\"2.0.0\"}", "" }, { "{\"other\":\"1.18.33\"}", "" },
	{ "[\"latest\",7,null,\"1.18.33 \"]", "" }, { "[]", "" }, { "7", "" }, { "null", "" }, { "\"$(id)\"", "" },
};

static void
test_answers(void)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		const struct json *j = json_parse(&a, str_of(answers[i].json), &e);

		t_row("answer %s", answers[i].json);
		T_STR(update_newest_of(j), answers[i].newest);
	}
}

static void
test_newer(void)
{
	const struct update_news n = { .newest = "1.18.33", .told = "", .why = "" }, none = { .newest = "", .told = "", .why = "" };

	T_STR(update_news_newer(&n, "1.18.32"), "1.18.33");
	T_STR(update_news_newer(&n, "1.18.33"), NULL);
	T_STR(update_news_newer(&n, ""), NULL);
	T_STR(update_news_newer(&none, "1.18.32"), NULL);
}

int
main(void)
{
	test_compare();
	test_due();
	test_answers();
	test_newer();
	return t_done();
}

/* update_test.c - the journal and the history of changes of version, what is kept, and the decisions around them */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/update.h"
#include "lib/json/json.h"
#include "tests/t.h"

static struct scope
scope_in(struct arena *a, const char *name)
{
	const char *dir = arena_printf(a, "%s/%s", t_tmpdir(), name);

	T_OK(mkdir(dir, 0700) == 0);
	return (struct scope){ .kind = SCOPE_USER, .instance = "default", .home = dir, .state_dir = dir };
}

static struct update_record
record(uint64_t number, enum update_state state, uint64_t n_bytes)
{
	return (struct update_record){ .number = number, .at_epoch_s = 1700000000, .state = state, .from = { "1.2.3", "opencode-cloud:1.2.3", "sha256:1" },
		.to = { "1.2.4", "opencode-cloud:1.2.4", "sha256:2" }, .set_source = "", .set_ref = "", .set_opencode = "1.2.4", .snapshot = n_bytes ? "volume" : "",
		.n_bytes = n_bytes, .why = state == UPDATE_UNDONE ? "a \"reason\"" : "" };
}

static void
test_mark(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "mark");
	struct update_record back, r = record(7, UPDATE_SWITCHING, 42);
	struct err e = ERR_INIT;

	t_row("none is under way");
	T_EQ(update_mark_get(&a, &s, &back, &e), 0);

	t_row("written, it is read back whole");
	r.back_to = 3;
	T_CALL(update_mark_put(&s, &r, &e));
	T_EQ(update_mark_get(&a, &s, &back, &e), 1);
	T_EQ(back.number, 7);
	T_EQ(back.state, UPDATE_SWITCHING);
	T_EQ(back.back_to, 3);
	T_EQ(back.at_epoch_s, 1700000000);
	T_EQ(back.n_bytes, 42);
	T_STR(back.from.opencode, "1.2.3");
	T_STR(back.from.image_id, "sha256:1");
	T_STR(back.to.ref, "opencode-cloud:1.2.4");
	T_STR(back.set_opencode, "1.2.4");
	T_STR(back.set_ref, "");
	T_STR(back.snapshot, "volume");

	t_row("removed, twice");
	T_CALL(update_mark_remove(&s, &e));
	T_CALL(update_mark_remove(&s, &e));
	T_EQ(update_mark_get(&a, &s, &back, &e), 0);
}

static const struct { const char *name, *text, *says; } bad[] = {
	{ "half of one", "{\"format\":1,\"numb", "update.json" },
	{ "no record", "{\"format\":1}", "no journal" },
	{ "a state that is none", "{\"format\":1,\"number\":1,\"state\":\"sleeping\"}", "no journal" },
	{ "a newer format", "{\"format\":2,\"number\":1,\"state\":\"done\"}", "newer program" },
	{ "empty", "", "update.json" },
};

static void
test_bad_marks(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "bad");
	struct update_record back;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct err e = ERR_INIT;

		t_row("a journal that cannot be read is no absent one: %s", bad[i].name);
		T_CALL(file_save(path_join(&a, s.state_dir, "update.json"), str_of(bad[i].text), 0600, &e));
		T_FAILS(update_mark_get(&a, &s, &back, &e), ERR_CONFIG);
		T_HAS(e.msg, bad[i].says);
	}
}

static void
test_history(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "history");
	struct history *h = arena_zero(&a, sizeof *h), *back = arena_zero(&a, sizeof *back);
	struct update_record done = record(1, UPDATE_DONE, 10), undone = record(2, UPDATE_UNDONE, 0);
	struct err e = ERR_INIT;

	t_row("none yet");
	T_CALL(history_load(&a, &s, h, &e));
	T_EQ(h->n, 0);
	T_EQ(history_next_number(h), 1);
	T_OK(!history_find(h, 0) && !history_find(h, 1));

	t_row("added and read back");
	T_CALL(history_put(&s, h, &done, &e));
	T_CALL(history_put(&s, h, &undone, &e));
	T_CALL(history_load(&a, &s, back, &e));
	T_EQ(back->n, 2);
	T_STR(back->records[1].why, "a \"reason\"");
	T_EQ(history_next_number(back), 3);

	t_row("the newest that was done, and one by its number");
	T_EQ(history_find(back, 0)->number, 1);
	T_EQ(history_find(back, 2)->state, UPDATE_UNDONE);
	T_OK(!history_find(back, 3));

	t_row("the same number is the same one");
	done.why = "again";
	T_CALL(history_put(&s, h, &done, &e));
	T_EQ(h->n, 2);
	T_STR(h->records[0].why, "again");

	t_row("as many as there is room for, the oldest forgotten");
	for (uint64_t n = 3; n <= HISTORY_MAX + 5; n++) {
		struct update_record r = record(n, UPDATE_DONE, 0);
		T_CALL(history_put(&s, h, &r, &e));
	}
	T_EQ(h->n, HISTORY_MAX);
	T_EQ(h->records[0].number, 6);
	T_EQ(history_next_number(h), HISTORY_MAX + 6);
	T_CALL(history_load(&a, &s, back, &e));
	T_EQ(back->n, HISTORY_MAX);
}

/* An x goes, a u was undone and goes, a - stays. */
static const struct { const char *name; uint64_t bytes[5]; size_t keep; uint64_t max; const char *goes; } excess[] = {
	{ "within both limits", { 1, 1, 1 }, 3, 100, "---" },
	{ "more than are kept", { 1, 1, 1, 1 }, 2, 100, "xx--" },
	{ "too large together", { 50, 40, 40, 30 }, 9, 100, "xx--" },
	{ "the newest always is", { 500 }, 1, 100, "-" },
	{ "and is when it is too large", { 1, 500 }, 3, 100, "x-" },
	{ "those without a copy are not counted", { 1, 0, 1, 0 }, 2, 100, "----" },
	{ "a large one in the middle takes the older ones with it", { 1, 90, 20 }, 9, 100, "xx-" },
	{ "what was undone is in nobody's place", { 1, 60, 1, 60, 1 }, 2, 100, "-u-uu" },
	{ "nor is it kept for being the newest", { 1, 1 }, 1, 100, "-u" },
};

static void
test_excess(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct history *h = arena_zero(&a, sizeof *h);

	for (size_t i = 0; i < sizeof excess / sizeof excess[0]; i++) {
		t_row("what is kept: %s", excess[i].name);
		h->n = strlen(excess[i].goes);
		for (size_t k = 0; k < h->n; k++)
			h->records[k] = record(k + 1, excess[i].goes[k] == 'u' ? UPDATE_UNDONE : UPDATE_DONE, excess[i].bytes[k]);
		for (size_t k = 0; k < h->n; k++)
			T_EQ(history_is_excess(h, k, excess[i].keep, excess[i].max), excess[i].goes[k] != '-');
	}
}

static const struct { const char *name, *old, *new, *lost; } mounts[] = {
	{ "the same", "{\"Mounts\":[{\"Destination\":\"/a\"},{\"Destination\":\"/b\"}]}", "{\"Mounts\":[{\"Destination\":\"/b\"},{\"Destination\":\"/a\"}]}", NULL },
	{ "one more", "{\"Mounts\":[{\"Destination\":\"/a\"}]}", "{\"Mounts\":[{\"Destination\":\"/b\"},{\"Destination\":\"/a\"}]}", NULL },
	{ "one less", "{\"Mounts\":[{\"Destination\":\"/a\"},{\"Destination\":\"/b\"}]}", "{\"Mounts\":[{\"Destination\":\"/a\"}]}", "/b" },
	{ "none any more", "{\"Mounts\":[{\"Destination\":\"/a\"}]}", "{}", "/a" },
	{ "none before", "{}", "{}", NULL },
};

static void
test_mounts(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
		t_row("mounts: %s", mounts[i].name);
		T_STR(update_lost_mount(json_parse(&a, str_of(mounts[i].old), &e), json_parse(&a, str_of(mounts[i].new), &e)), mounts[i].lost);
	}
}

int
main(void)
{
	test_mark();
	test_bad_marks();
	test_history();
	test_excess();
	test_mounts();
	return t_done();
}

/* backup_round_test.c - when a backup is due, and what is said of the last one */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/backup_round.h"
#include "tests/t.h"

#define NOW 1800000000

static const struct { const char *name, *schedule; int64_t tried; const char *why; int64_t due, made; } dues[] = {
	{ "off", "off", 0, "", 0, 0 },
	{ "off, after one", "off", NOW, "", 0, 0 },
	{ "the first at once", "daily", 0, "", 1, 0 },
	{ "an hour later", "hourly", NOW, "", NOW + 3600, 0 },
	{ "a day later", "daily", NOW, "", NOW + 86400, 0 },
	{ "a week later", "weekly", NOW, "", NOW + 7 * 86400, 0 },
	{ "after a failure an hour later", "weekly", NOW, "no room", NOW + 3600, 0 },
	{ "one that was made, and not copied away", "daily", NOW, "backup.after ended with status 1", NOW + 86400, NOW + 5 },
	{ "and not sooner for a shorter schedule", "hourly", NOW, "no room", NOW + 3600, 0 },
};

static void
test_due(void)
{
	for (size_t i = 0; i < sizeof dues / sizeof dues[0]; i++) {
		struct config c = { .backup = { .schedule = dues[i].schedule } };
		const struct backup_round last = { .tried_epoch_s = dues[i].tried, .made_epoch_s = dues[i].made, .why = dues[i].why, .file = "" };

		t_row("due: %s", dues[i].name);
		T_EQ(backup_round_due(&c, &last), dues[i].due);
	}
}

static const struct { const char *name, *schedule; struct backup_round last; const char *line; } lines[] = {
	{ "neither wanted nor made", "off", { .file = "", .why = "" }, NULL },
	{ "wanted, none yet", "daily", { .file = "", .why = "" }, "none yet, none proved yet" },
	{ "made by hand, without a schedule", "off", { .made_epoch_s = NOW - 7200, .file = "f", .why = "" }, "2 h old, none proved yet" },
	{ "made and proved", "daily", { .made_epoch_s = NOW - 60, .proved_epoch_s = NOW - 86400 * 3, .file = "f", .why = "" }, "1 min old, one proved 3 d ago" },
	{ "on the same disk", "daily", { .made_epoch_s = NOW - 60, .proved_epoch_s = NOW - 60, .file = "f", .why = "", .is_beside_data = true },
	    "1 min old, one proved 1 min ago, on the disk that the data lies on" },
	{ "failed", "daily", { .made_epoch_s = NOW - 60, .proved_epoch_s = NOW - 60, .file = "f", .why = "no room" },
	    "1 min old, one proved 1 min ago; the last try FAILED: no room" },
	{ "a clock that went back", "daily", { .made_epoch_s = NOW + 60, .proved_epoch_s = NOW + 60, .file = "f", .why = "" }, "0 ms old, one proved 0 ms ago" },
};

static void
test_line(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct config c = { .backup = { .schedule = lines[i].schedule, .identity = "" } };

		t_row("said: %s", lines[i].name);
		T_STR(backup_round_line(&a, &c, &lines[i].last, NOW), lines[i].line);
	}

	const char *recipient = "age1...";
	const struct backup_round last = { .made_epoch_s = NOW - 60, .file = "f", .why = "" };
	struct config c = { .backup = { .schedule = "daily", .identity = "", .recipients = { .v = &recipient, .n = 1 } } };
	t_row("said: encrypted, the key elsewhere, and here");
	T_STR(backup_round_line(&a, &c, &last, NOW), "1 min old, none proved yet, not proved by itself: the key is elsewhere (backup.identity)");
	c.backup.identity = "/key";
	T_STR(backup_round_line(&a, &c, &last, NOW), "1 min old, none proved yet");
}

static const char *const notes[] = { NULL, "", "{", "[]", "{\"format\":9,\"file\":7,\"tried_epoch_s\":\"x\"}",
	"{\"format\":1,\"tried_epoch_s\":4102444800,\"made_epoch_s\":4102444800}" };	/* by a clock that was ahead */

/* The schedule then begins anew, which costs a backup and loses nothing. */
static void
test_note(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct scope s = { .state_dir = t_tmpdir() };

	for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
		struct backup_round r;
		struct err e = ERR_INIT;

		t_row("a note that tells nothing: %s", notes[i] ? notes[i] : "none");
		if (notes[i])
			T_CALL(file_save(path_join(&a, s.state_dir, "backups.json"), str_of(notes[i]), 0600, &e));
		backup_round_load(&a, &s, &r);
		T_EQ(r.tried_epoch_s, 0);
		T_EQ(r.made_epoch_s, 0);
		T_STR(r.file, "");
		T_STR(r.why, "");
	}
}

int
main(void)
{
	test_due();
	test_line();
	test_note();
	return t_done();
}

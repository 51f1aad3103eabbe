/* backup_test.c - what is saved comes back; nothing of it can be another without being seen; hostile archives are refused by the name of their first bad entry */
#include "tests/unit/backup_kit.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define FLIPS 1000

static struct err e = ERR_INIT;
static char long_name[300], big[200000];

static const struct kit_entry good[] = {
	{ "settings/config.json", TAR_FILE, NULL, "{}" },
	{ "home", TAR_DIR, NULL, NULL },
	{ "home/a b", TAR_FILE, NULL, "one" },
	{ "home/empty", TAR_FILE, NULL, "" },
	{ "home/link", TAR_SYMLINK, "/etc/passwd", NULL },
	{ "home/linker", TAR_FILE, NULL, "beside, not through" },
	{ "home/hard", TAR_HARDLINK, "home/a b", NULL },
	{ "home/hard-soft", TAR_HARDLINK, "home/link", NULL },
	{ long_name, TAR_FILE, NULL, "deep" },
	{ "home/bytes\xff\xfe", TAR_FILE, NULL, "no UTF-8" },
	{ "home/big", TAR_FILE, NULL, big },
	{ "workspace", TAR_DIR, NULL, NULL },
	{ "workspace/src", TAR_FILE, NULL, "code" },
};

static void
test_round_trip(struct buf *archive)
{
	AUTO(buf) struct buf one = BUF_INIT(KIT_MAX), again = BUF_INIT(KIT_MAX);
	struct kit_out out = { .to = archive };
	struct backup_head head;
	uint32_t x = 12345;

	t_row("round trip");
	memset(long_name, 'x', sizeof long_name - 1);
	memcpy(long_name, "home/", 5);
	for (size_t i = 0; i < sizeof big - 1; i++) {
		x = x * 1664525 + 1013904223;
		big[i] = (char)('a' + (x >> 24) % 26);
	}
	T_CALL(kit_make(good, ARRAY_LEN(good), true, &out, t_tmpdir(), &e));
	T_CALL(kit_read_all(buf_str(archive), 0, t_tmpdir(), &one, &head, &e));
	T_HAS(one.p, "settings:config.json={} home:.= home:a b=one home:empty= home:link>/etc/passwd= home:linker=beside, not through home:hard>home/a b= home:hard-soft>home/link= ");
	T_HAS(one.p, "=deep home:bytes\xff\xfe=no UTF-8 home:big=");
	T_HAS(one.p, " workspace:.= workspace:src=code ");
	T_EQ(head.created_epoch_s, 1700000000);
	T_EQ(head.n_sessions, 4);
	T_CALL(kit_read_all(buf_str(archive), 1, t_tmpdir(), &again, NULL, &e));
	T_STR(again.p, one.p);
}

/* No place of the file is without meaning. */
static void
test_flips(const struct buf *archive)
{
	AUTO(buf) struct buf copy = BUF_INIT(KIT_MAX);

	t_row("a flipped bit at any of %d places", FLIPS);
	buf_putstr(&copy, buf_str(archive));
	for (size_t i = 0; i < FLIPS; i++) {
		AUTO(buf) struct buf seen = BUF_INIT(KIT_MAX);
		size_t at = i < 100 ? i : i > FLIPS - 100 ? copy.n - (FLIPS - i) : i * copy.n / FLIPS;

		err_clear(&e);
		copy.p[at] = (char)(copy.p[at] ^ (1 << (i % 8)));
		if (kit_read_all(buf_str(&copy), 0, t_tmpdir(), &seen, NULL, &e) >= 0)
			T_FAIL("bit %zu of byte %zu was not seen", i % 8, at);
		copy.p[at] = (char)(copy.p[at] ^ (1 << (i % 8)));
	}
	t_row("cut short anywhere, or with something behind it");
	for (size_t n = 0; n < copy.n; n += n < 300 ? 1 : 997) {
		AUTO(buf) struct buf seen = BUF_INIT(KIT_MAX);

		err_clear(&e);
		if (kit_read_all(str_take(buf_str(&copy), n), 0, t_tmpdir(), &seen, NULL, &e) >= 0)
			T_FAIL("%zu bytes were taken for all", n);
	}
	buf_putc(&copy, 'x');
	AUTO(buf) struct buf seen = BUF_INIT(KIT_MAX);
	T_FAILS(kit_read_all(buf_str(&copy), 0, t_tmpdir(), &seen, NULL, &e), ERR_PARSE);
	T_HAS(e.msg, "something stands behind them");
}

/* ---- hostile ---- */

static const struct {
	const char *name;
	struct kit_entry v[3];
	const char *error;
} hostile[] = {
	{ "outside", { { "etc/passwd", TAR_FILE, NULL, "x" } }, "etc/passwd: is no part of a backup" },
	{ "a name that only begins alike", { { "homes/x", TAR_FILE, NULL, "x" } }, "homes/x: is no part" },
	{ "a head too many", { { BACKUP_HEAD, TAR_FILE, NULL, "{}" } }, BACKUP_HEAD ": is no part" },
	{ "through a link", { { "home/l", TAR_SYMLINK, "/etc", NULL }, { "home/l/passwd", TAR_FILE, NULL, "x" } }, "home/l/passwd: leads through a symbolic link" },
	{ "over a link", { { "home/l", TAR_SYMLINK, "/etc/passwd", NULL }, { "home/l", TAR_FILE, NULL, "x" } }, "home/l: leads through a symbolic link" },
	{ "the home is a link", { { "home", TAR_SYMLINK, "/", NULL }, { "home/etc", TAR_FILE, NULL, "x" } }, "home/etc: leads through" },
	{ "a link to another part", { { "home/a", TAR_FILE, NULL, "x" }, { "workspace/b", TAR_HARDLINK, "home/a", NULL } }, "workspace/b: is a link to somewhere else" },
	{ "a link through a link", { { "home/l", TAR_SYMLINK, "/etc", NULL }, { "home/h", TAR_HARDLINK, "home/l/shadow", NULL } }, "home/h: is a link to somewhere" },
	{ "through another name of a link", { { "home/l", TAR_SYMLINK, "/etc", NULL }, { "home/h", TAR_HARDLINK, "home/l", NULL }, { "home/h/x", TAR_FILE, NULL, "x" } },
	  "home/h/x: leads through a symbolic link" },
	{ "round a rule by a dot", { { "home/./a", TAR_FILE, NULL, "x" } }, "can be written in another way" },
	{ "round a rule by a slash", { { "home//a", TAR_FILE, NULL, "x" } }, "can be written in another way" },
	{ "the workspace through the home", { { "home/workspace/a", TAR_FILE, NULL, "x" } }, "is the workspace's" },
	{ "settings that are a link", { { "settings/config.json", TAR_SYMLINK, "/etc/shadow", NULL } }, "settings/config.json: is no file" },
	{ "a link out of the archive", { { "home/h", TAR_HARDLINK, "home/./a", NULL } }, "home/h: is a link to somewhere" },
};

static void
test_hostile(void)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		AUTO(buf) struct buf archive = BUF_INIT(KIT_MAX), seen = BUF_INIT(KIT_MAX);
		struct kit_out out = { .to = &archive };
		size_t n = 0;

		t_row("hostile: %s", hostile[i].name);
		err_clear(&e);
		while (n < 3 && hostile[i].v[n].name)
			n++;
		T_FAILS(kit_make(hostile[i].v, n, true, &out, t_tmpdir(), &e), ERR_PARSE);
		T_HAS(e.msg, hostile[i].error);
		buf_reset(&archive);
		err_clear(&e);
		T_CALL(kit_make_any(hostile[i].v, n, &archive, &e));
		T_FAILS(kit_read_all(buf_str(&archive), 0, t_tmpdir(), &seen, NULL, &e), ERR_PARSE);
		T_HAS(e.msg, hostile[i].error);
	}
	t_row("no head");
	AUTO(buf) struct buf archive = BUF_INIT(KIT_MAX), seen = BUF_INIT(KIT_MAX);
	struct kit_out out = { .to = &archive };
	err_clear(&e);
	T_CALL(kit_make(good, 1, false, &out, t_tmpdir(), &e));
	T_FAILS(kit_read_all(buf_str(&archive), 0, t_tmpdir(), &seen, NULL, &e), ERR_PARSE);
	T_HAS(e.msg, "no backup of this program");
}

/* ---- the rest ---- */

static void
test_sink(void)
{
	for (size_t after = 1; after < 100000; after += 7919) {
		AUTO(buf) struct buf archive = BUF_INIT(KIT_MAX);
		struct kit_out out = { .to = &archive, .fails_after = after };

		t_row("no room after %zu bytes", after);
		err_clear(&e);
		T_FAILS(kit_make(good, ARRAY_LEN(good), true, &out, t_tmpdir(), &e), ERR_SYS);
		T_HAS(e.msg, "no space left");
	}
}

static void
test_heads(void)
{
	static const struct {
		const char *text, *error;
		enum err_code code;
	} rows[] = {
		{ "{\"format\":1,\"created\":\"2026-11-29T03:39:00Z\",\"instance\":\"work\",\"sessions\":3}", NULL, 0 },
		{ "{\"format\":2,\"created\":\"2026-11-29T03:39:00Z\"}", "a later one made it", ERR_REFUSED },
		{ "{\"format\":1}", "does not tell its format or time", ERR_PARSE },
		{ "{}", "does not tell its format or time", ERR_PARSE },
		{ "[", BACKUP_HEAD, ERR_PARSE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct backup_head h;

		t_row("head %zu", i);
		err_clear(&e);
		if (rows[i].error) {
			T_FAILS(backup_parse_head(&a, str_of(rows[i].text), &h, &e), rows[i].code);
			T_HAS(e.msg, rows[i].error);
			continue;
		}
		T_CALL(backup_parse_head(&a, str_of(rows[i].text), &h, &e));
		T_STR(h.instance, "work");
		T_EQ(h.n_sessions, 3);
		T_EQ(h.created_epoch_s, 1795923540);
	}
}

static void
test_file_names(void)
{
	static const struct {
		const char *name, *instance;
		bool is_ours;
	} rows[] = {
		{ "default-20261129T033900Z.tar.gz", "default", true },
		{ "work-2-20261129T033900Z.tar.gz", "work-2", true },
		{ "work-2-20261129T033900Z.tar.gz", "work", false },
		{ "default-20261129T033900Z.tar.gz.age", "default", true },
		{ "default-20261129T033900Z.tar.gz.age.age", "default", false },
		{ "default-20261129T033900Z.age", "default", false },
		{ "default-20261129T033900Z.tar.gz.partial", "default", false },
		{ "default-20261329T033900Z.tar.gz", "default", false },
		{ "default-2026112xT033900Z.tar.gz", "default", false },
		{ "default.tar.gz", "default", false },
	};
	AUTO(buf) struct buf made = BUF_INIT(256);
	int64_t at;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("file name %s of %s", rows[i].name, rows[i].instance);
		T_EQ(backup_file_name(str_of(rows[i].name), rows[i].instance, &at), rows[i].is_ours);
	}
	t_row("file name there and back");
	backup_put_file_name("work", 1795923540, false, &made);
	T_STR(made.p, "work-20261129T033900Z.tar.gz");
	T_OK(backup_file_name(buf_str(&made), "work", &at) && at == 1795923540);
}

static void
test_names(void)
{
	AUTO(backup_names) struct backup_names s = BACKUP_NAMES_INIT;

	t_row("many links");
	for (unsigned i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof name, "home/d%u/l%u", i % 7, i);
		T_CALL(backup_names_add(&s, str_of(name), &e));
	}
	T_EQ(s.n, 20000);
	T_OK(backup_names_lead_to(&s, STR_LIT("home/d3/l3/x")) && backup_names_has(&s, STR_LIT("home/d3/l3")));
	T_OK(!backup_names_lead_to(&s, STR_LIT("home/d3/l3")) && !backup_names_has(&s, STR_LIT("home/d3")) && !backup_names_has(&s, STR_LIT("home/d3/l30001")));
}

int
main(void)
{
	AUTO(buf) struct buf archive = BUF_INIT(KIT_MAX);

	test_round_trip(&archive);
	test_flips(&archive);
	test_hostile();
	test_sink();
	test_heads();
	test_file_names();
	test_names();
	return t_done();
}

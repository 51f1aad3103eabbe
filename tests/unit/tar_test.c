/* tar_test.c - archives written, read back, read by the system's tar, and damaged */
#include "lib/engine/tar.h"
#include "tests/pieces.h"
#include "tests/t.h"

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/engine/tar_stream.h"
#include "lib/proc/spawn.h"

static struct err e = ERR_INIT;
static char long_name[600], long_link[300];

static const struct row {
	const char *name;
	enum tar_type type;
	unsigned mode, uid, gid;
	int64_t mtime;
	const char *link, *data;
} row[] = {
	{ "a", TAR_FILE, 0644, 0, 0, 0, NULL, "hello" },
	{ "dir", TAR_DIR, 0755, 1000, 1001, 1, NULL, "" },
	{ "dir/empty", TAR_FILE, 0400, 1000, 1000, 1700000000, NULL, "" },
	{ "link", TAR_SYMLINK, 0777, 0, 0, 0, "dir/../a", "" },
	{ "sp ace/\xc3\xa9.txt", TAR_FILE, 04755, 2097151, 2097151, 077777777777, NULL, "x" },
	{ "big-ids", TAR_FILE, 0600, 2097152, 4294967294u, 8589934592, NULL, "y" },
	{ long_name, TAR_FILE, 0600, 1, 2, 3, NULL, "deep" },
	{ "long-link", TAR_SYMLINK, 0777, 0, 0, 0, long_link, "" },
	{ "before-1970", TAR_FILE, 0644, 0, 0, -1, NULL, "old" },
	{ "in-2300", TAR_FILE, 0644, 0, 0, 10413792000, NULL, "new" },
	{ "hard", TAR_HARDLINK, 0644, 0, 0, 0, "a", "" },
	{ "long-hard", TAR_HARDLINK, 0644, 0, 0, 0, long_link, "" },
};

static void
write_all(struct buf *out)
{
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		const struct tar_entry t = {
			.name = str_of(row[i].name), .type = row[i].type, .mode = row[i].mode, .uid = row[i].uid, .gid = row[i].gid,
			.size = strlen(row[i].data), .mtime_epoch_s = row[i].mtime, .link = str_of(row[i].link),
		};
		T_CALL(tar_put_header(out, &t, &e));
		buf_puts(out, row[i].data);
		tar_put_padding(out, strlen(row[i].data));
	}
	tar_put_end(out);
	T_CALL(buf_check(out, "archive", &e));
}

/* ---- a piece at a time ---- */

/* read_data: else it is passed over. */
static void
stream_trip(const struct buf *archive, size_t step, bool reads_data)
{
	struct pieces in = { .rest = buf_str(archive), .step = step };
	AUTO(tar_stream) struct tar_stream s;
	struct tar_entry t;
	char run[8];

	t_row("stream, %zu bytes a read%s", step, reads_data ? "" : ", data passed over");
	tar_stream_init(&s, (struct source){ .read = pieces_read, .ctx = &in });
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		size_t n = strlen(row[i].data);

		T_EQ(tar_stream_next(&s, &t, &e), 1);
		T_VIEW(t.name, row[i].name);
		T_EQ(t.type, row[i].type);
		T_EQ(t.size, n);
		T_VIEW(t.link, row[i].link ? row[i].link : "");
		T_EQ(t.mtime_epoch_s, row[i].mtime);
		if (!reads_data)
			continue;
		for (size_t at = 0; at < n;) {
			ssize_t got = tar_stream_read(&s, run, sizeof run, &e);
			if (!T_CALL(got) || got == 0)
				break;
			T_MEM(run, row[i].data + at, (size_t)got);
			at += (size_t)got;
		}
		T_EQ(tar_stream_read(&s, run, sizeof run, &e), 0);
	}
	T_EQ(tar_stream_next(&s, &t, &e), 0);
	T_EQ(tar_stream_next(&s, &t, &e), 0);
}

static void
stream_cut(const struct buf *archive)
{
	AUTO(buf) struct buf more = BUF_INIT(1u << 20);
	struct tar_entry t;
	int got = 1;

	t_row("stream: cut short, and with something behind its end");
	for (size_t n = 0; n < archive->n - 1024; n += 101) {
		struct pieces in = { .rest = str_take(buf_str(archive), n), .step = 512 };
		AUTO(tar_stream) struct tar_stream s;

		err_clear(&e);
		tar_stream_init(&s, (struct source){ .read = pieces_read, .ctx = &in });
		while ((got = tar_stream_next(&s, &t, &e)) > 0)
			;
		if (got != -1 || e.code != ERR_PARSE)
			T_FAIL("%zu bytes were taken for all", n);
	}
	buf_putstr(&more, buf_str(archive));
	buf_puts(&more, "x");
	struct pieces in = { .rest = buf_str(&more), .step = 4096 };
	AUTO(tar_stream) struct tar_stream s;
	tar_stream_init(&s, (struct source){ .read = pieces_read, .ctx = &in });
	err_clear(&e);
	while ((got = tar_stream_next(&s, &t, &e)) > 0)
		;
	T_EQ(got, -1);
	T_HAS(e.msg, "something follows its end");
}

static void
round_trip(const struct buf *archive)
{
	struct str in = str_from(t_guard(archive->p, archive->n), archive->n);
	struct tar_entry t;

	T_EQ(archive->n % 512, 0);
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		t_row("round trip %zu", i);
		T_EQ(tar_next(&in, &t, &e), 1);
		T_VIEW(t.name, row[i].name);
		T_EQ(t.type, row[i].type);
		T_EQ(t.mode, row[i].mode);
		T_EQ(t.uid, row[i].uid);
		T_EQ(t.gid, row[i].gid);
		T_VIEW(t.data, row[i].data);
		if (row[i].link)
			T_VIEW(t.link, row[i].link);
	}
	t_row("end, again and again");
	T_EQ(tar_next(&in, &t, &e), 0);
	T_EQ(tar_next(&in, &t, &e), 0);
}

/* The system's tar sees the same, and complains of nothing. */
static void
foreign_reader(const struct buf *archive)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf out = BUF_INIT(65536);
	const char *path = arena_printf(&a, "%s/x.tar", t_tmpdir());
	const char *const list[] = { "tar", "-tf", path, NULL }, *const cat[] = { "tar", "-xOf", path, long_name, NULL };
	int status = -1;

	t_row("tar -t and -x read it");
	T_CALL(file_save(path, buf_str(archive), 0600, &e));
	T_CALL(spawn_run(list, STR_NULL, &out, clock_due_ms(20000), &status, &e));
	T_EQ(status, 0);
	T_HAS(out.p, "a\ndir/\ndir/empty\nlink\n");
	T_HAS(out.p, long_name);
	buf_reset(&out);
	T_CALL(spawn_run(cat, STR_NULL, &out, clock_due_ms(20000), &status, &e));
	T_VIEW(buf_str(&out), "deep");
}

/* Archives of the system's tar in each of its formats. */
static void
foreign_writer(void)
{
	static const char *const formats[] = { "ustar", "gnu", "pax", "oldgnu" };
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/d", t_tmpdir());
	const char *deep = arena_printf(&a, "%s/%.80s/%.80s", dir, long_name, long_name);
	int status;

	T_CALL(file_mkdirs(deep, 0755, &e));
	T_CALL(file_save(arena_printf(&a, "%s/file", deep), STR_LIT("content"), 0640, &e));
	for (size_t i = 0; i < 4; i++) {
		AUTO(buf) struct buf out = BUF_INIT(1u << 20);
		const char *const argv[] = { "tar", "--format", formats[i], "-C", dir, "-cf", "-", ".", NULL };
		struct tar_entry t;
		bool has_file = false;
		int got;
		t_row("reads tar --format %s", formats[i]);
		T_CALL(spawn_run(argv, STR_NULL, &out, clock_due_ms(20000), &status, &e));
		struct str in = str_from(t_guard(out.p, out.n), out.n);
		while ((got = tar_next(&in, &t, &e)) > 0) {
			has_file = has_file || (t.type == TAR_FILE && str_has_suffix(t.name, "/file") && str_is(t.data, "content") && t.mode == 0640 &&
			    t.name.n > 160);
		}
		T_EQ(got, 0);
		T_OK(has_file);
	}
}

static void
refused_names(void)
{
	static const char *const names[] = { "", "/etc/passwd", "..", "../x", "a/../b", "a/..", "/", "a//../b" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		AUTO(buf) struct buf out = BUF_INIT(65536);
		t_row("writer refuses the name \"%s\"", names[i]);
		T_FAILS(tar_put_file(&out, names[i], 0644, 0, 0, STR_NULL, &e), ERR_USAGE);
		T_EQ(out.n, 0);
	}
	AUTO(buf) struct buf out = BUF_INIT(65536);
	struct tar_entry t = { .name = STR_LIT("a\0b"), .type = TAR_FILE };
	t_row("and a NUL, another type, a size beyond 63 bits");
	T_FAILS(tar_put_header(&out, &t, &e), ERR_USAGE);
	t = (struct tar_entry){ .name = STR_LIT("a"), .type = TAR_OTHER };
	T_FAILS(tar_put_header(&out, &t, &e), ERR_USAGE);
	t = (struct tar_entry){ .name = STR_LIT("a"), .type = TAR_FILE, .size = UINT64_MAX };
	T_FAILS(tar_put_header(&out, &t, &e), ERR_TOO_BIG);
	t_row("names with dots that lead nowhere are fine");
	T_CALL(tar_put_file(&out, "...", 0644, 0, 0, STR_NULL, &e));
	T_CALL(tar_put_file(&out, "./a..b/..c", 0644, 0, 0, STR_NULL, &e));
	t_row("a size beyond 8 GiB goes into a pax record");
	buf_reset(&out);
	t = (struct tar_entry){ .name = STR_LIT("a"), .type = TAR_FILE, .size = 1ull << 33 };
	T_CALL(tar_put_header(&out, &t, &e));
	T_OK(str_find(buf_str(&out), STR_LIT("19 size=8589934592\n")) != STR_NONE);
	t_row("an archive beyond its ceiling says so");
	AUTO(buf) struct buf small = BUF_INIT(600);
	T_FAILS(tar_put_file(&small, "a", 0644, 0, 0, STR_LIT("x"), &e), ERR_TOO_BIG);
}

static void
fix_checksum(char *block)
{
	unsigned sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
}

/* Each row changes one place of a good archive. */
static void
damage(void)
{
	static const struct {
		const char *what;
		size_t at;
		const char *bytes;
		size_t n;
		bool fix;
	} hurt[] = {
		{ "wrong checksum", 0, "b", 1, false },
		{ "no magic", 257, "nagic", 5, true },
		{ "size no number", 124, "0000000000z", 11, true },
		{ "size beyond the archive", 124, "77777777777", 11, true },
		{ "binary size, negative", 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12, true },
		{ "binary size, huge", 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12, true },
		{ "name leads outside", 0, "../x\0", 5, true },
		{ "name is absolute", 0, "/x\0", 3, true },
		{ "no name", 0, "\0", 1, true },
		{ "mode no number", 100, "9", 1, true },
		{ "prefix leads outside", 345, "..", 2, true },
		{ "pax record of no length", 156, "x", 1, true },
	};
	AUTO(buf) struct buf good = BUF_INIT(65536);
	struct tar_entry t;

	T_CALL(tar_put_file(&good, "a", 0644, 0, 0, STR_LIT("hello"), &e));
	tar_put_end(&good);
	for (size_t i = 0; i < sizeof hurt / sizeof hurt[0]; i++) {
		char bytes[4096];
		t_row("damaged: %s", hurt[i].what);
		memcpy(bytes, good.p, good.n);
		memcpy(bytes + hurt[i].at, hurt[i].bytes, hurt[i].n);
		if (hurt[i].fix)
			fix_checksum(bytes);
		struct str in = str_from(t_guard(bytes, good.n), good.n);
		T_FAILS(tar_next(&in, &t, &e), ERR_PARSE);
	}
	t_row("cut at every byte");
	for (size_t n = 0; n < good.n - 512; n++) {
		struct str in = str_from(t_guard(good.p, n), n);
		int got = tar_next(&in, &t, &e);
		T_EQ(got, n < 1024 ? -1 : 1);
		if (got == 1)
			T_EQ(tar_next(&in, &t, &e), n < 1536 ? -1 : 0);
	}
}

static void
pax_damage(void)
{
	static const char *const records[] = {
		"", "5 path=x\n", "99 path=x\n", "x path=x\n", "10 pathxx\n", "9 path=x\n9", "9 path=x ", "11 size=-1\n", "12 size=1x2\n", "-9 path=x\n",
		"00000000000000000009 path=x\n", "29 size=99999999999999999999\n",
	};

	for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
		AUTO(buf) struct buf out = BUF_INIT(65536);
		struct tar_entry t;
		t_row("pax record \"%.20s\"", i == 5 || i == 1 ? "..." : records[i][0] ? "x" : "");
		T_CALL(tar_put_file(&out, "p", 0644, 0, 0, str_of(records[i]), &e));
		out.p[156] = 'x';
		fix_checksum(out.p);
		T_CALL(tar_put_file(&out, "a", 0644, 0, 0, STR_LIT("hello"), &e));
		tar_put_end(&out);
		struct str in = str_from(t_guard(out.p, out.n), out.n);
		T_EQ(tar_next(&in, &t, &e), records[i][0] ? -1 : 1);
	}
}

int
main(void)
{
	AUTO(buf) struct buf archive = BUF_INIT(1u << 20), again = BUF_INIT(1u << 20);

	for (size_t i = 0; i + 1 < sizeof long_name; i++)
		long_name[i] = i % 100 == 81 ? '/' : (char)('a' + i % 26);
	memset(long_link, 'l', sizeof long_link - 1);
	t_row("the same entries give the same bytes");
	write_all(&archive);
	write_all(&again);
	T_OK(str_eq(buf_str(&archive), buf_str(&again)));
	round_trip(&archive);
	stream_trip(&archive, 1, true);
	stream_trip(&archive, 700, true);
	stream_trip(&archive, 100000, false);
	stream_cut(&archive);
	foreign_reader(&archive);
	foreign_writer();
	refused_names();
	damage();
	pax_damage();
	return t_done();
}

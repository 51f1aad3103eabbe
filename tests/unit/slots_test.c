/*
 * slots_test.c - the ring of records: shapes, damage, faults, kills, a full disk
 *
 * What a record holds follows from its number, so that a reader knows what it has to be.
 */
/* ldflags: -Wl,--wrap=pwrite,--wrap=pwrite64,--wrap=write,--wrap=fsync,--wrap=rename */
#include "lib/base/slots.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/base/crc.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/unit/slots_kit.h"

#define N 4
#define BYTES 2048
#define PAYLOAD_MAX (BYTES - SLOT_HEAD_BYTES)

static struct arena arena;
static struct err e;

static const char *
path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", t_tmpdir(), name);
}

/* The payload of a record: its number decides length and bytes. */
static struct str
payload(uint64_t seq)
{
	static char bytes[PAYLOAD_MAX];
	uint32_t state = (uint32_t)seq * 2654435761u + 1;
	size_t n = (size_t)(seq * 997 % (PAYLOAD_MAX + 1));

	for (size_t i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = (char)(state >> 24);
	}
	return str_from(bytes, n);
}

static bool
holds(const struct slots *s, uint64_t seq)
{
	AUTO(buf) struct buf out = BUF_INIT(BYTES);
	struct err why = ERR_INIT;

	return slots_get(s, seq, &out, &why) == 0 && str_eq(buf_str(&out), payload(seq));
}

static int
put(struct slots *s, struct err *why)
{
	uint64_t want = s->last + 1, seq = 0;

	if (slots_put(s, payload(want), &seq, why) < 0)
		return -1;
	T_EQ(seq, want);
	return 0;
}

static int
open_at(struct slots *s, const char *path, bool *ret_is_new)
{
	e = (struct err)ERR_INIT;
	return slots_open(s, path, N, BYTES, ret_is_new, &e);
}

static struct buf
content(const char *path)
{
	struct buf b = BUF_INIT(1u << 22);

	T_CALL(file_read(path, &b, &e));
	return b;
}

/* ---- plain use ---- */

static void
test_crc(void)
{
	t_row("CRC-32: its check value, and in pieces");
	T_EQ(crc_32(0, STR_LIT("123456789")), 0xcbf43926u);
	T_EQ(crc_32(crc_32(0, STR_LIT("1234")), STR_LIT("56789")), 0xcbf43926u);
	T_EQ(crc_32(0, STR_NULL), 0);
}

static void
test_ring(void)
{
	AUTO(slots) struct slots s = SLOTS_INIT;
	AUTO(slots) struct slots reader = SLOTS_INIT;
	const char *path = path_of("ring");
	uint64_t seq[SLOTS_MAX];
	struct stat st;
	bool is_new = false;

	t_row("ring: made whole, private, empty");
	T_CALL(open_at(&s, path, &is_new));
	T_EQ(is_new, true);
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_mode & 07777, 0600);
	T_EQ(st.st_size, N * BYTES);
	T_OK((size_t)st.st_blocks * 512 >= N * BYTES);
	T_EQ(slots_list(&s, seq), 0);

	t_row("ring: the last four records stay, the file does not grow");
	for (unsigned i = 1; i <= 11; i++) {
		T_CALL(put(&s, &e));
		T_EQ(s.last, i);
		for (unsigned k = 1; k <= i; k++)
			T_EQ(holds(&s, k), k + N > i);
	}
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_size, N * BYTES);
	T_EQ(slots_list(&s, seq), N);
	T_OK(seq[0] == 11 && seq[1] == 10 && seq[2] == 9 && seq[3] == 8);

	t_row("ring: opened again, by a reader, too, which is told when a record goes under it");
	T_CALL(slots_open_read(&reader, path, &e));
	T_EQ(reader.n, N);
	T_EQ(reader.slot_bytes, BYTES);
	T_CALL(put(&s, &e));
	T_OK(holds(&reader, 11) && holds(&reader, 9) && !holds(&reader, 8) && !holds(&reader, 12));
	slots_auto(&s);
	T_CALL(open_at(&s, path, &is_new));
	T_EQ(is_new, false);
	T_OK(holds(&s, 12) && holds(&s, 9) && !holds(&s, 8));

	t_row("ring: a payload that fills its slot, one that does not fit, no number 0");
	AUTO(buf) struct buf big = BUF_INIT(BYTES);
	memset(buf_room(&big, PAYLOAD_MAX + 1), 'x', PAYLOAD_MAX + 1);
	buf_grew(&big, PAYLOAD_MAX + 1);
	T_FAILS(slots_put(&s, buf_str(&big), seq, &e), ERR_TOO_BIG);
	T_CALL(slots_put(&s, str_take(buf_str(&big), PAYLOAD_MAX), seq, &e));
	buf_reset(&big);
	T_CALL(slots_get(&s, seq[0], &big, &e));
	T_EQ(big.n, PAYLOAD_MAX);
	T_FAILS(slots_get(&s, 0, &big, &e), ERR_NOT_FOUND);
}

/* ---- other files in its place ---- */

static void
test_shapes(void)
{
	static const struct { const char *name; size_t bytes; char fill; } rows[] = {
		{ "empty", 0, 0 }, { "zeros of the right size", N * BYTES, 0 }, { "text", 100, 'x' }, { "text of the right size", N * BYTES, 'x' },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(slots) struct slots s = SLOTS_INIT;
		const char *path = path_of("shape"), *old = path_of("shape.old");
		AUTO(buf) struct buf was = BUF_INIT(N * BYTES);
		bool is_new = false;

		t_row("%s in its place: kept as NAME.old", rows[i].name);
		if (rows[i].bytes) {
			memset(buf_room(&was, rows[i].bytes), rows[i].fill, rows[i].bytes);
			buf_grew(&was, rows[i].bytes);
		}
		T_CALL(file_save(path, buf_str(&was), 0600, &e));
		T_FAILS(slots_open_read(&s, path, &e), ERR_PARSE);
		T_CALL(open_at(&s, path, &is_new));
		T_EQ(is_new, true);
		T_CALL(put(&s, &e));
		AUTO(buf) struct buf kept = content(old);
		T_OK(str_eq(buf_str(&kept), buf_str(&was)));
	}

	AUTO(slots) struct slots s = SLOTS_INIT;
	const char *path = path_of("shape");
	bool is_new = false;
	t_row("our file of another shape");
	T_CALL(slots_open(&s, path, 3, 1024, &is_new, &e));
	T_EQ(is_new, true);
	slots_auto(&s);
	T_CALL(slots_open(&s, path, 3, 1024, &is_new, &e));
	T_EQ(is_new, false);
	slots_auto(&s);
	T_CALL(slots_open_read(&s, path, &e));
	T_OK(s.n == 3 && s.slot_bytes == 1024);
	slots_auto(&s);

	t_row("of a newer format: refused, left alone");
	AUTO(buf) struct buf all = content(path);
	for (size_t i = 0; i < 3; i++)
		all.p[i * 1024 + 4] = 2;
	T_CALL(file_save(path, buf_str(&all), 0600, &e));
	T_FAILS(open_at(&s, path, &is_new), ERR_CONFIG);
	T_FAILS(slots_open_read(&s, path, &e), ERR_CONFIG);
	AUTO(buf) struct buf after = content(path);
	T_OK(str_eq(buf_str(&after), buf_str(&all)));

	t_row("none, a directory, a pipe");
	T_FAILS(slots_open_read(&s, path_of("none"), &e), ERR_NOT_FOUND);
	T_EQ(mkdir(path_of("dir"), 0700), 0);
	T_EQ(mkfifo(path_of("pipe"), 0600), 0);
	T_OK(slots_open_read(&s, path_of("dir"), &e) < 0);
	T_OK(open_at(&s, path_of("dir"), &is_new) < 0);
	T_OK(slots_open_read(&s, path_of("pipe"), &e) < 0);
	T_EQ(s.fd, -1);
}

/* ---- damage ---- */

/* Sectors of the slot as they were or as they became, as a power failure leaves them: the state before or after, nothing else. */
static void
test_torn(void)
{
	AUTO(slots) struct slots s = SLOTS_INIT;
	const char *path = path_of("torn");
	unsigned rounds = getenv("OCC_LONG") ? 2000 : 100, before = 0;
	bool is_new;

	t_row("torn: %u times any mixture of old and new sectors", rounds);
	srand(7);
	T_CALL(open_at(&s, path, &is_new));
	for (unsigned round = 0; round < rounds; round++) {
		AUTO(buf) struct buf was = content(path);
		uint64_t last = s.last;

		T_CALL(put(&s, &e));
		AUTO(buf) struct buf is = content(path);
		for (size_t at = 0; at < is.n; at += 512) {
			if (rand() & 1)
				memcpy(is.p + at, was.p + at, 512);
		}
		slots_auto(&s);
		T_CALL(file_save(path, buf_str(&is), 0600, &e));
		T_CALL(open_at(&s, path, &is_new));
		if (is_new || (s.last != last && s.last != last + 1) || (s.last && !holds(&s, s.last)))
			T_FAIL("round %u: new %d, last %llu after %llu", round, is_new, (unsigned long long)s.last, (unsigned long long)last);
		for (uint64_t k = last > N - 2 ? last - (N - 2) : 1; k <= last; k++)
			T_OK(holds(&s, k));
		before += s.last == last;
	}
	T_OK(before > 0 && before < rounds);
}

static void
test_every_byte(void)
{
	const char *path = path_of("byte");
	bool is_new;

	t_row("a flipped bit anywhere in head or payload loses that record only");
	AUTO(slots) struct slots s = SLOTS_INIT;
	T_CALL(open_at(&s, path, &is_new));
	for (int i = 0; i < 6; i++)
		T_CALL(put(&s, &e));
	slots_auto(&s);
	AUTO(buf) struct buf all = content(path);
	/* Record 6 is in the second slot. */
	for (size_t at = 0; at < SLOT_HEAD_BYTES + payload(6).n; at += at < 64 ? 1 : 61) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		char flipped = (char)(all.p[BYTES + at] ^ 1 << at % 8);

		T_EQ(__real_pwrite(fd, &flipped, 1, (off_t)(BYTES + at)), 1);
		T_CALL(open_at(&s, path, &is_new));
		if (is_new || s.last != 5 || holds(&s, 6) || !holds(&s, 5) || !holds(&s, 4) || !holds(&s, 3))
			T_FAIL("byte %zu", at);
		/* And the damaged slot is the next one to be written. */
		T_CALL(put(&s, &e));
		T_OK(holds(&s, 6) && holds(&s, 3));
		slots_auto(&s);
		T_EQ(__real_pwrite(fd, all.p + BYTES, BYTES, BYTES), BYTES);
		close(fd);
	}
}

/* ---- faults ---- */

static void
test_faults(void)
{
	static const int errnos[] = { EIO, ENOSPC, EDQUOT, EROFS };
	AUTO(slots) struct slots s = SLOTS_INIT;
	const char *path = path_of("faults");
	bool is_new;

	t_row("each call of a put fails: reported, the others stay, the next put works");
	T_CALL(open_at(&s, path, &is_new));
	for (unsigned k = 0; k < N; k++)
		T_CALL(put(&s, &e));
	for (unsigned n = 1; n < 40; n++) {
		struct err why = ERR_INIT;
		uint64_t last = s.last;
		int rc;

		kit_arm(100);
		kit.fail_at = n;
		kit.sys = errnos[n % ARRAY_LEN(errnos)];
		rc = put(&s, &why);
		kit.armed = false;
		T_EQ(rc, n <= kit.calls ? -1 : 0);
		T_OK(rc == 0 || (why.msg[0] && s.last == last));
		T_OK(holds(&s, last) && holds(&s, last - 1) && holds(&s, last - 2));
		/* Opened again it may be the old state or, when only the sync failed, the new one. */
		AUTO(slots) struct slots again = SLOTS_INIT;
		T_CALL(slots_open_read(&again, path, &e));
		T_OK((again.last == last || again.last == last + 1) && holds(&again, again.last));
		T_CALL(put(&s, &e));
	}
	t_row("interrupted calls and short writes are gone through");
	for (unsigned every = 2; every <= 5; every++) {
		kit_arm(77);
		kit.eintr_every = every;
		T_CALL(put(&s, &e));
		kit.armed = false;
		T_OK(holds(&s, s.last));
	}
}

static void
test_faults_of_making(void)
{
	unsigned n_calls;
	bool is_new;

	t_row("each call of making the file fails: nothing, or all of it; what was there is not lost");
	for (unsigned n = 1, done = 0; !done; n++) {
		AUTO(slots) struct slots s = SLOTS_INIT;
		const char *path = path_of("making"), *old = path_of("making.old");

		T_CALL(file_remove(old, &e));
		T_CALL(file_save(path, STR_LIT("something else"), 0600, &e));
		kit_arm(3000);
		kit.fail_at = n;
		kit.sys = ENOSPC;
		int rc = open_at(&s, path, &is_new);
		kit.armed = false;
		n_calls = kit.calls;
		done = n > n_calls;
		T_EQ(rc, done ? 0 : -1);
		AUTO(buf) struct buf now = content(path);
		if (str_is(buf_str(&now), "something else"))
			T_OK(!done && !file_exists(old));
		else
			T_OK(now.n == N * BYTES && file_exists(old));
		slots_auto(&s);
		T_CALL(open_at(&s, path, &is_new));
		T_CALL(put(&s, &e));
	}
}

/* ---- kills ---- */

struct kill_case {
	const char *path;
	volatile uint64_t *acked;	/* shared with the child: the last put that returned */
};

static void
write_many(void *ctx)
{
	struct kill_case *c = ctx;
	struct slots s = SLOTS_INIT;
	struct err why = ERR_INIT;
	bool is_new;

	if (slots_open(&s, c->path, N, BYTES, &is_new, &why) < 0)
		_exit(1);
	for (int i = 0; i < 60; i++) {
		if (put(&s, &why) < 0)
			_exit(1);
		*c->acked = s.last;
	}
}

static void
test_kills(void)
{
	struct kill_case c = { .path = path_of("kills") };
	unsigned points = kit_points(), killed = 0, news = 0;
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	T_OK(shared != MAP_FAILED);
	c.acked = shared;
	t_row("killed at %u points of its writes: the state before or after the cut put", points);
	for (unsigned i = 0; i < points; i++) {
		AUTO(slots) struct slots s = SLOTS_INIT;
		bool is_new = false;

		/* The first points lie in the making of the file. */
		killed += kit_killed(write_many, &c, i < 8 ? i + 1 : 3 + i * 7 % 240, 300);
		if (i < 8 && *c.acked == 0 && !file_exists(c.path))
			continue;
		T_CALL(open_at(&s, c.path, &is_new));
		if (is_new || (s.last != *c.acked && s.last != *c.acked + 1))
			T_FAIL("point %u: new %d, last %llu, acknowledged %llu", i, is_new, (unsigned long long)s.last, (unsigned long long)*c.acked);
		news += s.last == *c.acked + 1;
		for (uint64_t k = s.last > N - 2 ? s.last - (N - 2) : 1; k <= s.last; k++)
			T_OK(holds(&s, k));
		*c.acked = s.last;
	}
	T_EQ(killed, points);
	T_OK(*c.acked > 0);
	printf("# %u kills, %llu records written, %u times the new state was found\n", killed, (unsigned long long)*c.acked, news);
	munmap(shared, 4096);
}

/* ---- a full disk ---- */

/* In a mount namespace of its own. 0 good, 1 bad, 77 when no tmpfs can be had. */
static int
on_full_disk(const char *dir)
{
	struct slots s = SLOTS_INIT, late = SLOTS_INIT;
	struct err why = ERR_INIT;
	char block[4096] = { 1 };
	bool is_new = false;
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount("tmpfs", dir, "tmpfs", 0, "size=256k") < 0)
		return 77;
	if (slots_open(&s, arena_printf(&arena, "%s/ring", dir), N, BYTES, &is_new, &why) < 0)
		return 1;
	fd = open(arena_printf(&arena, "%s/fill", dir), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof block) > 0)
		;
	if (errno != ENOSPC)
		return 1;
	for (int i = 0; i < 40; i++) {
		if (put(&s, &why) < 0 || !holds(&s, s.last))
			return 1;
	}
	/* A new one cannot be made, says so, and leaves nothing. */
	if (slots_open(&late, arena_printf(&arena, "%s/late", dir), N, BYTES, &is_new, &why) == 0 || why.sys != ENOSPC)
		return 1;
	return file_exists(arena_printf(&arena, "%s/late", dir)) ? 1 : 0;
}

static void
test_full_disk(void)
{
	const char *dir = path_of("full");
	int status = 0;
	pid_t pid;

	T_EQ(mkdir(dir, 0700), 0);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(on_full_disk(dir));
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		t_row("a full disk takes every put # skip needs root and a mount namespace");
		return;
	}
	t_row("a full disk takes every put, and no new file");
	T_EQ(status, 0);
}

int
main(void)
{
	test_crc();
	test_ring();
	test_shapes();
	test_torn();
	test_every_byte();
	test_faults();
	test_faults_of_making();
	test_kills();
	test_full_disk();
	arena_fini(&arena);
	return t_done();
}

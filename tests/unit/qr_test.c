/* What term_qr draws is read back by a decoder that is not ours: zbarimg (package zbar-tools). */
#include "tests/t.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "lib/base/mem.h"
#include "lib/term/qr.h"

#define LONGEST 213		/* version 10, level M, byte mode: table 7 */
#define SCALE 4			/* pixels a module */

extern char **environ;

static const char alphabet[] = "https://user:pa%20ss@host-7.example.org:8443/a/b?c=d&e=f#g_~.+ABCDEFXYZ0123456789";

static void
make_text(size_t n, char *text)
{
	for (size_t i = 0; i < n; i++)
		text[i] = alphabet[(i * 7 + n) % (sizeof alphabet - 1)];
	text[n] = '\0';
}

/* A greyscale picture of the code with its quiet zone (netpbm's PGM). */
static bool
write_picture(const struct qr *q, const char *path)
{
	int side = ((int)q->size + 2 * QR_QUIET) * SCALE;
	FILE *f = fopen(path, "w");

	if (!f)
		return false;
	fprintf(f, "P5\n%d %d\n255\n", side, side);
	for (int y = 0; y < side; y++) {
		for (int x = 0; x < side; x++)
			fputc(qr_is_dark(q, x / SCALE - QR_QUIET, y / SCALE - QR_QUIET) ? 0 : 255, f);
	}
	return fclose(f) == 0;
}

/* All pictures in one go; what it read is in `out`, one text a line. */
static int
decode(char *const *argv, const char *out)
{
	posix_spawn_file_actions_t io;
	pid_t pid;
	int status = -1;

	posix_spawn_file_actions_init(&io);
	posix_spawn_file_actions_addopen(&io, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (posix_spawnp(&pid, "zbarimg", &io, NULL, argv, environ) == 0 && waitpid(pid, &status, 0) != pid)
		status = -1;
	posix_spawn_file_actions_destroy(&io);
	return status;
}

static void
test_decode(void)
{
	static char names[LONGEST][300];
	static char quiet[] = "-q", silent[] = "--nodbus", raw[] = "--raw", off[] = "-Sdisable", on[] = "-Sqrcode.enable", zbarimg[] = "zbarimg";
	static struct qr q;
	char *argv[LONGEST + 8] = { zbarimg, quiet, silent, raw, off, on };
	char text[LONGEST + 1], got[LONGEST + 16], out[300];
	struct err e = ERR_INIT;
	FILE *f;

	t_row("codes of every length are made");
	for (size_t n = 1; n <= LONGEST; n++) {
		snprintf(names[n - 1], sizeof names[0], "%s/%zu.pgm", t_tmpdir(), n);
		argv[5 + n] = names[n - 1];
		make_text(n, text);
		T_CALL(qr_make(str_of(text), &q, &e));
		T_EQ(q.size, 17 + 4 * q.version);
		T_OK(write_picture(&q, names[n - 1]));
	}
	t_row("zbarimg reads them");
	snprintf(out, sizeof out, "%s/out", t_tmpdir());
	T_EQ(decode(argv, out), 0);
	f = fopen(out, "r");
	if (!T_OK(f != NULL))
		return;
	for (size_t n = 1; n <= LONGEST; n++) {
		t_row("text of %zu bytes", n);
		make_text(n, text);
		if (!fgets(got, sizeof got, f)) {
			T_FAIL("no more output");
			break;
		}
		got[strcspn(got, "\n")] = '\0';
		T_STR(got, text);
	}
	fclose(f);
}

/* ISO/IEC 18004 table 7: bytes that each version holds at level M. */
static void
test_capacity(void)
{
	static const size_t most[] = { 0, 14, 26, 42, 62, 84, 106, 122, 152, 180, 213 };
	static struct qr q;
	char text[LONGEST + 1];
	struct err e = ERR_INIT;

	for (unsigned v = 1; v < ARRAY_LEN(most); v++) {
		t_row("version %u holds %zu bytes and no more", v, most[v]);
		make_text(most[v], text);
		T_CALL(qr_make(str_of(text), &q, &e));
		T_EQ(q.version, v);
		if (v == 10)
			continue;
		make_text(most[v] + 1, text);
		T_CALL(qr_make(str_of(text), &q, &e));
		T_EQ(q.version, v + 1);
	}
	t_row("a longer text is refused");
	char *large = mem_new(LONGEST + 2);

	memset(large, 'x', LONGEST + 1);
	T_FAILS(qr_make(str_of(large), &q, &e), ERR_TOO_BIG);
	T_FAILS(qr_make(str_from(large, 100000), &q, &e), ERR_TOO_BIG);
	mem_free(large);
	t_row("the empty text has a code");
	T_CALL(qr_make(STR_NULL, &q, &e));
	T_EQ(q.version, 1);
}

/* The mask's number out of the format information at the upper left, before its own mask (section 7.9.1). */
static unsigned
mask_of(const struct qr *q)
{
	unsigned bits = 0;

	for (int i = 0; i < 6; i++)
		bits |= (unsigned)q->dark[i][8] << i;
	bits |= (unsigned)q->dark[7][8] << 6 | (unsigned)q->dark[8][8] << 7 | (unsigned)q->dark[8][7] << 8;
	for (int i = 9; i < 15; i++)
		bits |= (unsigned)q->dark[8][14 - i] << i;
	return (bits ^ 0x5412) >> 10;
}

/* Every mask is the best one for some text, so all eight have been read back by zbarimg's pictures above. */
static void
test_masks(void)
{
	static struct qr q;
	char text[LONGEST + 1];
	unsigned seen = 0;
	struct err e = ERR_INIT;

	t_row("each of the eight masks is chosen, level M is said");
	for (size_t n = 1; n <= LONGEST; n++) {
		make_text(n, text);
		T_CALL(qr_make(str_of(text), &q, &e));
		T_OK(mask_of(&q) < 8);		/* level bits 00 */
		seen |= 1u << mask_of(&q);
	}
	T_EQ(seen, 0xFF);
}

int
main(void)
{
	test_capacity();
	test_masks();
	test_decode();
	return t_done();
}

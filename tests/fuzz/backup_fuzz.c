/*
 * backup_fuzz.c - any archive as a backup: read to its end or refused; and one of ours with a byte changed is never taken for whole
 *
 * The input is the archive before compression; when its first byte is odd, the next three are a place in a good backup and what is done to it there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/backup_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
scratch(void)
{
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* With a head in front, so that most inputs get past it. */
static void
read_anything(struct str archive)
{
	AUTO(buf) struct buf plain = BUF_INIT(KIT_MAX), z = BUF_INIT(KIT_MAX), seen = BUF_INIT(KIT_MAX), head = BUF_INIT(BACKUP_HEAD_MAX);
	const struct backup_head h = { .created_epoch_s = 1, .instance = "a", .deployment = "", .program = "", .opencode = "" };
	struct err e = ERR_INIT;
	struct gzip *g;

	backup_put_head(&h, &head);
	if (tar_put_file(&plain, BACKUP_HEAD, 0644, 0, 0, buf_str(&head), &e) < 0 || gzip_new(&g, &e) < 0)
		abort();
	buf_putstr(&plain, archive);
	gzip_put(g, buf_str(&plain), &z);
	gzip_end(g, &z);
	gzip_free(g);
	if (kit_read_all(buf_str(&z), 0, scratch(), &seen, NULL, &e) >= 0)
		abort();		/* it has no seal */
	if (e.code != ERR_PARSE && e.code != ERR_TOO_BIG && e.code != ERR_REFUSED)
		abort();
}

static void
change_one(size_t at, uint8_t by)
{
	static const struct kit_entry rows[] = {
		{ "settings/config.json", TAR_FILE, NULL, "{}" }, { "home", TAR_DIR, NULL, NULL }, { "home/a", TAR_FILE, NULL, "one" },
		{ "home/l", TAR_SYMLINK, "a", NULL }, { "home/h", TAR_HARDLINK, "home/a", NULL }, { "workspace/b", TAR_FILE, NULL, "two" },
	};
	AUTO(buf) struct buf z = BUF_INIT(KIT_MAX), seen = BUF_INIT(KIT_MAX);
	struct kit_out out = { .to = &z };
	struct err e = ERR_INIT;

	if (kit_make(rows, sizeof rows / sizeof rows[0], true, &out, scratch(), &e) < 0)
		abort();
	z.p[at % z.n] = (char)(z.p[at % z.n] ^ by);
	int got = kit_read_all(buf_str(&z), 0, scratch(), &seen, NULL, &e);
	if ((got >= 0) != (by == 0))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 4 && (data[0] & 1))
		change_one((size_t)(data[1] | data[2] << 8), data[3]);
	else if (size > 0)
		read_anything(str_from(data + 1, size - 1));
	return 0;
}

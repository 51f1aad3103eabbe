/*
 * age_fuzz.c - any file of the age format: read to its end or refused; and one of ours with a byte changed is never taken for whole
 *
 * When the first byte is odd, the next four are a place in a good file, how long it is, and what is done to it there; else the rest is a file, or a head's rest when the
 * second bit is set.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/mem.h"
#include "tests/unit/age_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LOG2_N 1

static const struct age_identity mine = { { 1, 2, 3 } };

static int
tell(void *ctx, struct buf *ret, struct err *e)
{
	(void)ctx;
	(void)e;
	buf_puts(ret, "passphrase");
	return 0;
}

static int
read_all(struct str file, size_t cut, struct buf *to, struct err *e)
{
	struct age_keys k = { .v = &mine, .n = 1, .ask = tell };

	return age_kit_read(file, cut, &k, to, e);
}

static void
read_anything(struct str s, bool has_magic)
{
	AUTO(buf) struct buf file = BUF_INIT(AGE_KIT_MAX), back = BUF_INIT(AGE_KIT_MAX);
	struct err e = ERR_INIT;

	if (has_magic)
		buf_puts(&file, AGE_MAGIC);
	buf_putstr(&file, s);
	/* A passphrase costs what the file says: no more than a moment here. */
	if (str_find(buf_str(&file), STR_LIT("scrypt")) != STR_NONE)
		return;
	if (read_all(buf_str(&file), 7, &back, &e) >= 0)
		abort();		/* nobody can make one for this key by chance */
	if (e.code != ERR_PARSE && e.code != ERR_REFUSED)
		abort();
}

static void
change_one(size_t at, uint8_t length, uint8_t by)
{
	AUTO(buf) struct buf plain = BUF_INIT(AGE_KIT_MAX), file = BUF_INIT(AGE_KIT_MAX), back = BUF_INIT(AGE_KIT_MAX);
	const struct age_recipient to = age_recipient_of(&mine);
	const struct age_for keys = { .v = &to, .n = 1 }, phrase = { .passphrase = STR_LIT("passphrase"), .log2_n = LOG2_N };
	struct err e = ERR_INIT;

	for (size_t n = 0; n < length * 600u; n++)
		buf_putc(&plain, (char)n);
	if (age_kit_write(buf_str(&plain), 1000, length & 1 ? &keys : &phrase, &file, &e) < 0)
		abort();
	file.p[at % file.n] = (char)(file.p[at % file.n] ^ by);
	/* The work factor, which would be another amount of memory. */
	if (!(length & 1) && at % file.n < 60)
		return;
	int got = read_all(buf_str(&file), 4096, &back, &e);
	if ((got >= 0) != (by == 0) || back.n > plain.n || memcmp(back.p, plain.p, back.n) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 5 && (data[0] & 1))
		change_one((size_t)(data[1] | data[2] << 8), data[3], data[4]);
	else if (size > 0)
		read_anything(str_from(data + 1, size - 1), data[0] & 2);
	return 0;
}

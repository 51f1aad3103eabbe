/*
 * The writer. Every number and name that fits goes into the ustar header (IEEE Std 1003.1, pax); what does not gets an extended header
 * in front. The split of long names over prefix and name is never used: a pax record says the same in one piece.
 */
#include "lib/engine/tar.h"

#include <stdio.h>
#include <string.h>

#include "lib/engine/tar_block.h"

#define PAX_MAX 16384			/* records of one entry */
#define NAME_MAX_BYTES 4096
#define OCTAL_7 07777777u		/* mode, uid, gid */
#define OCTAL_11 077777777777u		/* size, time */

/* Relative, not empty, without ".." and NUL. */
bool
tar_is_safe_name(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '/' || str_find_char(name, '\0') != STR_NONE)
		return false;
	while (name.n > 0) {
		if (str_is(str_cut(&name, '/'), ".."))
			return false;
	}
	return true;
}

static void
put_octal(char *field, size_t width, uint64_t value)
{
	for (size_t i = width - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
	field[width - 1] = '\0';
}

static void
put_text(char *field, size_t width, struct str s)
{
	s = str_take(s, width);
	if (s.n > 0)
		memcpy(field, s.p, s.n);
}

unsigned
tar_checksum(const struct tar_block *b)
{
	const unsigned char *p = (const unsigned char *)b;
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof *b; i++) {
		bool is_own = i >= offsetof(struct tar_block, checksum) && i < offsetof(struct tar_block, type);
		sum += is_own ? ' ' : p[i];
	}
	return sum;
}

static void
put_block(struct buf *out, const struct tar_entry *t, char type, struct str name, uint64_t size)
{
	struct tar_block b = { .type = type };

	put_text(b.name, sizeof b.name, name);
	put_octal(b.mode, sizeof b.mode, t->mode & 07777);
	put_octal(b.uid, sizeof b.uid, t->uid <= OCTAL_7 ? t->uid : 0);
	put_octal(b.gid, sizeof b.gid, t->gid <= OCTAL_7 ? t->gid : 0);
	put_octal(b.size, sizeof b.size, size <= OCTAL_11 ? size : 0);
	put_octal(b.mtime, sizeof b.mtime, t->mtime_epoch_s < 0 ? 0 : (uint64_t)t->mtime_epoch_s & OCTAL_11);
	if (type == TAR_SYMLINK || type == TAR_HARDLINK)
		put_text(b.link, sizeof b.link, t->link);
	memcpy(b.magic, "ustar", sizeof b.magic);
	memcpy(b.version, "00", sizeof b.version);
	put_octal(b.devmajor, sizeof b.devmajor, 0);
	put_octal(b.devminor, sizeof b.devminor, 0);
	put_octal(b.checksum, sizeof b.checksum - 1, tar_checksum(&b));
	b.checksum[sizeof b.checksum - 1] = ' ';
	buf_put(out, &b, sizeof b);
}

/* "LENGTH key=value\n", where LENGTH counts itself. */
static void
put_record(struct buf *out, const char *key, struct str value)
{
	size_t rest = 1 + strlen(key) + 1 + value.n + 1, n = rest + 1, digits = 1;

	for (size_t limit = 10; n >= limit; limit *= 10) {
		digits++;
		n = rest + digits;
	}
	buf_printf(out, "%zu %s=", n, key);
	buf_putstr(out, value);
	buf_putc(out, '\n');
}

static void
put_number(struct buf *out, const char *key, int64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)value);

	put_record(out, key, str_from(text, (size_t)n));
}

static void
put_records(struct buf *pax, const struct tar_entry *t, struct str name)
{
	if (name.n > sizeof ((struct tar_block *)0)->name)
		put_record(pax, "path", name);
	if ((t->type == TAR_SYMLINK || t->type == TAR_HARDLINK) && t->link.n > sizeof ((struct tar_block *)0)->link)
		put_record(pax, "linkpath", t->link);
	if (t->type == TAR_FILE && t->size > OCTAL_11)
		put_number(pax, "size", (int64_t)t->size);
	if (t->uid > OCTAL_7)
		put_number(pax, "uid", t->uid);
	if (t->gid > OCTAL_7)
		put_number(pax, "gid", t->gid);
	if (t->mtime_epoch_s < 0 || (uint64_t)t->mtime_epoch_s > OCTAL_11)
		put_number(pax, "mtime", t->mtime_epoch_s);
}

int
tar_put_header(struct buf *out, const struct tar_entry *entry, struct err *e)
{
	AUTO(buf) struct buf name = BUF_INIT(NAME_MAX_BYTES + 1);
	AUTO(buf) struct buf pax = BUF_INIT(PAX_MAX);

	if (!tar_is_safe_name(entry->name))
		return err_set(e, ERR_USAGE, "\"" STR_FMT "\" cannot be a name in an archive", STR_ARG(str_take(entry->name, 120)));
	if (entry->type == TAR_OTHER)
		return err_set(e, ERR_USAGE, "\"" STR_FMT "\" is of a kind that is not archived", STR_ARG(str_take(entry->name, 120)));
	if (entry->type == TAR_HARDLINK && !tar_is_safe_name(entry->link))
		return err_set(e, ERR_USAGE, "\"" STR_FMT "\" cannot be a link to \"" STR_FMT "\"", STR_ARG(str_take(entry->name, 120)), STR_ARG(str_take(entry->link, 120)));
	if (entry->size > INT64_MAX || entry->link.n > NAME_MAX_BYTES)
		return err_set(e, ERR_TOO_BIG, "\"" STR_FMT "\" is too large for an archive", STR_ARG(str_take(entry->name, 120)));

	buf_putstr(&name, entry->name);
	if (entry->type == TAR_DIR && !str_has_suffix(entry->name, "/"))
		buf_putc(&name, '/');
	put_records(&pax, entry, buf_str(&name));
	if (pax.n > 0) {
		const struct tar_entry plain = { .mode = 0644 };
		put_block(out, &plain, TAR_PAX, STR_LIT("PaxHeaders/entry"), pax.n);
		buf_putstr(out, buf_str(&pax));
		tar_put_padding(out, pax.n);
	}
	put_block(out, entry, (char)entry->type, buf_str(&name), entry->type == TAR_FILE ? entry->size : 0);
	return 0;
}

void
tar_put_padding(struct buf *out, uint64_t size)
{
	static const char zeros[TAR_BLOCK];
	size_t over = (size_t)(size % TAR_BLOCK);

	if (over > 0)
		buf_put(out, zeros, TAR_BLOCK - over);
}

void
tar_put_end(struct buf *out)
{
	static const char zeros[2 * TAR_BLOCK];

	buf_put(out, zeros, sizeof zeros);
}

int
tar_put_entry(struct buf *out, const struct tar_entry *t, struct str data, struct err *e)
{
	if (tar_put_header(out, t, e) < 0)
		return -1;
	buf_putstr(out, data);
	tar_put_padding(out, data.n);
	return buf_check(out, "archive", e);
}

int
tar_put_file(struct buf *out, const char *name, unsigned mode, unsigned uid, unsigned gid, struct str data, struct err *e)
{
	const struct tar_entry t = { .name = str_of(name), .type = TAR_FILE, .mode = mode, .uid = uid, .gid = gid, .size = data.n };

	return tar_put_entry(out, &t, data, e);
}

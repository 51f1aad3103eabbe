/*
 * tar_head.c - what both readers make of a header block: ustar, pax records, GNU long names and binary sizes, as engines and tar programs write them
 *
 * The input is hostile: numbers are bounded, a name that leads outside is refused.
 */
#include <string.h>

#include "lib/base/num.h"
#include "lib/engine/tar.h"
#include "lib/engine/tar_block.h"

int
tar_bad(const char *what, struct err *e)
{
	return err_set(e, ERR_PARSE, "malformed archive: %s", what);
}

/* A field up to its NUL. */
static struct str
text_of(const char *field, size_t width)
{
	struct str s = str_from(field, width);

	return str_cut(&s, '\0');
}

/* Octal text with spaces or NULs around it; GNU's base-256 when the top bit is set. */
static int
number_of(const char *field, size_t width, uint64_t *ret)
{
	const unsigned char *p = (const unsigned char *)field;
	uint64_t value = 0;

	if (p[0] & 0x80) {
		for (size_t i = 0; i < width; i++) {
			unsigned digit = i == 0 ? p[i] & 0x7fu : p[i];
			if (value > (uint64_t)INT64_MAX >> 8)
				return -1;
			value = value << 8 | digit;
		}
		*ret = value;
		return 0;
	}
	struct str s = str_trim(text_of(field, width));
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7' || value > (uint64_t)INT64_MAX >> 3)
			return -1;
		value = value << 3 | (unsigned)(s.p[i] - '0');
	}
	*ret = value;
	return 0;
}

/* Whole seconds; before 1970 it is negative in both forms. */
static int
pax_time(struct str value, int64_t *ret, struct err *e)
{
	bool is_negative = str_has_prefix(value, "-");
	struct str digits = is_negative ? str_skip(value, 1) : value;
	uint64_t n;

	if (num_u64(str_cut(&digits, '.'), 0, INT64_MAX, &n, e) < 0)
		return -1;
	*ret = is_negative ? -(int64_t)n : (int64_t)n;
	return 0;
}

static int
time_of(const char *field, size_t width, int64_t *ret)
{
	uint64_t n = UINT64_MAX;

	if ((unsigned char)field[0] == 0xff) {		/* GNU's, of two's complement */
		for (size_t i = 1; i < width; i++)
			n = n << 8 | (unsigned char)field[i];
	} else if (number_of(field, width, &n) < 0) {
		return -1;
	}
	*ret = (int64_t)n;
	return 0;
}

static int
pax_record(struct str key, struct str value, struct tar_extras *x, struct err *e)
{
	if (str_is(key, "path"))
		x->path = value;
	if (str_is(key, "linkpath"))
		x->link = value;
	x->has_size |= str_is(key, "size");
	x->has_uid |= str_is(key, "uid");
	x->has_gid |= str_is(key, "gid");
	x->has_mtime |= str_is(key, "mtime");
	if (str_is(key, "mtime"))
		return pax_time(value, &x->mtime, e);
	if (str_is(key, "size"))
		return num_u64(value, 0, INT64_MAX, &x->size, e);
	if (str_is(key, "uid") || str_is(key, "gid"))
		return num_u64(value, 0, UINT32_MAX, str_is(key, "uid") ? &x->uid : &x->gid, e);
	return 0;
}

/* "LENGTH key=value\n" one behind another */
static int
pax_records(struct str data, struct tar_extras *x, struct err *e)
{
	while (data.n > 0) {
		struct str rest = data, digits = str_cut(&rest, ' ');
		uint64_t n;
		if (digits.n > 8 || num_u64(digits, digits.n + 4, data.n, &n, e) < 0)
			return tar_bad("a pax record has a wrong length", e);
		struct str record = str_skip(str_take(data, (size_t)n), digits.n + 1);
		if (!str_has_suffix(record, "\n") || str_find_char(record, '=') == STR_NONE)
			return tar_bad("a pax record is not key=value", e);
		record = str_take(record, record.n - 1);
		struct str key = str_cut(&record, '=');
		if (pax_record(key, record, x, e) < 0)
			return tar_bad("a pax record holds no number", e);
		data = str_skip(data, (size_t)n);
	}
	return 0;
}

bool
tar_is_zero(const struct tar_block *b)
{
	static const struct tar_block zero;

	return memcmp(b, &zero, sizeof zero) == 0;
}

int
tar_check_block(const struct tar_block *b, uint64_t *ret_size, struct err *e)
{
	uint64_t sum;

	if (memcmp(b->magic, "ustar", 5) != 0)
		return tar_bad("a header is not ustar", e);
	if (number_of(b->checksum, sizeof b->checksum, &sum) < 0 || sum != tar_checksum(b))
		return tar_bad("a header's checksum is wrong", e);
	if (number_of(b->size, sizeof b->size, ret_size) < 0)
		return tar_bad("a header's size is no number", e);
	return 0;
}

static void
set_name(const struct tar_block *b, struct tar_entry *ret)
{
	struct str name = text_of(b->name, sizeof b->name), prefix = text_of(b->prefix, sizeof b->prefix);

	/* GNU's own format ("ustar  ") keeps times where the prefix is. */
	if (prefix.n == 0 || b->magic[5] != '\0') {
		ret->name = name;
		return;
	}
	memcpy(ret->joined, prefix.p, prefix.n);
	ret->joined[prefix.n] = '/';
	if (name.n > 0)
		memcpy(ret->joined + prefix.n + 1, name.p, name.n);
	ret->name = str_from(ret->joined, prefix.n + 1 + name.n);
}

static enum tar_type
type_of(char c)
{
	switch (c) {
	case '\0':
	case '0':
	case '7':
		return TAR_FILE;
	case '1':
		return TAR_HARDLINK;
	case '2':
		return TAR_SYMLINK;
	case '5':
		return TAR_DIR;
	default:
		return TAR_OTHER;
	}
}

int
tar_set_entry(const struct tar_block *b, const struct tar_extras *x, struct tar_entry *ret, struct err *e)
{
	uint64_t mode, uid, gid;

	if (number_of(b->mode, sizeof b->mode, &mode) < 0 || number_of(b->uid, sizeof b->uid, &uid) < 0 ||
	    number_of(b->gid, sizeof b->gid, &gid) < 0 || time_of(b->mtime, sizeof b->mtime, &ret->mtime_epoch_s) < 0)
		return tar_bad("a header's field is no number", e);
	ret->type = type_of(b->type);
	ret->mode = (unsigned)(mode & 07777);
	ret->uid = (unsigned)(x->has_uid ? x->uid : uid & UINT32_MAX);
	ret->gid = (unsigned)(x->has_gid ? x->gid : gid & UINT32_MAX);
	if (x->has_mtime)
		ret->mtime_epoch_s = x->mtime;
	if (x->path.n > 0)
		ret->name = x->path;
	else
		set_name(b, ret);
	while (ret->name.n > 1 && str_has_suffix(ret->name, "/"))
		ret->name = str_take(ret->name, ret->name.n - 1);
	ret->link = x->link.n > 0 ? x->link : text_of(b->link, sizeof b->link);
	return tar_is_safe_name(ret->name) ? 0 : tar_bad("a name leads outside", e);
}

int
tar_take_extras(char type, struct str data, struct tar_extras *x, struct err *e)
{
	switch (type) {
	case TAR_PAX:
		return pax_records(data, x, e) < 0 ? -1 : 1;
	case TAR_PAX_GLOBAL:
		return 1;
	case TAR_GNU_NAME:
		x->path = str_cut(&data, '\0');
		return 1;
	case TAR_GNU_LINK:
		x->link = str_cut(&data, '\0');
		return 1;
	default:
		return 0;
	}
}

bool
tar_is_extra(char type)
{
	return type != '\0' && strchr("xgLK", type);
}

bool
tar_has_data(char type)
{
	return type < '1' || type > '6';
}

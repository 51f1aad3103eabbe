/* backup_format.c - head, manifest lines, names */
#include "lib/deploy/backup_format.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define SUFFIX ".tar.gz"
#define ENCRYPTED ".age"
#define STAMP_BYTES 16		/* 20261129T033900Z */
#define NS_PER_S 1000000000

/* ---- head ---- */

void
backup_put_head(const struct backup_head *h, struct buf *out)
{
	AUTO(buf) struct buf created = BUF_INIT(64);
	struct jsonw w = JSONW_INIT(out, 2);

	clock_put_rfc3339(&created, h->created_epoch_s);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", BACKUP_FORMAT);
	jsonw_text(&w, "created", buf_str(&created));
	jsonw_str(&w, "instance", h->instance);
	jsonw_str(&w, "deployment", h->deployment);
	jsonw_str(&w, "program", h->program);
	jsonw_str(&w, "opencode", h->opencode);
	jsonw_bool(&w, "workspace", h->has_workspace);
	jsonw_bool(&w, "credentials", h->has_credentials);
	jsonw_int(&w, "sessions", h->n_sessions);
	jsonw_str(&w, "database_fault", h->fault ? h->fault : "");
	jsonw_end(&w);
	buf_putc(out, '\n');
}

int
backup_parse_head(struct arena *a, struct str text, struct backup_head *ret, struct err *e)
{
	const struct json *j = json_parse(a, text, e);
	int64_t ns = 0;

	if (!j)
		return err_wrap(e, BACKUP_HEAD);
	int64_t format = json_int(json_get(j, "format"), 0);
	if (format > BACKUP_FORMAT)
		return err_set(e, ERR_REFUSED, "it is of format %lld, and this program knows %d: a later one made it", (long long)format, BACKUP_FORMAT);
	if (format < 1 || clock_parse_rfc3339(str_of(json_str(json_get(j, "created"), "")), &ns, e) < 0)
		return err_set(e, ERR_PARSE, BACKUP_HEAD " does not tell its format or time");
	*ret = (struct backup_head){ .created_epoch_s = ns / NS_PER_S, .instance = json_str(json_get(j, "instance"), ""),
		.deployment = json_str(json_get(j, "deployment"), ""), .program = json_str(json_get(j, "program"), ""),
		.opencode = json_str(json_get(j, "opencode"), ""), .has_workspace = json_bool(json_get(j, "workspace"), false),
		.has_credentials = json_bool(json_get(j, "credentials"), false), .n_sessions = json_int(json_get(j, "sessions"), -1),
		.fault = json_str(json_get(j, "database_fault"), "") };
	return 0;
}

/* ---- entries ---- */

static const struct {
	const char *name;
	enum backup_part part;
	bool is_dir;
} parts[] = {
	{ BACKUP_HEAD, BACKUP_IS_HEAD, false },
	{ "settings", BACKUP_SETTINGS, true },
	{ "home", BACKUP_HOME, true },
	{ "workspace", BACKUP_WORKSPACE, true },
	{ BACKUP_MANIFEST, BACKUP_IS_MANIFEST, false },
};

enum backup_part
backup_part_of(struct str name, struct str *ret_rest)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct str rest = name, first = str_cut(&rest, '/');

		if (!str_is(first, parts[i].name))
			continue;
		if (!parts[i].is_dir && first.n != name.n)
			break;
		*ret_rest = first.n == name.n || rest.n == 0 ? STR_LIT(".") : rest;
		return parts[i].part;
	}
	return BACKUP_NONE;
}

const char *
backup_part_dir(enum backup_part p)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].part == p)
			return parts[i].name;
	}
	BUG("a part without a name");
}

/* ---- the manifest ---- */

static char
kind_of(enum tar_type t)
{
	switch (t) {
	case TAR_FILE:
		return 'f';
	case TAR_DIR:
		return 'd';
	case TAR_SYMLINK:
		return 'l';
	case TAR_HARDLINK:
		return 'h';
	case TAR_OTHER:
		break;
	}
	return '?';
}

/* As a JSON string, but bytes that are no UTF-8 have to stay different from each other. */
static void
put_name(struct str s, struct buf *out)
{
	if (str_utf8_valid(s) == s.n) {
		jsonw_quote(out, s);
		return;
	}
	buf_puts(out, "hex:");
	buf_puthex(out, s.p, s.n);
}

void
backup_put_line(const struct tar_entry *t, const unsigned char hash[DIGEST_SHA256_BYTES], struct buf *out)
{
	buf_printf(out, "%c %04o %u:%u %llu %lld ", kind_of(t->type), t->mode, t->uid, t->gid, (unsigned long long)t->size, (long long)t->mtime_epoch_s);
	if (t->type == TAR_FILE)
		buf_puthex(out, hash, DIGEST_SHA256_BYTES);
	else
		buf_putc(out, '-');
	buf_putc(out, ' ');
	put_name(t->name, out);
	if (t->type == TAR_SYMLINK || t->type == TAR_HARDLINK) {
		buf_puts(out, " -> ");
		put_name(t->link, out);
	}
	buf_putc(out, '\n');
}

void
backup_put_total(uint64_t n_entries, uint64_t n_bytes, struct buf *out)
{
	buf_printf(out, "total %llu entries, %llu bytes\n", (unsigned long long)n_entries, (unsigned long long)n_bytes);
}

struct str
backup_line_name(struct str line)
{
	enum { FIELDS_BEFORE = 6 };

	for (int i = 0; i < FIELDS_BEFORE; i++)
		(void)str_cut(&line, ' ');
	size_t end = str_find(line, STR_LIT(" -> "));
	return end == STR_NONE ? line : str_take(line, end);
}

/* RFC 1952 section 2.3: a head with a comment, no data, the check value and length of nothing. */
void
backup_put_seal(const unsigned char hash[DIGEST_SHA256_BYTES], struct buf *out)
{
	static const char head[] = { 0x1f, (char)0x8b, 8, 16, 0, 0, 0, 0, 0, 3 }, nothing[] = { 3, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

	buf_put(out, head, sizeof head);
	buf_puts(out, "sha256 ");
	buf_puthex(out, hash, DIGEST_SHA256_BYTES);
	buf_putc(out, '\0');
	buf_put(out, nothing, sizeof nothing);
}

/* ---- the file's name ---- */

void
backup_put_file_name(const char *instance, int64_t epoch_s, bool is_encrypted, struct buf *out)
{
	AUTO(buf) struct buf stamp = BUF_INIT(64);

	clock_put_rfc3339(&stamp, epoch_s);
	buf_printf(out, "%s-", instance);
	for (size_t i = 0; i < stamp.n; i++) {
		if (stamp.p[i] != '-' && stamp.p[i] != ':')
			buf_putc(out, stamp.p[i]);
	}
	buf_puts(out, is_encrypted ? SUFFIX ENCRYPTED : SUFFIX);
}

bool
backup_file_name(struct str name, const char *instance, int64_t *ret_epoch_s)
{
	AUTO(buf) struct buf stamp = BUF_INIT(64);
	struct err ignored = ERR_INIT;
	size_t n = strlen(instance);
	int64_t ns;

	if (str_has_suffix(name, ENCRYPTED))
		name = str_take(name, name.n - (sizeof ENCRYPTED - 1));
	if (!str_has_prefix(name, instance) || !str_has_suffix(name, SUFFIX) || name.n != n + 1 + STAMP_BYTES + sizeof SUFFIX - 1 || name.p[n] != '-')
		return false;
	const char *p = name.p + n + 1;
	buf_printf(&stamp, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", p, p + 4, p + 6, p + 9, p + 11, p + 13);
	if (p[8] != 'T' || p[15] != 'Z' || clock_parse_rfc3339(buf_str(&stamp), &ns, &ignored) < 0)
		return false;
	*ret_epoch_s = ns / NS_PER_S;
	return true;
}

/* backup_rules.c - the rules, and a set of names: open addressing over FNV-1a with a finishing mix */
#include "lib/deploy/backup_rules.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/engine/tar_block.h"

#define FIRST 1024
#define FNV_BASIS 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

/* ---- names ---- */

void
backup_names_auto(struct backup_names *s)
{
	free(s->v);
	*s = (struct backup_names)BACKUP_NAMES_INIT;
}

static uint64_t
mixed(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	return h ? h : 1;
}

static uint64_t
hash_of(struct str name)
{
	uint64_t h = FNV_BASIS;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * FNV_PRIME;
	return mixed(h);
}

static size_t
place_of(const struct backup_names *s, uint64_t h)
{
	size_t at = (size_t)h & (s->cap - 1);

	while (s->v[at] && s->v[at] != h)
		at = (at + 1) & (s->cap - 1);
	return at;
}

/* The archive decides how large it becomes: no memory for it is an error, not an end. */
static int
grow(struct backup_names *s, struct err *e)
{
	struct backup_names bigger = { .cap = s->cap ? 2 * s->cap : FIRST, .n = s->n };

	bigger.v = calloc(bigger.cap, sizeof *bigger.v);
	if (!bigger.v) {
		errno = ENOMEM;
		return err_sys(e, "remember %zu symbolic links", s->n);
	}
	for (size_t i = 0; i < s->cap; i++) {
		if (s->v[i])
			bigger.v[place_of(&bigger, s->v[i])] = s->v[i];
	}
	free(s->v);
	*s = bigger;
	return 0;
}

int
backup_names_add(struct backup_names *s, struct str name, struct err *e)
{
	uint64_t h = hash_of(name);

	if (s->n >= BACKUP_LINKS_MAX)
		return err_set(e, ERR_TOO_BIG, "there are more than %u symbolic links", BACKUP_LINKS_MAX);
	if (2 * (s->n + 1) > s->cap && grow(s, e) < 0)
		return -1;
	size_t at = place_of(s, h);
	s->n += !s->v[at];
	s->v[at] = h;
	return 0;
}

bool
backup_names_has(const struct backup_names *s, struct str name)
{
	return s->n > 0 && s->v[place_of(s, hash_of(name))];
}

bool
backup_names_lead_to(const struct backup_names *s, struct str name)
{
	uint64_t h = FNV_BASIS;

	for (size_t i = 0; s->n > 0 && i < name.n; i++) {
		if (name.p[i] == '/' && s->v[place_of(s, mixed(h))])
			return true;
		h = (h ^ (unsigned char)name.p[i]) * FNV_PRIME;
	}
	return false;
}

/* ---- rules ---- */

void
backup_rules_auto(struct backup_rules *r)
{
	backup_names_auto(&r->links);
}

static int
bad(const struct tar_entry *t, const char *what, struct err *e)
{
	return err_set(e, ERR_PARSE, STR_FMT ": %s", STR_ARG(str_take(t->name, 200)), what);
}

/* One way to write each name: else a rule that compares them is walked round. */
static bool
is_plain(struct str name)
{
	while (name.n > 0) {
		struct str one = str_cut(&name, '/');

		if (one.n == 0 || str_is(one, ".") || str_is(one, ".."))
			return false;
	}
	return true;
}

static int
check_hard_link(struct backup_rules *r, const struct tar_entry *t, enum backup_part part, struct err *e)
{
	struct str rest;

	if (!tar_is_safe_name(t->link) || !is_plain(t->link) || backup_part_of(t->link, &rest) != part || backup_names_lead_to(&r->links, t->link))
		return bad(t, "is a link to somewhere else", e);
	/* Another name of a symbolic link is one. */
	return backup_names_has(&r->links, t->link) ? backup_names_add(&r->links, t->name, e) : 0;
}

int
backup_rules_check(struct backup_rules *r, const struct tar_entry *t, struct err *e)
{
	struct str rest = STR_NULL;
	enum backup_part part = backup_part_of(t->name, &rest);

	if (part != BACKUP_SETTINGS && part != BACKUP_HOME && part != BACKUP_WORKSPACE)
		return bad(t, "is no part of a backup", e);
	if (!tar_is_safe_name(t->name) || !is_plain(t->name))
		return bad(t, "has a name that can be written in another way", e);
	struct str first = str_cut(&rest, '/');
	if (part == BACKUP_HOME && str_is(first, "workspace") && (rest.n > 0 || t->type != TAR_DIR))
		return bad(t, "is the workspace's, in the home", e);
	if (t->type == TAR_OTHER)
		return bad(t, "is a device or something else that no backup holds", e);
	if (backup_names_lead_to(&r->links, t->name) || backup_names_has(&r->links, t->name))
		return bad(t, "leads through a symbolic link", e);
	if (part == BACKUP_SETTINGS && t->type != TAR_FILE && t->type != TAR_DIR)
		return bad(t, "is no file", e);
	if (r->n_entries++ >= BACKUP_ENTRIES_MAX)
		return err_set(e, ERR_TOO_BIG, "there are more than %u entries", BACKUP_ENTRIES_MAX);
	if (t->type == TAR_HARDLINK)
		return check_hard_link(r, t, part, e);
	return t->type == TAR_SYMLINK ? backup_names_add(&r->links, t->name, e) : 0;
}

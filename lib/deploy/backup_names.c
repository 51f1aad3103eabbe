/* backup_names.c - open addressing over FNV-1a with a finishing mix */
#include "lib/deploy/backup_names.h"

#include "lib/base/mem.h"

#define FIRST 1024

void
backup_names_auto(struct backup_names *s)
{
	mem_free(s->v);
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

#define FNV_BASIS 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

static size_t
place_of(const struct backup_names *s, uint64_t h)
{
	size_t at = (size_t)h & (s->cap - 1);

	while (s->v[at] && s->v[at] != h)
		at = (at + 1) & (s->cap - 1);
	return at;
}

static void
grow(struct backup_names *s)
{
	struct backup_names old = *s;

	s->cap = old.cap ? 2 * old.cap : FIRST;
	s->v = mem_new(s->cap * sizeof *s->v);
	for (size_t i = 0; i < old.cap; i++) {
		if (old.v[i])
			s->v[place_of(s, old.v[i])] = old.v[i];
	}
	mem_free(old.v);
}

int
backup_names_add(struct backup_names *s, struct str name, struct err *e)
{
	uint64_t h = FNV_BASIS;

	if (s->n >= BACKUP_NAMES_MAX)
		return err_set(e, ERR_TOO_BIG, "the archive holds more than %u symbolic links", BACKUP_NAMES_MAX);
	if (2 * (s->n + 1) > s->cap)
		grow(s);
	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * FNV_PRIME;
	h = mixed(h);
	size_t at = place_of(s, h);
	s->n += !s->v[at];
	s->v[at] = h;
	return 0;
}

bool
backup_names_leads(const struct backup_names *s, struct str name)
{
	uint64_t h = FNV_BASIS;

	if (s->n == 0)
		return false;
	for (size_t i = 0; i <= name.n; i++) {
		if ((i == name.n || name.p[i] == '/') && s->v[place_of(s, mixed(h))])
			return true;
		if (i < name.n)
			h = (h ^ (unsigned char)name.p[i]) * FNV_PRIME;
	}
	return false;
}

/* scope_list.c - the instances that exist in a scope, found by their files */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/scope.h"

#define INSTANCES_MAX 1000

static void
dir_auto(DIR **d)
{
	if (*d)
		closedir(*d);
}

static bool
exists(const struct scope *s)
{
	return file_exists(s->config_path) || file_exists(s->credentials_path) || file_exists(s->state_path);
}

/* Adds the names in base/instances that scope_resolve takes as names and finds files for. */
static int
add_from(struct arena *a, const struct scope_request *rq, const char *base, struct strlist *l, struct err *e)
{
	const char *path = path_join(a, base, "instances");
	AUTO(dir) DIR *d = opendir(path);
	struct dirent *entry;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : err_sys(e, "read %s", path);
	while ((entry = readdir(d))) {
		struct scope_request named = *rq;
		struct err ignored = ERR_INIT;
		struct scope s;

		if (entry->d_name[0] == '.' || strlist_has(l, entry->d_name))
			continue;
		named.instance = entry->d_name;
		if (strcmp(entry->d_name, SCOPE_DEFAULT_INSTANCE) == 0 || scope_resolve(a, &named, &s, &ignored) < 0 || !exists(&s))
			continue;
		if (l->n >= INSTANCES_MAX)
			return err_set(e, ERR_TOO_BIG, "%s holds more than %d instances", path, INSTANCES_MAX);
		strlist_add(a, l, s.instance);
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
scope_instances(struct arena *a, const struct scope_request *rq, struct strlist *ret, struct err *e)
{
	struct scope_request base = *rq;
	struct strlist l = { 0 };
	struct scope s;

	base.instance = NULL;
	base.config_file = NULL;
	if (scope_resolve(a, &base, &s, e) < 0)
		return -1;
	base.is_system = s.kind == SCOPE_SYSTEM;
	base.is_user = !base.is_system;
	if (exists(&s))
		strlist_add(a, &l, s.instance);
	if (add_from(a, &base, path_dir(a, s.credentials_path), &l, e) < 0 || add_from(a, &base, s.state_dir, &l, e) < 0)
		return -1;
	if (l.n > 1)
		qsort(l.v, l.n, sizeof *l.v, compare);
	*ret = l;
	return 0;
}

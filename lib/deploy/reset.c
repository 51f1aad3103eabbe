/* reset.c - the list, and a way to remove each kind of thing on it */
#include "lib/deploy/reset.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/image_source.h"
#include "lib/deploy/observe.h"
#include "lib/deploy/restore.h"
#include "lib/deploy/restore_mark.h"
#include "lib/deploy/update.h"
#include "lib/engine/object.h"

#define RESET_OTHERS_MAX 10	/* things of which there is one */

static void
add(struct reset_plan *p, enum reset_kind kind, const char *name, const char *what)
{
	if (p->n == RESET_ITEMS_MAX)
		BUG("more things to remove than there are kinds of them");
	p->items[p->n++] = (struct reset_item){ .kind = kind, .name = name, .what = what };
}

/* ---- looking ---- */

static int
look_containers(struct service *s, struct reset_plan *p, struct err *e)
{
	struct container c;
	int there = service_container(s, &c, e);

	if (there < 0)
		return -1;
	if (there)
		add(p, RESET_CONTAINER, s->names.container, "the container: programs installed in it by hand");
	there = service_next_container(s, &c, e);
	if (there < 0)
		return -1;
	if (there && service_owns(s, &c))
		add(p, RESET_CONTAINER, s->names.next_container, "the one that was to replace it, of an update that was cut");
	return 0;
}

static int
look_volumes(struct service *s, struct reset_plan *p, struct err *e)
{
	const struct {
		const char *name, *what;
	} volumes[] = {
		{ s->names.home_volume, "the agent's home: sessions, logins to providers, git identity, ssh keys" },
		{ s->names.workspace_volume, "the workspace: every file in it" },
	};

	for (size_t i = 0; i < ARRAY_LEN(volumes); i++) {
		int there = observe_volume(s, volumes[i].name, e);

		if (there < 0)
			return -1;
		if (!there)
			continue;
		add(p, RESET_VOLUME, volumes[i].name, volumes[i].what);
		p->has_work = true;
	}
	return 0;
}

/* What updates have kept: copies of opencode's data, and for all of it the images. */
static int
look_kept(struct service *s, bool is_all, struct reset_plan *p, struct err *e)
{
	struct history *h = arena_zero(s->arena, sizeof *h);
	struct update_record cut;
	int is_cut = history_load(s->arena, &s->scope, h, e) < 0 ? -1 : update_mark_get(s->arena, &s->scope, &cut, e);

	if (is_cut < 0)
		return -1;
	if (is_cut && h->n < HISTORY_MAX && !history_find(h, cut.number))
		h->records[h->n++] = cut;
	for (size_t i = 0; i < h->n; i++) {
		const struct update_record *r = &h->records[i];
		int there = r->snapshot[0] ? observe_volume(s, r->snapshot, e) : 0;

		if (there < 0)
			return -1;
		if (!there || p->n + 2 > RESET_ITEMS_MAX - RESET_OTHERS_MAX)
			continue;
		add(p, RESET_VOLUME, r->snapshot, arena_printf(s->arena, "opencode's data before update %llu", (unsigned long long)r->number));
		if (is_all)
			add(p, RESET_IMAGE, update_kept_ref(s, r->number), "the image of then");
	}
	return 0;
}

/* The image of an instance's own name is nobody else's; a pulled one may be. */
static int
look_engine_rest(struct service *s, struct reset_plan *p, struct err *e)
{
	const struct json *network;
	struct image im;

	if (network_inspect(&s->engine, s->arena, s->names.network, &network, e) == 0)
		add(p, RESET_NETWORK, s->names.network, "its network");
	else if (e->code != ERR_NOT_FOUND)
		return -1;
	err_clear(e);
	if (image_source_is_pull(s))
		return 0;
	if (image_inspect(&s->engine, s->arena, image_source_ref(s), &im, e) == 0)
		add(p, RESET_IMAGE, image_source_ref(s), "its image; the next start builds it anew");
	else if (e->code != ERR_NOT_FOUND)
		return -1;
	err_clear(e);
	return 0;
}

static void
look_files(struct service *s, struct reset_plan *p)
{
	const struct scope *scope = &s->scope;

	if (file_exists(scope->config_path))
		add(p, RESET_FILE, scope->config_path, "the configuration");
	if (file_exists(scope->credentials_path))
		add(p, RESET_FILE, scope->credentials_path, "the password, the agent's keys, addresses of notifications");
	if (file_exists(scope->state_dir))
		add(p, RESET_DIR, scope->state_dir, "the state: incidents, certificates, histories");
}

int
reset_look(struct service *s, bool is_all, struct reset_plan *ret, struct err *e)
{
	*ret = (struct reset_plan){ .n = 0 };
	if (look_containers(s, ret, e) < 0 || look_volumes(s, ret, e) < 0 || look_kept(s, is_all, ret, e) < 0)
		return -1;
	if (!is_all)
		return 0;
	if (look_engine_rest(s, ret, e) < 0)
		return -1;
	look_files(s, ret);
	return 0;
}

/* ---- removing ---- */

/* What is in the state's directory, but not other instances', nor the backups (system scope: they are below it). Links are removed, not followed. */
static int
empty_dir(struct arena *a, const char *dir, bool is_top, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, "read %s", dir);
	while (r == 0 && (entry = readdir(d))) {
		const char *path = path_join(a, dir, entry->d_name);
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (is_top && (strcmp(entry->d_name, "instances") == 0 || strcmp(entry->d_name, "backups") == 0))
			continue;
		if (lstat(path, &st) < 0)
			continue;
		if (!S_ISDIR(st.st_mode))
			r = unlink(path) < 0 && errno != ENOENT ? err_sys(e, "remove %s", path) : 0;
		else if (empty_dir(a, path, false, e) < 0 || (rmdir(path) < 0 && errno != ENOENT))
			r = e->code ? -1 : err_sys(e, "remove %s", path);
	}
	closedir(d);
	return r;
}

static int
remove_dir(struct arena *a, const char *dir, struct err *e)
{
	if (empty_dir(a, dir, true, e) < 0)
		return -1;
	(void)rmdir(dir);		/* it stays when another instance is below it */
	return 0;
}

static int
remove_item(struct service *s, const struct reset_item *item, struct err *e)
{
	switch (item->kind) {
	case RESET_CONTAINER:
		return container_remove(&s->engine, item->name, true, e);
	case RESET_VOLUME:
		return volume_remove(&s->engine, item->name, e);
	case RESET_NETWORK:
		return network_remove(&s->engine, item->name, e);
	case RESET_IMAGE:
		return image_remove(&s->engine, item->name, e);
	case RESET_FILE:
		return file_remove(item->name, e);
	case RESET_DIR:
		return remove_dir(s->arena, item->name, e);
	}
	BUG("a kind that is not removed");
}

int
reset_apply(struct service *s, const struct reset_plan *p, void (*told)(void *ctx, const struct reset_item *item), void *ctx, struct err *e)
{
	AUTO(file_lock) struct file_lock lock = FILE_LOCK_INIT;

	if (state_lock(&lock, &s->scope, "reset", clock_due_ms(0), e) < 0)
		return -1;
	/* Somebody may have started it since it was stopped. */
	int live = restore_is_live(s, e);
	if (live < 0)
		return -1;
	if (live) {
		err_set(e, ERR_CONFLICT, "%s was started meanwhile", s->names.container);
		return err_note(e, "changed", "nothing");
	}
	/* What a command that was killed has left holds the volumes. */
	if (helper_sweep(s, e) < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		if (remove_item(s, &p->items[i], e) < 0) {
			err_wrap(e, "remove the %s %s", reset_kind_name(p->items[i].kind), p->items[i].name);
			if (i > 0)
				err_note(e, "changed", "%zu of %zu things are gone; the same command goes on", i, p->n);
			return -1;
		}
		if (told)
			told(ctx, &p->items[i]);
	}
	/* Of what was cut, and of what is kept: what they are about is gone. */
	return restore_mark_remove(&s->scope, e) < 0 || update_mark_remove(&s->scope, e) < 0 ? -1 : history_remove(&s->scope, e);
}

const char *
reset_kind_name(enum reset_kind k)
{
	static const char *const names[] = { [RESET_CONTAINER] = "container", [RESET_VOLUME] = "volume", [RESET_NETWORK] = "network", [RESET_IMAGE] = "image",
		[RESET_FILE] = "file", [RESET_DIR] = "directory" };

	return names[k];
}

#include "lib/engine/remedy.h"

#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/engine/recipe.h"
#include "lib/proc/spawn.h"

#ifdef __APPLE__
static const bool is_macos = true;
#else
static const bool is_macos = false;
#endif

static const char *
sudo_prefix(void)
{
	return geteuid() == 0 ? "" : "sudo ";
}

enum remedy_installed
remedy_installed(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	bool has_client = spawn_find(&a, "docker") != NULL;
	if (is_macos)
		return has_client || file_exists("/Applications/Docker.app") ? REMEDY_DOCKER : REMEDY_NOTHING;
	/* /usr/sbin is not in every normal user's PATH. */
	if (spawn_find(&a, "dockerd") || file_exists("/usr/sbin/dockerd") || file_exists("/usr/bin/dockerd"))
		return REMEDY_DOCKER;
	if (spawn_find(&a, "podman"))
		return REMEDY_PODMAN;
	return has_client ? REMEDY_CLIENT_ONLY : REMEDY_NOTHING;
}

static int
note_install(struct err *e)
{
	const struct recipe *recipe = recipe_here();

	if (is_macos)
		return err_note(e, "try", "install Docker Desktop or OrbStack, or: brew install colima docker && colima start");
	if (!recipe)
		return err_note(e, "try", "install Docker Engine as https://docs.docker.com/engine/install/ says for this system");
	return err_note(e, "try", "%s%s", sudo_prefix(), recipe->packages);
}

static int
note_start(bool is_podman, struct err *e)
{
	if (is_macos)
		return err_note(e, "try", "open -a Docker   (or: colima start)");
	if (is_podman)
		return err_note(e, "try", "systemctl --user enable --now podman.socket");
	if (file_exists("/run/systemd/system"))
		return err_note(e, "try", "%ssystemctl start docker", sudo_prefix());
	return err_note(e, "try", "%sservice docker start", sudo_prefix());
}

int
remedy_absent(const char *where, struct err *e)
{
	enum remedy_installed has = strstr(where, "podman.sock") ? REMEDY_PODMAN : remedy_installed();

	switch (has) {
	case REMEDY_DOCKER:
	case REMEDY_PODMAN:
		(void)err_set(e, ERR_ENGINE, "the %s engine is installed but not running (%s)", has == REMEDY_PODMAN ? "Podman" : "Docker", where);
		return note_start(has == REMEDY_PODMAN, e);
	case REMEDY_CLIENT_ONLY:
		(void)err_set(e, ERR_ENGINE, "no Docker engine found: only the docker command is installed (%s)", where);
		return note_install(e);
	case REMEDY_NOTHING:
		break;
	}
	(void)err_set(e, ERR_ENGINE, "no Docker engine found: none is installed (%s)", where);
	return note_install(e);
}

int
remedy_denied(const char *socket_path, struct err *e)
{
	(void)err_set(e, ERR_PERM, "permission denied on the engine's socket %s", socket_path);
	if (strstr(socket_path, "podman"))
		return err_note(e, "try", "run this with sudo, or use your own engine: systemctl --user enable --now podman.socket");
	(void)err_note(e, "try", "sudo usermod -aG docker $USER   and log in again");
	return err_note(e, "or", "run this with sudo");
}

int
remedy_disk(struct err *e)
{
	if (!strstr(e->msg, "no space left on device") && !strstr(e->msg, "disk quota exceeded"))
		return -1;
	(void)err_note(e, "cause", "the disk on the engine's side is full");
	return err_note(e, "try", "docker system df   shows what fills it; docker builder prune and docker image prune free what nothing uses");
}

#include "lib/engine/socket.h"

#include <errno.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/path.h"
#include "lib/net/stream.h"

#define LOOK_MS 500

size_t
socket_usual(struct arena *a, const struct engine_env *env, struct socket_candidate ret[SOCKETS_MAX])
{
	static const struct {
		const char *name, *origin;
	} in_home[] = {
		{ ".docker/run/docker.sock", "Docker Desktop" },
		{ ".docker/desktop/docker.sock", "Docker Desktop" },
		{ ".colima/default/docker.sock", "Colima" },
		{ ".orbstack/run/docker.sock", "OrbStack" },
		{ ".rd/docker.sock", "Rancher Desktop" },
	};
	size_t n = 0;
	/* su and cron set no XDG_RUNTIME_DIR; the place is the same. */
	const char *runtime = env->xdg_runtime_dir && *env->xdg_runtime_dir ? env->xdg_runtime_dir
	    : arena_printf(a, "/run/user/%lu", (unsigned long)geteuid());

	ret[n++] = (struct socket_candidate){ "/var/run/docker.sock", "default socket" };
	ret[n++] = (struct socket_candidate){ path_join(a, runtime, "docker.sock"), "rootless Docker" };
	for (size_t i = 0; env->home && *env->home && i < sizeof in_home / sizeof in_home[0]; i++)
		ret[n++] = (struct socket_candidate){ path_join(a, env->home, in_home[i].name), in_home[i].origin };
	ret[n++] = (struct socket_candidate){ path_join(a, runtime, "podman/podman.sock"), "rootless Podman" };
	ret[n++] = (struct socket_candidate){ "/run/podman/podman.sock", "Podman" };
	return n;
}

int
socket_look(const char *path)
{
	AUTO(stream) struct stream s = STREAM_INIT;
	struct err e = ERR_INIT;

	if (stream_unix(&s, path, clock_due_ms(LOOK_MS), &e) == 0)
		return 0;
	if (e.code == ERR_TIMEOUT)
		return ETIMEDOUT;
	return e.sys ? e.sys : EINVAL;
}

/* How much a failed look is worth: the engine runs but is closed to us; something is there; nothing. */
static int
rank_of(int error)
{
	switch (error) {
	case 0:
		return 3;
	case EACCES:
	case EPERM:
		return 2;
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case EINVAL:
		return 0;
	default:
		return 1;
	}
}

int
socket_pick(const struct socket_candidate *c, size_t n)
{
	int best = -1, best_rank = 0;

	for (size_t i = 0; i < n && best_rank < 3; i++) {
		int rank = rank_of(socket_look(c[i].path));
		if (rank > best_rank) {
			best_rank = rank;
			best = (int)i;
		}
	}
	return best;
}

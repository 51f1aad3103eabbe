/*
 * endpoint.h - where the engine is, in the order every person of the trade expects
 *
 * An explicit URL, a context, DOCKER_HOST, DOCKER_CONTEXT, the current context of ~/.docker/config.json, then the usual sockets (rootful and
 * rootless Docker, Docker Desktop, Colima, OrbStack, Rancher Desktop, Podman). Reads files and looks at sockets; sends nothing.
 */
#ifndef OCC_ENGINE_ENDPOINT_H
#define OCC_ENGINE_ENDPOINT_H

#include "lib/base/arena.h"

/* What the caller's environment says; NULL where unset. Library code does not read the environment. */
struct engine_env {
	const char *home;
	const char *docker_host;		/* DOCKER_HOST */
	const char *docker_context;		/* DOCKER_CONTEXT */
	const char *docker_config;		/* DOCKER_CONFIG: directory */
	const char *docker_api_version;		/* DOCKER_API_VERSION */
	const char *xdg_runtime_dir;
};

enum engine_transport { ENGINE_UNIX, ENGINE_SSH };

struct engine_endpoint {
	enum engine_transport transport;
	const char *url;		/* "unix:///var/run/docker.sock", "ssh://me@host:22" */
	const char *socket_path;	/* ENGINE_UNIX */
	const char *ssh_user;		/* ENGINE_SSH; NULL: ssh's own choice */
	const char *ssh_host;
	unsigned ssh_port;		/* 0: ssh's own choice */
	const char *context;		/* name, or NULL */
	const char *origin;		/* for people: "DOCKER_HOST", "context desktop-linux", "default socket" */
};

/* Finds the endpoint. url and context may be NULL. ERR_ENGINE when no engine is there at all ("no Docker engine found", with what was
 * looked at and how to get one), ERR_USAGE for an URL or context that is not understood, e.g. tcp://, which is refused with the remedy. */
int engine_find(struct arena *a, const struct engine_env *env, const char *url, const char *context, struct engine_endpoint *ret,
    struct err *e) MUST_CHECK;

#endif

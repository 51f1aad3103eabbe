/*
 * driver.h - what the programs that prove lib/engine against a real engine share
 *
 * The engine is the one that DOCKER_HOST and its kin name. Everything made here is called engtest-SOMETHING and removed again. The image is
 * a static busybox from the tar file ENGTEST_TAR, imported once: no registry is needed.
 */
#ifndef OCC_TESTS_E2E_DRIVER_H
#define OCC_TESTS_E2E_DRIVER_H

#include <signal.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/engine/container.h"
#include "lib/engine/endpoint.h"
#include "lib/engine/image.h"
#include "tests/t.h"

#define IMAGE "engtest-busybox:1"
#define LABEL "engtest=1"
#define DUE clock_due_ms(60000)

static struct engine en = ENGINE_INIT;
static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;

static struct engine_env
driver_env(void)
{
	return (struct engine_env){
		.home = getenv("HOME"), .docker_host = getenv("DOCKER_HOST"), .docker_context = getenv("DOCKER_CONTEXT"),
		.docker_config = getenv("DOCKER_CONFIG"), .docker_api_version = getenv("DOCKER_API_VERSION"),
		.xdg_runtime_dir = getenv("XDG_RUNTIME_DIR"),
	};
}

T_FN void
driver_note(void)
{
	for (size_t i = 0; i < e.n_notes; i++)
		printf("# %s: %s\n", e.notes[i].label, e.notes[i].text);
}

/* POST /images/create?fromSrc=-: the tar goes up in chunks. */
static int
driver_import(const char *tar)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	AUTO(buf) struct buf data = BUF_INIT(16u << 20), answer = BUF_INIT(65536);
	const struct engine_stream_request r = {
		.method = "POST", .path = "/images/create?fromSrc=-&repo=engtest-busybox:1", .content_type = "application/x-tar",
		.is_chunked = true,
	};

	if (file_read(tar, &data, &e) < 0 || engine_stream(&en, &r, &c, DUE, &e) < 0)
		return -1;
	for (struct str rest = buf_str(&data); rest.n > 0; rest = str_skip(rest, 65536)) {
		if (http_send_chunk(&c, str_take(rest, 65536), DUE, &e) != 0)
			break;
	}
	if (http_send_end(&c, DUE, &e) < 0 || engine_stream_head(&en, &c, DUE, &e) < 0)
		return -1;
	return http_recv_all(&c, &answer, DUE, &e);
}

static void
driver_open(void)
{
	struct engine_env env = driver_env();
	struct engine_endpoint at;
	struct image im;

	signal(SIGPIPE, SIG_IGN);
	t_row("the engine answers and the image is there");
	if (!T_CALL(engine_find(&a, &env, NULL, NULL, &at, &e)) || !T_CALL(engine_open(&en, &at, &env, DUE, &e))) {
		driver_note();
		exit(t_done());
	}
	printf("# %s: %s %s, API 1.%u\n", at.url, en.is_podman ? "Podman" : "Docker", en.version, en.api_minor);
	if (image_inspect(&en, &a, IMAGE, &im, &e) == 0)
		return;
	T_ERR(ERR_NOT_FOUND);
	const char *tar = getenv("ENGTEST_TAR");
	if (!T_OK(tar != NULL) || !T_CALL(driver_import(tar)) || !T_CALL(image_inspect(&en, &a, IMAGE, &im, &e)))
		exit(t_done());
}

static int
driver_done(void)
{
	engine_auto(&en);
	arena_fini(&a);
	return t_done();
}

/* A container's body. extra goes into HostConfig; the limits are for Podman, which takes over none. */
T_FN struct str
driver_body(const char *cmd_json, const char *more, const char *host_more)
{
	return str_of(arena_printf(&a, "{\"Image\":\"" IMAGE "\",\"Cmd\":%s,\"Labels\":{\"engtest\":\"1\"}%s,"
	    "\"HostConfig\":{\"Ulimits\":[{\"Name\":\"nofile\",\"Soft\":1024,\"Hard\":1024},{\"Name\":\"nproc\",\"Soft\":1024,\"Hard\":1024}]%s}}",
	    cmd_json, more, host_more));
}

/* Creates and starts. */
T_FN const char *
driver_start(const char *name, const char *cmd_json, const char *more, const char *host_more)
{
	const char *id = NULL;

	(void)!container_remove(&en, name, true, &e);
	if (T_CALL(container_create(&en, &a, name, driver_body(cmd_json, more, host_more), &id, &e)))
		T_CALL(container_start(&en, id, DUE, &e));
	return id ? id : name;
}

#endif

/*
 * engine_pull.c - pulls from real registries, open and with a login, against a real engine
 *
 * RIG_REGISTRY and RIG_REGISTRY_AUTH hold engtest-busybox:1; ENGTEST_NO_REGISTRY: the engine cannot reach them, and only the failures that need none
 * are looked at.
 */
#include "tests/e2e/driver/driver.h"

#include <sys/stat.h>

static uint64_t most_done, most_total;
static unsigned lines;

static void
on_step(void *ctx, struct str line, uint64_t done, uint64_t total)
{
	(void)ctx;
	lines += line.n > 0;
	most_done = done > most_done ? done : most_done;
	most_total = total > most_total ? total : most_total;
}

static int
pull(const char *ref)
{
	const struct image_progress p = { .step = on_step };

	lines = 0;
	most_done = most_total = 0;
	int rc = image_pull(&en, &a, ref, &p, DUE, &e);
	if (rc < 0) {
		printf("# %d %s\n", e.http, e.msg);
		driver_note();
	}
	return rc;
}

/* A config.json of our own; json's %s is the registry. */
static void
configure(const char *json)
{
	const char *dir = arena_printf(&a, "%s/docker", t_tmpdir()), *path = arena_printf(&a, "%s/config.json", dir);

	mkdir(dir, 0700);
	T_CALL(file_save(path, str_of(json), 0600, &e));
	en.env.docker_config = dir;
}

static const char *
basic(const char *user, const char *password)
{
	AUTO(buf) struct buf b64 = BUF_INIT(1024);

	buf_putb64(&b64, str_of(arena_printf(&a, "%s:%s", user, password)), false);
	return arena_strdup(&a, b64.p);
}

static void
open_registry(const char *registry)
{
	const char *ref = arena_printf(&a, "%s/" IMAGE, registry);
	struct image im;

	t_row("pull from an open registry, with progress");
	T_CALL(image_remove(&en, ref, &e));
	T_CALL(pull(ref));
	T_CALL(image_inspect(&en, &a, ref, &im, &e));
	T_OK(lines > 0);
	t_row("pull what is there already");
	T_CALL(pull(ref));
	T_OK(most_done <= most_total);
	t_row("pull by digest");
	const char *digest = json_str(json_at(json_get(im.raw, "RepoDigests"), 0), "");
	if (T_HAS(digest, "@sha256:"))
		T_CALL(pull(digest));
	T_CALL(image_remove(&en, ref, &e));
	t_row("a tag and a name that are not there");
	T_FAILS(pull(arena_printf(&a, "%s/engtest-busybox:absent", registry)), ERR_IMAGE);
	T_HAS(e.msg, "there is no such image");
	T_FAILS(pull(arena_printf(&a, "%s/engtest-absent:1", registry)), ERR_IMAGE);
	T_HAS(e.msg, "there is no such image");
}

static void
login_registry(const char *registry, const char *user, const char *password)
{
	const char *ref = arena_printf(&a, "%s/" IMAGE, registry), *bin = arena_printf(&a, "%s/bin", t_tmpdir());
	const char *helper = arena_printf(&a, "%s/docker-credential-engtest", bin);

	T_CALL(image_remove(&en, ref, &e));
	t_row("without credentials: told so, with the command");
	configure("{}");
	T_FAILS(pull(ref), ERR_IMAGE);
	T_HAS(e.n_notes ? e.notes[0].text : "", "docker login 127.0.0.1:");
	t_row("with wrong ones");
	configure(arena_printf(&a, "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}", registry, basic(user, "wrong")));
	T_FAILS(pull(ref), ERR_IMAGE);
	T_OK(!strstr(e.msg, "wrong"));
	t_row("with those of config.json");
	configure(arena_printf(&a, "{\"auths\":{\"https://%s/v2/\":{\"auth\":\"%s\"}}}", registry, basic(user, password)));
	T_CALL(pull(ref));
	T_CALL(image_remove(&en, ref, &e));
	t_row("with those of a credential helper");
	mkdir(bin, 0755);
	T_CALL(file_save(helper, str_of(arena_printf(&a, "#!/bin/sh\nread server\n[ \"$1 $server\" = 'get %s' ] || { echo nothing; exit 1; }\n"
	    "printf '{\"ServerURL\":\"%%s\",\"Username\":\"%s\",\"Secret\":\"%s\"}' \"$server\"\n", registry, user, password)), 0755, &e));
	setenv("PATH", arena_printf(&a, "%s:%s", bin, getenv("PATH")), 1);
	configure(arena_printf(&a, "{\"credHelpers\":{\"%s\":\"engtest\"}}", registry));
	T_CALL(pull(ref));
	T_CALL(image_remove(&en, ref, &e));
	t_row("with those of the store; a store that is not installed is none");
	configure("{\"credsStore\":\"engtest\"}");
	T_CALL(pull(ref));
	T_CALL(image_remove(&en, ref, &e));
	configure("{\"credsStore\":\"engtest-absent\"}");
	T_FAILS(pull(ref), ERR_IMAGE);
	en.env.docker_config = NULL;
}

static void
unreachable(void)
{
	t_row("a registry that nobody runs; a name that is no host; a reference that is none");
	T_FAILS(pull("127.0.0.1:9/engtest/absent:1"), ERR_IMAGE);
	T_HAS(e.msg, "cannot be reached");
	T_FAILS(pull("engtest.invalid/absent:1"), ERR_IMAGE);
	T_HAS(e.msg, "cannot be reached");
	T_FAILS(pull("Not A Reference"), ERR_USAGE);
}

int
main(void)
{
	const char *registry = getenv("RIG_REGISTRY"), *login = getenv("RIG_REGISTRY_AUTH");

	driver_open();
	unreachable();
	if (!getenv("ENGTEST_NO_REGISTRY")) {
		t_row("the registries are told");
		if (T_OK(registry && login && getenv("RIG_REGISTRY_USER") && getenv("RIG_REGISTRY_PASSWORD"))) {
			open_registry(registry);
			login_registry(login, getenv("RIG_REGISTRY_USER"), getenv("RIG_REGISTRY_PASSWORD"));
		}
	}
	return driver_done();
}

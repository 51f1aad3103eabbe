/* registry_auth_test.c - credentials out of config.json and out of real helper programs */
#include <signal.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/engine/registry_auth.h"
#include "tests/t.h"

#define HUB "https://index.docker.io/v1/"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;
static struct engine_env env;
static char logged[8192];

static void
on_log(void *ctx, const char *line)
{
	size_t n = strlen(logged);

	(void)ctx;
	snprintf(logged + n, sizeof logged - n, "%s\n", line);
}

static void
configure(const char *json)
{
	T_CALL(file_save(arena_printf(&a, "%s/config.json", env.docker_config), str_of(json), 0600, &e));
	logged[0] = '\0';
}

/* The JSON that would be sent for a domain; NULL when nothing would. */
static const char *
auth_for(const char *domain)
{
	AUTO(buf) struct buf out = BUF_INIT(65536), plain = BUF_INIT(65536);

	err_clear(&e);
	if (!T_CALL(registry_auth_put(&a, &env, str_of(domain), &out, &e)) || out.n == 0)
		return NULL;
	T_OK(!strpbrk(out.p, "+/\n"));
	T_CALL(buf_unb64(&plain, buf_str(&out), &e));
	return arena_strdup(&a, plain.p);
}

static void
from_file(void)
{
	static const struct {
		const char *name, *config, *domain, *want;
	} row[] = {
		{ "nothing", "{}", "docker.io", NULL },
		{ "empty file", "", "docker.io", NULL },
		{ "hub", "{\"auths\":{\"" HUB "\":{\"auth\":\"bWU6cGE6c3M=\"}}}", "docker.io",
		    "{\"username\":\"me\",\"password\":\"pa:ss\",\"serveraddress\":\"" HUB "\"}" },
		{ "another registry's are not sent", "{\"auths\":{\"" HUB "\":{\"auth\":\"bWU6cGE6c3M=\"}}}", "ghcr.io", NULL },
		{ "host and port", "{\"auths\":{\"host:5000\":{\"auth\":\"bWU6cGE6c3M=\"}}}", "host:5000",
		    "{\"username\":\"me\",\"password\":\"pa:ss\",\"serveraddress\":\"host:5000\"}" },
		{ "another port is another registry", "{\"auths\":{\"host:5000\":{\"auth\":\"bWU6cGE6c3M=\"}}}", "host:5001", NULL },
		{ "with scheme and path", "{\"auths\":{\"https://ghcr.io/v2/\":{\"auth\":\"bWU6cGE6c3M=\"}}}", "ghcr.io",
		    "{\"username\":\"me\",\"password\":\"pa:ss\",\"serveraddress\":\"ghcr.io\"}" },
		{ "padded with NUL, as old versions did", "{\"auths\":{\"ghcr.io\":{\"auth\":\"bWU6cGFzcwAA\"}}}", "ghcr.io",
		    "{\"username\":\"me\",\"password\":\"pass\",\"serveraddress\":\"ghcr.io\"}" },
		{ "identity token", "{\"auths\":{\"ghcr.io\":{\"auth\":\"\",\"identitytoken\":\"tok\"}}}", "ghcr.io",
		    "{\"identitytoken\":\"tok\",\"serveraddress\":\"ghcr.io\"}" },
		{ "plain fields", "{\"auths\":{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\\\"\"}}}", "ghcr.io",
		    "{\"username\":\"u\",\"password\":\"p\\\"\",\"serveraddress\":\"ghcr.io\"}" },
		{ "an entry without anything", "{\"auths\":{\"ghcr.io\":{}}}", "ghcr.io", NULL },
		{ "other types", "{\"auths\":[1],\"credHelpers\":3,\"credsStore\":null}", "ghcr.io", NULL },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		t_row("config.json: %s", row[i].name);
		configure(row[i].config);
		T_STR(auth_for(row[i].domain), row[i].want);
	}
	AUTO(buf) struct buf out = BUF_INIT(65536);
	t_row("damaged credentials are an error that does not repeat them");
	configure("{\"auths\":{\"ghcr.io\":{\"auth\":\"c2VjcmV0!!\"}}}");
	T_FAILS(registry_auth_put(&a, &env, STR_LIT("ghcr.io"), &out, &e), ERR_CONFIG);
	T_OK(!strstr(e.msg, "c2Vj") && !strstr(e.msg, "secret"));
	t_row("a config.json that is none");
	configure("{");
	T_FAILS(registry_auth_put(&a, &env, STR_LIT("ghcr.io"), &out, &e), ERR_CONFIG);
}

static void
helper(const char *name, const char *script)
{
	const char *dir = arena_printf(&a, "%s/bin", t_tmpdir());

	mkdir(dir, 0755);
	T_CALL(file_save(arena_printf(&a, "%s/docker-credential-%s", dir, name), str_of(arena_printf(&a, "#!/bin/sh\n%s\n", script)), 0755, &e));
}

static void
from_helpers(void)
{
	/* It also writes down how it was called: secrets and server must not be in argv. */
	helper("real", arena_printf(&a, "echo \"$# $1\" >%s/called; IFS= read -r s || [ -n \"$s\" ]; printf '{\"ServerURL\":\"%%s\",\"Username\":\"hu\",\"Secret\":\"hs-%%s\"}' "
	    "\"$s\" \"$s\"", t_tmpdir()));
	helper("token", "cat >/dev/null; echo '{\"ServerURL\":\"x\",\"Username\":\"<token>\",\"Secret\":\"tok\"}'");
	helper("empty", "echo 'credentials not found in native keychain'; exit 1");
	helper("junk", "echo '<html>'");
	helper("nosecret", "echo '{\"Username\":\"u\",\"Secret\":\"\"}'");
	setenv("PATH", arena_printf(&a, "%s/bin:%s", t_tmpdir(), getenv("PATH")), 1);

	t_row("a helper for one registry, called with the one word get");
	configure("{\"credHelpers\":{\"ghcr.io\":\"real\"},\"auths\":{\"ghcr.io\":{\"auth\":\"bWU6cGE6c3M=\"}}}");
	T_STR(auth_for("ghcr.io"), "{\"username\":\"hu\",\"password\":\"hs-ghcr.io\",\"serveraddress\":\"ghcr.io\"}");
	AUTO(buf) struct buf called = BUF_INIT(100);
	T_CALL(file_read(arena_printf(&a, "%s/called", t_tmpdir()), &called, &e));
	T_STR(called.p, "1 get\n");
	T_OK(!strstr(logged, "hs-"));
	t_row("a store for all, Docker Hub under its old name");
	configure("{\"credsStore\":\"real\"}");
	T_STR(auth_for("docker.io"), "{\"username\":\"hu\",\"password\":\"hs-" HUB "\",\"serveraddress\":\"" HUB "\"}");
	t_row("the registry's own helper comes before the store");
	configure("{\"credsStore\":\"junk\",\"credHelpers\":{\"ghcr.io\":\"token\"}}");
	T_STR(auth_for("ghcr.io"), "{\"identitytoken\":\"tok\",\"serveraddress\":\"ghcr.io\"}");

	static const char *const without[] = { "empty", "junk", "nosecret", "absent", "../real", "a b", "" };
	for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
		t_row("helper \"%s\" gives nothing: anonymous, with a line in the log", without[i]);
		configure(arena_printf(&a, "{\"credsStore\":\"%s\"}", without[i]));
		T_STR(auth_for("ghcr.io"), NULL);
		T_OK(!*without[i] || strstr(logged, "credential helper"));
	}
	t_row("helper gives nothing: what config.json has counts");
	configure("{\"credsStore\":\"empty\",\"auths\":{\"ghcr.io\":{\"auth\":\"bWU6cGE6c3M=\"}}}");
	T_HAS(auth_for("ghcr.io"), "pa:ss");
}

static void
for_builds(void)
{
	AUTO(buf) struct buf out = BUF_INIT(65536), plain = BUF_INIT(65536);

	t_row("for a build: the same under the server's name");
	configure("{\"auths\":{\"" HUB "\":{\"auth\":\"bWU6cGE6c3M=\"}}}");
	T_CALL(registry_config_put(&a, &env, STR_LIT("docker.io"), &out, &e));
	T_CALL(buf_unb64(&plain, buf_str(&out), &e));
	T_STR(plain.p, "{\"" HUB "\":{\"username\":\"me\",\"password\":\"pa:ss\",\"serveraddress\":\"" HUB "\"}}");
	buf_reset(&out);
	T_CALL(registry_config_put(&a, &env, STR_LIT("ghcr.io"), &out, &e));
	T_EQ(out.n, 0);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	env.docker_config = t_tmpdir();
	log_set_sink(on_log, NULL);
	from_file();
	from_helpers();
	for_builds();
	arena_fini(&a);
	return t_done();
}

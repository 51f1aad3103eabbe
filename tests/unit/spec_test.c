/* spec_test: the create body, and what changes its digest */
#include "lib/deploy/spec.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct service_names names = { "opencode-cloud", "opencode-cloud", "opencode-cloud-home", "opencode-cloud-workspace",
	"opencode-cloud.next" };

/* A configuration out of a text, as a person would write it. */
static int
parse(struct arena *a, const char *text, struct config *c, struct err *e)
{
	return config_parse(a, str_of(text), "config.json", NULL, c, e);
}

static struct spec_input
input(const struct config *c)
{
	return (struct spec_input){ .config = c, .names = &names, .instance = "default", .deployment = "0123456789abcdef", .owner = "me",
		.image = "opencode-cloud:1.18.33", .restart = spec_restart_policy(c, false), .host_memory_bytes = 8ull << 30 };
}

static const struct json *
body_of(struct arena *a, const struct config *c, bool is_podman)
{
	AUTO(buf) struct buf out = BUF_INIT(SPEC_BODY_MAX);
	struct spec_input in = input(c);
	struct err e = ERR_INIT;

	in.is_podman = is_podman;
	in.restart = spec_restart_policy(c, is_podman);
	in.nofile_max = 1024;
	T_CALL(spec_put_body(a, &in, &out, &e));
	const struct json *j = json_parse(a, buf_str(&out), &e);
	T_OK(j != NULL);
	return j;
}

static void
test_defaults(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct config c;
	struct err e = ERR_INIT;

	t_row("spec: the defaults are what DESIGN.md section 6 says");
	T_CALL(parse(&a, "{}", &c, &e));
	const struct json *j = body_of(&a, &c, false), *h = json_get(j, "HostConfig");
	T_STR(json_str(json_get(j, "User"), ""), "1000:1000");
	T_VIEW(json_get(h, "CapDrop")->raw, "[\"ALL\"]");
	T_OK(!json_get(h, "CapAdd"));
	T_VIEW(json_get(h, "SecurityOpt")->raw, "[\"no-new-privileges\"]");
	T_EQ(json_bool(json_get(h, "Init"), true), false);
	T_EQ(json_int(json_get(h, "Memory"), 0), (8ll << 30) / 100 * 75);
	T_OK(json_int(json_get(h, "PidsLimit"), 0) > 0);
	T_STR(json_str(json_path(h, "RestartPolicy.Name"), ""), "always");
	T_STR(json_str(json_path(body_of(&a, &c, true), "HostConfig.RestartPolicy.Name"), ""), "unless-stopped");
	T_STR(json_str(json_get(h, "NetworkMode"), ""), "opencode-cloud");
	T_STR(json_str(json_get(json_at(json_get(json_get(h, "PortBindings"), "3000/tcp"), 0), "HostIp"), ""), "127.0.0.1");
	T_EQ(json_get(h, "Mounts")->n, 2);
	T_EQ(json_int(json_path(j, "Healthcheck.Interval"), 0), INT64_C(60000000000));
	T_OK(json_get(json_get(j, "Labels"), LABEL_SPEC) != NULL);
	T_OK(!json_get(h, "Ulimits"));
	T_OK(!json_get(h, "Privileged"));
}

static void
test_wishes(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct config c;
	struct err e = ERR_INIT;

	t_row("spec: what the configuration asks for arrives");
	T_CALL(parse(&a, "{\"server\":{\"bind\":\"192.168.0.2\",\"port\":4000,\"cors\":[\"https://a.example\"]},"
			 "\"container\":{\"memory\":\"1g\",\"cpus\":\"1.5\",\"pids\":100,\"env\":[\"A=b=c\"],\"mounts\":[\"/srv/x:/home/opencode/workspace/x:ro\"],"
			 "\"ports\":[\"8080:80\"],\"extra_hosts\":[\"db:10.0.0.9\"],\"sudo\":true,\"restart\":\"no\"},"
			 "\"log\":{\"max_size\":\"1m\",\"max_files\":2}}", &c, &e));
	const struct json *j = body_of(&a, &c, true), *h = json_get(j, "HostConfig");
	T_VIEW(json_get(j, "Cmd")->raw, "[\"--cors\",\"https://a.example\"]");
	T_VIEW(json_get(j, "Env")->raw, "[\"A=b=c\"]");
	T_EQ(json_int(json_get(h, "Memory"), 0), 1 << 30);
	T_EQ(json_int(json_get(h, "NanoCpus"), 0), 1500000000);
	T_EQ(json_int(json_get(h, "PidsLimit"), 0), 100);
	T_STR(json_str(json_get(json_at(json_get(h, "Mounts"), 2), "Source"), ""), "/srv/x");
	T_EQ(json_bool(json_get(json_at(json_get(h, "Mounts"), 2), "ReadOnly"), false), true);
	T_STR(json_str(json_get(json_at(json_get(json_get(h, "PortBindings"), "80/tcp"), 0), "HostPort"), ""), "8080");
	T_STR(json_str(json_get(json_at(json_get(json_get(h, "PortBindings"), "80/tcp"), 0), "HostIp"), ""), "192.168.0.2");
	T_OK(json_get(h, "CapAdd") != NULL);
	T_OK(!json_get(h, "SecurityOpt"));
	T_STR(json_str(json_path(h, "RestartPolicy.Name"), ""), "no");
	T_STR(json_str(json_path(h, "LogConfig.Config.max-file"), ""), "2");
	T_EQ(json_get(h, "Ulimits")->n, 2);
}

static const struct {
	const char *text;
	const char *changed;		/* spec_changed_keys against the defaults */
	bool is_other;			/* the digest differs */
} rows[] = {
	{ "{}", "", false },
	{ "// a comment\n{ \"format\": 1 }", "", false },
	{ "{\"container\":{\"restart\":\"always\"}}", "", false },
	{ "{\"server\":{\"public_url\":\"https://x.example\"}}", "", false },
	{ "{\"server\":{\"port\":3001}}", "server.port", true },
	{ "{\"container\":{\"memory\":\"2g\",\"pids\":99}}", "container.memory, container.pids", true },
	{ "{\"container\":{\"sudo\":true}}", "container.sudo", true },
	{ "{\"auth\":{\"username\":\"me\"}}", "auth.username", true },
	{ "{\"container\":{\"mounts\":[\"/a:/b\"]}}", "container.mounts", true },
	{ "{\"edge\":{\"mode\":\"plain\"}}", "edge.mode", true },
	{ "{\"edge\":{\"mode\":\"self-signed\"}}", "edge.mode", true },
	{ "{\"edge\":{\"port\":9443,\"names\":[\"a.example\"],\"login\":\"basic\",\"hold_seconds\":1}}", "", false },
};

static void
test_digest(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct config dflt, c;
	struct err e = ERR_INIT;

	T_CALL(parse(&a, "{}", &dflt, &e));
	struct spec_input in = input(&dflt);
	const char *base = spec_digest(&a, &in, &e), *label = spec_keys_label(&a, &dflt);
	in.host_memory_bytes = 0;
	in.owner = "somebody else";
	in.restart = SPEC_RESTART_STOPPED;
	t_row("spec: the digest depends neither on the engine's host nor on who owns the restarts");
	T_STR(spec_digest(&a, &in, &e), base);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("spec: drift of row %zu", i);
		T_CALL(parse(&a, rows[i].text, &c, &e));
		in = input(&c);
		T_STR(spec_changed_keys(&a, &c, label), rows[i].changed);
		T_EQ(strcmp(spec_digest(&a, &in, &e), base) != 0, rows[i].is_other);
	}
	t_row("spec: a label of an older program names no key");
	T_STR(spec_changed_keys(&a, &dflt, ""), "");
	t_row("spec: ... but the edge, which that one did not have");
	T_CALL(parse(&a, "{\"edge\":{\"mode\":\"plain\"}}", &c, &e));
	T_STR(spec_changed_keys(&a, &c, ""), "edge.mode");
}

/* Off and on is all that a container knows of the edge: it says whose password is in it. */
static void
test_edge(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct config off, on, other;
	struct err e = ERR_INIT;

	T_CALL(parse(&a, "{}", &off, &e));
	T_CALL(parse(&a, "{\"edge\":{\"mode\":\"self-signed\"}}", &on, &e));
	T_CALL(parse(&a, "{\"edge\":{\"mode\":\"plain\"}}", &other, &e));
	t_row("spec: a container behind the edge says so in a label");
	T_OK(!json_get(json_get(body_of(&a, &off, false), "Labels"), LABEL_PASSWORD));
	T_STR(json_str(json_get(json_get(body_of(&a, &on, false), "Labels"), LABEL_PASSWORD), ""), LABEL_PASSWORD_INNER);
	t_row("spec: another mode of the edge is the same container");
	struct spec_input in = input(&on), in_other = input(&other);
	T_STR(spec_digest(&a, &in_other, &e), spec_digest(&a, &in, &e));
	T_STR(spec_changed_keys(&a, &other, spec_keys_label(&a, &on)), "");
	t_row("spec: switched off again it is another");
	T_STR(spec_changed_keys(&a, &off, spec_keys_label(&a, &on)), "edge.mode");
}

int
main(void)
{
	test_defaults();
	test_wishes();
	test_digest();
	test_edge();
	return t_done();
}

/* config_test.c - loading: defaults, file, environment; where each mistake is found and what is said of it */
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "tests/t.h"

#define PATH "c.json"

static int
parse(struct arena *a, const char *text, const char *const *env, struct config *c, struct err *e)
{
	return config_parse(a, str_of(text), PATH, env, c, e);
}

/* ---- mistakes, each with its place ---- */

static const struct { const char *text, *says, *note; } bad[] = {
	{ "{\n \"server\": {\n  \"port\": 70000\n }\n}", "c.json:3:11: server.port: 70000 is out of range (1 to 65535)", "occ config set server.port 3000" },
	{ "{\"server\":{\"port\":0}}", "c.json:1:19: server.port: 0 is out of range (1 to 65535)", "occ config set server.port 3000" },
	{ "{\"server\":{\"port\":-1}}", "-1 is out of range", NULL },
	{ "{\"server\":{\"port\":3000.5}}", "3000.5 is not a whole number (1 to 65535)", NULL },
	{ "{\"server\":{\"port\":3e3}}", "3e3 is not a whole number", NULL },
	{ "{\"server\":{\"port\":99999999999999999999999}}", "out of range", NULL },
	{ "{\"server\":{\"port\":\"3000\"}}", "server.port: is a string, and has to be 1 to 65535", NULL },
	{ "{\"server\":{\"port\":null}}", "server.port: is null", NULL },
	{ "{\"server\":{\"allow_plain_http\":1}}", "is a number, and has to be true or false", "occ config set server.allow_plain_http false" },
	{ "{\"server\":{\"bind\":true}}", "is true or false, and has to be a string", NULL },
	{ "{\"server\":{\"cors\":\"https://a\"}}", "is a string, and has to be a list of strings", "occ config edit" },
	{ "{\"server\":{\"cors\":[\"https://a\",\n7]}}", "c.json:2:1: server.cors", NULL },
	{ "{\"server\":{\"cors\":[\"https://a\", \"https://a\"]}}", "holds an element twice", NULL },
	{ "{\"server\":{\"public_url\":\"x\"}}", "https://", "occ config unset server.public_url" },
	{ "{\"image\":{\"source\":\"dockr\"}}", "dockr is not allowed (auto, build, pull)", "occ config set image.source auto" },
	{ "{\"image\":{\"source\":\"Build\"}}", "not allowed", NULL },
	{ "{\"image\":{\"opencode\":\"2.1.0\"}}", "not supported yet", "occ config set image.opencode 1." },
	{ "{\"container\":{\"memory\":\"1m\"}}", "1m is out of range (a size from 256m to 64t, or auto)", "occ config set container.memory auto" },
	{ "{\"container\":{\"memory\":\"lots\"}}", "is not understood", NULL },
	{ "{\"container\":{\"memory\":[]}}", "is a list, and has to be a size", NULL },
	{ "{\"log\":{\"max_size\":\"auto\"}}", "log.max_size", "occ config set log.max_size 20m" },
	{ "{\"container\":{\"cpus\":0}}", "out of range", NULL },
	{ "{\"container\":{\"cpus\":\"some\"}}", "is not understood (a number such as 1.5, or all)", NULL },
	{ "{\"container\":{\"pids\":63}}", "63 is out of range (64 to 4194304)", NULL },
	{ "{\"container\":{\"env\":[\"A_KEY=canary\"]}}", "c.json:1:22: container.env: A_KEY looks like a secret", "occ secret set A_KEY" },
	{ "{\"container\":{\"env\":[\"A=can\\u0000ary\"]}}", "control character", NULL },
	{ "{\"server\":3}", "c.json:1:11: server has to be an object", NULL },
	{ "{\"server\":{\"port\":3000}", "c.json:1:24: ", "occ config edit" },
	{ "[1]", "c.json:1:1: the configuration has to be an object", NULL },
	{ "{\"format\":2}", "c.json:1:11: format 2 is newer than this program knows (1)", NULL },
	{ "{\"format\":0}", "format has to be 1", NULL },
	{ "{\"format\":\"1\"}", "format has to be 1", NULL },
	{ "{\n\"image\":{\"source\":\"pull\"}}", "c.json:2: image.source: pull needs image.ref", "occ config set image.ref" },
	{ "{\"container\":{\"mounts\":[\"/a:/data\",\"/b:/data/\"]}}", "c.json:1: container.mounts: two directories for /data", NULL },
	{ "{\"container\":{\"ports\":[\"8080:80\",\"127.0.0.1:8080:81\"]}}", "published twice", NULL },
	{ "{\"container\":{\"ports\":[\"8080:80\",\"0.0.0.0:8080:81\"]}}", "published twice", NULL },
	{ "{\"container\":{\"ports\":[\"3000:80\"]}}", "server.port already", NULL },

	{ "{\"edge\":{\"mode\":\"acme\"}}", "acme is not allowed (off, plain, self-signed, files)", "occ config set edge.mode off" },
	{ "{\"edge\":{\"port\":0}}", "edge.port: 0 is out of range (1 to 65535, or auto)", "occ config set edge.port auto" },
	{ "{\"edge\":{\"port\":\"443\"}}", "is a string, and has to be 1 to 65535, or auto", NULL },
	{ "{\"edge\":{\"redirect_port\":65536}}", "65536 is out of range (0 to 65535, or auto)", NULL },
	{ "{\"edge\":{\"hold_seconds\":\"auto\"}}", "is a string, and has to be 0 to 600", NULL },
	{ "{\"edge\":{\"hold_seconds\":601}}", "out of range (0 to 600)", "occ config set edge.hold_seconds 60" },
	{ "{\"edge\":{\"names\":[\"a b\"]}}", "c.json:1:19: edge.names", "occ config edit" },
	{ "{\"edge\":{\"trusted_proxies\":[\"10.0.0.1\"]}}", "is not a network", "10.0.0.1/32" },
	{ "{\"edge\":{\n\"mode\":\"files\"}}", "c.json:2: edge.mode: files needs edge.certificate and edge.key", "occ config set edge.certificate" },
	{ "{\"edge\":{\"mode\":\"files\",\"certificate\":\"/c\"}}", "files needs edge.key", "occ config set edge.key" },
	{ "{\"edge\":{\"mode\":\"files\",\"key\":\"/k\"}}", "files needs edge.certificate", "occ config set edge.certificate" },
	{ "{\"edge\":{\"certificate\":\"c.pem\"}}", "is not the absolute path of a file", "occ config unset edge.certificate" },
	{ "{\"server\":{\n\"bind\":\"0.0.0.0\"},\"edge\":{\"mode\":\"plain\"}}", "c.json:2: server.bind: 0.0.0.0 would let people go round the edge",
	  "occ config unset server.bind" },
	{ "{\"server\":{\"bind\":\"10.0.0.5\"},\"edge\":{\"mode\":\"self-signed\"}}", "go round the edge", NULL },
	{ "{\"engine\":{\"url\":\"ssh://me@host\"},\"edge\":{\"mode\":\"self-signed\"}}", "edge.mode: the edge has to run where the engine is: install", NULL },
	{ "{\"engine\":{\"location\":\"remote\"},\"edge\":{\"mode\":\"self-signed\"}}", "install this program on that host", NULL },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"port\":3000}}", "edge.port: port 3000 is server.port already", NULL },
	{ "{\"edge\":{\"mode\":\"plain\",\"port\":3000}}", "edge.port: port 3000 is server.port already", NULL },
	{ "{\"container\":{\"ports\":[\"9443:80\"]},\"edge\":{\"mode\":\"self-signed\",\"port\":9443}}", "edge.port: port 9443 is published by container.ports", NULL },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"port\":9443,\"redirect_port\":9443}}", "edge.redirect_port: port 9443 is edge.port already", NULL },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"redirect_port\":3000}}", "edge.redirect_port: port 3000 is server.port", NULL },
	{ "{\"edge\":{\"mode\":\"plain\",\"names\":[\"a1\",\"a2\",\"a3\",\"a4\",\"a5\",\"a6\",\"a7\",\"a8\",\"a9\",\"b1\",\"b2\",\"b3\",\"b4\",\"b5\",\"b6\",\"b7\",\"b8\"]}}",
	  "edge.names: holds more than the 16 elements", NULL },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct config c;
		int rc = parse(&a, bad[i].text, NULL, &c, &e);

		t_row("mistake %zu: %s", i, bad[i].says);
		T_EQ(rc, -1);
		T_ERR(ERR_CONFIG);
		T_HAS(e.msg, bad[i].says);
		T_OK(str_has_prefix(str_of(e.msg), "c.json"));
		T_OK(!strstr(e.msg, "canary"));
		if (bad[i].note)
			T_HAS(e.n_notes > 0 ? e.notes[0].text : NULL, bad[i].note);
	}
}

/* ---- what is right ---- */

static const struct { const char *text, *key, *value; } good[] = {
	{ "", "server.port", "3000" },
	{ " \n", "server.bind", "\"127.0.0.1\"" },
	{ "{}", "container.memory", "\"auto\"" },
	{ "{ // why\n \"$schema\": \"x\", \"format\": 1, \"server\": { \"port\": 4000, }, }", "server.port", "4000" },
	{ "{\"server\":{\"port\":1,\"port\":2}}", "server.port", "2" },
	{ "{\"container\":{\"memory\":\"1.5g\"}}", "container.memory", "\"1536m\"" },
	{ "{\"container\":{\"memory\":1073741824}}", "container.memory", "\"1g\"" },
	{ "{\"container\":{\"memory\":1073741825}}", "container.memory", "\"1073741825\"" },
	{ "{\"container\":{\"cpus\":1.5}}", "container.cpus", "1.5" },
	{ "{\"container\":{\"cpus\":\"2\"}}", "container.cpus", "2" },
	{ "{\"container\":{\"cpus\":\"all\"}}", "container.cpus", "\"all\"" },
	{ "{\"container\":{\"sudo\":true}}", "container.sudo", "true" },
	{ "{\"container\":{\"env\":[\"A=\\\"x\\\"\", \"B=\\u00e4\"]}}", "container.env", "[\"A=\\\"x\\\"\", \"B=\xc3\xa4\"]" },
	{ "{\"container\":{\"restart\":\"no\"}}", "container.restart", "\"no\"" },
	{ "{\"edge\":{\"port\":\"auto\"}}", "edge.port", "\"auto\"" },
	{ "{\"edge\":{\"redirect_port\":0}}", "edge.redirect_port", "0" },
	{ "{}", "edge.metrics_from", "[\"127.0.0.0/8\", \"::1/128\"]" },
	{ "{\"edge\":{\"mode\":\"files\",\"certificate\":\"/c\",\"key\":\"/k\"}}", "edge.mode", "\"files\"" },
	{ "{\"edge\":{\"certificate\":\"/c\"}}", "edge.certificate", "\"/c\"" },
	{ "{\"server\":{\"bind\":\"::1\"},\"edge\":{\"mode\":\"self-signed\"}}", "server.bind", "\"::1\"" },
	{ "{\"edge\":{\"mode\":\"self-signed\",\"bind\":\"10.0.0.5\",\"port\":3000}}", "edge.port", "3000" },
	{ "{\"engine\":{\"location\":\"local\",\"url\":\"ssh://me@host\"},\"edge\":{\"mode\":\"plain\"}}", "edge.mode", "\"plain\"" },
	{ "{\"image\":{\"source\":\"pull\",\"ref\":\"host:5000/a:b\"}}", "image.ref", "\"host:5000/a:b\"" },
	{ "{\"container\":{\"ports\":[\"127.0.0.1:8080:80\",\"127.0.0.2:8080:80\"]}}", "container.ports",
	  "[\"127.0.0.1:8080:80\", \"127.0.0.2:8080:80\"]" },
};

static void
test_good(void)
{
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf value = BUF_INIT(4096);
		struct err e = ERR_INIT;
		struct config c;

		t_row("value %zu of %s", i, good[i].key);
		T_CALL(parse(&a, good[i].text, NULL, &c, &e));
		if (e.code != ERR_NONE)
			continue;
		config_put_value(&c, schema_find(good[i].key), &value);
		T_STR(value.p, good[i].value);
	}
}

static void
test_origin(void)
{
	static const char *const env[] = { "PATH=/bin", "OCC_AUTH_USERNAME=me", "OCC_SERVER_PORT=", NULL };
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct scope s = { .config_path = "/home/me/.config/opencode-cloud/config.json", .home = "/home/me" };
	struct err e = ERR_INIT;
	struct config c;

	t_row("where each value comes from");
	T_CALL(parse(&a, "{\n\"server\": {\n\"port\": 4000 } }", env, &c, &e));
	T_EQ(config_origin_of(&c, "server.port"), CONFIG_FILE);
	T_EQ(config_origin_of(&c, "auth.username"), CONFIG_ENV);
	T_EQ(config_origin_of(&c, "server.bind"), CONFIG_DEFAULT);
	T_STR(config_where(&a, &c, &s, "server.port"), "server.port in ~/.config/opencode-cloud/config.json:3");
	T_STR(config_where(&a, &c, &s, "auth.username"), "OCC_AUTH_USERNAME");
	T_STR(config_where(&a, &c, &s, "server.bind"), "the default of server.bind");
}

/* ---- warnings ---- */

static void
test_warnings(void)
{
	static const char *const env[] = { "OCC_SERVER_PROT=1", "OCC_CONTAINER_NONSENSE_KEY=1", "OCC_OTHER_THING=1", "OCC=1", "OCC_SERVER=1", NULL };
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct config c;

	t_row("unknown keys are warned of, with the nearest and the line");
	T_CALL(parse(&a, "{\n\"server\": { \"prot\": 1 },\n\"nonsense\": {},\n\"port\": 3,\n\"watchdog\": {\"a\": 1} }", NULL, &c, &e));
	T_EQ(c.warnings.n, 4);
	if (c.warnings.n == 4) {
		T_STR(c.warnings.v[0], "c.json:2:13: server.prot is not a key of the configuration (did you mean server.port?)");
		T_STR(c.warnings.v[1], "c.json:3:1: nonsense is not a key of the configuration");
		T_STR(c.warnings.v[2], "c.json:4:1: port is not a key of the configuration (did you mean server.port?)");
	}

	t_row("a key given twice is warned of, and the last one counts");
	T_CALL(parse(&a, "{\"server\": { \"port\": 1,\n\"port\": 2 }}", NULL, &c, &e));
	T_EQ(c.warnings.n, 1);
	T_HAS(c.warnings.n ? c.warnings.v[0] : NULL, "c.json:2:9: server.port is given a second time");

	t_row("unknown variables of a known group are warned of, others are not ours");
	T_CALL(parse(&a, "", env, &c, &e));
	T_EQ(c.warnings.n, 2);
	T_STR(c.warnings.n ? c.warnings.v[0] : NULL, "OCC_SERVER_PROT is not a key of the configuration (did you mean server.port?)");
}

/* ---- environment ---- */

static const struct { const char *env, *key, *value; } from_env[] = {
	{ "OCC_SERVER_PORT=4000", "server.port", "4000" },
	{ "OCC_SERVER_ALLOW_PLAIN_HTTP=true", "server.allow_plain_http", "true" },
	{ "OCC_CONTAINER_EXTRA_HOSTS=a:1.2.3.4, b:host-gateway", "container.extra_hosts", "[\"a:1.2.3.4\", \"b:host-gateway\"]" },
	{ "OCC_CONTAINER_ENV=[\"A=x,y\", \"B=2\"]", "container.env", "[\"A=x,y\", \"B=2\"]" },
	{ "OCC_CONTAINER_PORTS=[::1]:8080:80", "container.ports", "[\"[::1]:8080:80\"]" },
	{ "OCC_IMAGE_PACKAGES=golang,gdb,", "image.packages", "[\"golang\", \"gdb\"]" },
	{ "OCC_CONTAINER_MEMORY=2g", "container.memory", "\"2g\"" },
	{ "OCC_CONTAINER_CPUS=0.5", "container.cpus", "0.5" },
	{ "OCC_CONTAINER_CPUS=all", "container.cpus", "\"all\"" },
	{ "OCC_SERVER_PORT=70000", "server.port", NULL },
	{ "OCC_SERVER_PORT=x", "server.port", NULL },
	{ "OCC_CONTAINER_ENV=A_KEY=canary", "container.env", NULL },
	{ "OCC_CONTAINER_MEMORY=1", "container.memory", NULL },
	{ "OCC_SERVER_BIND=\xff", "server.bind", NULL },
};

static void
test_env(void)
{
	for (size_t i = 0; i < sizeof from_env / sizeof from_env[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf value = BUF_INIT(4096);
		const char *const env[] = { from_env[i].env, NULL };
		struct err e = ERR_INIT;
		struct config c;
		int rc = parse(&a, "{\"server\":{\"port\":1}}", env, &c, &e);

		t_row("environment %zu %s", i, from_env[i].key);
		T_EQ(rc, from_env[i].value ? 0 : -1);
		if (rc < 0) {
			struct str name = str_of(from_env[i].env);

			T_ERR(ERR_CONFIG);
			T_OK(str_has_prefix(str_of(e.msg), arena_str(&a, str_cut(&name, '='))));
			T_OK(!strstr(e.msg, "canary"));
			continue;
		}
		config_put_value(&c, schema_find(from_env[i].key), &value);
		T_STR(value.p, from_env[i].value);
		T_EQ(config_origin_of(&c, from_env[i].key), CONFIG_ENV);
	}
}

/* Every key of the table: from the file and from the environment, and back, with a value that is not its default. */
static const struct { const char *key, *value; } every[] = {
	{ "engine.url", "\"ssh://me@host\"" }, { "engine.location", "\"remote\"" }, { "server.bind", "\"0.0.0.0\"" }, { "server.port", "4000" },
	{ "server.public_url", "\"https://a.example\"" }, { "server.cors", "[\"https://b.example\"]" }, { "server.allow_plain_http", "true" },
	{ "auth.username", "\"me\"" }, { "image.source", "\"pull\"" }, { "image.ref", "\"a/b:c\"" }, { "image.base", "\"debian:12\"" },
	{ "image.opencode", "\"1.17.0\"" }, { "image.variant", "\"baseline\"" }, { "image.packages", "[\"golang\"]" },
	{ "image.ca_bundle", "\"none\"" }, { "container.memory", "\"2g\"" }, { "container.cpus", "1.5" }, { "container.pids", "512" },
	{ "container.env", "[\"A=b\"]" }, { "container.mounts", "[\"/a:/b\"]" }, { "container.ports", "[\"8080:80\"]" },
	{ "container.extra_hosts", "[\"a:1.2.3.4\"]" }, { "container.sudo", "true" }, { "container.restart", "\"no\"" },
	{ "watchdog.first_delay_seconds", "0" }, { "watchdog.max_delay_seconds", "60" }, { "watchdog.reset_seconds", "60" },
	{ "watchdog.budget", "3" }, { "watchdog.budget_seconds", "60" }, { "watchdog.when_failed", "\"stay-down\"" },
	{ "watchdog.hang_seconds", "30" }, { "watchdog.start_seconds", "60" }, { "watchdog.memory_percent", "80" },
	{ "watchdog.wait_idle_seconds", "60" },
	{ "edge.mode", "\"self-signed\"" }, { "edge.bind", "\"10.0.0.5\"" }, { "edge.port", "9443" }, { "edge.redirect_port", "0" },
	{ "edge.names", "[\"code.example.com\", \"*.code.example.com\"]" }, { "edge.certificate", "\"/etc/c.pem\"" }, { "edge.key", "\"/etc/k.pem\"" },
	{ "edge.login", "\"basic\"" }, { "edge.trusted_proxies", "[\"10.0.0.0/8\"]" }, { "edge.metrics_from", "[]" }, { "edge.hold_seconds", "0" },
	{ "edge.access_log", "\"json\"" },
	{ "notify.events", "[\"session-finished\"]" }, { "notify.allow_http", "true" },
	{ "log.max_size", "\"1m\"" }, { "log.max_files", "7" },
	{ "backup.schedule", "\"daily\"" }, { "backup.keep", "2" }, { "backup.workspace", "true" }, { "backup.verify_days", "0" },
	{ "backup.after", "\"cp a b\"" },
	{ "backup.recipients", "[\"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\"]" }, { "backup.identity", "\"/a/key\"" },
	{ "update.releases", "\"https://example.com/releases\"" }, { "update.check", "\"never\"" }, { "update.feed", "\"https://example.com/newest\"" }, { "update.keep", "2" }, { "update.keep_size", "\"64m\"" }, { "update.watch_seconds", "0" },
};

static const char *
value_for(const char *key)
{
	for (size_t i = 0; i < sizeof every / sizeof every[0]; i++)
		if (strcmp(every[i].key, key) == 0)
			return every[i].value;
	return NULL;
}

static void
test_every_key(void)
{
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf got = BUF_INIT(4096), env = BUF_INIT(4096), dflt = BUF_INIT(4096);
		const char *value = value_for(k->name), *dot = strchr(k->name, '.');
		const char *const refs[] = { "OCC_IMAGE_REF=a/b:c", NULL, NULL };
		const char *const *environment = refs;
		struct err e = ERR_INIT;
		struct config c, plain;

		t_row("key %s in the file and in the environment", k->name);
		T_OK(value != NULL);
		if (!value)
			continue;
		T_CALL(parse(&a, arena_printf(&a, "{\"%.*s\":{\"%s\":%s}}", (int)(dot - k->name), k->name, dot + 1, value),
			     strcmp(k->name, "image.source") == 0 ? environment : NULL, &c, &e));
		config_put_value(&c, k, &got);
		T_STR(got.p, value);
		T_EQ(config_origin_of(&c, k->name), CONFIG_FILE);
		config_put_env_name(k->name, &env);
		buf_putc(&env, '=');
		buf_putstr(&env, k->type == SCHEMA_LIST ? str_of(value) : str_trim_char(str_of(value), '"'));
		const char *const both[] = { env.p, refs[0], NULL };
		T_CALL(parse(&a, "", both, &c, &e));
		buf_reset(&got);
		config_put_value(&c, k, &got);
		T_STR(got.p, value);
		T_CALL(parse(&a, "", NULL, &plain, &e));
		config_put_value(&plain, k, &dflt);
		T_STR(dflt.p, k->dflt);
		T_OK(strcmp(dflt.p, value) != 0);
	}
}

/* ---- the file itself ---- */

static void
test_load(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf big = BUF_INIT(CONFIG_BYTES_MAX + 16);
	const char *dir = t_tmpdir(), *path = path_join(&a, dir, "config.json");
	struct scope s = { .config_path = path, .credentials_path = path_join(&a, dir, "credentials.json"), .state_dir = dir, .home = dir };
	struct err e = ERR_INIT;
	struct config c;

	t_row("no file: the defaults, in silence");
	T_CALL(config_load(&a, &s, NULL, &c, &e));
	T_EQ(c.warnings.n, 0);
	T_EQ(c.server.port, 3000);

	t_row("no file where --config names one: a warning");
	s.config_path = path_join(&a, dir, "other.json");
	T_CALL(config_load(&a, &s, NULL, &c, &e));
	T_EQ(c.warnings.n, 1);
	s.config_path = path;

	t_row("the place is told with a tilde");
	T_CALL(file_save(path, STR_LIT("{\"server\":{\"port\":0}}"), 0644, &e));
	T_FAILS(config_load(&a, &s, NULL, &c, &e), ERR_CONFIG);
	T_HAS(e.msg, "~/config.json:1:19: server.port");

	t_row("a file above the limit");
	while (big.n <= CONFIG_BYTES_MAX)
		buf_putc(&big, ' ');
	T_CALL(file_save(path, buf_str(&big), 0644, &e));
	T_FAILS(config_load(&a, &s, NULL, &c, &e), ERR_CONFIG);

	t_row("a file at the limit");
	buf_trunc(&big, CONFIG_BYTES_MAX);
	T_CALL(file_save(path, buf_str(&big), 0644, &e));
	T_CALL(config_load(&a, &s, NULL, &c, &e));

	t_row("a directory in the file's place");
	T_CALL(file_remove(path, &e));
	T_CALL(file_mkdirs(path, 0755, &e));
	T_OK(config_load(&a, &s, NULL, &c, &e) < 0);
}

/* Cut at every byte, a text is right or refused with a place; it never reads on. */
static void
test_cut(void)
{
	static const char text[] = "{ // c\n\"server\": { \"port\": 4000, \"cors\": [ \"https://a\" ] }, /* x */ \"log\": {} }";

	t_row("a text cut at every byte");
	for (size_t n = 0; n < sizeof text; n++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct config c;
		int rc = config_parse(&a, str_from(t_guard(text, n), n), PATH, NULL, &c, &e);

		if (n > 0 && n < sizeof text - 1)
			T_EQ(rc, -1);
		else
			T_EQ(rc, 0);
	}
}

int
main(void)
{
	test_bad();
	test_good();
	test_origin();
	test_warnings();
	test_env();
	test_every_key();
	test_load();
	test_cut();
	return t_done();
}

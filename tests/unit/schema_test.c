/* schema_test.c - the table itself, the checks of each kind of value, and the texts made from it */
#include "lib/deploy/config_value.h"
#include "lib/deploy/schema_check.h"
#include "lib/json/json.h"
#include "tests/t.h"

static void
test_table(void)
{
	size_t n = 0;

	for (const struct schema_key *k = schema_keys; k->name; k++, n++) {
		const char *dot = strchr(k->name, '.');

		t_row("row %s", k->name);
		T_OK(dot && !strchr(dot + 1, '.'));
		T_OK(schema_find(k->name) == k);
		T_STR(schema_nearest(k->name), k->name);
		T_STR(schema_key_names()[n], k->name);
		T_OK(k->text && k->text[0] && k->text[strlen(k->text) - 1] != '.');
		T_OK(strlen(k->text) <= 90);
		T_OK((k->type == SCHEMA_ENUM) == (k->allowed != NULL));
		T_OK(k->type != SCHEMA_UINT || k->min < k->max);
	}
	t_row("key names end");
	T_OK(schema_key_names()[n] == NULL);
	T_OK(n <= CONFIG_KEYS_MAX);
}

static void
test_nearest(void)
{
	static const struct { const char *given, *nearest; } row[] = {
		{ "server.prot", "server.port" }, { "sever.port", "server.port" }, { "port", "server.port" }, { "memory", "container.memory" },
		{ "server.memory", "container.memory" }, { "container.mounst", "container.mounts" }, { "auth.user", NULL }, { "opencode", "image.opencode" },
		{ "image.version", NULL }, { "", NULL }, { "quite.something.else", NULL }, { "engine.ulr", "engine.url" },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		t_row("nearest to '%s'", row[i].given);
		T_OK(schema_find(row[i].given) == NULL);
		if (row[i].nearest)
			T_STR(schema_nearest(row[i].given), row[i].nearest);
	}
}

struct check_row {
	int (*check)(struct str v, struct err *e);
	const char *value;
	bool is_ok;
	const char *says;	/* part of the message */
};

static const struct check_row checks[] = {
	{ check_engine_url, "", true, NULL },
	{ check_engine_url, "unix:///var/run/docker.sock", true, NULL },
	{ check_engine_url, "ssh://me@host", true, NULL },
	{ check_engine_url, "ssh://host:2222", true, NULL },
	{ check_engine_url, "ssh://[2001:db8::1]:22", true, NULL },
	{ check_engine_url, "unix://relative", false, "neither unix" },
	{ check_engine_url, "tcp://10.0.0.1:2375", false, "ssh://" },
	{ check_engine_url, "ssh://-oProxyCommand=x", false, "host" },
	{ check_engine_url, "ssh://-l@host", false, "user" },
	{ check_engine_url, "ssh://me@", false, "host" },
	{ check_engine_url, "docker", false, "neither unix" },

	{ check_bind, "127.0.0.1", true, NULL },
	{ check_bind, "0.0.0.0", true, NULL },
	{ check_bind, "::1", true, NULL },
	{ check_bind, "::", true, NULL },
	{ check_bind, "", false, "not an IP address" },
	{ check_bind, "localhost", false, "127.0.0.1" },
	{ check_bind, "127.0.0.1:3000", false, "not an IP address" },
	{ check_bind, "256.0.0.1", false, "not an IP address" },
	{ check_bind, "[::1]", false, "not an IP address" },
	{ check_bind, "127.1", false, "not an IP address" },

	{ check_public_url, "", true, NULL },
	{ check_public_url, "https://dev.example.org", true, NULL },
	{ check_public_url, "http://10.0.0.5:8080", true, NULL },
	{ check_public_url, "https://[2001:db8::1]:8443", true, NULL },
	{ check_public_url, "https://dev.example.org/", false, "\"https://dev.example.org\"" },
	{ check_public_url, "https://dev.example.org/opencode", false, "end behind the host" },
	{ check_public_url, "dev.example.org", false, "https://" },
	{ check_public_url, "https://", false, "host" },
	{ check_public_url, "https://a:b@host", false, "host" },
	{ check_public_url, "https://host:0", false, "host" },
	{ check_public_url, "https://host:99999", false, "host" },
	{ check_public_url, "https://ho st", false, "host" },
	{ check_public_url, "javascript:alert(1)", false, "https://" },
	{ check_origin, "", false, "https://" },
	{ check_origin, "*", false, "https://" },

	{ check_username, "opencode", true, NULL },
	{ check_username, "me@example.org", true, NULL },
	{ check_username, "", false, "letters" },
	{ check_username, "a:b", false, "letters" },
	{ check_username, "a b", false, "letters" },
	{ check_username, "0123456789012345678901234567890123456789012345678901234567890123", true, NULL },
	{ check_username, "01234567890123456789012345678901234567890123456789012345678901234", false, "64" },

	{ check_image_ref, "", true, NULL },
	{ check_image_base, "", false, NULL },
	{ check_image_base, "ubuntu:24.04", true, NULL },
	{ check_image_base, "host:5000/a/b:tag", true, NULL },
	{ check_image_base, "Ubuntu:24.04", false, NULL },
	{ check_image_base, "ubuntu:24.04 && rm", false, NULL },

	{ check_opencode, "1.18.33", true, NULL },
	{ check_opencode, "1.0.0", true, NULL },
	{ check_opencode, "1.19.0-beta.1", true, NULL },
	{ check_opencode, "2.0.0", false, "not supported yet" },
	{ check_opencode, "3.0.0", false, "opencode 1" },
	{ check_opencode, "0.9.1", false, "opencode 1" },
	{ check_opencode, "1.18", false, "exact" },
	{ check_opencode, "latest", false, "exact" },
	{ check_opencode, "v1.18.33", false, "exact" },
	{ check_opencode, "1.018.3", false, "exact" },
	{ check_opencode, "^1.18.0", false, "exact" },
	{ check_opencode, "1.18.33 ", false, "exact" },
	{ check_opencode, "1.18.33-", false, "exact" },
	{ check_opencode, "1.18.33.4", false, "exact" },
	{ check_opencode, "", false, "exact" },

	{ check_package, "golang", true, NULL },
	{ check_package, "g++", true, NULL },
	{ check_package, "libc6-dev", true, NULL },
	{ check_package, "python3.11", true, NULL },
	{ check_package, "a", false, "Debian" },
	{ check_package, "-y", false, "Debian" },
	{ check_package, "Golang", false, "Debian" },
	{ check_package, "a b", false, "Debian" },
	{ check_package, "a;b", false, "Debian" },
	{ check_package, "", false, "Debian" },

	{ check_ca_bundle, "auto", true, NULL },
	{ check_ca_bundle, "none", true, NULL },
	{ check_ca_bundle, "/etc/ssl/ca.pem", true, NULL },
	{ check_ca_bundle, "ca.pem", false, "absolute" },
	{ check_ca_bundle, "", false, "absolute" },

	{ check_env, "EDITOR=vim", true, NULL },
	{ check_env, "EMPTY=", true, NULL },
	{ check_env, "A=b=c,d", true, NULL },
	{ check_env, "EDITOR", false, "NAME=VALUE" },
	{ check_env, "=x", false, "name" },
	{ check_env, "1A=x", false, "name" },
	{ check_env, "A-B=x", false, "name" },
	{ check_env, "MY_API_KEY=canary", false, "MY_API_KEY looks like a secret" },
	{ check_env, "my_token=canary", false, "looks like a secret" },
	{ check_env, "DB_PASSWORD=canary", false, "looks like a secret" },
	{ check_env, "X_SECRET=canary", false, "looks like a secret" },
	{ check_env, "KEYS=x", true, NULL },
	{ check_env, "OPENCODE_SERVER_PASSWORD=canary", false, "occ password" },
	{ check_env, "OPENCODE_SERVER_USERNAME=x", false, "auth.username" },
	{ check_env, "OCC_PORT=1", false, "reserved" },
	{ check_env, "HOME=/x", false, "reserved" },
	{ check_env, "A=b\nc", false, "control" },

	{ check_mount, "/srv/shop:/home/opencode/workspace/shop", true, NULL },
	{ check_mount, "/srv/shop/:/data/:ro", true, NULL },
	{ check_mount, "/srv/my shop:/data", true, NULL },
	{ check_mount, "/srv/shop:/home/opencode/workspace", false, "hide" },
	{ check_mount, "/srv/shop:/home/opencode", false, "hide" },
	{ check_mount, "/srv/shop:/home", false, "hide" },
	{ check_mount, "/srv/shop:/", false, "hide" },
	{ check_mount, "/srv/shop:/etc", false, "hide" },
	{ check_mount, "/srv/shop:/etc/opencode-cloud", false, "hide" },
	{ check_mount, "/srv/shop:/etc/opencode-cloud/x", false, "mounted on" },
	{ check_mount, "/srv/shop:/usr/local", false, "hide" },
	{ check_mount, "/srv/shop:/proc/x", false, "mounted on" },
	{ check_mount, "/srv/shop:/sys", false, "mounted on" },
	{ check_mount, "/srv/shop:/home/opencode/../..", false, "without . and .." },
	{ check_mount, "/srv/../shop:/data", false, "without . and .." },
	{ check_mount, "srv:/data", false, "absolute" },
	{ check_mount, "~/x:/data", false, "absolute" },
	{ check_mount, "/srv:data", false, "absolute" },
	{ check_mount, "/srv", false, "/HOST/DIR" },
	{ check_mount, "/srv:", false, "/HOST/DIR" },
	{ check_mount, ":/data", false, "absolute" },
	{ check_mount, "/srv:/data:rx", false, "/HOST/DIR" },
	{ check_mount, "/srv:/data:", false, "/HOST/DIR" },
	{ check_mount, "", false, "/HOST/DIR" },

	{ check_port, "8080:80", true, NULL },
	{ check_port, "127.0.0.1:8080:80", true, NULL },
	{ check_port, "[::1]:8080:80", true, NULL },
	{ check_port, "8080", false, "HOST:CONTAINER" },
	{ check_port, "8080:", false, "HOST:CONTAINER" },
	{ check_port, "0:80", false, "65535" },
	{ check_port, "65536:80", false, "65535" },
	{ check_port, "8080:3000", false, "server.port" },
	{ check_port, "localhost:8080:80", false, "ADDRESS" },
	{ check_port, ":8080:80", false, "ADDRESS" },
	{ check_port, "[]:8080:80", false, "ADDRESS" },
	{ check_port, "::1:8080:80", false, "ADDRESS" },
	{ check_port, "8080:80/udp", false, "HOST:CONTAINER" },
	{ check_port, "", false, "HOST:CONTAINER" },

	{ check_edge_bind, "auto", true, NULL },
	{ check_edge_bind, "::", true, NULL },
	{ check_edge_bind, "any", false, "not an IP address" },

	{ check_edge_name, "code.example.com", true, NULL },
	{ check_edge_name, "*.code.example.com", true, NULL },
	{ check_edge_name, "localhost", true, NULL },
	{ check_edge_name, "203.0.113.7", true, NULL },
	{ check_edge_name, "2001:db8::1", true, NULL },
	{ check_edge_name, "", false, "neither a DNS name" },
	{ check_edge_name, "*", false, "neither" },
	{ check_edge_name, "*.", false, "neither" },
	{ check_edge_name, "*.203.0.113.7", false, "neither" },
	{ check_edge_name, "a.*.example.com", false, "neither" },
	{ check_edge_name, "[2001:db8::1]", false, "neither" },
	{ check_edge_name, "https://code.example.com", false, "neither" },
	{ check_edge_name, "code.example.com:443", false, "neither" },
	{ check_edge_name, "-a.example", false, "neither" },

	{ check_network, "10.0.0.0/8", true, NULL },
	{ check_network, "203.0.113.7/32", true, NULL },
	{ check_network, "0.0.0.0/0", true, NULL },
	{ check_network, "::1/128", true, NULL },
	{ check_network, "2001:db8::/32", true, NULL },
	{ check_network, "10.0.0.0/33", false, "ADDRESS/BITS" },
	{ check_network, "::/129", false, "ADDRESS/BITS" },
	{ check_network, "10.0.0.0", false, "ADDRESS/BITS" },
	{ check_network, "10.0.0.0/", false, "ADDRESS/BITS" },
	{ check_network, "10.0.0.0/8/8", false, "ADDRESS/BITS" },
	{ check_network, "/8", false, "ADDRESS/BITS" },
	{ check_network, "example.com/8", false, "ADDRESS/BITS" },
	{ check_network, "10.0.0.0/-1", false, "ADDRESS/BITS" },
	{ check_network, "", false, "ADDRESS/BITS" },

	{ check_file_path, "", true, NULL },
	{ check_file_path, "/etc/ssl/a.pem", true, NULL },
	{ check_file_path, "a.pem", false, "absolute" },
	{ check_file_path, "~/a.pem", false, "absolute" },
	{ check_file_path, "/a\nb", false, "control" },

	{ check_extra_host, "db:10.0.0.5", true, NULL },
	{ check_extra_host, "host.docker.internal:host-gateway", true, NULL },
	{ check_extra_host, "db:2001:db8::1", true, NULL },
	{ check_extra_host, "db", false, "NAME:ADDRESS" },
	{ check_extra_host, "db:", false, "NAME:ADDRESS" },
	{ check_extra_host, "db:otherhost", false, "NAME:ADDRESS" },
	{ check_extra_host, ":10.0.0.5", false, "NAME:ADDRESS" },
	{ check_extra_host, "-db:10.0.0.5", false, "NAME:ADDRESS" },
};

/* Each value also flush against a page that faults. */
static void
test_checks(void)
{
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		const struct check_row *r = &checks[i];
		size_t n = strlen(r->value);
		struct err e = ERR_INIT;
		int rc = r->check(str_from(t_guard(r->value, n), n), &e);

		t_row("check %zu '%.60s'", i, strchr(r->value, '\n') ? "(two lines)" : r->value);
		T_EQ(rc, r->is_ok ? 0 : -1);
		if (rc < 0)
			T_EQ(e.code, ERR_CONFIG);
		if (rc < 0 && r->says)
			T_HAS(e.msg, r->says);
		T_OK(!strstr(e.msg, "canary"));
	}
}

static void
test_costs(void)
{
	static const struct {
		const char *key, *before, *after;
		enum schema_cost cost;
	} row[] = {
		{ "edge.mode", "\"off\"", "\"plain\"", SCHEMA_RECREATE },
		{ "edge.mode", "\"files\"", "\"off\"", SCHEMA_RECREATE },
		{ "edge.mode", "\"self-signed\"", "\"files\"", SCHEMA_NOTHING },
		{ "edge.mode", "\"plain\"", "\"self-signed\"", SCHEMA_NOTHING },
		{ "edge.mode", NULL, "\"off\"", SCHEMA_RECREATE },
		{ "edge.mode", NULL, NULL, SCHEMA_RECREATE },
		{ "edge.port", "\"auto\"", "444", SCHEMA_NOTHING },
		{ "server.port", "3000", "3001", SCHEMA_RECREATE },
		{ "image.source", "\"build\"", "\"pull\"", SCHEMA_REBUILD },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		t_row("%s from %s to %s costs", row[i].key, row[i].before ? row[i].before : "?", row[i].after ? row[i].after : "?");
		T_EQ(schema_cost_of(schema_find(row[i].key), row[i].before, row[i].after), row[i].cost);
	}
}

static void
test_parts(void)
{
	struct err e = ERR_INIT;
	struct config_mount m;
	struct config_port p;

	t_row("a mount taken apart");
	T_CALL(config_mount_parse(STR_LIT("/srv/shop/:/data:ro"), &m, &e));
	T_VIEW(m.host, "/srv/shop");
	T_VIEW(m.target, "/data");
	T_OK(m.is_read_only);
	T_CALL(config_mount_parse(STR_LIT("/a:/b:rw"), &m, &e));
	T_OK(!m.is_read_only);

	t_row("a port taken apart");
	T_CALL(config_port_parse(STR_LIT("[::1]:8080:80"), &p, &e));
	T_VIEW(p.address, "::1");
	T_EQ(p.host, 8080);
	T_EQ(p.container, 80);
	T_CALL(config_port_parse(STR_LIT("8080:80"), &p, &e));
	T_EQ(p.address.n, 0);
}

static void
test_texts(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf md = BUF_INIT(1 << 20), schema = BUF_INIT(1 << 20), file = BUF_INIT(1 << 20);
	struct err e = ERR_INIT;
	const struct json *j;
	struct config c;

	t_row("the default file is the defaults");
	schema_put_default_file(&file);
	T_CALL(config_parse(&a, buf_str(&file), "default", NULL, &c, &e));
	T_EQ(c.warnings.n, 0);
	T_EQ(c.server.port, 3000);
	T_STR(c.server.bind, "127.0.0.1");

	t_row("the JSON Schema is JSON and knows every key");
	schema_put_json_schema(&schema);
	j = json_parse(&a, buf_str(&schema), &e);
	T_OK(j != NULL);
	schema_put_md(&md);
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		struct str word = str_of(k->name), group = str_cut(&word, '.');
		const struct json *groups = json_get(json_get(j, "properties"), arena_str(&a, group));
		const struct json *key = json_get(json_get(groups, "properties"), arena_str(&a, word));

		t_row("texts hold %s", k->name);
		T_OK(json_is(json_get(key, "description"), JSON_STRING));
		T_VIEW(json_get(key, "default") ? json_get(key, "default")->raw : STR_NULL, k->dflt);
		T_HAS(md.p, k->name);
		T_HAS(file.p, k->text);
		T_EQ(config_origin_of(&c, k->name), CONFIG_DEFAULT);
	}
}

int
main(void)
{
	test_table();
	test_nearest();
	test_checks();
	test_costs();
	test_parts();
	test_texts();
	return t_done();
}

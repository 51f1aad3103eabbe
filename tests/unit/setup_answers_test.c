/* setup_answers_test.c - answers from a file, what goes together, what they change, and the file that says the same again */
#include "applets/occ-setup/changes.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct setup_facts bare, full = {
	.outward = "10.0.0.5", .has_tailscale = true, .tailscale_name = "box.tail1234.ts.net", .has_password = true, .has_container = true,
	.git_name = "Ann", .git_email = "ann@example.org", .has_ssh_key = true, .has_manager = true, .is_service_installed = true,
};
static const struct setup_facts moved = { .free_port = 3001 }, served = { .has_manager = true }, remote = { .has_manager = true, .is_remote = true };

/* ---- the file ---- */

static const struct {
	const char *name, *text, *error;	/* NULL: accepted */
} files[] = {
	{ "nothing", "{}", NULL },
	{ "comments and a comma", "// a\n{ \"port\": 4000, /* b */ \"boot\": 1, }", "f:2:25: 'boot' is not an answer" },
	{ "all kinds", "{\"format\":1,\"reach\":\"local\",\"port\":4000,\"cpus\":1.5,\"start_on_boot\":false,\"git_name\":\"A B\"}", NULL },
	{ "an unknown name", "{\n  \"prot\": 1\n}", "f:2:3: 'prot' is not an answer" },
	{ "out of range", "{ \"port\": 70000 }", "f:1:11: port: 70000 is out of range (1 to 65535)" },
	{ "a wrong type", "{ \"start_on_boot\": \"yes\" }", "f:1:20: start_on_boot: has to be true or false" },
	{ "a number for a text", "{ \"git_name\": 1 }", "f:1:15: git_name: has to be a string" },
	{ "no such choice", "{ \"reach\": \"radio\" }", "f:1:12: reach: 'radio' is not one of local, tailscale, load-balancer, internet, network" },
	{ "no name", "{ \"name\": \"a b\" }", "f:1:11: name: " },
	{ "a control character", "{ \"git_name\": \"a\\u001bb\" }", "f:1:15: git_name: holds a control character" },
	{ "a NUL", "{ \"git_name\": \"a\\u0000b\" }", "f:1:15: git_name: holds a control character" },
	{ "no mail address", "{ \"git_email\": \"ann\" }", "f:1:16: git_email: 'ann' is no mail address" },
	{ "not clean", "{ \"workspace\": \"/srv/../etc\" }", "f:1:16: workspace: '/srv/../etc:/home/opencode/workspace/x': both directories have to be absolute" },
	{ "a newer format", "{ \"format\": 2 }", "f:1:13: format: this program knows format 1" },
	{ "no object", "[]", "f:1:1: the answers have to be an object" },
	{ "no JSON", "{ \"port\": }", "f: line 1, column 11" },
	{ "the password itself", "{ \"password\": \"hunter2hunter2\" }", "f:1:15: password: 'hunter2hunter2' is not one of keep, generate, given" },
};

static void
test_files(void)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct setup_answers ans;
		struct config c;
		struct err e = ERR_INIT;

		t_row("file: %s", files[i].name);
		T_CALL(config_parse(&a, STR_LIT("{}"), "c", NULL, &c, &e));
		answers_init(&a, &c, &bare, &ans);
		if (!files[i].error) {
			T_CALL(answers_parse(&a, str_of(files[i].text), "f", &ans, &e));
			continue;
		}
		T_FAILS(answers_parse(&a, str_of(files[i].text), "f", &ans, &e), ERR_CONFIG);
		T_HAS(e.msg, files[i].error);
	}
}

/* ---- what goes together, and what it changes ---- */

static const struct {
	const char *name, *config, *answers;
	const struct setup_facts *facts;
	const char *error;		/* of settling, or NULL */
	const char *changes;		/* "key=json ..." and words */
} rows[] = {
	{ "nothing there", "{}", "{}", &bare, NULL, "first" },
	{ "what is stays", "{\"server\":{\"port\":4000},\"container\":{\"restart\":\"always\"}}", "{}", &full, NULL, "service" },
	{ "a taken default port", "{}", "{}", &moved, NULL, "server.port=3001 first" },
	{ "a taken port that was asked for", "{\"server\":{\"port\":3000}}", "{}", &moved, NULL, "first" },
	{ "values in other words", "{\"container\":{\"memory\":\"4096m\"}}", "{\"memory\":\"4g\",\"cpus\":\"all\"}", &bare, NULL, "first" },
	{ "local closes what was open", "{\"server\":{\"bind\":\"0.0.0.0\",\"public_url\":\"https://a.b\",\"allow_plain_http\":true}}",
	  "{\"reach\":\"local\"}", &bare, NULL, "server.bind=\"127.0.0.1\" server.public_url=\"\" server.allow_plain_http=false first" },
	{ "local on IPv6 stays there", "{\"server\":{\"bind\":\"::1\"}}", "{\"reach\":\"local\"}", &bare, NULL, "first" },
	{ "local with another address", "{}", "{\"bind\":\"10.0.0.5\"}", &bare, "bind 10.0.0.5 does not go with reach local", NULL },
	{ "tailscale", "{}", "{\"reach\":\"tailscale\"}", &full, NULL, "server.public_url=\"https://box.tail1234.ts.net\" tailscale service" },
	{ "tailscale that does not run", "{}", "{\"reach\":\"tailscale\"}", &bare, "tailscaled does not run", NULL },
	{ "away from tailscale", "{\"server\":{\"public_url\":\"https://box.tail1234.ts.net\"}}", "{\"reach\":\"local\"}", &bare, NULL,
	  "server.public_url=\"\" first left" },
	{ "still tailscale", "{\"server\":{\"public_url\":\"https://box.tail1234.ts.net\"}}", "{}", &full, NULL, "tailscale service" },
	{ "load balancer", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}", &bare, NULL,
	  "server.bind=\"10.0.0.5\" server.public_url=\"https://a.b\" first" },
	{ "load balancer without a name", "{}", "{\"reach\":\"load-balancer\"}", &bare, "the answer public_url is missing", NULL },
	{ "load balancer on a public address", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"0.0.0.0\",\"public_url\":\"https://a.b\"}", &bare,
	  "bind 0.0.0.0 is a public address", NULL },
	{ "... that is allowed", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"0.0.0.0\",\"public_url\":\"https://a.b\",\"allow_plain_http\":true}", &bare, NULL,
	  "server.bind=\"0.0.0.0\" server.public_url=\"https://a.b\" server.allow_plain_http=true first" },
	{ "plain HTTP that is not needed is not allowed", "{}",
	  "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\",\"allow_plain_http\":true}", &bare, NULL,
	  "server.bind=\"10.0.0.5\" server.public_url=\"https://a.b\" first" },
	{ "load balancer with the edge", "{}",
	  "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\",\"trusted_proxies\":[\"10.0.1.0/24\",\"10.0.2.0/24\"]}", &served, NULL,
	  "edge.trusted_proxies=[\"10.0.1.0/24\", \"10.0.2.0/24\"] server.public_url=\"https://a.b\" edge.mode=\"plain\" edge.bind=\"10.0.0.5\" first service" },
	{ "... on this machine", "{}", "{\"reach\":\"load-balancer\",\"public_url\":\"https://a.b\"}", &served, NULL,
	  "server.public_url=\"https://a.b\" edge.mode=\"plain\" first service" },
	{ "... on a public address", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"0.0.0.0\",\"public_url\":\"https://a.b\"}", &served, "bind 0.0.0.0 is a public address", NULL },
	{ "... on every private one", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"private\",\"public_url\":\"https://a.b\"}", &served, NULL,
	  "server.public_url=\"https://a.b\" edge.mode=\"plain\" edge.bind=\"private\" first service" },
	{ "... which stays", "{\"edge\":{\"mode\":\"plain\",\"bind\":\"private\"},\"server\":{\"public_url\":\"https://a.b\"}}", "{}", &served, NULL, "first service" },
	{ "... which is the edge's alone", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"private\",\"public_url\":\"https://a.b\",\"edge\":false}", &served,
	  "bind private without edge true", NULL },
	{ "... not wanted", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\",\"edge\":false}", &served, NULL,
	  "server.bind=\"10.0.0.5\" server.public_url=\"https://a.b\" first service" },
	{ "... wanted without a service", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\",\"edge\":true}", &bare, NULL,
	  "server.public_url=\"https://a.b\" edge.mode=\"plain\" edge.bind=\"10.0.0.5\" first" },
	{ "... stays", "{\"edge\":{\"mode\":\"plain\",\"bind\":\"10.0.0.5\"},\"server\":{\"public_url\":\"https://a.b\"}}", "{}", &served, NULL, "first service" },
	{ "... stays without", "{\"server\":{\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}}", "{}", &served, NULL, "first service" },
	{ "... comes to it", "{\"server\":{\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}}", "{\"edge\":true}", &served, NULL,
	  "server.bind=\"127.0.0.1\" edge.mode=\"plain\" edge.bind=\"10.0.0.5\" first service" },
	{ "... goes", "{\"edge\":{\"mode\":\"plain\",\"bind\":\"10.0.0.5\"},\"server\":{\"public_url\":\"https://a.b\"}}", "{\"reach\":\"local\",\"bind\":\"127.0.0.1\"}",
	  &served, NULL, "server.public_url=\"\" edge.mode=\"off\" first service" },
	{ "... and onto the internet", "{\"edge\":{\"mode\":\"plain\",\"bind\":\"10.0.0.5\"},\"server\":{\"public_url\":\"https://a.b\"}}",
	  "{\"reach\":\"internet\",\"bind\":\"127.0.0.1\",\"name\":\"a.b\"}", &served, NULL,
	  "server.public_url=\"\" edge.mode=\"self-signed\" edge.bind=\"auto\" edge.names=[\"a.b\"] first service" },
	{ "... of an engine elsewhere", "{}", "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}", &remote, NULL,
	  "server.bind=\"10.0.0.5\" server.public_url=\"https://a.b\" first service" },
	{ "... where it cannot be", "{}", "{\"reach\":\"load-balancer\",\"public_url\":\"https://a.b\",\"edge\":true}", &remote, "the engine's own machine", NULL },
	{ "a load balancer's networks without the edge", "{}",
	  "{\"reach\":\"load-balancer\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\",\"edge\":false,\"trusted_proxies\":[\"10.0.0.0/8\"]}", &served,
	  "trusted_proxies without edge", NULL },
	{ "internet", "{}", "{\"reach\":\"internet\",\"name\":\"code.example.org\"}", &bare, NULL,
	  "edge.mode=\"self-signed\" edge.names=[\"code.example.org\"] first" },
	{ "internet with a certificate", "{}", "{\"reach\":\"internet\",\"name\":\"a.b\",\"certificate\":\"/c.pem\",\"key\":\"/k.pem\"}", &bare, NULL,
	  "edge.certificate=\"/c.pem\" edge.key=\"/k.pem\" edge.mode=\"files\" edge.names=[\"a.b\"] first" },
	{ "internet without a name", "{}", "{\"reach\":\"internet\"}", &bare, "the answer name is missing", NULL },
	{ "internet with a certificate alone", "{}", "{\"reach\":\"internet\",\"name\":\"a.b\",\"certificate\":\"/c.pem\"}", &bare, "the answer key is missing", NULL },
	{ "internet with an address of opencode's own", "{}", "{\"reach\":\"internet\",\"name\":\"a.b\",\"bind\":\"10.0.0.5\"}", &bare,
	  "bind 10.0.0.5 does not go with reach internet", NULL },
	{ "internet stays as it is", "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"a.b\",\"c.d\"]}}", "{}", &bare, NULL, "first" },
	{ "internet with another name", "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"a.b\"]}}", "{\"name\":\"c.d\"}", &bare, NULL,
	  "edge.names=[\"c.d\", \"a.b\"] first" },
	{ "away from the internet", "{\"edge\":{\"mode\":\"self-signed\",\"names\":[\"a.b\"]}}", "{\"reach\":\"local\"}", &bare, NULL, "edge.mode=\"off\" first" },
	{ "an edge behind a proxy is a person's own", "{\"edge\":{\"mode\":\"plain\"}}", "{}", &bare, NULL, "first" },
	{ "an address of the network stays", "{\"server\":{\"bind\":\"192.168.7.7\"}}", "{}", &bare, NULL, "first" },
	{ "... one of everybody, too", "{\"server\":{\"bind\":\"0.0.0.0\",\"allow_plain_http\":true}}", "{}", &bare, NULL, "first" },
	{ "... which has to be allowed", "{\"server\":{\"bind\":\"0.0.0.0\"}}", "{}", &bare, "bind 0.0.0.0 is a public address", NULL },
	{ "... gives way to local", "{\"server\":{\"bind\":\"192.168.7.7\"}}", "{\"reach\":\"local\"}", &bare, NULL, "server.bind=\"127.0.0.1\" first" },
	{ "... and to a load balancer's name", "{\"server\":{\"bind\":\"192.168.7.7\"}}", "{\"public_url\":\"https://a.b\"}", &bare, NULL,
	  "server.public_url=\"https://a.b\" first" },
	{ "... but a load balancer that was asked for needs one", "{\"server\":{\"bind\":\"192.168.7.7\"}}", "{\"reach\":\"load-balancer\"}", &bare,
	  "the answer public_url is missing", NULL },
	{ "network", "{}", "{\"reach\":\"network\",\"bind\":\"10.0.0.5\"}", &bare, NULL, "server.bind=\"10.0.0.5\" first" },
	{ "network without an address", "{}", "{\"reach\":\"network\"}", &bare, "the answer bind is missing", NULL },
	{ "network on this machine only", "{}", "{\"reach\":\"network\",\"bind\":\"127.0.0.1\"}", &bare, "bind 127.0.0.1 does not go with reach network", NULL },
	{ "network under a name", "{}", "{\"reach\":\"network\",\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}", &bare,
	  "public_url https://a.b does not go with reach network", NULL },
	{ "no load balancer any more", "{\"server\":{\"bind\":\"10.0.0.5\",\"public_url\":\"https://a.b\"}}", "{\"reach\":\"network\"}", &bare, NULL,
	  "server.public_url=\"\" first" },
	{ "keep what there is not", "{}", "{\"password\":\"keep\"}", &bare, NULL, "first" },
	{ "keep", "{}", "{\"password\":\"keep\"}", &full, NULL, "service" },
	{ "generate another", "{}", "{\"password\":\"generate\"}", &full, NULL, "fresh service" },
	{ "given", "{}", "{\"password\":\"given\"}", &full, NULL, "typed service" },
	{ "not at boot, by the engine", "{}", "{\"start_on_boot\":false}", &bare, NULL, "container.restart=\"on-failure\" first" },
	{ "not at boot, by the service", "{\"container\":{\"restart\":\"no\"}}", "{\"start_on_boot\":false}", &full, NULL, "unservice" },
	{ "not at boot stays", "{\"container\":{\"restart\":\"on-failure\"}}", "{}", &bare, NULL, "first" },
	{ "at boot again", "{\"container\":{\"restart\":\"on-failure\"}}", "{\"start_on_boot\":true}", &bare, NULL, "container.restart=\"unless-stopped\" first" },
	{ "pull without an image", "{}", "{\"image\":\"pull\"}", &bare, "the answer image_ref is missing", NULL },
	{ "pull", "{}", "{\"image\":\"pull\",\"image_ref\":\"a/b:1\"}", &bare, NULL, "image.source=\"pull\" image.ref=\"a/b:1\" first" },
	{ "a workspace", "{\"container\":{\"mounts\":[\"/x:/opt/x\"]}}", "{\"workspace\":\"/srv/code/\"}", &bare, NULL,
	  "container.mounts=[\"/x:/opt/x\", \"/srv/code:/home/opencode/workspace/code\"] first" },
	{ "another workspace", "{\"container\":{\"mounts\":[\"/srv/code:/home/opencode/workspace/code:ro\",\"/x:/opt/x\"]}}", "{\"workspace\":\"/srv/new\"}", &bare,
	  NULL, "container.mounts=[\"/x:/opt/x\", \"/srv/new:/home/opencode/workspace/new\"] first" },
	{ "the workspace that is", "{\"container\":{\"mounts\":[\"/srv/code:/home/opencode/workspace/code:ro\"]}}", "{}", &bare, NULL, "first" },
	{ "no workspace any more", "{\"container\":{\"mounts\":[\"/srv/code:/home/opencode/workspace/code\"]}}", "{\"workspace\":\"\"}", &bare, NULL,
	  "container.mounts=[] first" },
	{ "git", "{}", "{\"git_name\":\"Bob\",\"git_email\":\"ann@example.org\"}", &full, NULL, "git:Bob service" },
	{ "git as it is", "{}", "{\"git_name\":\"\",\"git_email\":\"\"}", &full, NULL, "service" },
	{ "a key that is there", "{}", "{\"ssh_key\":true}", &full, NULL, "showkey service" },
	{ "a new key", "{}", "{\"ssh_key\":true}", &bare, NULL, "first makekey" },
};

static void
put_changes(const struct setup_changes *c, struct buf *out)
{
	static const char *const passwords[] = { [PASSWORD_STAYS] = "", [PASSWORD_FIRST] = "first ", [PASSWORD_FRESH] = "fresh ", [PASSWORD_TYPED] = "typed " };

	for (size_t i = 0; i < c->n; i++)
		buf_printf(out, "%s=%s ", c->pairs[i].key, c->pairs[i].json);
	buf_puts(out, passwords[c->password]);
	if (c->git_name)
		buf_printf(out, "git:%s ", c->git_name);
	if (c->git_email)
		buf_printf(out, "mail:%s ", c->git_email);
	buf_puts(out, c->makes_ssh_key ? "makekey " : c->shows_ssh_key ? "showkey " : "");
	buf_puts(out, c->serves_tailscale ? "tailscale " : "");
	buf_puts(out, c->leaves_tailscale ? "left " : "");
	buf_puts(out, c->installs_service ? "service " : "");
	buf_puts(out, c->removes_service ? "unservice " : "");
	if (out->n)
		buf_trunc(out, out->n - 1);
}

/* Written, read and written again it is the same, and it asks for the same changes. */
static void
check_round_trip(struct arena *a, const struct setup_answers *settled, const struct config *c, const struct setup_facts *f, const char *want)
{
	AUTO(buf) struct buf one = BUF_INIT(ANSWERS_BYTES_MAX), two = BUF_INIT(ANSWERS_BYTES_MAX), text = BUF_INIT(ANSWERS_BYTES_MAX);
	struct setup_answers again;
	struct setup_changes changes;
	struct err e = ERR_INIT;

	answers_put(settled, &one);
	answers_init(a, c, f, &again);
	T_CALL(answers_parse(a, buf_str(&one), "saved", &again, &e));
	T_CALL(answers_settle(a, &again, f, &e));
	answers_put(&again, &two);
	T_STR(two.p, one.p);
	T_CALL(changes_make(a, &again, c, f, &changes, &e));
	put_changes(&changes, &text);
	T_STR(text.p, want);
}

int
main(void)
{
	test_files();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		AUTO(buf) struct buf text = BUF_INIT(ANSWERS_BYTES_MAX);
		struct setup_answers ans;
		struct setup_changes changes;
		struct config c;
		struct err e = ERR_INIT;

		t_row("%s", rows[i].name);
		T_CALL(config_parse(&a, str_of(rows[i].config), "c", NULL, &c, &e));
		answers_init(&a, &c, rows[i].facts, &ans);
		T_CALL(answers_parse(&a, str_of(rows[i].answers), "f", &ans, &e));
		if (rows[i].error) {
			T_OK(answers_settle(&a, &ans, rows[i].facts, &e) < 0);
			T_HAS(e.msg, rows[i].error);
			continue;
		}
		T_CALL(answers_settle(&a, &ans, rows[i].facts, &e));
		T_CALL(changes_make(&a, &ans, &c, rows[i].facts, &changes, &e));
		put_changes(&changes, &text);
		T_STR(text.p, rows[i].changes);
		check_round_trip(&a, &ans, &c, rows[i].facts, rows[i].changes);
	}
	return t_done();
}

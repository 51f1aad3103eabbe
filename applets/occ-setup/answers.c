/* answers.c - the table of answers, their defaults, and what goes together */
#include "applets/occ-setup/answers.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/schema_check.h"
#include "lib/deploy/service.h"
#include "lib/json/jsonw.h"
#include "lib/net/addr.h"

#define TEXT_BYTES_MAX 256
#define TAILNET_SUFFIX ".ts.net"

static const char *const reaches[] = { REACH_LOCAL, REACH_TAILSCALE, REACH_PROXY, REACH_INTERNET, REACH_NETWORK, NULL };
static const char *const passwords[] = { PASSWORD_KEEP, PASSWORD_GENERATE, PASSWORD_GIVEN, NULL };

#define OF_KEY(name, key, text) { name, ANSWER_OF_KEY, key, NULL, NULL, text }
#define CHOICE(name, allowed, dflt, text) { name, ANSWER_CHOICE, NULL, allowed, dflt, text }
#define BOOL(name, dflt, text) { name, ANSWER_BOOL, NULL, NULL, dflt, text }
#define TEXT(name, text) { name, ANSWER_TEXT, NULL, NULL, "", text }

const struct answer_row answer_rows[ANSWER__N] = {
	[ANSWER_REACH] = CHOICE("reach", reaches, REACH_LOCAL, "local (this machine and ssh), tailscale, load-balancer, internet (TLS and a login page), or network (bind, not encrypted)"),
	[ANSWER_USERNAME] = OF_KEY("username", "auth.username", "user name for the login"),
	[ANSWER_NAME] = TEXT("name", "name in the browser, as code.example.org; with internet only"),
	[ANSWER_CERTIFICATE] = OF_KEY("certificate", "edge.certificate", "file of a certificate for that name; none: a local authority makes one"),
	[ANSWER_KEY] = OF_KEY("key", "edge.key", "file of its key"),
	[ANSWER_EDGE] = BOOL("edge", "false", "with load-balancer: the login page, health checks and unseen restarts of this program in front (the edge)"),
	[ANSWER_BIND] = OF_KEY("bind", "server.bind", "address to listen on, private with edge true; with load-balancer and network only"),
	[ANSWER_PROXIES] = OF_KEY("trusted_proxies", "edge.trusted_proxies", "networks of the load balancer, ADDRESS/BITS: what it says of clients is believed; with edge only"),
	[ANSWER_PUBLIC_URL] = OF_KEY("public_url", "server.public_url", "address in the browser, https://HOST"),
	[ANSWER_PLAIN_HTTP] = OF_KEY("allow_plain_http", "server.allow_plain_http", "listen on a public address although it is not encrypted"),
	[ANSWER_PASSWORD] = CHOICE("password", passwords, PASSWORD_KEEP,
		"keep (without one: generate), generate, or given (--password-file or --password-stdin)"),
	[ANSWER_BOOT] = BOOL("start_on_boot", "true", "start it when the machine boots"),
	[ANSWER_PORT] = OF_KEY("port", "server.port", "port to listen on"),
	[ANSWER_IMAGE_SOURCE] = OF_KEY("image", "image.source", "auto, build or pull (image_ref)"),
	[ANSWER_IMAGE_REF] = OF_KEY("image_ref", "image.ref", "image to pull"),
	[ANSWER_IMAGE_BASE] = OF_KEY("image_base", "image.base", "image to build on"),
	[ANSWER_OPENCODE] = OF_KEY("opencode", "image.opencode", "version of opencode to build"),
	[ANSWER_WORKSPACE] = TEXT("workspace", "directory of the host to mount in the workspace"),
	[ANSWER_MEMORY] = OF_KEY("memory", "container.memory", "memory limit, as 4g; auto: 75 % of the engine's"),
	[ANSWER_CPUS] = OF_KEY("cpus", "container.cpus", "CPUs it may use, as 1.5; all: no limit"),
	[ANSWER_PIDS] = OF_KEY("pids", "container.pids", "processes and threads it may have"),
	[ANSWER_RESTART] = OF_KEY("restart", "container.restart", "the engine's restart policy"),
	[ANSWER_GIT_NAME] = TEXT("git_name", "name in the agent's commits"),
	[ANSWER_GIT_EMAIL] = TEXT("git_email", "mail address in the agent's commits"),
	[ANSWER_SSH_KEY] = BOOL("ssh_key", "false", "make an ssh key for the agent, unless it has one"),
};

/* ---- one answer ---- */

bool
answer_is(const struct setup_answers *a, enum answer_id id, const char *text)
{
	return strcmp(a->text[id], text) == 0;
}

bool
answers_are_fronted(const struct setup_answers *ans)
{
	return answer_is(ans, ANSWER_REACH, REACH_PROXY) && answer_is(ans, ANSWER_EDGE, "true");
}

const char *
answers_text_of(struct arena *a, const struct config *c, const struct schema_key *k)
{
	AUTO(buf) struct buf plain = BUF_INIT(CONFIG_BYTES_MAX), text = BUF_INIT(CONFIG_BYTES_MAX);

	config_put_plain(c, k, &plain);
	for (struct str line, rest = buf_str(&plain); rest.n > 0;) {
		line = str_cut(&rest, '\n');
		buf_printf(&text, "%s" STR_FMT, text.n ? ", " : "", STR_ARG(line));
	}
	return arena_str(a, buf_str(&text));
}

static int
check_key(struct arena *a, const struct schema_key *k, const char *typed, const char **ret, struct err *e)
{
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);
	struct config scratch = { .line = { 0 } };
	const struct json *value, *at;

	if (config_text_to_json(k, str_of(typed), true, &json, e) < 0 || buf_check(&json, "the answer", e) < 0)
		return -1;
	value = json_parse(a, buf_str(&json), e);
	if (!value || config_apply(a, k, value, &scratch, &at, e) < 0)
		return -1;
	*ret = answers_text_of(a, &scratch, k);
	return 0;
}

const struct schema_key *
answer_key(enum answer_id id, struct str value)
{
	return schema_find(id == ANSWER_BIND && str_is(value, EDGE_BIND_PRIVATE) ? "edge.bind" : answer_rows[id].key);
}

static int
check_choice(const struct answer_row *row, const char *typed, const char **ret, struct err *e)
{
	AUTO(buf) struct buf all = BUF_INIT(TEXT_BYTES_MAX);

	for (size_t i = 0; row->allowed[i]; i++) {
		buf_printf(&all, "%s%s", i ? ", " : "", row->allowed[i]);
		if (strcmp(typed, row->allowed[i]) == 0) {
			*ret = row->allowed[i];
			return 0;
		}
	}
	return err_set(e, ERR_CONFIG, "'%.80s' is not one of %s", typed, all.p);
}

static int
check_bool(const char *typed, const char **ret, struct err *e)
{
	struct str s = str_of(typed);
	bool is_yes = str_ieq(s, STR_LIT("true")) || str_ieq(s, STR_LIT("yes")) || str_ieq(s, STR_LIT("y"));

	if (!is_yes && !str_ieq(s, STR_LIT("false")) && !str_ieq(s, STR_LIT("no")) && !str_ieq(s, STR_LIT("n")))
		return err_set(e, ERR_CONFIG, "'%.80s' is neither yes nor no", typed);
	*ret = is_yes ? "true" : "false";
	return 0;
}

/* "~/src" -> "/home/me/src", in the form the configuration takes: what will be mounted is written out in the summary. */
static int
check_workspace(struct arena *a, const char *typed, const char **ret, struct err *e)
{
	struct config_mount m;
	const char *path = path_absolute(a, typed, e);

	if (!path)
		return -1;
	if (config_mount_parse(str_of(arena_printf(a, "%s:" SERVICE_WORKSPACE "/x", path)), &m, e) < 0)
		return -1;
	*ret = arena_str(a, m.host);
	return 0;
}

/* As the one element of edge.names that it will be. */
static int
check_name(struct arena *a, struct str name, struct err *e)
{
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);
	const char *ignored;

	buf_putc(&json, '[');
	jsonw_quote(&json, name);
	buf_putc(&json, ']');
	return buf_check(&json, "the name", e) < 0 ? -1 : check_key(a, schema_find("edge.names"), json.p, &ignored, e);
}

static int
check_text_answer(struct arena *a, enum answer_id id, const char *typed, const char **ret, struct err *e)
{
	struct str s = str_trim(str_of(typed));

	if (s.n > TEXT_BYTES_MAX)
		return err_set(e, ERR_CONFIG, "is longer than %d bytes", TEXT_BYTES_MAX);
	if (str_utf8_valid(s) != s.n)
		return err_set(e, ERR_CONFIG, "is not UTF-8");
	if (check_text(s, e) < 0)
		return -1;
	if (id == ANSWER_GIT_EMAIL && s.n > 0 && str_find_char(s, '@') == STR_NONE)
		return err_set(e, ERR_CONFIG, "'%.80s' is no mail address", typed);
	if (id == ANSWER_NAME && s.n > 0 && check_name(a, s, e) < 0)
		return -1;
	*ret = arena_str(a, s);
	return id == ANSWER_WORKSPACE && s.n > 0 ? check_workspace(a, *ret, ret, e) : 0;
}

int
answer_set(struct arena *a, struct setup_answers *ans, enum answer_id id, const char *typed, struct err *e)
{
	const struct answer_row *row = &answer_rows[id];
	int rc = -1;

	switch (row->kind) {
	case ANSWER_OF_KEY:
		rc = check_key(a, answer_key(id, str_of(typed)), typed, &ans->text[id], e);
		break;
	case ANSWER_CHOICE:
		rc = check_choice(row, typed, &ans->text[id], e);
		break;
	case ANSWER_BOOL:
		rc = check_bool(typed, &ans->text[id], e);
		break;
	case ANSWER_TEXT:
		rc = check_text_answer(a, id, typed, &ans->text[id], e);
		break;
	}
	ans->is_set[id] = ans->is_set[id] || rc == 0;
	return rc;
}

/* ---- what exists ---- */

const char *
answers_workspace_mount(struct arena *a, const struct config *c, const char **ret_element)
{
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < c->container.mounts.n; i++) {
		struct config_mount m;

		if (config_mount_parse(str_of(c->container.mounts.v[i]), &m, &ignored) < 0)
			continue;
		const char *host = arena_str(a, m.host);
		if (!str_is(m.target, path_join(a, SERVICE_WORKSPACE, path_base(host))))
			continue;
		*ret_element = c->container.mounts.v[i];
		return host;
	}
	return NULL;
}

static const char *
reach_of(const struct config *c)
{
	bool is_local = addr_scope_of(c->server.bind) == ADDR_LOOPBACK;

	if (edge_is_tls(c))
		return REACH_INTERNET;
	if (edge_is_on(c) && c->server.public_url[0])
		return REACH_PROXY;
	if (is_local && str_has_suffix(str_of(c->server.public_url), TAILNET_SUFFIX))
		return REACH_TAILSCALE;
	if (!c->server.public_url[0])
		return is_local ? REACH_LOCAL : REACH_NETWORK;
	return REACH_PROXY;
}

/* It is proposed where it would run as a service, but not to who does without. */
static bool
has_edge(const struct config *c, const struct setup_facts *f)
{
	bool is_without = !edge_is_on(c) && strcmp(reach_of(c), REACH_PROXY) == 0;

	return !f->is_remote && (edge_is_on(c) || (f->has_manager && !is_without));
}

/* Nobody asked for a certain port: another than a taken one is proposed. */
static void
avoid_taken_port(struct arena *a, const struct config *c, const struct setup_facts *f, struct setup_answers *ans)
{
	if (f->free_port && !f->has_container && config_origin_of(c, "server.port") == CONFIG_DEFAULT)
		ans->text[ANSWER_PORT] = arena_printf(a, "%u", f->free_port);
}

void
answers_init(struct arena *a, const struct config *c, const struct setup_facts *f, struct setup_answers *ret)
{
	const char *restart = c->container.restart, *element, *mounted = answers_workspace_mount(a, c, &element);

	*ret = (struct setup_answers){ .is_set = { false } };
	for (size_t i = 0; i < ANSWER__N; i++) {
		const struct answer_row *row = &answer_rows[i];

		ret->text[i] = row->kind == ANSWER_OF_KEY ? answers_text_of(a, c, schema_find(row->key)) : row->dflt;
	}
	ret->text[ANSWER_REACH] = reach_of(c);
	if (!f->is_service_installed && (strcmp(restart, "no") == 0 || strcmp(restart, "on-failure") == 0))
		ret->text[ANSWER_BOOT] = "false";
	ret->text[ANSWER_EDGE] = has_edge(c, f) ? "true" : "false";
	if (answers_are_fronted(ret) && edge_is_on(c))
		ret->text[ANSWER_BIND] = edge_bind_text(c);
	ret->text[ANSWER_NAME] = c->edge.names.n > 0 ? c->edge.names.v[0] : "";
	ret->text[ANSWER_WORKSPACE] = mounted ? mounted : "";
	ret->text[ANSWER_GIT_NAME] = f->git_name ? f->git_name : "";
	ret->text[ANSWER_GIT_EMAIL] = f->git_email ? f->git_email : "";
	avoid_taken_port(a, c, f, ret);
}

/* ---- what goes together ---- */

static int
excludes(const struct setup_answers *ans, enum answer_id id, struct err *e)
{
	return err_set(e, ERR_USAGE, "%s %s does not go with reach %s", answer_rows[id].name, ans->text[id], ans->text[ANSWER_REACH]);
}

static int
missing(enum answer_id id, const char *why, struct err *e)
{
	err_set(e, ERR_USAGE, "the answer %s is missing: %s", answer_rows[id].name, why);
	return err_note(e, "wanted", "%s: %s", answer_rows[id].name, answer_rows[id].text);
}

/* A service on loopback: whatever an earlier setup opened is closed again. */
static int
settle_loopback(struct setup_answers *ans, struct err *e)
{
	bool is_loopback = addr_scope_of(ans->text[ANSWER_BIND]) == ADDR_LOOPBACK;

	if (ans->is_set[ANSWER_BIND] && !is_loopback)
		return excludes(ans, ANSWER_BIND, e);
	if (!is_loopback)
		ans->text[ANSWER_BIND] = "127.0.0.1";
	ans->text[ANSWER_PLAIN_HTTP] = "false";
	return 0;
}

static int
settle_tailscale(struct arena *a, struct setup_answers *ans, const struct setup_facts *f, struct err *e)
{
	if (!f->has_tailscale) {
		err_set(e, ERR_FAIL, "reach tailscale: tailscaled does not run here, or is not logged in");
		return err_note(e, "try", "tailscale up   then again");
	}
	if (settle_loopback(ans, e) < 0)
		return -1;
	if (f->tailscale_name && !ans->is_set[ANSWER_PUBLIC_URL])
		ans->text[ANSWER_PUBLIC_URL] = arena_printf(a, "https://%s", f->tailscale_name);
	return ans->text[ANSWER_PUBLIC_URL][0] ? 0 : missing(ANSWER_PUBLIC_URL, "the name of this machine in the tailnet is not known", e);
}

/* On an address that everybody reaches, only by consent. */
static int
settle_plain(struct setup_answers *ans, struct err *e)
{
	enum addr_scope scope = addr_scope_of(ans->text[ANSWER_BIND]);
	bool is_open = scope == ADDR_ANY || scope == ADDR_PUBLIC;

	if (strcmp(ans->text[ANSWER_BIND], EDGE_BIND_PRIVATE) == 0 && !answers_are_fronted(ans))
		return err_set(e, ERR_USAGE, "bind private without edge true: opencode itself listens on one address");
	if (!is_open) {
		ans->text[ANSWER_PLAIN_HTTP] = "false";
		return 0;
	}
	if (answer_is(ans, ANSWER_PLAIN_HTTP, "true"))
		return 0;
	err_set(e, ERR_USAGE, "bind %s is a public address, and the way to it is not encrypted", ans->text[ANSWER_BIND]);
	err_note(e, "try", "a private address that the load balancer reaches");
	return err_note(e, "or", "allow_plain_http true, when something else encrypts the way");
}

/* The edge is what is reached; opencode stays on loopback. */
static int
settle_internet(struct setup_answers *ans, struct err *e)
{
	if (settle_loopback(ans, e) < 0)
		return -1;
	if (!ans->text[ANSWER_NAME][0])
		return missing(ANSWER_NAME, "it is what the certificate is for", e);
	if (ans->text[ANSWER_CERTIFICATE][0] && !ans->text[ANSWER_KEY][0])
		return missing(ANSWER_KEY, "the certificate has one", e);
	if (!ans->is_set[ANSWER_PUBLIC_URL])
		ans->text[ANSWER_PUBLIC_URL] = "";
	return 0;
}

static int
settle_proxy(struct setup_answers *ans, const struct setup_facts *f, struct err *e)
{
	if (f->is_remote && answers_are_fronted(ans))
		return err_set(e, ERR_USAGE, "edge true: the edge is on the engine's own machine, and this one is another's");
	if (!answers_are_fronted(ans) && ans->is_set[ANSWER_PROXIES] && ans->text[ANSWER_PROXIES][0])
		return err_set(e, ERR_USAGE, "trusted_proxies without edge true: opencode does not look at what a load balancer says");
	if (!ans->text[ANSWER_PUBLIC_URL][0])
		return missing(ANSWER_PUBLIC_URL, "it is how browsers reach the load balancer", e);
	return settle_plain(ans, e);
}

/* The browser's address is the one it listens on. */
static int
settle_network(struct setup_answers *ans, const struct setup_facts *f, struct err *e)
{
	bool has_url = ans->is_set[ANSWER_PUBLIC_URL] && ans->text[ANSWER_PUBLIC_URL][0];

	/* What was only proposed gives way to an address that was given. */
	if (has_url && !ans->is_set[ANSWER_REACH]) {
		ans->text[ANSWER_REACH] = REACH_PROXY;
		return settle_proxy(ans, f, e);
	}
	if (has_url)
		return excludes(ans, ANSWER_PUBLIC_URL, e);
	if (addr_scope_of(ans->text[ANSWER_BIND]) == ADDR_LOOPBACK)
		return ans->is_set[ANSWER_BIND] ? excludes(ans, ANSWER_BIND, e) : missing(ANSWER_BIND, "it is where the network reaches this machine", e);
	ans->text[ANSWER_PUBLIC_URL] = "";
	return settle_plain(ans, e);
}

/* The engine's own policy would start it at boot as well; where nothing else can, it is the one that has to. */
static void
settle_restart(struct setup_answers *ans, const struct setup_facts *f)
{
	const char *policy = ans->text[ANSWER_RESTART];
	bool at_boot = strcmp(policy, "always") == 0 || strcmp(policy, "unless-stopped") == 0;

	if (answer_is(ans, ANSWER_BOOT, "false") && at_boot)
		ans->text[ANSWER_RESTART] = "on-failure";
	else if (answer_is(ans, ANSWER_BOOT, "true") && !at_boot && !f->has_manager)
		ans->text[ANSWER_RESTART] = "unless-stopped";
}

int
answers_settle(struct arena *a, struct setup_answers *ans, const struct setup_facts *f, struct err *e)
{
	int rc = 0;

	if (answer_is(ans, ANSWER_REACH, REACH_TAILSCALE)) {
		rc = settle_tailscale(a, ans, f, e);
	} else if (answer_is(ans, ANSWER_REACH, REACH_PROXY)) {
		rc = settle_proxy(ans, f, e);
	} else if (answer_is(ans, ANSWER_REACH, REACH_INTERNET)) {
		rc = settle_internet(ans, e);
	} else if (answer_is(ans, ANSWER_REACH, REACH_NETWORK)) {
		rc = settle_network(ans, f, e);
	} else {
		rc = settle_loopback(ans, e);
		ans->text[ANSWER_PUBLIC_URL] = "";
	}
	if (rc < 0)
		return -1;
	if (answer_is(ans, ANSWER_IMAGE_SOURCE, "pull") && !ans->text[ANSWER_IMAGE_REF][0])
		return missing(ANSWER_IMAGE_REF, "it is the image to pull", e);
	settle_restart(ans, f);
	return 0;
}

/*
 * schema.c - every configuration key, once
 *
 * A new key is a row here, a field in struct config, and the code that obeys it. Groups stand together; their order is the order of the
 * default file, `occ config show` and the README.
 */
#include "lib/deploy/schema.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/deploy/config.h"
#include "lib/deploy/schema_check.h"

#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)
#define NANO UINT64_C(1000000000)
#define PIDS_MAX 4194304	/* PID_MAX_LIMIT of a 64-bit Linux kernel */

static const char *const locations[] = { "auto", "local", "remote", NULL };
static const char *const sources[] = { "auto", "build", "pull", NULL };
static const char *const variants[] = { "auto", "standard", "baseline", NULL };
static const char *const when_failed[] = { "hourly", "stay-down", NULL };
static const char *const edge_modes[] = { "off", "plain", "self-signed", "files", NULL };
static const char *const edge_logins[] = { "page", "basic", NULL };
static const char *const schedules[] = { "off", "hourly", "daily", "weekly", NULL };
static const char *const checks[] = { "daily", "always", "never", NULL };
static const char *const edge_logs[] = { "off", "text", "json", NULL };
static const char *const restarts[] = { "unless-stopped", "always", "on-failure", "no", NULL };

#define AT(field) offsetof(struct config, field)
#define KEY_BOOL(name, field, dflt, cost, text) { name, SCHEMA_BOOL, AT(field), dflt, 0, 0, NULL, cost, text, NULL }
#define KEY_STRING(name, field, dflt, cost, check, text) { name, SCHEMA_STRING, AT(field), dflt, 0, 0, NULL, cost, text, check }
#define KEY_ENUM(name, field, dflt, cost, allowed, text) { name, SCHEMA_ENUM, AT(field), dflt, 0, 0, allowed, cost, text, NULL }
#define KEY_UINT(name, field, dflt, cost, min, max, text) { name, SCHEMA_UINT, AT(field), dflt, min, max, NULL, cost, text, NULL }
#define KEY_BYTES(name, field, dflt, cost, min, max, text) { name, SCHEMA_BYTES, AT(field), dflt, min, max, NULL, cost, text, NULL }
#define KEY_CPUS(name, field, dflt, cost, min, max, text) { name, SCHEMA_CPUS, AT(field), dflt, min, max, NULL, cost, text, NULL }
#define KEY_LIST(name, field, cost, check, text) { name, SCHEMA_LIST, AT(field), "[]", 0, 0, NULL, cost, text, check }

const struct schema_key schema_keys[] = {
	KEY_STRING("engine.url", engine.url, "\"\"", SCHEMA_NOTHING, check_engine_url,
		   "Docker engine, unix:///PATH or ssh://USER@HOST; empty: found as docker finds it"),
	KEY_ENUM("engine.location", engine.location, "\"auto\"", SCHEMA_NOTHING, locations,
		 "whether published ports are reached from here; auto: remote for ssh://"),

	KEY_STRING("server.bind", server.bind, "\"127.0.0.1\"", SCHEMA_RECREATE, check_bind,
		   "IP address to publish opencode on; 127.0.0.1: this machine only"),
	KEY_UINT("server.port", server.port, "3000", SCHEMA_RECREATE, 1, 65535, "port to publish opencode on"),
	KEY_STRING("server.public_url", server.public_url, "\"\"", SCHEMA_NOTHING, check_public_url,
		   "how browsers reach it when something stands in front, https://HOST"),
	KEY_LIST("server.cors", server.cors, SCHEMA_RECREATE, check_origin, "further origins whose pages may call opencode, https://HOST"),
	KEY_BOOL("server.allow_plain_http", server.allow_plain_http, "false", SCHEMA_NOTHING,
		 "allow a public address without TLS: password and code can be read on the way"),

	KEY_STRING("auth.username", auth.username, "\"opencode\"", SCHEMA_RECREATE, check_username, "user name for the login"),

	KEY_ENUM("image.source", image.source, "\"auto\"", SCHEMA_REBUILD, sources, "auto: the image of this release, else built here; pull: image.ref"),
	KEY_STRING("image.ref", image.ref, "\"\"", SCHEMA_REBUILD, check_image_ref, "image to pull; needed with image.source pull"),
	KEY_STRING("image.base", image.base, "\"ubuntu:24.04\"", SCHEMA_REBUILD, check_image_base,
		   "image to build on; Ubuntu 24.04 and Debian 12 are known to work"),
	KEY_STRING("image.opencode", image.opencode, "\"1.18.33\"", SCHEMA_REBUILD, check_opencode, "exact version of opencode"),
	KEY_ENUM("image.variant", image.variant, "\"auto\"", SCHEMA_REBUILD, variants,
		 "build of opencode; auto: baseline where the CPU lacks AVX2"),
	KEY_LIST("image.packages", image.packages, SCHEMA_REBUILD, check_package, "further Debian packages for the image"),
	KEY_STRING("image.ca_bundle", image.ca_bundle, "\"auto\"", SCHEMA_REBUILD, check_ca_bundle,
		   "certificates to trust in the image: auto (this machine's), none, or a file"),

	KEY_BYTES("container.memory", container.memory, "\"auto\"", SCHEMA_RECREATE, 256 * MIB, 64 * TIB,
		  "memory limit, as 4g; auto: 75 % of the engine's memory"),
	KEY_CPUS("container.cpus", container.cpus, "\"all\"", SCHEMA_RECREATE, NANO / 100, 4096 * NANO, "CPUs it may use, as 1.5; all: no limit"),
	KEY_UINT("container.pids", container.pids, "4096", SCHEMA_RECREATE, 64, PIDS_MAX, "processes and threads it may have"),
	KEY_LIST("container.env", container.env, SCHEMA_RECREATE, check_env,
		 "environment, NAME=VALUE; for keys and tokens: occ secret set NAME"),
	KEY_LIST("container.mounts", container.mounts, SCHEMA_RECREATE, check_mount,
		 "directories of the engine's host, /HOST/DIR:/CONTAINER/DIR[:ro]"),
	KEY_LIST("container.ports", container.ports, SCHEMA_RECREATE, check_port,
		 "further ports to publish, [ADDRESS:]HOST:CONTAINER; without ADDRESS on server.bind"),
	KEY_LIST("container.extra_hosts", container.extra_hosts, SCHEMA_RECREATE, check_extra_host,
		 "further host names, NAME:ADDRESS or NAME:host-gateway"),
	KEY_BOOL("container.sudo", container.sudo, "false", SCHEMA_RECREATE,
		 "allow sudo inside: gives up a part of the isolation; image.packages is the better way"),
	KEY_ENUM("container.restart", container.restart, "\"unless-stopped\"", SCHEMA_NOTHING, restarts, "the engine's restart policy"),

	KEY_UINT("watchdog.first_delay_seconds", watchdog.first_delay_s, "1", SCHEMA_NOTHING, 0, 300, "pause before the first restart; doubles with each failure"),
	KEY_UINT("watchdog.max_delay_seconds", watchdog.max_delay_s, "300", SCHEMA_NOTHING, 1, 86400, "longest pause between restarts"),
	KEY_UINT("watchdog.reset_seconds", watchdog.reset_s, "600", SCHEMA_NOTHING, 10, 86400, "healthy for so long, the pauses begin anew"),
	KEY_UINT("watchdog.budget", watchdog.budget, "5", SCHEMA_NOTHING, 1, 32, "failures within watchdog.budget_seconds after which it gives up"),
	KEY_UINT("watchdog.budget_seconds", watchdog.budget_s, "600", SCHEMA_NOTHING, 10, 86400, "time in which failures are counted"),
	KEY_ENUM("watchdog.when_failed", watchdog.when_failed, "\"hourly\"", SCHEMA_NOTHING, when_failed,
		 "after giving up: one try an hour, or stay down"),
	KEY_UINT("watchdog.hang_seconds", watchdog.hang_s, "60", SCHEMA_NOTHING, 5, 3600,
		 "no answer and no heartbeat for so long is a hang"),
	KEY_UINT("watchdog.start_seconds", watchdog.start_s, "120", SCHEMA_NOTHING, 10, 3600, "time from a start to the first answer"),
	KEY_UINT("watchdog.memory_percent", watchdog.memory_percent, "90", SCHEMA_NOTHING, 0, 100,
		 "of container.memory: above it a restart is planned for when no session is busy; 0: never"),
	KEY_UINT("watchdog.wait_idle_seconds", watchdog.wait_idle_s, "14400", SCHEMA_NOTHING, 0, 604800,
		 "how long a planned restart waits for busy sessions"),

	{ "edge.mode", SCHEMA_ENUM, AT(edge.mode), "\"off\"", 0, 0, edge_modes, SCHEMA_SWITCH,
	  "TLS and login in front of opencode; plain: behind a balancer, files: your own certificate", NULL },
	KEY_STRING("edge.bind", edge.bind, "\"auto\"", SCHEMA_NOTHING, check_edge_bind,
		   "address it listens on; auto: all, in mode plain 127.0.0.1; private: all but public ones"),
	KEY_UINT("edge.port", edge.port, "\"auto\"", SCHEMA_NOTHING, 1, 65535,
		 "port the edge listens on; auto: 443 with --system, else 8443, in mode plain 8080"),
	KEY_UINT("edge.redirect_port", edge.redirect_port, "\"auto\"", SCHEMA_NOTHING, 0, 65535,
		 "port of plain HTTP that leads to https; auto: 80 with --system, else none; 0: none"),
	KEY_LIST("edge.names", edge.names, SCHEMA_NOTHING, check_edge_name, "DNS names and IP addresses people reach it by; the first is the one shown"),
	KEY_STRING("edge.certificate", edge.certificate, "\"\"", SCHEMA_NOTHING, check_file_path, "certificate chain for mode files, leaf first, PEM"),
	KEY_STRING("edge.key", edge.key, "\"\"", SCHEMA_NOTHING, check_file_path, "private key of edge.certificate, PEM"),
	KEY_ENUM("edge.login", edge.login, "\"page\"", SCHEMA_NOTHING, edge_logins, "how browsers are asked for the password: a page, or HTTP Basic"),
	KEY_LIST("edge.trusted_proxies", edge.trusted_proxies, SCHEMA_NOTHING, check_network,
		 "networks of load balancers whose X-Forwarded fields are believed, ADDRESS/BITS"),
	{ "edge.metrics_from", SCHEMA_LIST, AT(edge.metrics_from), "[\"127.0.0.0/8\", \"::1/128\"]", 0, 0, NULL, SCHEMA_NOTHING,
	  "networks that may read /metrics, ADDRESS/BITS", check_network },
	KEY_UINT("edge.hold_seconds", edge.hold_s, "60", SCHEMA_NOTHING, 0, 600, "how long requests wait for opencode while it restarts"),
	KEY_ENUM("edge.access_log", edge.access_log, "\"off\"", SCHEMA_NOTHING, edge_logs, "a line for each request, without secrets"),

	{ "notify.events", SCHEMA_LIST, AT(notify.events), "[\"failed\", \"recovered\", \"restarted\", \"update\", \"question\", \"permission\"]", 0, 0,
	  NULL, SCHEMA_NOTHING, "kinds of events to tell of; session-finished is the one that is not among them", check_notice },
	KEY_BOOL("notify.allow_http", notify.allow_http, "false", SCHEMA_NOTHING,
		 "allow addresses of notifications without TLS, as in the own network"),

	KEY_BYTES("log.max_size", log.max_size, "\"20m\"", SCHEMA_RECREATE, 65536, TIB, "size at which the container's log is turned over"),
	KEY_UINT("log.max_files", log.max_files, "3", SCHEMA_RECREATE, 1, 1000, "logs kept, the current one included"),

	KEY_ENUM("backup.schedule", backup.schedule, "\"off\"", SCHEMA_NOTHING, schedules, "how often the watchdog makes a backup"),
	KEY_UINT("backup.keep", backup.keep, "7", SCHEMA_NOTHING, 1, 100000, "how many backups stay after one by the schedule"),
	KEY_BOOL("backup.workspace", backup.workspace, "false", SCHEMA_NOTHING, "the workspace volume is in them, too"),
	KEY_UINT("backup.verify_days", backup.verify_days, "7", SCHEMA_NOTHING, 0, 3650, "after so many days one is proved by restoring it beside the service; 0: never"),
	KEY_STRING("backup.after", backup.after, "\"\"", SCHEMA_NOTHING, check_text,
		   "command of the shell that copies it away, the file in $OCC_BACKUP"),
	KEY_LIST("backup.recipients", backup.recipients, SCHEMA_NOTHING, check_recipient, "age keys (age1...) that backups are encrypted for; none: they are not"),
	KEY_STRING("backup.identity", backup.identity, "\"\"", SCHEMA_NOTHING, check_file_path, "file with the secret age key, for proving and restoring them"),

	KEY_ENUM("update.check", update.check, "\"daily\"", SCHEMA_NOTHING, checks,
		 "how often the watchdog asks for opencode's newest version; always: each hour"),
	KEY_STRING("update.feed", update.feed, "\"\"", SCHEMA_NOTHING, check_feed,
		   "URL of a JSON that tells the newest version; empty: npm in the container"),
	KEY_STRING("update.releases", update.releases, "\"\"", SCHEMA_NOTHING, check_feed,
		   "URL of this program's releases, for update --self; empty: where it is from"),
	KEY_UINT("update.keep", update.keep, "3", SCHEMA_NOTHING, 1, 20, "how many updates can be taken back: images and copies of opencode's data kept"),
	KEY_BYTES("update.keep_size", update.keep_size, "\"10g\"", SCHEMA_NOTHING, 64 * MIB, TIB, "copies kept together; the newest always is"),
	KEY_UINT("update.watch_seconds", update.watch_s, "30", SCHEMA_NOTHING, 0, 3600, "how long a new version has to stay well before the old one is removed"),
	{ NULL, SCHEMA_BOOL, 0, NULL, 0, 0, NULL, SCHEMA_NOTHING, NULL, NULL },
};

_Static_assert(ARRAY_LEN(schema_keys) - 1 <= CONFIG_KEYS_MAX, "struct config has room for every key");

const struct schema_key *
schema_find(const char *name)
{
	for (const struct schema_key *k = schema_keys; k->name; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

/* "server.port" -> "port" */
static struct str
last_word(const char *name)
{
	struct str s = str_of(name);
	size_t dot = str_rfind_char(s, '.');

	return dot == STR_NONE ? s : str_skip(s, dot + 1);
}

/* A typing mistake in the whole name; else the right last word with a wrong group or none. */
const char *
schema_nearest(const char *name)
{
	struct str given = str_of(name);
	unsigned best = given.n >= 9 ? 4 : 3;		/* at most a third of the word is wrong */
	const char *nearest = NULL;

	for (const struct schema_key *k = schema_keys; k->name; k++) {
		unsigned d = str_distance(given, str_of(k->name), best);

		if (d < best) {
			best = d;
			nearest = k->name;
		}
	}
	if (nearest)
		return nearest;
	best = 2;
	for (const struct schema_key *k = schema_keys; k->name; k++) {
		unsigned d = str_distance(last_word(name), last_word(k->name), best);

		if (d < best) {
			best = d;
			nearest = k->name;
		}
	}
	return nearest;
}

/* Filled once, always with the same pointers: the one static list that completion wants. */
const char *const *
schema_key_names(void)
{
	static const char *names[ARRAY_LEN(schema_keys)];

	for (size_t i = 0; schema_keys[i].name; i++)
		names[i] = schema_keys[i].name;
	return names;
}

const char *
schema_cost_name(enum schema_cost c)
{
	switch (c) {
	case SCHEMA_NOTHING:
		return "nothing";
	case SCHEMA_RECREATE:
		return "recreate";
	case SCHEMA_REBUILD:
		return "rebuild";
	case SCHEMA_SWITCH:
		return "recreate, when switched on or off";
	}
	BUG("cost");
}

bool
schema_is_off(const struct schema_key *k, const char *json)
{
	return str_is(str_trim_char(str_of(json), '"'), k->allowed[0]);
}

enum schema_cost
schema_cost_of(const struct schema_key *k, const char *before, const char *after)
{
	if (k->cost != SCHEMA_SWITCH)
		return k->cost;
	return before && schema_is_off(k, before) == schema_is_off(k, after) ? SCHEMA_NOTHING : SCHEMA_RECREATE;
}

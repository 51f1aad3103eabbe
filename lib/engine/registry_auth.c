/*
 * Sources: the docker command's config.json (auths, credsStore, credHelpers) and the docker-credential-helpers protocol: the program
 * docker-credential-NAME with the word "get", the server's name on its standard input, JSON on its standard output.
 */
#include "lib/engine/registry_auth.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/engine/context.h"
#include "lib/json/jsonw.h"
#include "lib/proc/spawn.h"

#define HUB_SERVER "https://index.docker.io/v1/"	/* Docker Hub's name in config.json, for historical reasons */
#define ANSWER_MAX 65536

struct credential {
	struct str user, secret;
	bool is_token;			/* secret is an identity token */
};

static bool
is_hub(struct str domain)
{
	return str_is(domain, "docker.io") || str_is(domain, "index.docker.io");
}

/* "https://host:5000/v2/" is "host:5000". */
static bool
is_same_server(struct str key, struct str domain)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		if (str_has_prefix(key, schemes[i]))
			key = str_skip(key, strlen(schemes[i]));
	}
	key = str_cut(&key, '/');
	return str_ieq(key, domain) || (is_hub(key) && is_hub(domain));
}

static const struct json *
find_server(const struct json *object, struct str domain)
{
	for (JSON_EACH(m, object)) {
		if (m->key && is_same_server(m->key->text, domain))
			return m;
	}
	return NULL;
}

static void
put_json(const struct credential *c, struct str server, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, 0);

	jsonw_object(&w, NULL);
	if (c->is_token) {
		jsonw_text(&w, "identitytoken", c->secret);
	} else {
		jsonw_text(&w, "username", c->user);
		jsonw_text(&w, "password", c->secret);
	}
	jsonw_text(&w, "serveraddress", server);
	jsonw_end(&w);
}

static bool
is_program_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!is_alnum && c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.n > 0;
}

/* 1 with the JSON in out, 0 when the helper has nothing or is not there (an image may be public), -1. */
static int
from_helper(const char *name, struct str server, struct buf *out, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf answer = BUF_SECRET_INIT(ANSWER_MAX);
	int status = 0;

	if (!is_program_word(str_of(name))) {
		log_line("credential helper \"%s\" is not a program's name, going on without credentials", name);
		return 0;
	}
	const char *const argv[] = { arena_printf(&a, "docker-credential-%s", name), "get", NULL };
	if (spawn_run(argv, server, &answer, clock_due_ms(REGISTRY_HELPER_MS), &status, e) < 0) {
		if (e->code == ERR_INTERRUPTED)
			return -1;
		log_line("credential helper %s: %s, going on without credentials", argv[0], e->msg);
		err_clear(e);
		return 0;
	}
	const struct json *j = status == 0 ? json_parse(&a, buf_str(&answer), e) : NULL;
	const struct json *user = json_get(j, "Username"), *secret = json_get(j, "Secret");
	if (!json_is(user, JSON_STRING) || !json_is(secret, JSON_STRING) || secret->text.n == 0) {
		log_line("credential helper %s has no credentials for " STR_FMT " (exit status %d)", argv[0], STR_ARG(server), status);
		err_clear(e);
		return 0;
	}
	const struct credential c = { .user = user->text, .secret = secret->text, .is_token = str_is(user->text, "<token>") };
	put_json(&c, server, out);
	return 1;
}

/* 1 with the JSON in out, 0 when the entry holds nothing, -1. */
static int
from_entry(const struct json *entry, struct str server, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf plain = BUF_SECRET_INIT(ANSWER_MAX);
	const struct json *token = json_get(entry, "identitytoken"), *auth = json_get(entry, "auth");
	struct credential c = { .is_token = json_is(token, JSON_STRING) && token->text.n > 0 };

	if (c.is_token) {
		c.secret = token->text;
	} else if (json_is(auth, JSON_STRING) && auth->text.n > 0) {
		if (buf_unb64(&plain, auth->text, e) < 0) {
			(void)err_set(e, ERR_CONFIG, "the credentials for " STR_FMT " in docker's config.json are damaged", STR_ARG(server));
			return err_note(e, "try", "docker login");
		}
		c.secret = buf_str(&plain);
		c.user = str_cut(&c.secret, ':');
		c.secret = str_trim_char(c.secret, '\0');
	} else {
		c.user = str_of(json_str(json_get(entry, "username"), ""));
		c.secret = str_of(json_str(json_get(entry, "password"), ""));
	}
	if (c.secret.n == 0)
		return 0;
	put_json(&c, server, out);
	return 1;
}

/* 1 with the credentials as JSON in out, 0 when there are none, -1. */
static int
find(struct arena *a, const struct engine_env *env, struct str domain, struct buf *out, struct err *e)
{
	struct str server = is_hub(domain) ? STR_LIT(HUB_SERVER) : domain;
	const struct json *config;

	if (context_config(a, env, &config, e) < 0)
		return -1;
	const char *helper = json_str(find_server(json_get(config, "credHelpers"), domain), NULL);
	if (!helper)
		helper = json_str(json_get(config, "credsStore"), NULL);
	int got = helper && *helper ? from_helper(helper, server, out, e) : 0;
	if (got != 0)
		return got;
	const struct json *entry = find_server(json_get(config, "auths"), domain);
	return entry ? from_entry(entry, server, out, e) : 0;
}

int
registry_auth_put(struct arena *a, const struct engine_env *env, struct str domain, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf json = BUF_SECRET_INIT(ANSWER_MAX);

	int got = find(a, env, domain, &json, e);
	if (got <= 0)
		return got;
	buf_putb64(out, buf_str(&json), true);
	return buf_check(&json, "registry credentials", e) < 0 ? -1 : buf_check(out, "registry credentials", e);
}

int
registry_config_put(struct arena *a, const struct engine_env *env, struct str domain, struct buf *out, struct err *e)
{
	AUTO(buf) struct buf json = BUF_SECRET_INIT(ANSWER_MAX);

	buf_putc(&json, '{');
	jsonw_quote(&json, is_hub(domain) ? STR_LIT(HUB_SERVER) : domain);
	buf_putc(&json, ':');
	int got = find(a, env, domain, &json, e);
	if (got <= 0)
		return got;
	buf_putc(&json, '}');
	buf_putb64(out, buf_str(&json), true);
	return buf_check(&json, "registry credentials", e) < 0 ? -1 : buf_check(out, "registry credentials", e);
}

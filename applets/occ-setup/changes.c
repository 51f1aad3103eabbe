/* changes.c - what the answers make different */
#include "applets/occ-setup/changes.h"

#include <string.h>

#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "lib/deploy/edge.h"
#include "lib/deploy/service.h"
#include "lib/json/jsonw.h"
#include "lib/net/addr.h"

#define MOUNTS "container.mounts"

static void
add(struct arena *a, const struct config *now, const char *key, const char *json, struct setup_changes *ret)
{
	const char *before = config_value_json(a, now, schema_find(key));

	if (strcmp(before, json) == 0)
		return;
	ret->pairs[ret->n] = (struct config_pair){ .key = key, .json = json };
	ret->before[ret->n] = before;
	ret->was_default[ret->n] = config_origin_of(now, key) == CONFIG_DEFAULT;
	ret->n++;
}

/* In the words of the configuration, so that "4096m" and "4g" are the same. */
static int
json_of(struct arena *a, const struct schema_key *k, const char *text, const char **ret, struct err *e)
{
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);
	struct config scratch = { .line = { 0 } };
	const struct json *value, *at;

	if (config_text_to_json(k, str_of(text), true, &json, e) < 0 || buf_check(&json, k->name, e) < 0)
		return -1;
	value = json_parse(a, buf_str(&json), e);
	if (!value || config_apply(a, k, value, &scratch, &at, e) < 0)
		return -1;
	*ret = config_value_json(a, &scratch, k);
	return 0;
}

/* The mount of an earlier answer makes room for the one of now; all others stay. */
static void
add_workspace(struct arena *a, const struct setup_answers *ans, const struct config *now, struct setup_changes *ret)
{
	AUTO(buf) struct buf json = BUF_INIT(CONFIG_BYTES_MAX);
	const char *host = ans->text[ANSWER_WORKSPACE], *element = NULL, *between = "";
	const char *mounted = answers_workspace_mount(a, now, &element);

	if (strcmp(mounted ? mounted : "", host) == 0)
		return;
	buf_putc(&json, '[');
	for (size_t i = 0; i < now->container.mounts.n; i++) {
		if (now->container.mounts.v[i] == element)
			continue;
		buf_puts(&json, between);
		jsonw_quote(&json, str_of(now->container.mounts.v[i]));
		between = ", ";
	}
	if (host[0]) {
		buf_puts(&json, between);
		jsonw_quote(&json, str_of(arena_printf(a, "%s:%s", host, path_join(a, SERVICE_WORKSPACE, path_base(host)))));
		ret->workspace = host;
	}
	buf_putc(&json, ']');
	add(a, now, MOUNTS, arena_str(a, buf_str(&json)), ret);
}

/* A value of ours, which stays when the one that is there comes to the same. */
static void
add_bind(struct arena *a, const struct config *now, const char *is, const char *wanted, struct setup_changes *ret)
{
	if (strcmp(is, wanted) != 0)
		add(a, now, "edge.bind", arena_printf(a, "\"%s\"", wanted), ret);
}

/* Names that are there already stay. */
static void
add_names(struct arena *a, const struct setup_answers *ans, const struct config *now, struct setup_changes *ret)
{
	AUTO(buf) struct buf names = BUF_INIT(CONFIG_BYTES_MAX);
	const char *name = ans->text[ANSWER_NAME];

	if (strlist_has(&now->edge.names, name))
		return;
	buf_putc(&names, '[');
	jsonw_quote(&names, str_of(name));
	for (size_t i = 0; i < now->edge.names.n; i++) {
		buf_puts(&names, ", ");
		jsonw_quote(&names, str_of(now->edge.names.v[i]));
	}
	buf_putc(&names, ']');
	add(a, now, "edge.names", arena_str(a, buf_str(&names)), ret);
}

/* What an edge is for is its address in the browser: one without is a person's own. */
static void
add_edge(struct arena *a, const struct setup_answers *ans, const struct config *now, struct setup_changes *ret)
{
	bool is_plain = edge_is_on(now) && !edge_is_tls(now);

	if (answer_is(ans, ANSWER_REACH, REACH_INTERNET)) {
		add(a, now, "edge.mode", ans->text[ANSWER_CERTIFICATE][0] ? "\"files\"" : "\"self-signed\"", ret);
		if (is_plain)
			add_bind(a, now, now->edge.bind, "auto", ret);
		add_names(a, ans, now, ret);
	} else if (answers_are_fronted(ans)) {
		add(a, now, "edge.mode", "\"plain\"", ret);
		add_bind(a, now, is_plain || strcmp(now->edge.bind, "auto") != 0 ? edge_bind_text(now) : "127.0.0.1", ans->text[ANSWER_BIND], ret);
	} else if (edge_is_on(now) && (edge_is_tls(now) || now->server.public_url[0])) {
		add(a, now, "edge.mode", "\"off\"", ret);
	}
}

/* With the edge in front, the address is the edge's. */
static const char *
text_of(const struct setup_answers *ans, const struct config *now, enum answer_id id)
{
	if (id != ANSWER_BIND || !answers_are_fronted(ans))
		return ans->text[id];
	return addr_scope_of(now->server.bind) == ADDR_LOOPBACK ? now->server.bind : "127.0.0.1";
}

static enum change_password
password_of(const struct setup_answers *ans, const struct setup_facts *f)
{
	if (answer_is(ans, ANSWER_PASSWORD, PASSWORD_GIVEN))
		return PASSWORD_TYPED;
	if (!f->has_password)
		return PASSWORD_FIRST;
	return answer_is(ans, ANSWER_PASSWORD, PASSWORD_GENERATE) ? PASSWORD_FRESH : PASSWORD_STAYS;
}

/* No answer leaves what a person may have set in the container by hand. */
static const char *
other_than(const char *wanted, const char *is)
{
	return !wanted[0] || (is && strcmp(wanted, is) == 0) ? NULL : wanted;
}

int
changes_make(struct arena *a, const struct setup_answers *ans, const struct config *now, const struct setup_facts *f, struct setup_changes *ret,
    struct err *e)
{
	bool at_boot = answer_is(ans, ANSWER_BOOT, "true"), wants_key = answer_is(ans, ANSWER_SSH_KEY, "true");
	bool by_tailscale = answer_is(ans, ANSWER_REACH, REACH_TAILSCALE);

	*ret = (struct setup_changes){ .n = 0 };
	for (size_t i = 0; i < ANSWER__N; i++) {
		const char *json;

		if (answer_rows[i].kind != ANSWER_OF_KEY)
			continue;
		if (json_of(a, schema_find(answer_rows[i].key), text_of(ans, now, (enum answer_id)i), &json, e) < 0)
			return err_wrap(e, "%s", answer_rows[i].name);
		add(a, now, answer_rows[i].key, json, ret);
	}
	add_edge(a, ans, now, ret);
	add_workspace(a, ans, now, ret);
	ret->password = password_of(ans, f);
	ret->git_name = other_than(ans->text[ANSWER_GIT_NAME], f->git_name);
	ret->git_email = other_than(ans->text[ANSWER_GIT_EMAIL], f->git_email);
	ret->makes_ssh_key = wants_key && !f->has_ssh_key;
	ret->shows_ssh_key = wants_key;
	ret->serves_tailscale = by_tailscale;
	ret->leaves_tailscale = !by_tailscale && str_has_suffix(str_of(now->server.public_url), ".ts.net");
	ret->installs_service = at_boot && f->has_manager;
	ret->removes_service = !at_boot && f->is_service_installed;
	return 0;
}

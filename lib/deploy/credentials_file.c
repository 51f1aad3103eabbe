/*
 * credentials_file.c - credentials.json: read with its rights checked, saved atomically, every copy wiped
 *
 * The file is this program's own: { "format": 1, "password": ..., "secrets": { NAME: VALUE }, "notify": [ { "kind": "ntfy", "name": ..., "url": ... } ],
 * "edge": { "inner_password": ..., "cookie_key": 64 hex digits, "generation": N } }. What it does not know it refuses, because a save would lose it.
 */
#include <stdint.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/credentials.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define FORMAT 1
/* Each byte of a value may become six in JSON (\u001f). */
#define FILE_BYTES_MAX (6u * CREDENTIALS_SECRETS_MAX * (CREDENTIALS_VALUE_MAX + 256u) + 6u * CREDENTIALS_NOTIFY_MAX * (CREDENTIALS_URL_MAX + 256u))

static void
wipe(struct str s)
{
	/* The tree is read-only for everybody else; here its memory ends its life. */
	const union {
		const char *read;
		void *write;
	} memory = { .read = s.p };

	if (s.n > 0)
		mem_wipe(memory.write, s.n);
}

/* Overwrites every text of the tree, which stays unusable in its arena. Decoded strings may lie apart from the raw text. */
static void
wipe_tree(const struct json *j)
{
	if (!j)
		return;
	for (JSON_EACH(m, j))
		wipe_tree(m);
	if (j->type == JSON_STRING)
		wipe(j->text);
	wipe(j->raw);
}

static int
damaged(const char *what, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s", what);
}

static int
take_secrets(const struct json *j, struct credentials *c, struct err *e)
{
	if (!json_is(j, JSON_OBJECT))
		return damaged("secrets is not an object", e);
	for (JSON_EACH(m, j)) {
		if (m->type != JSON_STRING)
			return damaged("a secret is not a string", e);
		if (credentials_set_secret(c, json_str(m->key, ""), m->text, e) < 0) {
			e->code = ERR_CONFIG;
			return -1;
		}
	}
	return 0;
}

static int
take_notify(const struct json *j, struct credentials *c, struct err *e)
{
	if (!json_is(j, JSON_ARRAY))
		return damaged("notify is not an array", e);
	for (JSON_EACH(m, j)) {
		int service = notice_service_of(str_of(json_str(json_get(m, "kind"), "")));
		const struct json *url = json_get(m, "url");

		if (service < 0 || !json_is(url, JSON_STRING) || m->n != 3)
			return damaged("an element of notify is not made of kind, name and url", e);
		if (credentials_add_notify(c, (enum notice_service)service, json_str(json_get(m, "name"), ""), url->text, e) < 0) {
			e->code = ERR_CONFIG;
			return -1;
		}
	}
	return 0;
}

/* A password that a person wrote into the file by hand counts, even a short one: only control characters cannot be. */
static int
take_password(const struct json *j, struct buf *ret, struct err *e)
{
	if (!json_is(j, JSON_STRING))
		return damaged("a password is not a string", e);
	if (j->text.n > ret->ceiling)
		return damaged("a password is too long", e);
	for (size_t i = 0; i < j->text.n; i++)
		if ((unsigned char)j->text.p[i] < 0x20 || j->text.p[i] == 0x7f)
			return damaged("a password holds a control character", e);
	if (j->text.n > 0 && buf_room(ret, j->text.n))
		buf_putstr(ret, j->text);
	return buf_check(ret, "password", e);
}

static bool
take_key(struct str hex, unsigned char ret[MAC_KEY_BYTES])
{
	struct err ignored = ERR_INIT;
	uint64_t byte = 0;

	for (size_t i = 0; i < MAC_KEY_BYTES; i++) {
		struct str two = str_take(str_skip(hex, 2 * i), 2);

		if (two.n != 2 || num_hex(two, 255, &byte, &ignored) < 0)
			return false;
		ret[i] = (unsigned char)byte;
	}
	return hex.n == 2 * MAC_KEY_BYTES;
}

static int
take_edge(const struct json *j, struct credentials *c, struct err *e)
{
	const struct json *key = json_get(j, "cookie_key");
	int64_t generation = json_int(json_get(j, "generation"), -1);

	if (!json_is(j, JSON_OBJECT) || j->n != 3 || generation < 0 || generation > UINT32_MAX)
		return damaged("edge is not made of inner_password, cookie_key and generation", e);
	if (!json_is(key, JSON_STRING) || !take_key(key->text, c->cookie_key))
		return damaged("the edge's cookie_key is not 64 hexadecimal digits", e);
	if (take_password(json_get(j, "inner_password"), &c->inner_password, e) < 0)
		return -1;
	if (c->inner_password.n == 0)
		return damaged("the edge's inner_password is empty", e);
	c->generation = (uint32_t)generation;
	c->has_edge = true;
	return 0;
}

static int
take_tree(const struct json *root, struct credentials *c, struct err *e)
{
	int64_t format = json_int(json_get(root, "format"), 0);

	if (format > FORMAT)
		return err_set(e, ERR_CONFIG, "format %jd is newer than this program knows (%d): use the newer program", (intmax_t)format, FORMAT);
	if (format != FORMAT)
		return damaged("it names no format", e);
	for (JSON_EACH(m, root)) {
		const char *name = json_str(m->key, "");

		if (strcmp(name, "format") == 0)
			continue;
		if (strcmp(name, "password") == 0 && !c->has_password) {
			if (take_password(m, &c->password, e) < 0)
				return -1;
			c->has_password = true;
		} else if (strcmp(name, "secrets") == 0) {
			if (take_secrets(m, c, e) < 0)
				return -1;
		} else if (strcmp(name, "notify") == 0) {
			if (take_notify(m, c, e) < 0)
				return -1;
		} else if (strcmp(name, "edge") == 0 && !c->has_edge) {
			if (take_edge(m, c, e) < 0)
				return -1;
		} else {
			return damaged("a member besides format, password, secrets, notify and edge", e);
		}
	}
	return 0;
}

static int
parse(struct str text, struct credentials *c, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const struct json *root = json_parse(&a, text, e);
	int rc;

	if (!root) {
		/* The parser may quote what it stumbled over. */
		return damaged("it is not valid JSON", e);
	}
	rc = take_tree(root, c, e);
	wipe_tree(root);
	return rc;
}

int
credentials_check(struct str text, struct err *e)
{
	AUTO(credentials) struct credentials c;

	credentials_init(&c);
	return parse(text, &c, e);
}

int
credentials_load(const struct scope *s, struct credentials *ret, struct err *e)
{
	struct buf text = BUF_INIT(FILE_BYTES_MAX);
	struct credentials c;
	int rc;

	credentials_init(&c);
	rc = file_read_private(s->credentials_path, &text, e);
	if (rc < 0 && e->code == ERR_NOT_FOUND) {
		err_clear(e);
		*ret = c;
		return 0;
	}
	if (rc < 0 && e->code == ERR_PERM && s->kind == SCOPE_SYSTEM)
		err_note(e, "try", "run it with sudo");
	if (rc == 0) {
		rc = parse(buf_str(&text), &c, e);
		if (rc < 0)
			err_wrap(e, "%s", s->credentials_path);
	}
	buf_wipe(&text);
	if (rc == 0)
		*ret = c;
	else
		credentials_auto(&c);
	return rc;
}

static size_t
file_bytes(const struct credentials *c)
{
	size_t n = 512 + 6 * (c->password.n + c->inner_password.n);

	for (size_t i = 0; i < c->n_secrets; i++)
		n += 16 + strlen(c->secrets[i].name) + 6 * c->secrets[i].value.n;
	for (size_t i = 0; i < c->n_notify; i++)
		n += 128 + strlen(c->notify[i].name) + 6 * c->notify[i].url.n;
	return n;
}

/* Nothing where there is none: the file then is one that older programs read. */
static void
put_notify(struct jsonw *w, const struct credentials *c)
{
	if (c->n_notify == 0)
		return;
	jsonw_array(w, "notify");
	for (size_t i = 0; i < c->n_notify; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "kind", notice_service_name(c->notify[i].service));
		jsonw_str(w, "name", c->notify[i].name);
		jsonw_text(w, "url", buf_str(&c->notify[i].url));
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Likewise. The key is text for a moment, in memory that is wiped. */
static void
put_edge(struct jsonw *w, const struct credentials *c)
{
	struct buf hex = BUF_SECRET_INIT(2 * MAC_KEY_BYTES);

	if (!c->has_edge)
		return;
	buf_puthex(&hex, c->cookie_key, sizeof c->cookie_key);
	jsonw_object(w, "edge");
	jsonw_text(w, "inner_password", buf_str(&c->inner_password));
	jsonw_text(w, "cookie_key", buf_str(&hex));
	jsonw_int(w, "generation", c->generation);
	jsonw_end(w);
	buf_wipe(&hex);
}

int
credentials_save(const struct scope *s, const struct credentials *c, struct err *e)
{
	struct buf out = BUF_INIT(FILE_BYTES_MAX);
	struct jsonw w = JSONW_INIT(&out, 2);
	int rc;

	/* All room at once, so that no piece of a secret is left behind by growing. */
	if (!buf_room(&out, file_bytes(c)))
		return buf_check(&out, "credentials", e);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", FORMAT);
	if (c->has_password)
		jsonw_text(&w, "password", buf_str(&c->password));
	jsonw_object(&w, "secrets");
	for (size_t i = 0; i < c->n_secrets; i++)
		jsonw_text(&w, c->secrets[i].name, buf_str(&c->secrets[i].value));
	jsonw_end(&w);
	put_notify(&w, c);
	put_edge(&w, c);
	jsonw_end(&w);
	buf_putc(&out, '\n');
	rc = buf_check(&out, "credentials", e);
	if (rc == 0)
		rc = scope_prepare(s, e);
	if (rc == 0 && file_save(s->credentials_path, buf_str(&out), 0600, e) < 0) {
		rc = err_wrap(e, "save the credentials");
		err_note(e, "changed", "nothing");
	}
	buf_wipe(&out);
	return rc;
}

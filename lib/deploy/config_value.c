/* config_value.c - one value of the configuration, from JSON or typed text into struct config and back */
#include "lib/deploy/config_value.h"

#include <inttypes.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/deploy/schema_check.h"
#include "lib/json/jsonw.h"

#define QUOTE_MAX 80
#define LIST_MAX 256
#define VALUE_BYTES_MAX 4096	/* of one string */
#define NANO INT64_C(1000000000)

/* The field of a key; its type is the row's. */
static void *
field(struct config *c, const struct schema_key *k)
{
	return (unsigned char *)c + k->offset;
}

static const void *
field_of(const struct config *c, const struct schema_key *k)
{
	return (const unsigned char *)c + k->offset;
}

bool
config_has_auto(const struct schema_key *k)
{
	return strcmp(k->dflt, "\"auto\"") == 0;
}

/* ---- texts about values ---- */

void
config_put_size(uint64_t bytes, struct buf *out)
{
	static const char units[] = "tgmk";

	for (unsigned i = 0; units[i]; i++) {
		unsigned shift = 10 * (4 - i);

		if (bytes > 0 && bytes % (UINT64_C(1) << shift) == 0) {
			buf_printf(out, "%" PRIu64 "%c", bytes >> shift, units[i]);
			return;
		}
	}
	buf_printf(out, "%" PRIu64, bytes);
}

static void
put_nano(int64_t nano, struct buf *out)
{
	int64_t fraction = nano % NANO;
	size_t n;

	buf_printf(out, "%" PRId64, nano / NANO);
	if (fraction == 0)
		return;
	buf_printf(out, ".%09" PRId64, fraction);
	for (n = out->n; n > 0 && out->p[n - 1] == '0'; n--)
		;
	buf_trunc(out, n);
}

void
config_put_allowed(const struct schema_key *k, struct buf *out)
{
	switch (k->type) {
	case SCHEMA_BOOL:
		buf_puts(out, "true or false");
		return;
	case SCHEMA_STRING:
		buf_puts(out, "a string");
		return;
	case SCHEMA_ENUM:
		for (size_t i = 0; k->allowed[i]; i++)
			buf_printf(out, "%s%s", i > 0 ? ", " : "", k->allowed[i]);
		return;
	case SCHEMA_UINT:
		buf_printf(out, "%" PRIu64 " to %" PRIu64 "%s", k->min, k->max, config_has_auto(k) ? ", or auto" : "");
		return;
	case SCHEMA_BYTES:
		buf_puts(out, "a size from ");
		config_put_size(k->min, out);
		buf_puts(out, " to ");
		config_put_size(k->max, out);
		buf_puts(out, config_has_auto(k) ? ", or auto" : "");
		return;
	case SCHEMA_CPUS:
		buf_puts(out, "a number such as 1.5, or all");
		return;
	case SCHEMA_LIST:
		buf_puts(out, "a list of strings");
		return;
	}
	BUG("schema type");
}

static int
not_allowed(const struct schema_key *k, struct str given, const char *what, struct err *e)
{
	AUTO(buf) struct buf allowed = BUF_INIT(ERR_MSG_BYTES);

	config_put_allowed(k, &allowed);
	return err_set(e, ERR_CONFIG, STR_FMT " %s (%s)", STR_ARG(str_take(given, QUOTE_MAX)), what, allowed.p);
}

void
config_put_env_name(const char *key, struct buf *out)
{
	buf_puts(out, "OCC_");
	for (; *key; key++)
		buf_putc(out, *key == '.' ? '_' : *key >= 'a' && *key <= 'z' ? (char)(*key - 'a' + 'A') : *key);
}

void
config_put_default(const struct schema_key *k, struct buf *out)
{
	buf_putstr(out, str_trim_char(str_of(k->dflt), '"'));
}

/* ---- JSON into the field ---- */

static int
wrong_type(const struct schema_key *k, const struct json *v, struct err *e)
{
	static const char *const is[] = { "missing", "null", "true or false", "a number", "a string", "a list", "an object" };
	AUTO(buf) struct buf allowed = BUF_INIT(ERR_MSG_BYTES);

	config_put_allowed(k, &allowed);
	return err_set(e, ERR_CONFIG, "is %s, and has to be %s%s", is[v->type], k->type == SCHEMA_ENUM ? "one of " : "", allowed.p);
}

static int
apply_string(struct arena *a, const struct schema_key *k, struct str v, const char **ret, struct err *e)
{
	if (v.n > VALUE_BYTES_MAX)
		return err_set(e, ERR_CONFIG, "is longer than %d bytes", VALUE_BYTES_MAX);
	if (check_text(v, e) < 0 || (k->check && k->check(v, e) < 0))
		return -1;
	*ret = arena_str(a, v);
	return 0;
}

static int
apply_enum(const struct schema_key *k, struct str v, const char **ret, struct err *e)
{
	for (size_t i = 0; k->allowed[i]; i++) {
		if (!str_is(v, k->allowed[i]))
			continue;
		*ret = k->allowed[i];
		return 0;
	}
	return not_allowed(k, v, "is not allowed", e);
}

static int
apply_uint(const struct schema_key *k, const struct json *v, uint64_t *ret, struct err *e)
{
	bool is_whole = str_find_char(v->text, '.') == STR_NONE && str_find_char(v->text, 'e') == STR_NONE;

	if (config_has_auto(k) && v->type == JSON_STRING && str_is(v->text, "auto")) {
		*ret = SCHEMA_AUTO;
		return 0;
	}
	if (v->type != JSON_NUMBER)
		return wrong_type(k, v, e);
	if (num_u64(v->text, k->min, k->max, ret, e) < 0)
		return not_allowed(k, v->text, is_whole ? "is out of range" : "is not a whole number", e);
	return 0;
}

static int
apply_bytes(const struct schema_key *k, const struct json *v, uint64_t *ret, struct err *e)
{
	uint64_t n = 0;

	if (v->type != JSON_STRING && v->type != JSON_NUMBER)
		return wrong_type(k, v, e);
	if (config_has_auto(k) && v->type == JSON_STRING && str_is(v->text, "auto")) {
		*ret = 0;
		return 0;
	}
	if (num_bytes(v->text, &n, e) < 0)
		return not_allowed(k, v->text, "is not understood", e);
	if (n < k->min || n > k->max)
		return not_allowed(k, v->text, "is out of range", e);
	*ret = n;
	return 0;
}

static int
apply_cpus(const struct schema_key *k, const struct json *v, int64_t *ret, struct err *e)
{
	int64_t n;

	if (v->type != JSON_STRING && v->type != JSON_NUMBER)
		return wrong_type(k, v, e);
	if (v->type == JSON_STRING && str_is(v->text, "all")) {
		*ret = 0;
		return 0;
	}
	if (num_nano(v->text, &n, e) < 0)
		return not_allowed(k, v->text, "is not understood", e);
	if ((uint64_t)n < k->min || (uint64_t)n > k->max)
		return not_allowed(k, v->text, "is out of range", e);
	*ret = n;
	return 0;
}

static int
apply_list(struct arena *a, const struct schema_key *k, const struct json *v, struct strlist *ret, const struct json **ret_at, struct err *e)
{
	struct strlist l = { 0 };

	if (v->type != JSON_ARRAY)
		return wrong_type(k, v, e);
	for (JSON_EACH(m, v)) {
		const char *element = NULL;

		*ret_at = m;
		if (m->type != JSON_STRING)
			return wrong_type(k, v, e);
		if (apply_string(a, k, m->text, &element, e) < 0)
			return -1;
		if (strlist_has(&l, element))
			return err_set(e, ERR_CONFIG, "holds an element twice");
		if (l.n >= LIST_MAX)
			return err_set(e, ERR_CONFIG, "holds more than %d elements", LIST_MAX);
		strlist_add(a, &l, element);
	}
	*ret = l;
	return 0;
}

int
config_apply(struct arena *a, const struct schema_key *k, const struct json *v, struct config *c, const struct json **ret_at, struct err *e)
{
	void *f = field(c, k);

	*ret_at = v;
	switch (k->type) {
	case SCHEMA_BOOL:
		if (v->type != JSON_BOOL)
			return wrong_type(k, v, e);
		*(bool *)f = json_bool(v, false);
		return 0;
	case SCHEMA_STRING:
		return v->type == JSON_STRING ? apply_string(a, k, v->text, f, e) : wrong_type(k, v, e);
	case SCHEMA_ENUM:
		return v->type == JSON_STRING ? apply_enum(k, v->text, f, e) : wrong_type(k, v, e);
	case SCHEMA_UINT:
		return apply_uint(k, v, f, e);
	case SCHEMA_BYTES:
		return apply_bytes(k, v, f, e);
	case SCHEMA_CPUS:
		return apply_cpus(k, v, f, e);
	case SCHEMA_LIST:
		return apply_list(a, k, v, f, ret_at, e);
	}
	BUG("schema type");
}

/* ---- typed text into JSON ---- */

static int
bool_to_json(const struct schema_key *k, struct str text, struct buf *out, struct err *e)
{
	bool is_true = str_is(text, "true") || str_is(text, "yes") || str_is(text, "on");

	if (!is_true && !str_is(text, "false") && !str_is(text, "no") && !str_is(text, "off"))
		return not_allowed(k, text, "is not understood", e);
	buf_puts(out, is_true ? "true" : "false");
	return 0;
}

static void
put_elements(const struct json *array, struct buf *out)
{
	const char *between = "";

	for (JSON_EACH(m, array)) {
		buf_puts(out, between);
		buf_putstr(out, m->raw);
		between = ", ";
	}
}

/*
 * A JSON array, or a single element, or several between commas. Whether the elements are right is config_apply's to say. What
 * begins like an array and is none is an element: "[::1]:8080:80" is a port.
 */
static void
list_to_json(struct str text, bool with_commas, struct buf *out)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err ignored = ERR_INIT;
	const struct json *array = str_has_prefix(text, "[") ? jsonc_parse(&a, text, &ignored) : NULL;
	const char *between = "";

	buf_putc(out, '[');
	put_elements(array, out);
	while (!array && text.n > 0) {
		struct str element = with_commas ? str_trim(str_cut(&text, ',')) : text;

		if (!with_commas)
			text = STR_NULL;
		if (element.n == 0)
			continue;
		buf_puts(out, between);
		jsonw_quote(out, element);
		between = ", ";
	}
	buf_putc(out, ']');
}

int
config_text_to_json(const struct schema_key *k, struct str text, bool with_commas, struct buf *out, struct err *e)
{
	struct err ignored = ERR_INIT;
	uint64_t u;
	int64_t n;

	if (str_utf8_valid(text) != text.n)
		return err_set(e, ERR_CONFIG, "is not UTF-8");
	switch (k->type) {
	case SCHEMA_BOOL:
		return bool_to_json(k, text, out, e);
	case SCHEMA_UINT:
		if (config_has_auto(k) && str_is(text, "auto")) {
			jsonw_quote(out, text);
			return 0;
		}
		if (num_u64(text, 0, UINT64_MAX, &u, &ignored) < 0)
			return not_allowed(k, text, "is not a whole number", e);
		buf_printf(out, "%" PRIu64, u);
		return 0;
	case SCHEMA_CPUS:
		if (num_nano(text, &n, &ignored) == 0)
			put_nano(n, out);
		else
			jsonw_quote(out, text);
		return 0;
	case SCHEMA_LIST:
		list_to_json(text, with_commas, out);
		return 0;
	case SCHEMA_STRING:
	case SCHEMA_ENUM:
	case SCHEMA_BYTES:
		jsonw_quote(out, text);
		return 0;
	}
	BUG("schema type");
}

/* ---- the field back into text ---- */

static void
put_scalar(const struct config *c, const struct schema_key *k, bool quoted, struct buf *out)
{
	const void *f = field_of(c, k);
	AUTO(buf) struct buf text = BUF_INIT(2 * VALUE_BYTES_MAX);
	bool is_word = false;		/* JSON wants quotes around it */

	if (k->type == SCHEMA_BOOL) {
		buf_puts(&text, *(const bool *)f ? "true" : "false");
	} else if (k->type == SCHEMA_UINT) {
		uint64_t n = *(const uint64_t *)f;

		is_word = n == SCHEMA_AUTO && config_has_auto(k);
		if (is_word)
			buf_puts(&text, "auto");
		else
			buf_printf(&text, "%" PRIu64, n);
	} else if (k->type == SCHEMA_BYTES) {
		uint64_t n = *(const uint64_t *)f;

		is_word = true;
		if (n == 0)
			buf_puts(&text, "auto");
		else
			config_put_size(n, &text);
	} else if (k->type == SCHEMA_CPUS) {
		int64_t n = *(const int64_t *)f;

		is_word = n == 0;
		if (n == 0)
			buf_puts(&text, "all");
		else
			put_nano(n, &text);
	} else {
		is_word = true;
		buf_puts(&text, *(const char *const *)f);
	}
	if (quoted && is_word)
		jsonw_quote(out, buf_str(&text));
	else
		buf_putstr(out, buf_str(&text));
}

void
config_put_value(const struct config *c, const struct schema_key *k, struct buf *out)
{
	const struct strlist *l = field_of(c, k);

	if (k->type != SCHEMA_LIST) {
		put_scalar(c, k, true, out);
		return;
	}
	buf_putc(out, '[');
	for (size_t i = 0; i < l->n; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		jsonw_quote(out, str_of(l->v[i]));
	}
	buf_putc(out, ']');
}

const char *
config_value_json(struct arena *a, const struct config *c, const struct schema_key *k)
{
	AUTO(buf) struct buf out = BUF_INIT(CONFIG_BYTES_MAX);

	config_put_value(c, k, &out);
	return arena_str(a, buf_str(&out));
}

void
config_put_plain(const struct config *c, const struct schema_key *k, struct buf *out)
{
	const struct strlist *l = field_of(c, k);

	if (k->type != SCHEMA_LIST) {
		put_scalar(c, k, false, out);
		return;
	}
	for (size_t i = 0; i < l->n; i++)
		buf_printf(out, "%s%s", i > 0 ? "\n" : "", l->v[i]);
}

/*
 * The grammar is that of the distribution project's reference package: [domain/]path[:tag][@digest], where the first component is a
 * domain only if it holds a dot, a colon or an upper-case letter, or is "localhost".
 */
#include "lib/engine/image.h"

#include <string.h>

#define TAG_MAX 128
#define DOCKER_HUB "docker.io"
#define DOCKER_HUB_OLD "index.docker.io"
#define LIBRARY "library/"

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

static bool
is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]) && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
	}
	return s.n > 0;
}

static bool
is_id(struct str s)
{
	return s.n == 64 && is_hex(s);
}

/* alpha-numeric runs of lower case joined by ".", "_", "__" or any number of "-" */
static bool
is_path_component(struct str s)
{
	size_t gap = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (is_lower(c) || is_digit(c)) {
			gap = 0;
			continue;
		}
		gap++;
		bool has_before = i > 0 && gap == 1;
		bool is_double = gap == 2 && c == '_' && s.p[i - 1] == '_' && (i < 2 || s.p[i - 2] != '_');
		bool is_dashes = gap > 1 && c == '-' && s.p[i - 1] == '-';
		if (!strchr("._-", c) || c == '\0' || !(has_before || is_double || is_dashes))
			return false;
	}
	return gap == 0;
}

static bool
is_path(struct str s)
{
	if (str_has_suffix(s, "/"))
		return false;
	while (s.n > 0) {
		if (!is_path_component(str_cut(&s, '/')))
			return false;
	}
	return true;
}

static bool
is_host_label(struct str s)
{
	if (s.n == 0 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-')
			return false;
	}
	return true;
}

static bool
is_port(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
	}
	return s.n > 0 && s.n <= 5;
}

/* "host", "host.name:5000", "[::1]:5000" */
static bool
is_domain(struct str s)
{
	if (str_has_prefix(s, "[")) {
		struct str rest = str_skip(s, 1);
		struct str address = str_cut(&rest, ']');
		for (size_t i = 0; i < address.n; i++) {
			if (!is_hex(str_take(str_skip(address, i), 1)) && address.p[i] != ':' && !(address.p[i] >= 'A' && address.p[i] <= 'F'))
				return false;
		}
		bool is_closed = address.n + 1 < s.n;
		return is_closed && address.n > 0 && (rest.n == 0 || (rest.p[0] == ':' && is_port(str_skip(rest, 1))));
	}
	bool has_port = str_find_char(s, ':') != STR_NONE;
	struct str host = str_cut(&s, ':');
	if (host.n == 0 || str_has_suffix(host, "."))
		return false;
	while (host.n > 0) {
		if (!is_host_label(str_cut(&host, '.')))
			return false;
	}
	return !has_port || is_port(s);
}

static bool
is_tag(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool is_word = is_letter(s.p[i]) || is_digit(s.p[i]) || s.p[i] == '_';
		if (!is_word && !(i > 0 && (s.p[i] == '.' || s.p[i] == '-')))
			return false;
	}
	return s.n > 0 && s.n <= TAG_MAX;
}

static bool
is_digest(struct str s)
{
	static const struct {
		const char *algorithm;
		size_t hex;
	} known[] = { { "sha256", 64 }, { "sha384", 96 }, { "sha512", 128 } };
	struct str hex = s, algorithm = str_cut(&hex, ':');

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (str_is(algorithm, known[i].algorithm))
			return hex.n == known[i].hex && is_hex(hex);
	}
	return false;
}

static bool
has_upper(struct str s)
{
	for (int c = 'A'; c <= 'Z'; c++) {
		if (str_find_char(s, (char)c) != STR_NONE)
			return true;
	}
	return false;
}

/* Would the first component of a name be read as a domain? */
static bool
has_domain(struct str name)
{
	size_t slash = str_find_char(name, '/');
	struct str first = str_take(name, slash == STR_NONE ? 0 : slash);

	return str_find_char(first, '.') != STR_NONE || str_find_char(first, ':') != STR_NONE || str_is(first, "localhost") || has_upper(first);
}

/* name is what stands before tag and digest. */
static void
split_domain(struct str name, struct image_ref *ret)
{
	bool is_host = has_domain(name);
	size_t slash = str_find_char(name, '/');

	ret->domain = is_host ? str_take(name, slash) : STR_LIT(DOCKER_HUB);
	ret->path = is_host ? str_skip(name, slash + 1) : name;
	if (str_is(ret->domain, DOCKER_HUB_OLD))
		ret->domain = STR_LIT(DOCKER_HUB);
	if (str_is(ret->domain, DOCKER_HUB) && str_find_char(ret->path, '/') == STR_NONE &&
	    sizeof LIBRARY - 1 + ret->path.n <= IMAGE_NAME_MAX) {
		memcpy(ret->library, LIBRARY, sizeof LIBRARY - 1);
		if (ret->path.n > 0)
			memcpy(ret->library + sizeof LIBRARY - 1, ret->path.p, ret->path.n);
		ret->path = str_from(ret->library, sizeof LIBRARY - 1 + ret->path.n);
	}
}

static int
bad(struct str text, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "\"" STR_FMT "\" is not an image reference: %s", STR_ARG(str_take(text, 120)), why);
}

int
image_ref_parse(struct str text, struct image_ref *ret, struct err *e)
{
	struct str name = text;
	size_t at = str_find_char(text, '@');

	*ret = (struct image_ref){ .tag = STR_NULL };
	if (at != STR_NONE) {
		ret->digest = str_skip(text, at + 1);
		name = str_take(text, at);
		if (!is_digest(ret->digest))
			return bad(text, "the digest has to be sha256: and 64 hex digits", e);
	}
	/* A colon is a tag's only behind the last slash: "host:5000/a". */
	size_t slash = str_rfind_char(name, '/'), colon = str_rfind_char(name, ':');
	if (colon != STR_NONE && (slash == STR_NONE || colon > slash)) {
		ret->tag = str_skip(name, colon + 1);
		name = str_take(name, colon);
		if (!is_tag(ret->tag))
			return bad(text, "a tag is 1 to 128 letters, digits, \"_\", \".\" and \"-\"", e);
	}
	if (name.n == 0 || name.n > IMAGE_NAME_MAX)
		return bad(text, name.n ? "the name is longer than 255 bytes" : "it has no name", e);
	if (is_id(name))
		return bad(text, "64 hex digits are an id, not a name", e);
	split_domain(name, ret);
	if (!is_domain(ret->domain))
		return bad(text, "what stands before the first slash is not a host", e);
	if (ret->path.n > 0 && has_upper(ret->path))
		return bad(text, "a name is lower case", e);
	if (ret->path.n == 0 || str_has_prefix(ret->path, "/") || !is_path(ret->path))
		return bad(text, "a name is letters and digits, joined by \".\", \"_\", \"-\" and \"/\"", e);
	return 0;
}

static void
put_rest(const struct image_ref *r, struct buf *out)
{
	if (r->tag.n > 0) {
		buf_putc(out, ':');
		buf_putstr(out, r->tag);
	}
	if (r->digest.n > 0) {
		buf_putc(out, '@');
		buf_putstr(out, r->digest);
	}
}

void
image_ref_put_familiar(const struct image_ref *r, struct buf *out)
{
	size_t n = str_has_prefix(r->path, LIBRARY) ? sizeof LIBRARY - 1 : 0;
	struct str name = str_from(r->path.p + n, r->path.n - n);
	bool is_library = n > 0 && str_find_char(name, '/') == STR_NONE && !is_id(name);

	/* "docker.io/a.b/c" without its domain would be c of host a.b. */
	bool is_named = !str_is(r->domain, DOCKER_HUB) || has_domain(r->path);
	if (is_named) {
		buf_putstr(out, r->domain);
		buf_putc(out, '/');
	}
	buf_putstr(out, is_library && !is_named ? name : r->path);
	put_rest(r, out);
}

void
image_ref_put_full(const struct image_ref *r, struct buf *out)
{
	buf_putstr(out, r->domain);
	buf_putc(out, '/');
	buf_putstr(out, r->path);
	put_rest(r, out);
}

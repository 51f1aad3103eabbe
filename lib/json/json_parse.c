/*
 * json_parse.c - text to tree; the only file that sees jsmn
 *
 * check.c has accepted the text before jsmn reads it, so that jsmn's own errors are broken invariants here. Nodes are one
 * block in the order of jsmn's tokens, decoded strings a second one that is as long as the text at most.
 */
#include <stdint.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/json/check.h"
#include "lib/json/json.h"
#include "lib/json/jsonc.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#include <jsmn.h>
#pragma GCC diagnostic pop

_Static_assert(JSON_TEXT_MAX < INT32_MAX, "jsmn counts in int");

struct builder {
	const char *copy;		/* strict JSON, one space behind it */
	size_t n;
	jsmntok_t *tokens;
	struct json *nodes;
	char *strings;			/* decoded, each with its NUL */
	size_t strings_used;
};

/* ---- strings ---- */

static uint32_t
hex4(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];
		/* Folded to lower case, letters are 0x61 to 0x66, digits 0x30 to 0x39. */
		c |= 0x20;
		v = v << 4 | (c >= 'a' ? c - 'a' + 10 : c - '0');
	}
	return v;
}

static void
put_byte(struct builder *b, uint32_t byte)
{
	b->strings[b->strings_used++] = (char)(unsigned char)byte;
}

/* RFC 3629 section 3 */
static void
put_utf8(struct builder *b, uint32_t cp)
{
	if (cp < 0x80) {
		put_byte(b, cp);
		return;
	}
	if (cp < 0x800) {
		put_byte(b, 0xc0 | cp >> 6);
	} else {
		if (cp < 0x10000) {
			put_byte(b, 0xe0 | cp >> 12);
		} else {
			put_byte(b, 0xf0 | cp >> 18);
			put_byte(b, 0x80 | (cp >> 12 & 0x3f));
		}
		put_byte(b, 0x80 | (cp >> 6 & 0x3f));
	}
	put_byte(b, 0x80 | (cp & 0x3f));
}

/* Decodes the escape whose backslash is at s[0]; returns its length in the text. */
static size_t
put_escape(struct builder *b, const char *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t unit;

	if (s[1] != 'u') {
		put_byte(b, (unsigned char)to[strchr(from, s[1]) - from]);
		return 2;
	}
	unit = hex4(s + 2);
	if (unit < 0xd800 || unit > 0xdfff) {
		put_utf8(b, unit);
		return 6;
	}
	put_utf8(b, 0x10000 + ((unit - 0xd800) << 10) + (hex4(s + 8) - 0xdc00));
	return 12;
}

static struct str
decode(struct builder *b, struct str s)
{
	char *start = b->strings + b->strings_used;
	size_t begin = b->strings_used;

	while (s.n > 0) {
		size_t plain = str_find_char(s, '\\');

		plain = plain == STR_NONE ? s.n : plain;
		memcpy(b->strings + b->strings_used, s.p, plain);
		b->strings_used += plain;
		s = str_skip(s, plain);
		if (s.n > 0)
			s = str_skip(s, put_escape(b, s.p));
	}
	b->strings_used++;	/* the NUL, there already */
	return str_from(start, b->strings_used - begin - 1);
}

/* ---- tree ---- */

static void
fill_scalar(struct builder *b, struct json *node)
{
	if (!node->raw.p)
		BUG("a value without text");
	char c = node->raw.p[0];

	node->text = node->raw;
	if (c == 'n')
		node->type = JSON_NULL;
	else if (c == 't' || c == 'f')
		node->type = JSON_BOOL;
	else if (c != '"')
		node->type = JSON_NUMBER;
	else {
		node->type = JSON_STRING;
		node->text = decode(b, str_from(node->raw.p + 1, node->raw.n - 2));
	}
}

static void
fill(struct builder *b, size_t i)
{
	const jsmntok_t *t = &b->tokens[i];
	struct json *node = &b->nodes[i];
	size_t quote = t->type == JSMN_STRING ? 1 : 0;

	node->offset = (size_t)t->start - quote;
	node->raw = str_from(b->copy + node->offset, (size_t)(t->end - t->start) + 2 * quote);
	if (t->type == JSMN_OBJECT)
		node->type = JSON_OBJECT;
	else if (t->type == JSMN_ARRAY)
		node->type = JSON_ARRAY;
	else
		fill_scalar(b, node);
}

/* Puts node i in front of its siblings. A token's parent is its array, its key, or, for a key, the object. */
static void
link_up(struct builder *b, size_t i)
{
	int above = b->tokens[i].parent;
	struct json *node = &b->nodes[i], *parent;

	if (above < 0 || b->tokens[above].type == JSMN_OBJECT)
		return;
	if (b->tokens[above].type == JSMN_STRING) {
		node->key = &b->nodes[above];
		above = b->tokens[above].parent;
	}
	parent = &b->nodes[above];
	node->next = parent->child;
	parent->child = node;
	parent->n++;
}

static const struct json *
build(struct arena *a, const char *copy, size_t n, size_t n_nodes, struct err *e)
{
	AUTO(buf) struct buf tokens = BUF_INIT(JSON_NODES_MAX * sizeof(jsmntok_t));
	struct builder b = { .copy = copy, .n = n };
	jsmn_parser parser;

	b.tokens = buf_room(&tokens, n_nodes * sizeof *b.tokens);
	if (buf_check(&tokens, "JSON", e) < 0)
		return NULL;
	jsmn_init(&parser);
	/* The space behind the text ends a number at the top, which strict jsmn asks for. */
	if (jsmn_parse(&parser, copy, n + 1, b.tokens, (unsigned)n_nodes) != (int)n_nodes)
		BUG("jsmn and the grammar's check disagree");
	b.nodes = arena_zero(a, n_nodes * sizeof *b.nodes);
	b.strings = arena_zero(a, n);
	for (size_t i = 0; i < n_nodes; i++)
		fill(&b, i);
	for (size_t i = n_nodes; i-- > 0;)
		link_up(&b, i);
	return &b.nodes[0];
}

/* ---- public ---- */

static void
set_fault(struct err *e, struct str text, const struct json_fault *fault)
{
	unsigned line, column;

	json_where(text, fault->at, &line, &column);
	err_set(e, ERR_PARSE, "line %u, column %u: %s", line, column, fault->what);
}

static const struct json *
parse(struct arena *a, struct str text, bool with_comments, struct err *e)
{
	struct json_fault fault;
	size_t n_nodes;
	char *copy;

	if (text.n > JSON_TEXT_MAX) {
		err_set(e, ERR_TOO_BIG, "JSON is larger than %u bytes", JSON_TEXT_MAX);
		return NULL;
	}
	copy = arena_zero(a, text.n + 2);
	if (text.n > 0)
		memcpy(copy, text.p, text.n);
	copy[text.n] = ' ';
	if ((with_comments && !jsonc_blank(copy, text.n, &fault)) ||
	    !json_check(str_from(copy, text.n), &n_nodes, &fault)) {
		set_fault(e, text, &fault);
		return NULL;
	}
	if (n_nodes > JSON_NODES_MAX) {
		err_set(e, ERR_TOO_BIG, "JSON has more than %u values", JSON_NODES_MAX);
		return NULL;
	}
	return build(a, copy, text.n, n_nodes, e);
}

const struct json *
json_parse(struct arena *a, struct str text, struct err *e)
{
	return parse(a, text, false, e);
}

const struct json *
jsonc_parse(struct arena *a, struct str text, struct err *e)
{
	size_t valid = str_utf8_valid(text);

	/* Before comments go: they are part of a text that is UTF-8 or is not. */
	if (valid < text.n) {
		set_fault(e, text, &(struct json_fault){ valid, "not UTF-8" });
		return NULL;
	}
	return parse(a, text, true, e);
}

/* assets_kit.h - request and response heads put together from a line of text, for the tests of the assets */
#ifndef OCC_TESTS_ASSETS_KIT_H
#define OCC_TESTS_ASSETS_KIT_H

#include "applets/occ-tls/assets.h"

/* "Name: value" lines, each ended by '\n'. */
static inline size_t
kit_fields(const char *lines, struct http_field *fields)
{
	struct str text = str_of(lines), line;
	size_t n = 0;

	while (str_line(&text, &line)) {
		fields[n].name = str_cut(&line, ':');
		fields[n++].value = str_trim(line);
	}
	return n;
}

static inline struct http_request_head
kit_request(const char *method, const char *target, const char *lines)
{
	struct http_request_head h = { .method = str_of(method), .target = str_of(target), .query = str_of(target) };
	bool has_query = str_find_char(h.target, '?') != STR_NONE;

	h.path = str_cut(&h.query, '?');
	if (!has_query)
		h.query = STR_NULL;
	h.n_fields = kit_fields(lines, h.fields);
	return h;
}

static inline struct http_head
kit_response(int status, const char *type, enum http_framing framing, uint64_t length, const char *lines)
{
	struct http_head h = { .status = status, .framing = framing, .length = length };

	h.n_fields = kit_fields(lines, h.fields);
	if (type)
		h.fields[h.n_fields++] = (struct http_field){ STR_LIT("Content-Type"), str_of(type) };
	return h;
}

static inline struct str
kit_find(const struct http_field *fields, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_ieq(fields[i].name, str_of(name)))
			return fields[i].value;
	return STR_NULL;
}

#endif

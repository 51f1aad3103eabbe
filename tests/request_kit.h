/*
 * request_kit.h - a request head put together by hand, for what judges heads and does not parse them
 *
 * The text is "METHOD TARGET" and one "Name: value" a line, LF ends each. Views point into it. Shared by unit tests and fuzz targets; header-only.
 */
#ifndef OCC_TESTS_REQUEST_KIT_H
#define OCC_TESTS_REQUEST_KIT_H

#include "lib/http/request.h"

static inline struct http_request_head
request_kit(struct str text)
{
	struct http_request_head h = { .n_fields = 0 };
	struct str line = STR_NULL;

	if (str_line(&text, &line))
		h.method = str_cut(&line, ' ');
	h.target = h.query = line;
	h.path = str_cut(&h.query, '?');
	if (h.path.n == h.target.n)
		h.query = STR_NULL;
	while (h.n_fields < HTTP_FIELDS_MAX && str_line(&text, &line)) {
		struct http_field *f = &h.fields[h.n_fields++];

		f->value = line;
		f->name = str_cut(&f->value, ':');
		f->value = str_trim(f->value);
		if (str_ieq(f->name, STR_LIT("Host")))
			h.host = f->value;
		if (str_ieq(f->name, STR_LIT("Upgrade")))
			h.is_websocket = str_ieq(f->value, STR_LIT("websocket"));
	}
	return h;
}

#endif

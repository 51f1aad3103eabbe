/* gate_route.c - paths that are open to everybody, and those that the edge keeps closed */
#include "applets/occ-tls/gate_own.h"
#include "lib/base/mem.h"

#include "applets/occ-tls/query.h"

struct closed {
	const char *path;		/* in canonical form */
	const char *why;
};

static const struct closed closed[] = {
	{ "/global/upgrade", "opencode is not replaced from within: its version is set by `occ config set image.opencode`" },
};

/* What a browser fetches without credentials to install the app; opencode gives it away as well. */
static const char *const open_paths[] = { "/site.webmanifest", "/web-app-manifest-192x192.png", "/web-app-manifest-512x512.png" };

bool
gate_is_open(struct str path)
{
	for (size_t i = 0; i < ARRAY_LEN(open_paths); i++)
		if (str_is(path, open_paths[i]))
			return true;
	return false;
}

/* Takes the last segment off what has been written. */
static size_t
parent(const char *text, size_t n)
{
	size_t slash = str_rfind_char(str_from(text, n), '/');

	return slash == STR_NONE ? 0 : slash;
}

/* "/a//b/./c/../d/" is "/a/b/d": empty and dot segments away (RFC 3986 section 5.2.4), '\' as '/'. In place. */
static struct str
canonical(char *text)
{
	struct str rest = str_of(text);
	size_t n = 0;

	for (size_t i = 0; i < rest.n; i++)
		if (text[i] == '\\')
			text[i] = '/';
	while (rest.n > 0) {
		struct str segment = str_cut(&rest, '/');

		if (segment.n == 0 || str_is(segment, "."))
			continue;
		if (str_is(segment, "..")) {
			n = parent(text, n);
			continue;
		}
		text[n++] = '/';		/* never ahead of what is read: each segment has a slash before it */
		for (size_t i = 0; i < segment.n; i++)
			text[n++] = segment.p[i];
	}
	return str_from(text, n);
}

const char *
gate_closed(struct str method, struct str path)
{
	char text[HTTP_TARGET_MAX + 1];

	if (str_is(method, "GET") || str_is(method, "HEAD") || str_is(method, "OPTIONS") || !str_has_prefix(path, "/"))
		return NULL;
	if (!query_decode(path, text, sizeof text))
		return "the path is not well-formed";
	struct str plain = canonical(text);
	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		if (str_ieq(plain, str_of(closed[i].path)))
			return closed[i].why;
	return NULL;
}

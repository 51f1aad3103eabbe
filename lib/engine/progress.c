#include "lib/engine/progress.h"

#include <stdio.h>
#include <string.h>

#include "lib/engine/json_stream.h"
#include "lib/engine/remedy.h"
#include "lib/engine/wire.h"

#define SAID_MAX 300

/* All whole objects that are there. */
static int
drain(struct json_stream *s, progress_each *each, void *ctx, struct err *e)
{
	struct str text;
	int got;

	while ((got = json_stream_next(s, &text, e)) > 0) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const struct json *j = json_parse(&a, text, e);
		if (!j || each(ctx, j, e) < 0)
			return -1;
	}
	return got;
}

int
progress_read(struct engine *en, struct http_conn *c, progress_each *each, void *ctx, const char *what, int64_t due_ms, struct err *e)
{
	AUTO(json_stream) struct json_stream s = JSON_STREAM_INIT;
	struct str run;
	int got;

	while ((got = http_recv_body(c, &run, due_ms, e)) > 0) {
		if (json_stream_put(&s, run, e) < 0)
			return err_wrap(e, "%s", what);
		if (drain(&s, each, ctx, e) < 0)
			return e->code == ERR_PARSE ? wire_lost(en, what, e) : -1;
	}
	if (got == 0 && !json_stream_is_clean(&s))
		got = err_set(e, ERR_EOF, "cut");
	if (got < 0 && e->code == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT, "%s took longer than it may", what);
	return got < 0 ? wire_lost(en, what, e) : 0;
}

/* ---- layers ---- */

static uint64_t
positive(const struct json *j)
{
	int64_t v = json_int(j, 0);

	return v > 0 ? (uint64_t)v : 0;
}

bool
progress_layers_add(struct progress_layers *l, const struct json *object, uint64_t *ret_done, uint64_t *ret_total)
{
	const char *id = json_str(json_get(object, "id"), ""), *status = json_str(json_get(object, "status"), "");
	uint64_t done = positive(json_path(object, "progressDetail.current")), total = positive(json_path(object, "progressDetail.total"));
	bool is_complete = strcmp(status, "Download complete") == 0 || strcmp(status, "Pull complete") == 0;
	size_t i = 0;

	if (!*id || (!is_complete && strcmp(status, "Downloading") != 0))
		return false;
	while (i < l->n && strncmp(l->v[i].id, id, sizeof l->v[i].id - 1) != 0)
		i++;
	if (i == l->n) {
		if (total == 0 || l->n == PROGRESS_LAYERS_MAX)
			return false;
		(void)snprintf(l->v[l->n].id, sizeof l->v[0].id, "%.*s", (int)sizeof l->v[0].id - 1, id);
		l->v[l->n++].done = 0;
	}
	if (!is_complete && total > 0)
		l->v[i].total = total;
	l->v[i].done = is_complete ? l->v[i].total : done;

	*ret_done = *ret_total = 0;
	for (size_t k = 0; k < l->n; k++) {
		*ret_done += l->v[k].done;
		*ret_total += l->v[k].total;
	}
	return true;
}

/* ---- errors ---- */

const char *
progress_error(const struct json *object)
{
	const char *text = json_str(json_path(object, "errorDetail.message"), NULL);

	return text ? text : json_str(json_get(object, "error"), NULL);
}

enum remedy_kind { PLAIN, LOGIN };

/* Engines and registries have no codes for these, only words. First match counts. */
static const struct {
	const char *text, *cause;
	enum remedy_kind kind;
	const char *remedy;
} causes[] = {
	{ "no matching manifest", "the image is not made for the engine's platform", PLAIN, NULL },
	{ "no image found in manifest list", "the image is not made for the engine's platform", PLAIN, NULL },
	{ "toomanyrequests", "the registry's limit of pulls is reached", LOGIN, "wait, or" },
	{ "pull access denied", "there is no such image, or it needs a login", LOGIN, "check the name, or" },
	{ "requested access to the resource is denied", "there is no such image, or it needs a login", LOGIN, "check the name, or" },
	{ "unauthorized", "the registry did not accept the credentials, or wants some", LOGIN, "" },
	{ "authentication required", "the registry did not accept the credentials, or wants some", LOGIN, "" },
	{ "no basic auth credentials", "the registry did not accept the credentials, or wants some", LOGIN, "" },
	{ "incorrect username or password", "the registry did not accept the credentials, or wants some", LOGIN, "" },
	{ "invalid username/password", "the registry did not accept the credentials, or wants some", LOGIN, "" },
	{ "manifest unknown", "there is no such image or tag in the registry", PLAIN, NULL },
	{ "not found", "there is no such image or tag in the registry", PLAIN, NULL },
	{ "name unknown", "there is no such image or tag in the registry", PLAIN, NULL },
	{ "x509:", "the engine does not trust the registry's certificate", PLAIN, "add its CA certificate on the engine's host" },
	{ "server gave HTTP response to HTTPS client", "the registry speaks plain HTTP, which the engine refuses", PLAIN, NULL },
	{ "no such host", "the registry cannot be reached from the engine's host", PLAIN, "check that host's name resolution" },
	{ "dial tcp", "the registry cannot be reached from the engine's host", PLAIN, "check that host's network and proxy settings" },
	{ "pinging container registry", "the registry cannot be reached from the engine's host", PLAIN, "check that host's network and proxy settings" },
	{ "i/o timeout", "the registry cannot be reached from the engine's host", PLAIN, "check that host's network and proxy settings" },
	{ "TLS handshake timeout", "the registry cannot be reached from the engine's host", PLAIN, "check that host's network and proxy settings" },
	{ "Client.Timeout exceeded", "the registry cannot be reached from the engine's host", PLAIN,
	    "check that host's network and proxy settings" },
	{ "connection refused", "the registry cannot be reached from the engine's host", PLAIN, "check that host's network and proxy settings" },
};

int
progress_registry_fault(const char *said, struct str domain, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(ERR_MSG_BYTES);
	int status = e->http;

	wire_clean(&line, str_of(said), SAID_MAX);
	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
		if (!strstr(said, causes[i].text))
			continue;
		(void)err_set(e, ERR_IMAGE, "%s: %s", causes[i].cause, line.p);
		e->http = status;
		if (causes[i].kind == LOGIN)
			return err_note(e, "try", "%s%sdocker login%s" STR_FMT, causes[i].remedy, *causes[i].remedy ? " " : "",
			    str_is(domain, "docker.io") ? "" : " ", STR_ARG(str_is(domain, "docker.io") ? STR_NULL : domain));
		return causes[i].remedy ? err_note(e, "try", "%s", causes[i].remedy) : -1;
	}
	(void)err_set(e, ERR_IMAGE, "%s", line.p);
	e->http = status;
	return remedy_disk(e);
}

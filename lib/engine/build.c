/*
 * The classic builder (version=1): POST /build with a tar as its body. BuildKit would want a gRPC session back to the client.
 *
 * What counts as done: the stream ends cleanly, it said "Successfully built" or gave an id (Docker 20.10 to 28.5 and Podman 4.3 do both), and
 * the tag is there afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/engine/progress.h"
#include "lib/engine/registry_auth.h"
#include "lib/engine/remedy.h"
#include "lib/engine/wire.h"
#include "lib/json/jsonw.h"

#define AUTH_MAX 65536
#define SAID_MAX 300			/* of the engine's words in the error */
#define LAST_LINES 3			/* of the output, for the error */
#define BASE_ARG "BASE_IMAGE="		/* whose registry gets credentials; others get none */

struct build {
	const struct image_progress *progress;
	struct str base_domain;
	struct progress_layers layers;
	struct buf line;		/* the line that is not complete yet */
	char last[LAST_LINES][PROGRESS_LINE_MAX];
	unsigned n_last;
	bool is_done;
};

static void
put_pairs(struct buf *path, const char *key, const char *const *pairs)
{
	AUTO(buf) struct buf json = BUF_INIT(WIRE_PATH_MAX);
	struct jsonw w = JSONW_INIT(&json, 0);

	if (!pairs || !*pairs)
		return;
	jsonw_object(&w, NULL);
	for (; *pairs; pairs++) {
		AUTO(buf) struct buf name = BUF_INIT(WIRE_PATH_MAX);
		struct str value = str_of(*pairs);
		buf_putstr(&name, str_cut(&value, '='));
		jsonw_text(&w, name.p, value);
	}
	jsonw_end(&w);
	wire_query(path, key, buf_str(&json));
}

/* ---- progress ---- */

static void
report(const struct build *b, struct str line, uint64_t done, uint64_t total)
{
	if (b->progress && b->progress->step)
		b->progress->step(b->progress->ctx, line, done, total);
}

/* The builder's own words: no use in a list of what the failed command said. */
static bool
is_chatter(struct str line)
{
	static const char *const own[] = { "--->", "-->", "Step ", "STEP ", "Removing intermediate container", "Error: " };

	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		if (str_has_prefix(line, own[i]))
			return true;
	}
	return false;
}

static void
end_line(struct build *b)
{
	AUTO(buf) struct buf clean = BUF_INIT(PROGRESS_LINE_MAX);

	wire_clean(&clean, buf_str(&b->line), PROGRESS_LINE_MAX - 1);
	buf_reset(&b->line);
	if (clean.n == 0)
		return;
	b->is_done = b->is_done || str_has_prefix(buf_str(&clean), "Successfully built ");
	if (!is_chatter(buf_str(&clean)))
		(void)snprintf(b->last[b->n_last++ % LAST_LINES], PROGRESS_LINE_MAX, "%s", clean.p);
	report(b, buf_str(&clean), 0, 0);
}

/* Output arrives in pieces that know nothing of lines. A carriage return ends one too: progress bars of package managers. */
static void
take_output(struct build *b, struct str text)
{
	while (text.n > 0) {
		size_t n = 0;
		while (n < text.n && text.p[n] != '\n' && text.p[n] != '\r')
			n++;
		/* One byte of room is left, so that the buffer never latches. */
		buf_putstr(&b->line, str_take(str_take(text, n), b->line.ceiling - b->line.n));
		if (n < text.n)
			end_line(b);
		text = str_skip(text, n + 1);
	}
}

static void
take_status(struct build *b, const struct json *object)
{
	AUTO(buf) struct buf line = BUF_INIT(PROGRESS_LINE_MAX);
	uint64_t done = 0, total = 0;
	const char *id = json_str(json_get(object, "id"), "");

	if (!progress_layers_add(&b->layers, object, &done, &total))
		done = total = 0;
	wire_clean(&line, str_of(id), 80);
	buf_puts(&line, *id ? ": " : "");
	wire_clean(&line, str_of(json_str(json_get(object, "status"), "")), 200);
	report(b, buf_str(&line), done, total);
}

static bool
is_command_fault(const char *said)
{
	return strstr(said, "returned a non-zero code") || strstr(said, "exit status");
}

/* "...: returned a non-zero code: 132" on every engine: Podman says "exit status 132". */
static int
command_fault(const char *said, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(ERR_MSG_BYTES);
	struct str status = str_of(said);
	size_t at = str_find(status, STR_LIT("exit status "));

	wire_clean(&line, str_of(said), SAID_MAX);
	(void)err_set(e, ERR_IMAGE, "%s", line.p);
	if (at == STR_NONE || strstr(said, "returned a non-zero code"))
		return remedy_disk(e);
	status = str_skip(status, at + strlen("exit status "));
	size_t n = 0;
	while (n < status.n && status.p[n] >= '0' && status.p[n] <= '9')
		n++;
	(void)err_set(e, ERR_IMAGE, "%s (returned a non-zero code: " STR_FMT ")", line.p, STR_ARG(str_take(status, n)));
	return remedy_disk(e);
}

/* What the engine says when the base image is the trouble. */
static bool
is_registry_fault(const char *said)
{
	static const char *const signs[] = {
		"manifest", "pull access denied", "dial tcp", "://", "unauthorized", "toomanyrequests", "resolve reference", "initializing source",
	};

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		if (strstr(said, signs[i]))
			return true;
	}
	return false;
}

static int
plain_fault(const char *said, struct err *e)
{
	AUTO(buf) struct buf line = BUF_INIT(ERR_MSG_BYTES);

	wire_clean(&line, str_of(said), SAID_MAX);
	(void)err_set(e, ERR_IMAGE, "%s", line.p);
	return remedy_disk(e);
}

/* The engine's words, and the last lines that the build said. */
static int
build_fault(struct build *b, const char *said, struct err *e)
{
	int status = e->http;

	end_line(b);
	/* A command that failed may speak of anything, "not found" too; a registry is to blame only for what no command said. */
	if (is_command_fault(said))
		(void)command_fault(said, e);
	else if (is_registry_fault(said))
		(void)progress_registry_fault(said, b->base_domain, e);
	else
		(void)plain_fault(said, e);
	e->http = status;
	unsigned n = b->n_last < LAST_LINES ? b->n_last : LAST_LINES;
	for (unsigned i = b->n_last - n; i < b->n_last; i++)
		(void)err_note(e, "output", "%s", b->last[i % LAST_LINES]);
	return -1;
}

static int
each_object(void *ctx, const struct json *object, struct err *e)
{
	struct build *b = ctx;
	const char *said = progress_error(object);
	const struct json *output = json_get(object, "stream");

	if (said)
		return build_fault(b, said, e);
	if (json_is(output, JSON_STRING))
		take_output(b, output->text);
	if (json_is(json_path(object, "aux.ID"), JSON_STRING))
		b->is_done = true;
	if (json_is(json_get(object, "status"), JSON_STRING))
		take_status(b, object);
	return 0;
}

/* ---- request ---- */

static void
put_query(struct buf *path, const struct image_build *b)
{
	buf_puts(path, "/build?version=1&rm=1&forcerm=1");
	wire_query(path, "t", str_of(b->tag));
	if (b->no_cache)
		buf_puts(path, "&nocache=1");
	if (b->pull)
		buf_puts(path, "&pull=1");
	put_pairs(path, "buildargs", b->args);
	put_pairs(path, "labels", b->labels);
}

/* The registry of the base image; empty when the build names none. */
static struct str
base_domain(const struct image_build *b, struct image_ref *ref)
{
	struct err ignored = ERR_INIT;

	for (const char *const *arg = b->args; arg && *arg; arg++) {
		struct str s = str_of(*arg);
		if (str_has_prefix(s, BASE_ARG) && image_ref_parse(str_skip(s, strlen(BASE_ARG)), ref, &ignored) == 0)
			return ref->domain;
	}
	return STR_LIT("docker.io");
}

/* Sends the context. 1 when the engine answered before the end of it. */
static int
upload(struct http_conn *c, const struct image_context *context, int64_t due_ms, struct err *e)
{
	struct str data;
	int got;

	while ((got = context->next(context->ctx, &data, e)) > 0) {
		int is_answered = data.n > 0 ? http_send_chunk(c, data, due_ms, e) : 0;
		if (is_answered != 0)
			return is_answered;
	}
	return got < 0 ? -1 : http_send_end(c, due_ms, e);
}

static int
run_build(struct engine *en, struct arena *a, const struct image_build *b, const struct image_context *context, struct build *state,
    int64_t due_ms, struct err *e)
{
	AUTO(http_conn) struct http_conn conn = HTTP_CONN_INIT;
	AUTO(buf) struct buf path = BUF_INIT(WIRE_PATH_MAX);
	AUTO(buf) struct buf auth = BUF_SECRET_INIT(AUTH_MAX);

	if (registry_config_put(a, &en->env, state->base_domain, &auth, e) < 0)
		return -1;
	put_query(&path, b);
	if (buf_check(&path, "the build arguments", e) < 0)
		return -1;
	const struct http_field field = { STR_LIT("X-Registry-Config"), buf_str(&auth) };
	const struct engine_stream_request r = {
		.method = "POST", .path = path.p, .content_type = "application/x-tar", .fields = &field, .n_fields = auth.n > 0,
		.is_chunked = true,
	};
	if (engine_stream(en, &r, &conn, due_ms, e) < 0)
		return -1;
	int is_cut = upload(&conn, context, due_ms, e);
	if (is_cut < 0)
		return err_wrap(e, "send the build context");
	if (engine_stream_head(en, &conn, due_ms, e) < 0)
		return e->http ? build_fault(state, e->msg, e) : -1;
	if (progress_read(en, &conn, each_object, state, "the build", due_ms, e) < 0)
		return -1;
	end_line(state);
	return is_cut ? err_set(e, ERR_ENGINE, "the engine ended the build before it had the whole build context") : 0;
}

int
image_build(struct engine *en, struct arena *a, const struct image_build *b, const struct image_context *context,
    const struct image_progress *p, int64_t due_ms, const char **ret_id, struct err *e)
{
	struct image_ref base;
	struct build state = { .progress = p, .line = BUF_INIT(4 * PROGRESS_LINE_MAX) };
	struct image built;

	state.base_domain = base_domain(b, &base);
	int rc = run_build(en, a, b, context, &state, due_ms, e);
	buf_fini(&state.line);
	if (rc < 0)
		return err_wrap(e, "build %s", b->tag);
	if (!state.is_done)
		return err_set(e, ERR_ENGINE, "build %s: the connection to the engine was lost in the middle of the build", b->tag);
	if (image_inspect(en, a, b->tag, &built, e) < 0)
		return err_wrap(e, "build %s: said to be done", b->tag);
	*ret_id = built.id;
	return 0;
}

/* image_stream_test.c - builds and pulls whose streams are cut, early, false or large, on a scripted engine */
#include "tests/unit/scripted_engine.h"

#include "lib/base/file.h"
#include "lib/engine/image.h"
#include "lib/engine/json_stream.h"

#define SENT "4\r\ntar.\r\n0\r\n\r\n"
#define INSPECT HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n{\"Id\":\"sha256:new\",\"Architecture\":\"amd64\"}  ")
#define VERSION HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"Arch\":\"amd64\"}")
#define STREAM "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

static struct arena a = ARENA_INIT;
static struct err e = ERR_INIT;
static unsigned n_steps;
static char last_step[500];
static uint64_t last_done, last_total;

static void
on_step(void *ctx, struct str line, uint64_t done, uint64_t total)
{
	(void)ctx;
	n_steps++;
	snprintf(last_step, sizeof last_step, STR_FMT, STR_ARG(line));
	if (total > 0) {
		last_done = done;
		last_total = total;
	}
}

static const struct image_progress progress = { .step = on_step };

struct source {
	size_t left;			/* bytes */
};

static int
next_piece(void *ctx, struct str *ret, struct err *err)
{
	static const char bytes[65536] = "tar.";
	struct source *s = ctx;

	(void)err;
	if (s->left == 0)
		return 0;
	*ret = str_from(bytes, s->left < sizeof bytes ? s->left : sizeof bytes);
	s->left -= ret->n;
	return 1;
}

/* The body of a chunked answer: the whole text in chunks of at most `at_once` bytes. */
static const char *
chunked(const char *text, size_t at_once, bool has_end)
{
	AUTO(buf) struct buf b = BUF_INIT(4u << 20);

	buf_puts(&b, STREAM);
	for (struct str rest = str_of(text); rest.n > 0; rest = str_skip(rest, at_once)) {
		struct str run = str_take(rest, at_once);
		buf_printf(&b, "%zx\r\n" STR_FMT "\r\n", run.n, STR_ARG(run));
	}
	buf_puts(&b, has_end ? "0\r\n\r\n" : "");
	return arena_strdup(&a, b.p);
}

/* Builds from a context of n bytes; the second connection follows steps. */
static int
build(const struct peer_step *steps, size_t n, const char **ret_id)
{
	AUTO(engine) struct engine en = ENGINE_INIT;
	struct source s = { .left = n };
	const struct image_context context = { .next = next_piece, .ctx = &s };
	const struct image_build b = { .tag = "t:1", .args = (const char *const[]){ "A=1", NULL } };

	n_steps = 0;
	err_clear(&e);
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, INSPECT, HOLD), steps), &e));
	int rc = image_build(&en, &a, &b, &context, &progress, clock_due_ms(10000), ret_id, &e);
	scripted_stop();
	return rc;
}

static int
build_answered(const char *answer)
{
	const char *id = NULL;
	int rc = build(SCRIPT(HEAD, { PEER_READ, NULL, sizeof SENT - 1 }, SEND(answer)), 4, &id);

	if (rc == 0)
		T_STR(id, "sha256:new");
	return rc;
}

#define GOOD_BUILD "{\"stream\":\"Step 1/1 : FROM x\"}\r\n{\"stream\":\"\\n ---\\u003e 123\\n\"}\n{\"aux\":{\"ID\":\"sha256:new\"}}{\"stream\":\"Successfully built 123\\n\"}"

static void
builds(void)
{
	t_row("a build whose stream comes in pieces of every size");
	for (size_t at_once = 1; at_once < 140; at_once += 7) {
		T_CALL(build_answered(chunked(GOOD_BUILD, at_once, true)));
		T_EQ(n_steps, 3);
		T_STR(last_step, "Successfully built 123");
	}
	t_row("a build whose answer is cut at every byte: lost in the middle");
	const char *whole = chunked(GOOD_BUILD, 60, true);
	for (size_t n = 0; n + 1 < strlen(whole); n += 3) {
		T_FAILS(build_answered(arena_str(&a, str_from(whole, n))), ERR_ENGINE);
		T_HAS(e.msg, "lost in the middle");
	}
	t_row("a stream that ends well but says nothing of success");
	T_FAILS(build_answered(chunked("{\"stream\":\"Step 1/2 : FROM x\\n\"}", 9, true)), ERR_ENGINE);
	T_FAILS(build_answered(chunked("", 9, true)), ERR_ENGINE);
	t_row("a stream that is no JSON, or not of objects, or an object beyond all bounds");
	T_FAILS(build_answered(chunked("{\"stream\":oops}", 9, true)), ERR_ENGINE);
	T_FAILS(build_answered(chunked("<html>", 9, true)), ERR_ENGINE);
	const char *id;
	T_FAILS(build(SCRIPT(HEAD, { PEER_READ, NULL, sizeof SENT - 1 }, SEND(STREAM "7fffffff\r\n{\"stream\":\""), { PEER_FILL, NULL, 2 * JSON_STREAM_MAX },
	    HOLD), 4, &id), ERR_TOO_BIG);
	t_row("an error: the last lines of output, the builder's own words left out");
	T_FAILS(build_answered(chunked("{\"stream\":\"Step 1/2 : RUN x\\n\"}{\"stream\":\"a\\nb\\rc\\nhalf\"}{\"stream\":\" line\\n\\n\"}"
	    "{\"stream\":\"Removing intermediate container 1\\n\"}{\"stream\":\"\\u001b[91mlast\\u001b[0m\"}"
	    "{\"error\":\"x\",\"errorDetail\":{\"code\":132,\"message\":\"The command 'x' returned a non-zero code: 132\"}}", 50, true)), ERR_IMAGE);
	T_HAS(e.msg, "returned a non-zero code: 132");
	T_EQ(e.n_notes, 3);
	T_STR(e.notes[0].text, "c");
	T_STR(e.notes[1].text, "half line");
	T_STR(e.notes[2].text, "last");
	t_row("an error of a long command keeps its exit code");
	const char *many = arena_printf(&a, "{\"errorDetail\":{\"message\":\"The command '%0900d' returned a non-zero code: 132\"}}", 0);
	T_FAILS(build_answered(chunked(many, 100, true)), ERR_IMAGE);
	T_HAS(e.msg, "returned a non-zero code: 132");
	t_row("an error without a detail; after the success; a full disk");
	T_FAILS(build_answered(chunked("{\"error\":\"bad\"}", 100, true)), ERR_IMAGE);
	T_FAILS(build_answered(chunked(GOOD_BUILD "{\"error\":\"bad\"}", 100, true)), ERR_IMAGE);
	T_FAILS(build_answered(chunked("{\"error\":\"write /x: no space left on device\"}", 100, true)), ERR_IMAGE);
	T_HAS(e.notes[0].text, "disk on the engine's side is full");
	t_row("a line without an end is cut, not kept");
	const char *line = arena_printf(&a, "{\"stream\":\"%050000d\"}%s", 0, GOOD_BUILD);
	T_CALL(build_answered(chunked(line, 5000, true)));
}

static void
early_answers(void)
{
	const char *id;
	const size_t large = 300u << 20;

	t_row("refused while the context is still on its way");
	T_FAILS(build(SCRIPT(HEAD, SEND("HTTP/1.1 400 Bad Request\r\nContent-Length: 37\r\n\r\n{\"message\":\"dockerfile parse error 1\"}"), HOLD), large, &id), ERR_IMAGE);
	T_HAS(e.msg, "dockerfile parse error");
	t_row("refused and closed at once");
	T_FAILS(build(SCRIPT(HEAD, SEND("HTTP/1.1 500 No\r\nContent-Length: 15\r\n\r\n{\"message\":\"x\"}")), large, &id), ERR_IMAGE);
	t_row("200 and an error while the context is still on its way");
	T_FAILS(build(SCRIPT(HEAD, { PEER_READ, NULL, 100000 }, SEND(chunked("{\"errorDetail\":{\"message\":\"nope\"}}", 10, true)), HOLD), large, &id),
	    ERR_IMAGE);
	T_HAS(e.msg, "nope");
	t_row("200 and success before the engine has the context is no success");
	T_FAILS(build(SCRIPT(HEAD, SEND(chunked(GOOD_BUILD, 10, true)), HOLD), large, &id), ERR_ENGINE);
	t_row("closed in the middle of the context");
	T_FAILS(build(SCRIPT(HEAD, { PEER_READ, NULL, 100000 }), large, &id), ERR_ENGINE);
	T_HAS(e.msg, "lost in the middle");
}

/* ---- pulls ---- */

static int
pull(const char *answer, const char *ref)
{
	AUTO(engine) struct engine en = ENGINE_INIT;

	n_steps = 0;
	last_done = last_total = 0;
	err_clear(&e);
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, INSPECT, VERSION, HOLD), SCRIPT(HEAD, SEND(answer))), &e));
	int rc = image_pull(&en, &a, ref, &progress, clock_due_ms(10000), &e);
	scripted_stop();
	return rc;
}

#define GOOD_PULL "{\"status\":\"Pulling from x\",\"id\":\"1\"}{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"aaaaaaaaaaaa\"}" \
	"{\"status\":\"Downloading\",\"progressDetail\":{\"current\":10,\"total\":100},\"id\":\"aaaaaaaaaaaa\"}" \
	"{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,\"total\":50},\"id\":\"bbbbbbbbbbbb\"}" \
	"{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"aaaaaaaaaaaa\"}" \
	"{\"status\":\"Extracting\",\"progressDetail\":{\"current\":1,\"total\":100},\"id\":\"aaaaaaaaaaaa\"}"
#define END_PULL "{\"status\":\"Status: Downloaded newer image for x:1\"}"

static void
pulls(void)
{
	t_row("layers add up");
	T_CALL(pull(chunked(GOOD_PULL END_PULL, 33, true), "x:1"));
	T_EQ(n_steps, 7);
	T_EQ(last_done, 105);
	T_EQ(last_total, 150);
	t_row("a pull that is cut, or ends without its final word");
	const char *whole = chunked(GOOD_PULL END_PULL, 200, true);
	for (size_t n = 0; n + 1 < strlen(whole); n += 11)
		T_FAILS(pull(arena_str(&a, str_from(whole, n)), "x:1"), ERR_ENGINE);
	T_FAILS(pull(chunked(GOOD_PULL, 200, true), "x:1"), ERR_ENGINE);
	t_row("more layers than anybody has");
	AUTO(buf) struct buf many = BUF_INIT(1u << 20);
	for (unsigned i = 0; i < 1000; i++)
		buf_printf(&many, "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":9223372036854775807,\"total\":-5},\"id\":\"%012x\"}"
		    "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":1,\"total\":2},\"id\":\"%012x\"}", i, i);
	buf_puts(&many, END_PULL);
	T_CALL(pull(chunked(many.p, 60000, true), "x:1"));

	static const struct {
		const char *said, *says, *note;
	} row[] = {
		{ "pull access denied for x, repository does not exist or may require 'docker login'", "no such image, or it needs a login", "docker login" },
		{ "Head https://ghcr.io/v2/x/manifests/1: unauthorized: authentication required", "did not accept the credentials", "docker login ghcr.io" },
		{ "Get https://ghcr.io/v2/: no basic auth credentials", "did not accept the credentials", "docker login ghcr.io" },
		{ "manifest for ghcr.io/x:1 not found: manifest unknown", "no such image or tag", NULL },
		{ "no matching manifest for linux/arm64/v8 in the manifest list entries", "not made for the engine's platform", NULL },
		{ "toomanyrequests: You have reached your pull rate limit", "limit of pulls", "docker login" },
		{ "Get https://ghcr.io/v2/: dial tcp: lookup ghcr.io: no such host", "cannot be reached", "name resolution" },
		{ "Get https://ghcr.io/v2/: dial tcp 1.2.3.4:443: i/o timeout", "cannot be reached", "network and proxy" },
		{ "Get https://ghcr.io/v2/: net/http: TLS handshake timeout", "cannot be reached", "network and proxy" },
		{ "Get https://ghcr.io/v2/: x509: certificate signed by unknown authority", "does not trust", "CA certificate" },
		{ "http: server gave HTTP response to HTTPS client", "plain HTTP", NULL },
		{ "write /var/lib/docker/tmp/x: no space left on device", "no space left", "docker system df" },
		{ "something new", "something new", NULL },
	};
	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		t_row("pull: %.60s", row[i].said);
		for (int early = 0; early < 2; early++) {
			const char *body = arena_printf(&a, early ? "{\"message\":\"%s\"}" : "{\"errorDetail\":{\"message\":\"%s\"},\"error\":\"x\"}", row[i].said);
			const char *answer = early ? arena_printf(&a, "HTTP/1.1 500 X\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body) : chunked(body, 50, true);
			T_FAILS(pull(answer, "ghcr.io/x:1"), ERR_IMAGE);
			T_HAS(e.msg, row[i].says);
			T_HAS(e.msg, "pull ghcr.io/x:1: ");
			bool has_note = !row[i].note;
			for (size_t k = 0; k < e.n_notes && row[i].note; k++)
				has_note = has_note || strstr(e.notes[k].text, row[i].note);
			T_OK(has_note);
		}
	}
}

static void
platform(void)
{
	AUTO(engine) struct engine en = ENGINE_INIT;

	t_row("an image for another platform was pulled: said, not hidden");
	T_CALL(scripted_open(&en, &a, CONNECTIONS(SCRIPT(PING, INSPECT, HEAD, SEND("HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n{\"Arch\":\"arm64\",\"Os\":\"linux\"}"), HOLD),
	    SCRIPT(HEAD, SEND(chunked(END_PULL, 50, true)))), &e));
	T_FAILS(image_pull(&en, &a, "x:1", &progress, DUE, &e), ERR_IMAGE);
	T_HAS(e.msg, "amd64, the engine runs linux/arm64");
	scripted_stop();
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	builds();
	early_answers();
	pulls();
	platform();
	arena_fini(&a);
	return t_done();
}

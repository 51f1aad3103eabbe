/* vantage_test: which password a container lets in, and that it is never given an empty one behind the edge */
#include "lib/deploy/vantage.h"

#include "lib/base/mem.h"
#include "lib/deploy/secret_file.h"
#include "tests/t.h"

static const struct {
	const char *labels;
	bool is_inner;
} rows[] = {
	{ "{}", false },
	{ "null", false },
	{ "{\"" LABEL_PASSWORD "\":\"\"}", false },
	{ "{\"" LABEL_PASSWORD "\":\"user\"}", false },
	{ "{\"" LABEL_USER "\":\"" LABEL_PASSWORD_INNER "\"}", false },
	{ "{\"" LABEL_PASSWORD "\":\"" LABEL_PASSWORD_INNER "\"}", true },
};

static struct container
container_with(struct arena *a, const char *labels)
{
	struct err e = ERR_INIT;

	return (struct container){ .id = "c1", .name = "c", .labels = json_parse(a, str_of(labels), &e) };
}

static void
test_passwords(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(credentials) struct credentials cr;

	credentials_init(&cr);
	buf_puts(&cr.password, "the user's");
	buf_puts(&cr.inner_password, "the inner one");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct container c = container_with(&a, rows[i].labels);

		t_row("vantage: labels %s", rows[i].labels);
		T_EQ(vantage_is_inner(&c), rows[i].is_inner);
		T_VIEW(vantage_password(&c, &cr), rows[i].is_inner ? "the inner one" : "the user's");
	}
}

static void
test_request(void)
{
	AUTO(buf) struct buf out = BUF_INIT(1024);

	t_row("vantage: a request with a password, with an empty one, and without");
	vantage_put_request("GET", "/x", STR_LIT("h:1"), "opencode", STR_LIT("pw"), STR_NULL, &out);
	T_HAS(out.p, "Authorization: Basic b3BlbmNvZGU6cHc=\r\n");
	buf_reset(&out);
	vantage_put_request("GET", "/x", STR_LIT("h:1"), "opencode", STR_LIT(""), STR_NULL, &out);
	T_HAS(out.p, "Authorization: Basic b3BlbmNvZGU6\r\n");
	buf_reset(&out);
	vantage_put_request("GET", "/x", STR_LIT("h:1"), "opencode", STR_NULL, STR_NULL, &out);
	T_STR(out.p, "GET /x HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n");
}

static void
test_without_inner(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(credentials) struct credentials cr;
	struct service s = { .arena = &a, .engine = ENGINE_INIT, .scope = { .credentials_path = "/c/credentials.json" } };
	struct container c = container_with(&a, rows[ARRAY_LEN(rows) - 1].labels);
	struct err e = ERR_INIT;

	t_row("vantage: a container behind the edge gets no secret file without its password");
	credentials_init(&cr);
	T_CALL(credentials_set_password(&cr, STR_LIT("the user's own canary"), &e));
	T_FAILS(secret_file_put(&s, &c, &cr, &e), ERR_CONFIG);
	T_HAS(e.msg, "/c/credentials.json has no password for opencode behind the edge");
	T_OK(!strstr(e.msg, "canary"));
}

int
main(void)
{
	test_passwords();
	test_request();
	test_without_inner();
	return t_done();
}

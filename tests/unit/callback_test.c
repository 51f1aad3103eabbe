/* callback_test.c - redirects to localhost: seen in output however it is cut, recognised in what is pasted */
#include "applets/occ/callback.h"

#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/t.h"

/* ---- output ------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name, *text;
	unsigned port;
} spots[] = {
	{ "encoded", "Go to: https://auth.example/authorize?client_id=x&redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback&s=1\n", 1455 },
	{ "encoded, small letters", "?redirect_uri=http%3a%2f%2flocalhost%3a1455%2f ", 1455 },
	{ "plain", "?redirect_uri=http://127.0.0.1:19876/mcp/oauth/callback&x=1", 19876 },
	{ "IPv6", "?redirect_uri=http%3A%2F%2F%5B%3A%3A1%5D%3A8080%2F", 8080 },
	{ "IPv6, half encoded", "?redirect_uri=http://[::1]:8080/", 8080 },
	{ "in a frame, broken into lines", "\xe2\x94\x82  https://a.example/?redirect_\r\n\xe2\x94\x82  uri=http%3A%2F%2Floc\r\n\xe2\x94\x82  alhost%3A14\r\n"
		"\xe2\x94\x82  55%2Fcb\r\n", 1455 },
	{ "with colours in it", "redirect_\033[36muri=http\033[0m%3A%2F%2Flocalhost%3A1\033[1;2m455%2F", 1455 },
	{ "behind a title", "\033]0;redirect_uri=nothing\007redirect_uri=http://localhost:7/", 7 },
	{ "behind a title ended by ST", "\033]0;x\033\\redirect_uri=http://localhost:7/", 7 },
	{ "the second one", "redirect_uri=https%3A%2F%2Fconsole.example%2Fcode&redirect_uri=http://localhost:99/", 99 },
	{ "elsewhere", "redirect_uri=https%3A%2F%2Fconsole.example%2Foauth%2Fcode%2Fcallback&x", 0 },
	{ "https", "redirect_uri=https://localhost:1455/", 0 },
	{ "a name that only begins so", "redirect_uri=http://localhost.example:1455/", 0 },
	{ "no port", "redirect_uri=http://localhost/cb ", 0 },
	{ "port 0", "redirect_uri=http://localhost:0/", 0 },
	{ "port too large", "redirect_uri=http://localhost:65536/", 0 },
	{ "an endless port", "redirect_uri=http://localhost:11111111111111111111111111111111111111/", 0 },
	{ "no end yet", "redirect_uri=http://localhost:1455", 0 },
	{ "the address alone", "server listening on http://localhost:1455/", 0 },
};

static unsigned
feed(struct callback_spot *c, const char *text, size_t n)
{
	return n ? callback_spot(c, str_from(t_guard(text, n), n)) : 0;
}

static void
test_spots(void)
{
	for (size_t i = 0; i < sizeof spots / sizeof spots[0]; i++) {
		size_t n = strlen(spots[i].text);

		t_row("spot: %s", spots[i].name);
		for (size_t cut = 0; cut <= n; cut++) {
			struct callback_spot c = { .n = 0 };
			unsigned first = feed(&c, spots[i].text, cut);
			unsigned second = feed(&c, spots[i].text + cut, n - cut);

			T_EQ(first ? first : second, spots[i].port);
		}
		struct callback_spot bytes = { .n = 0 };
		unsigned port = 0;
		for (size_t k = 0; k < n; k++) {
			unsigned now = feed(&bytes, spots[i].text + k, 1);
			port = now ? now : port;
		}
		T_EQ(port, spots[i].port);
	}
}

/* Anything before and behind it, at every place of the window that is kept. */
static void
test_long_output(void)
{
	static const char word[] = "redirect_uri=http%3A%2F%2Flocalhost%3A1455%2F";
	char *text = mem_new(4000);

	t_row("spot: in long output");
	for (size_t at = 0; at < 1200; at++) {
		struct callback_spot c = { .n = 0 };

		memset(text, 'x', 4000);
		memcpy(text + at, word, sizeof word - 1);
		T_EQ(callback_spot(&c, str_from(text, 4000)), 1455);
		T_EQ(callback_spot(&c, STR_LIT("more")), 0);
	}
	mem_free(text);
}

/* ---- input ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	unsigned port;
	const char *url;
} urls[] = {
	{ "http://localhost:1455/auth/callback?code=a.b-c_d~e%20f&state=x", 1455, "http://localhost:1455/auth/callback?code=a.b-c_d~e%20f&state=x" },
	{ " http://127.0.0.1:1455/cb\r", 1455, "http://127.0.0.1:1455/cb" },
	{ "http://[::1]:1455/cb\n", 1455, "http://[::1]:1455/cb" },
	{ "\033[200~http://localhost:1455/cb?x=1\033[201~", 1455, "http://localhost:1455/cb?x=1" },
	{ "\033[200~http://localhost:1455/cb\033[201~\r", 1455, "http://localhost:1455/cb" },
	{ "http://localhost:1455?code=1", 1455, "http://localhost:1455?code=1" },
	{ "http://localhost:80/cb", 0, "http://localhost:80/cb" },
	{ "http://localhost:1456/cb", 1455, "" },
	{ "http://localhost:14550/cb", 1455, "" },
	{ "https://localhost:1455/cb", 1455, "" },
	{ "http://localhost.example:1455/cb", 1455, "" },
	{ "http://user@localhost:1455/cb", 1455, "" },
	{ "http://localhost:1455@evil.example/cb", 1455, "" },
	{ "http://localhost:1455/cb\"\nurl=\"http://evil.example/", 1455, "" },
	{ "http://localhost:1455/cb\\x", 1455, "" },
	{ "http://localhost:1455/a b", 1455, "" },
	{ "http://localhost:1455/\xc3\xa4", 1455, "" },
	{ "http://localhost:1455", 1455, "" },
	{ "http://localhost/cb", 0, "" },
	{ "", 0, "" },
	{ "/models", 1455, "" },
};

static void
test_urls(void)
{
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		size_t n = strlen(urls[i].text);

		t_row("url: %zu", i);
		struct str url = callback_url(str_from(t_guard(urls[i].text, n), n), urls[i].port);
		T_VIEW(url, urls[i].url);
	}
}

#define STEPS 5

/* Reads as they come, with the time of each; what goes on to the program, and whether an address is complete at the end. */
static const struct {
	const char *name;
	struct { int64_t at_ms; const char *data; } step[STEPS];
	const char *pass, *held;
} pastes[] = {
	{ "keys go through", { { 0, "h" }, { 50, "t" }, { 100, "t" }, { 150, "p" }, { 200, "\r" } }, "http\r", "" },
	{ "arrow keys go through", { { 0, "\033[A" }, { 10, "\033[B" }, { 20, "\r" } }, "\033[A\033[B\r", "" },
	{ "paste with Enter", { { 0, "http://localhost:1455/cb?c=1\r" } }, "", "http://localhost:1455/cb?c=1\r" },
	{ "bracketed paste", { { 0, "\033[200~http://localhost:1455/cb\033[201~" } }, "", "\033[200~http://localhost:1455/cb\033[201~" },
	{ "bracketed paste in pieces", { { 0, "\033[200~http://localhost:1455/cb?code=" }, { 900, "1234" }, { 901, "\033[201~" } }, "",
		"\033[200~http://localhost:1455/cb?code=1234\033[201~" },
	{ "paste in pieces, then silence", { { 0, "http://localhost:1455/cb?code=" }, { 10, "1234" }, { 215, "" } }, "",
		"http://localhost:1455/cb?code=1234" },
	{ "nothing yet within the silence", { { 0, "http://localhost:1455/cb" }, { 100, "" } }, "", "" },
	{ "another address goes through", { { 0, "http://localhost:9999/cb\r" } }, "http://localhost:9999/cb\r", "" },
	{ "what is none after all goes through", { { 0, "http://localhost:1455/cb and more" }, { 10, " words\r" } },
		"http://localhost:1455/cb and more words\r", "" },
	{ "keys behind it go through", { { 0, "x" }, { 5, "http://localhost:1455/a b\r" }, { 9, "y" } }, "xhttp://localhost:1455/a b\ry", "" },
};

static void
test_pastes(void)
{
	for (size_t i = 0; i < sizeof pastes / sizeof pastes[0]; i++) {
		AUTO(buf) struct buf pass = BUF_INIT(1 << 16);
		struct callback_paste c = CALLBACK_PASTE_INIT;
		int got = 0;

		t_row("paste: %s", pastes[i].name);
		for (size_t k = 0; k < STEPS && pastes[i].step[k].data; k++) {
			const char *data = pastes[i].step[k].data;
			size_t n = strlen(data);

			T_EQ(got, 0);
			got = callback_paste(&c, 1455, n ? str_from(t_guard(data, n), n) : STR_NULL, pastes[i].step[k].at_ms, &pass);
		}
		T_EQ(got, pastes[i].held[0] != 0);
		T_STR(pass.p, pastes[i].pass);
		if (got) {
			T_STR(c.held.p, pastes[i].held);
			T_OK(callback_url(buf_str(&c.held), 1455).n > 0);
			T_OK(c.due_ms == CLOCK_NEVER);
		}
		buf_wipe(&c.held);
	}
}

static void
test_too_long(void)
{
	AUTO(buf) struct buf pass = BUF_INIT(1 << 16), text = BUF_INIT(1 << 16);
	struct callback_paste c = CALLBACK_PASTE_INIT;

	t_row("paste: longer than any address");
	buf_puts(&text, "http://localhost:1455/cb?code=");
	T_EQ(callback_paste(&c, 1455, buf_str(&text), 0, &pass), 0);
	T_EQ(pass.n, 0);
	while (text.n < CALLBACK_URL_MAX + 10)
		buf_putc(&text, 'a');
	T_EQ(callback_paste(&c, 1455, str_skip(buf_str(&text), 30), 10, &pass), 0);
	T_EQ(pass.n, text.n);
	T_EQ(c.held.n, 0);
	T_EQ(callback_paste(&c, 1455, STR_LIT("q"), 20, &pass), 0);
	T_EQ(pass.n, text.n + 1);
}

int
main(void)
{
	test_spots();
	test_long_output();
	test_urls();
	test_pastes();
	test_too_long();
	return t_done();
}

/* credentials_test.c - the file and its rights, what may be a password or a secret, and that nothing of them is told */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/incident.h"
#include "tests/t.h"

static struct scope
scope_in(struct arena *a, const char *name)
{
	const char *dir = arena_printf(a, "%s/%s", t_tmpdir(), name);

	return (struct scope){ .kind = SCOPE_USER, .instance = "default", .home = dir, .config_path = path_join(a, dir, "config.json"),
		.credentials_path = path_join(a, dir, "credentials.json"), .state_dir = path_join(a, dir, "state"),
		.state_path = path_join(a, dir, "state/state.json"), .lock_path = path_join(a, dir, "state/lock") };
}

static void
test_roundtrip(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "roundtrip");
	AUTO(credentials) struct credentials c, back, none;
	struct err e = ERR_INIT;
	struct stat st;

	credentials_init(&c);
	credentials_init(&back);
	credentials_init(&none);
	t_row("no file: no password, no secrets");
	T_CALL(credentials_load(&s, &none, &e));
	T_OK(!none.has_password && none.n_secrets == 0);

	t_row("saved and loaded again, sorted by name, 0600 in 0700");
	T_CALL(credentials_set_password(&c, STR_LIT("p\"\\ \xc3\xa4:/+ 12345"), &e));
	T_CALL(credentials_set_secret(&c, "OPENAI_API_KEY", STR_LIT("sk-\"2\""), &e));
	T_CALL(credentials_set_secret(&c, "ANTHROPIC_API_KEY", STR_LIT("sk-1"), &e));
	T_CALL(credentials_set_secret(&c, "ANTHROPIC_API_KEY", STR_LIT("sk-3"), &e));
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	T_OK(back.has_password);
	T_STR(back.password.p, "p\"\\ \xc3\xa4:/+ 12345");
	T_EQ(back.n_secrets, 2);
	T_STR(back.n_secrets ? back.secrets[0].name : NULL, "ANTHROPIC_API_KEY");
	T_STR(back.n_secrets ? back.secrets[0].value.p : NULL, "sk-3");
	T_STR(back.n_secrets > 1 ? back.secrets[1].value.p : NULL, "sk-\"2\"");
	T_OK(stat(s.credentials_path, &st) == 0 && (st.st_mode & 07777) == 0600);
	T_OK(stat(path_dir(&a, s.credentials_path), &st) == 0 && (st.st_mode & 07777) == 0700);

	t_row("unset");
	T_OK(credentials_unset_secret(&back, "ANTHROPIC_API_KEY"));
	T_OK(!credentials_unset_secret(&back, "ANTHROPIC_API_KEY"));
	T_EQ(back.n_secrets, 1);
	T_STR(back.secrets[0].name, "OPENAI_API_KEY");
}

static void
test_empty_password(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "empty");
	AUTO(credentials) struct credentials c, back;
	struct err e = ERR_INIT;

	credentials_init(&c);
	credentials_init(&back);
	t_row("an empty password is one; none is none");
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	T_OK(!back.has_password);
	T_CALL(credentials_set_password(&c, STR_LIT(""), &e));
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	T_OK(back.has_password && back.password.n == 0);
}

static void
test_passwords(void)
{
	static const struct { const char *password; bool is_ok; } row[] = {
		{ "correct horse", true }, { "123456789012", true }, { "canary67890", false }, { "x", false }, { "canary\tcanary", false },
		{ "canary\ncanary", false }, { "canary-\xff-canary", false }, { "canary-\x7f-canary", false }, { " leading and trailing ", true },
		{ "", true },
	};
	char long_one[1026];

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(credentials) struct credentials c;
		struct err e = ERR_INIT;
		int rc;

		credentials_init(&c);
		rc = credentials_set_password(&c, str_of(row[i].password), &e);
		t_row("password %zu", i);
		T_EQ(rc, row[i].is_ok ? 0 : -1);
		T_OK(c.has_password == row[i].is_ok);
		if (rc < 0)
			T_ERR(ERR_USAGE);
		T_OK(!strstr(e.msg, "canary"));
	}
	for (size_t n = 1024; n <= 1025; n++) {
		AUTO(credentials) struct credentials c;
		struct err e = ERR_INIT;

		credentials_init(&c);
		memset(long_one, 'x', n);
		t_row("password of %zu bytes", n);
		T_EQ(credentials_set_password(&c, str_from(long_one, n), &e), n == 1024 ? 0 : -1);
	}
}

static void
test_generate(void)
{
	char seen[200][40];

	t_row("generated: 24 characters in groups of 4, 139 bits, each another");
	for (size_t i = 0; i < 200; i++) {
		AUTO(credentials) struct credentials c;
		struct err e = ERR_INIT;

		credentials_init(&c);
		T_CALL(credentials_generate_password(&c, &e));
		T_OK(c.has_password);
		T_EQ(c.password.n, 29);
		for (size_t k = 0; k < c.password.n && k < 29; k++)
			T_OK(k % 5 == 4 ? c.password.p[k] == '-' : c.password.p[k] != '-' && !strchr("0O1lIo", c.password.p[k]));
		snprintf(seen[i], sizeof seen[i], "%s", c.password.p);
		for (size_t k = 0; k < i; k++)
			T_OK(strcmp(seen[k], seen[i]) != 0);
	}
}

static void
test_secrets(void)
{
	static const struct { const char *name, *value; bool is_ok; } row[] = {
		{ "ANTHROPIC_API_KEY", "sk-canary", true }, { "_X", "v", true }, { "A1", "v=w=", true }, { "A", "has spaces  ", true },
		{ "a_key", "canary", false }, { "1A", "canary", false }, { "", "canary", false }, { "A-B", "canary", false }, { "A B", "canary", false },
		{ "OPENCODE_SERVER_PASSWORD", "canary", false }, { "OPENCODE_SERVER_USERNAME", "canary", false }, { "OCC_PORT", "canary", false },
		{ "PATH", "canary", false }, { "LD_PRELOAD", "canary", false }, { "HOME", "canary", false }, { "OPENCODE_CONFIG", "{}", true },
		{ "A", "", false }, { "A", "canary\ncanary", false }, { "A", "canary\rcanary", false }, { "A", "canary\xff", false },
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		AUTO(credentials) struct credentials c;
		struct err e = ERR_INIT;
		int rc;

		credentials_init(&c);
		rc = credentials_set_secret(&c, row[i].name, str_of(row[i].value), &e);
		t_row("secret %zu %s", i, row[i].name);
		T_EQ(rc, row[i].is_ok ? 0 : -1);
		T_EQ(c.n_secrets, row[i].is_ok ? 1 : 0);
		if (rc < 0)
			T_ERR(ERR_USAGE);
		T_OK(!strstr(e.msg, "canary"));
	}
}

static void
test_limits(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(credentials) struct credentials c, back;
	struct scope s = scope_in(&a, "limits");
	AUTO(buf) struct buf big = BUF_INIT(CREDENTIALS_VALUE_MAX + 1);
	struct err e = ERR_INIT;

	credentials_init(&c);
	credentials_init(&back);
	t_row("as many and as large secrets as there may be, and no more");
	while (big.n < CREDENTIALS_VALUE_MAX)
		buf_putc(&big, '"');
	for (int i = 0; i < CREDENTIALS_SECRETS_MAX; i++)
		T_CALL(credentials_set_secret(&c, arena_printf(&a, "K%d", i), buf_str(&big), &e));
	T_FAILS(credentials_set_secret(&c, "ONE_MORE", STR_LIT("x"), &e), ERR_USAGE);
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	T_EQ(back.n_secrets, CREDENTIALS_SECRETS_MAX);
	buf_putc(&big, '"');
	T_FAILS(credentials_set_secret(&c, "K0", buf_str(&big), &e), ERR_USAGE);
}

static void
test_secret_file(void)
{
	AUTO(credentials) struct credentials c;
	AUTO(buf) struct buf out = BUF_INIT(4096);
	struct err e = ERR_INIT;

	credentials_init(&c);
	t_row("the file that the container reads");
	T_CALL(credentials_set_password(&c, STR_LIT("correct $HOME `horse`"), &e));
	T_CALL(credentials_set_secret(&c, "B", STR_LIT("2"), &e));
	T_CALL(credentials_set_secret(&c, "A", STR_LIT("x=\"y\""), &e));
	credentials_put_secret_file(&c, false, "me", &out);
	T_STR(out.p, "OPENCODE_SERVER_PASSWORD=correct $HOME `horse`\nOPENCODE_SERVER_USERNAME=me\nA=x=\"y\"\nB=2\n");
}

/* ---- the edge ---- */

static void
test_edge(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf inside = BUF_INIT(4096), text = BUF_INIT(4096);
	struct scope s = scope_in(&a, "edge");
	AUTO(credentials) struct credentials c, back, other;
	unsigned char zero[MAC_KEY_BYTES] = { 0 };
	struct err e = ERR_INIT;
	bool is_made;

	credentials_init(&c);
	credentials_init(&back);
	credentials_init(&other);
	t_row("edge: without it the file is one that older programs read");
	T_CALL(credentials_set_password(&c, STR_LIT("the user's own password"), &e));
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(file_read(s.credentials_path, &text, &e));
	T_OK(!strstr(text.p, "edge") && !strstr(text.p, "generation"));

	t_row("edge: a password of its own and a key are made once");
	T_CALL(credentials_ensure_edge(&c, &is_made, &e));
	T_OK(is_made && c.has_edge && c.inner_password.n == 29);
	T_OK(mem_differs(c.cookie_key, zero, sizeof zero) != 0);
	T_CALL(credentials_ensure_edge(&other, &is_made, &e));
	T_OK(mem_differs(c.cookie_key, other.cookie_key, sizeof zero) != 0 && !str_eq(buf_str(&c.inner_password), buf_str(&other.inner_password)));
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	T_OK(back.has_edge && back.generation == c.generation);
	T_STR(back.inner_password.p, c.inner_password.p);
	T_OK(mem_differs(back.cookie_key, c.cookie_key, sizeof zero) == 0);
	T_CALL(credentials_ensure_edge(&back, &is_made, &e));
	T_OK(!is_made);
	T_STR(back.inner_password.p, c.inner_password.p);

	t_row("edge: which password opencode has");
	T_VIEW(credentials_for_opencode(&back, false), "the user's own password");
	T_VIEW(credentials_for_opencode(&back, true), c.inner_password.p);
	credentials_put_secret_file(&back, true, "me", &inside);
	T_HAS(inside.p, c.inner_password.p);
	T_OK(!strstr(inside.p, "the user's own password"));
	T_CALL(credentials_take_for_opencode(&back, true, STR_LIT("read back"), &e));
	T_VIEW(credentials_for_opencode(&back, true), "read back");
	T_VIEW(credentials_for_opencode(&back, false), "the user's own password");

	t_row("edge: its password is taken out of what is recorded");
	T_CALL(credentials_take_for_opencode(&back, true, STR_LIT("inner-canary-0123456789"), &e));
	buf_reset(&text);
	incident_redact(STR_LIT("<inner-canary-0123456789>"), &back, &text);
	T_STR(text.p, "<***>");

	t_row("edge: wiped at the end");
	credentials_auto(&back);
	T_OK(!back.has_edge && back.inner_password.n == 0 && mem_differs(back.cookie_key, zero, sizeof zero) == 0);
}

static void
test_generation(void)
{
	AUTO(credentials) struct credentials c;
	struct err e = ERR_INIT;

	t_row("generation: one more with each other password, the same one is no change");
	credentials_init(&c);
	T_EQ(c.generation, 0);
	T_CALL(credentials_generate_password(&c, &e));
	T_EQ(c.generation, 1);
	T_CALL(credentials_set_password(&c, STR_LIT("a password of mine"), &e));
	T_EQ(c.generation, 2);
	T_CALL(credentials_set_password(&c, STR_LIT("a password of mine"), &e));
	T_EQ(c.generation, 2);
	T_CALL(credentials_take_password(&c, STR_LIT(""), &e));
	T_EQ(c.generation, 3);
	T_FAILS(credentials_set_password(&c, STR_LIT("short"), &e), ERR_USAGE);
	T_EQ(c.generation, 3);
}

/* ---- files that are refused ---- */

#define KEY_HEX "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

static const struct { const char *name, *text; mode_t mode, dir_mode; enum err_code code; const char *note; } files[] = {
	{ "notify of another shape", "{\"format\":1,\"notify\":{}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an address of a kind unknown", "{\"format\":1,\"notify\":[{\"kind\":\"pager\",\"name\":\"a\",\"url\":\"https://h/sk-secret\"}]}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an address with more to it", "{\"format\":1,\"notify\":[{\"kind\":\"slack\",\"name\":\"a\",\"url\":\"https://h/sk-secret\",\"x\":1}]}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an address that is none", "{\"format\":1,\"notify\":[{\"kind\":\"slack\",\"name\":\"a\",\"url\":\"sk-secret\"}]}", 0600, 0700, ERR_CONFIG, NULL },
	{ "right", "{\"format\":1,\"password\":\"canary-canary\",\"secrets\":{\"A\":\"canary\"}}", 0600, 0700, ERR_NONE, NULL },
	{ "a short password of one's own", "{\"format\":1,\"password\":\"x\"}", 0600, 0700, ERR_NONE, NULL },
	{ "readable by the owner only", "{\"format\":1}", 0400, 0700, ERR_NONE, NULL },
	{ "readable by the group", "{\"format\":1,\"password\":\"canary-canary\"}", 0640, 0700, ERR_REFUSED, "chmod 600" },
	{ "readable by all", "{\"format\":1}", 0644, 0700, ERR_REFUSED, "chmod 600" },
	{ "in a directory that others may write", "{\"format\":1}", 0600, 0777, ERR_REFUSED, "chmod 700" },
	{ "in a directory that others may read", "{\"format\":1}", 0600, 0755, ERR_NONE, NULL },
	{ "not JSON", "{\"format\":1,\"password\":\"canary-canary", 0600, 0700, ERR_CONFIG, NULL },
	{ "comments", "{\"format\":1} // canary", 0600, 0700, ERR_CONFIG, NULL },
	{ "an array", "[\"canary\"]", 0600, 0700, ERR_CONFIG, NULL },
	{ "empty", "", 0600, 0700, ERR_CONFIG, NULL },
	{ "no format", "{\"password\":\"canary-canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a newer format", "{\"format\":2,\"password\":\"canary-canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an unknown member", "{\"format\":1,\"canary\":\"canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a password that is none", "{\"format\":1,\"password\":7}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a password twice", "{\"format\":1,\"password\":\"canary-canary\",\"password\":\"canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a password of two lines", "{\"format\":1,\"password\":\"canary\\ncanary-canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a password with NUL", "{\"format\":1,\"password\":\"canary\\u0000canary-canary\"}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a secret that is none", "{\"format\":1,\"secrets\":{\"A\":[\"canary\"]}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "a secret of a wrong name", "{\"format\":1,\"secrets\":{\"LD_PRELOAD\":\"canary\"}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":4294967295}}", 0600, 0700, ERR_NONE, NULL },
	{ "an edge with more to it", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":1,\"x\":1}}", 0600, 0700,
	  ERR_CONFIG, NULL },
	{ "an edge without its password", "{\"format\":1,\"edge\":{\"cookie_key\":\"" KEY_HEX "\",\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge with an empty password", "{\"format\":1,\"edge\":{\"inner_password\":\"\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge with a password of two lines", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\\nx\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":1}}", 0600,
	  0700, ERR_CONFIG, NULL },
	{ "an edge with a short key", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"00\",\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge with a long key", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "00\",\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge with a key that is none", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":7,\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge with a generation too large", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":4294967296}}", 0600,
	  0700, ERR_CONFIG, NULL },
	{ "an edge with a generation below 0", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":-1}}", 0600, 0700,
	  ERR_CONFIG, NULL },
	{ "an edge that is none", "{\"format\":1,\"edge\":[]}", 0600, 0700, ERR_CONFIG, NULL },
	{ "an edge twice", "{\"format\":1,\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":1},"
	  "\"edge\":{\"inner_password\":\"canary\",\"cookie_key\":\"" KEY_HEX "\",\"generation\":1}}", 0600, 0700, ERR_CONFIG, NULL },
	{ "secrets that are none", "{\"format\":1,\"secrets\":\"canary\"}", 0600, 0700, ERR_CONFIG, NULL },
};

static void
test_files(void)
{
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct scope s = scope_in(&a, arena_printf(&a, "file%zu", i));
		AUTO(credentials) struct credentials c;
		struct err e = ERR_INIT;

		credentials_init(&c);
		t_row("file: %s", files[i].name);
		T_CALL(scope_prepare(&s, &e));
		T_CALL(file_save(s.credentials_path, str_of(files[i].text), files[i].mode, &e));
		chmod(path_dir(&a, s.credentials_path), files[i].dir_mode);
		T_EQ(credentials_load(&s, &c, &e), files[i].code == ERR_NONE ? 0 : -1);
		T_ERR(files[i].code);
		T_OK(files[i].code == ERR_NONE || (!c.has_password && c.n_secrets == 0));
		T_OK(!strstr(e.msg, "canary"));
		if (files[i].note)
			T_HAS(e.n_notes ? e.notes[0].text : NULL, files[i].note);
	}
}

static void
test_notify(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf secret_file = BUF_INIT(4096);
	struct scope s = scope_in(&a, "notify");
	AUTO(credentials) struct credentials c, back;
	struct err e = ERR_INIT;

	credentials_init(&c);
	credentials_init(&back);
	t_row("addresses of notifications: saved and loaded again, with names of their own");
	T_CALL(credentials_add_notify(&c, NOTICE_NTFY, NULL, STR_LIT("https://n.example/topic"), &e));
	T_CALL(credentials_add_notify(&c, NOTICE_NTFY, NULL, STR_LIT("https://n.example/other"), &e));
	T_CALL(credentials_add_notify(&c, NOTICE_SLACK, "team", STR_LIT("https://s.example/key"), &e));
	T_CALL(credentials_save(&s, &c, &e));
	T_CALL(credentials_load(&s, &back, &e));
	if (T_EQ(back.n_notify, 3)) {
		T_STR(back.notify[1].name, "ntfy-2");
		T_STR(back.notify[1].url.p, "https://n.example/other");
		T_EQ(back.notify[2].service, NOTICE_SLACK);
	}
	t_row("they are not the container's");
	credentials_put_secret_file(&back, false, "opencode", &secret_file);
	T_OK(!strstr(secret_file.p, "example"));
	t_row("names: taken, malformed, gone");
	T_FAILS(credentials_add_notify(&back, NOTICE_SLACK, "team", STR_LIT("https://s.example/key"), &e), ERR_CONFLICT);
	T_FAILS(credentials_add_notify(&back, NOTICE_SLACK, "Team", STR_LIT("https://s.example/key"), &e), ERR_USAGE);
	T_FAILS(credentials_add_notify(&back, NOTICE_SLACK, "", STR_LIT("https://s.example/key"), &e), ERR_USAGE);
	T_FAILS(credentials_add_notify(&back, NOTICE_SLACK, "a-name-of-more-than-thirty-two-bytes", STR_LIT("https://s.example/key"), &e), ERR_USAGE);
	T_OK(credentials_remove_notify(&back, "ntfy"));
	T_OK(!credentials_remove_notify(&back, "ntfy"));
	T_STR(back.notify[0].name, "ntfy-2");
	t_row("no more than there is room for");
	while (back.n_notify < CREDENTIALS_NOTIFY_MAX)
		T_CALL(credentials_add_notify(&back, NOTICE_WEBHOOK, NULL, STR_LIT("https://w.example/"), &e));
	T_FAILS(credentials_add_notify(&back, NOTICE_WEBHOOK, NULL, STR_LIT("https://w.example/"), &e), ERR_USAGE);
	T_CALL(credentials_save(&s, &back, &e));
}

static void
test_links(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, "link");
	const char *target = arena_printf(&a, "%s/elsewhere", t_tmpdir());
	AUTO(credentials) struct credentials c;
	struct err e = ERR_INIT;

	credentials_init(&c);
	t_row("a symbolic link is refused");
	T_CALL(scope_prepare(&s, &e));
	T_CALL(file_save(target, STR_LIT("{\"format\":1}"), 0600, &e));
	T_EQ(symlink(target, s.credentials_path), 0);
	T_FAILS(credentials_load(&s, &c, &e), ERR_REFUSED);
}

int
main(void)
{
	test_roundtrip();
	test_empty_password();
	test_passwords();
	test_generate();
	test_secrets();
	test_limits();
	test_secret_file();
	test_edge();
	test_generation();
	test_files();
	test_notify();
	test_links();
	return t_done();
}

/* path_test.c - path names as text, home, random tokens, the log's sink */
#include "lib/base/path.h"

#include <pwd.h>

#include "lib/base/log.h"
#include "lib/base/mem.h"
#include "lib/base/rand.h"
#include "tests/t.h"

static const struct {
	const char *path, *dir, *base;
} split_row[] = {
	{ "a", ".", "a" },
	{ "a/b", "a", "b" },
	{ "/a", "/", "a" },
	{ "/a/b", "/a", "b" },
	{ "a//b", "a", "b" },
	{ "//a", "/", "a" },
	{ "a/b/", "a", "" },
	{ "/", "/", "" },
	{ "", ".", "" },
};

static const struct {
	const char *dir, *name, *want;
} join_row[] = {
	{ "a", "b", "a/b" },
	{ "a/", "b", "a/b" },
	{ "/", "b", "/b" },
	{ "a", "/b", "/b" },
	{ "", "b", "b" },
};

static const struct {
	const char *path, *dir;
	bool within;
} within_row[] = {
	{ "/a/b", "/a", true },
	{ "/a", "/a", true },
	{ "/a/b", "/a/", true },
	{ "/ab", "/a", false },
	{ "/a", "/a/b", false },
	{ "/anything", "/", true },
	{ "/a/../b", "/a", false },
	{ "/a/..", "/a", false },
	{ "/a/..b", "/a", true },
	{ "a/b", "a", false },
	{ "", "/", false },
};

static const struct {
	const char *path, *home, *want;
} tilde_row[] = {
	{ "/home/me/x", "/home/me", "~/x" },
	{ "/home/me", "/home/me", "~" },
	{ "/home/me/x", "/home/me/", "~/x" },
	{ "/home/meme/x", "/home/me", "/home/meme/x" },
	{ "/x", "/", "/x" },
	{ "/x", NULL, "/x" },
	{ "/x", "", "/x" },
};

static void
test_text(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(split_row); i++) {
		t_row("split '%s'", split_row[i].path);
		T_STR(path_dir(&a, split_row[i].path), split_row[i].dir);
		T_STR(path_base(split_row[i].path), split_row[i].base);
	}
	for (size_t i = 0; i < ARRAY_LEN(join_row); i++) {
		t_row("join '%s' and '%s'", join_row[i].dir, join_row[i].name);
		T_STR(path_join(&a, join_row[i].dir, join_row[i].name), join_row[i].want);
	}
	for (size_t i = 0; i < ARRAY_LEN(within_row); i++) {
		t_row("'%s' within '%s'", within_row[i].path, within_row[i].dir);
		T_EQ(path_is_within(within_row[i].path, within_row[i].dir), within_row[i].within);
	}
	for (size_t i = 0; i < ARRAY_LEN(tilde_row); i++) {
		t_row("'%s' for showing, home '%s'", tilde_row[i].path, tilde_row[i].home ? tilde_row[i].home : "none");
		T_STR(path_tilde(&a, tilde_row[i].path, tilde_row[i].home), tilde_row[i].want);
	}
}

/* Working directory is /, home is /home/me. */
static const struct {
	const char *path, *want;
} absolute_row[] = {
	{ "/a/b", "/a/b" },
	{ "/a//b/./c/", "/a/b/c" },
	{ "/a/../b", "/a/../b" },
	{ "a", "/a" },
	{ "./a", "/a" },
	{ ".", "/" },
	{ "~", "/home/me" },
	{ "~/x", "/home/me/x" },
	{ "~x", "/~x" },
	{ "/", "/" },
};

static void
test_system(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct passwd *pw = getpwuid(getuid());
	char here[4096];

	setenv("HOME", "/home/me", 1);
	T_OK(getcwd(here, sizeof here) != NULL);
	T_EQ(chdir("/"), 0);
	for (size_t i = 0; i < ARRAY_LEN(absolute_row); i++) {
		t_row("'%s' made absolute", absolute_row[i].path);
		T_STR(path_absolute(&a, absolute_row[i].path, &e), absolute_row[i].want);
	}
	t_row("an empty path is refused");
	T_OK(!path_absolute(&a, "", &e));
	T_ERR(ERR_FAIL);
	T_EQ(chdir(here), 0);
	t_row("the working directory in front");
	T_STR(path_absolute(&a, "x", &e), path_join(&a, here, "x"));
	t_row("home without HOME is the password database's");
	unsetenv("HOME");
	if (pw)
		T_STR(path_home(&a, &e), pw->pw_dir);
	setenv("HOME", "", 1);
	if (pw)
		T_STR(path_home(&a, &e), pw->pw_dir);
	setenv("HOME", "/elsewhere", 1);
	T_STR(path_home(&a, &e), "/elsewhere");
}

static void
test_rand(void)
{
	AUTO(buf) struct buf b = BUF_INIT(60000);
	struct err e = ERR_INIT;
	unsigned count[256] = { 0 };
	size_t letters = 0;
	bool even = true;

	t_row("a token has 56 letters, each as likely, none to be mistaken");
	T_CALL(rand_token(&b, 56000, &e));
	T_EQ(b.n, 56000);
	for (size_t i = 0; i < b.n; i++)
		count[(unsigned char)b.p[i]]++;
	for (int c = 0; c < 256; c++) {
		letters += count[c] > 0;
		/* 1000 expected, standard deviation 31: ten of them are never seen by chance */
		even = even && (count[c] == 0 || (count[c] > 690 && count[c] < 1310));
	}
	T_EQ(letters, 56);
	T_OK(even);
	for (const char *c = "0O1lIo"; *c; c++)
		T_EQ(count[(unsigned char)*c], 0);
	t_row("a ceiling is an error");
	T_FAILS(rand_token(&b, 5000, &e), ERR_TOO_BIG);
	t_row("hexadecimal, and bytes beyond one call's limit");
	buf_reset(&b);
	T_CALL(rand_hex(&b, 100, &e));
	T_EQ(b.n, 200);
	unsigned char big[1000] = { 0 };
	T_CALL(rand_bytes(big, sizeof big, &e));
	size_t zeros = 0;
	for (size_t i = 500; i < sizeof big; i++)
		zeros += big[i] == 0;
	T_OK(zeros < 50);
}

static char logged[64];

static void
keep(void *ctx, const char *line)
{
	(*(unsigned *)ctx)++;
	snprintf(logged, sizeof logged, "%s", line);
}

static void
test_log(void)
{
	unsigned n = 0;

	t_row("the log goes to its sink, one plain line each");
	log_line("nobody %s", "listens");
	T_OK(!log_is_on());
	log_set_sink(keep, &n);
	T_OK(log_is_on());
	log_line("GET %s\n%d", "/x", 200);
	T_STR(logged, "GET /x 200");
	log_line("%5000d", 1);
	T_EQ(n, 2);
	log_set_sink(NULL, NULL);
	log_line("gone");
	T_EQ(n, 2);
}

int
main(void)
{
	test_text();
	test_system();
	test_rand();
	test_log();
	return t_done();
}

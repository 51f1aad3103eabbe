/* config_edit_test.c - edits of the file: one line changes, comments stay, mistakes and full disks change nothing */
#include <errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/deploy/config_value.h"
#include "tests/t.h"

enum op { SET, UNSET, ADD, REMOVE };

struct row {
	const char *name, *before;	/* NULL: there is no file */
	enum op op;
	const char *key, *value;
	enum err_code code;
	const char *after;		/* NULL: as before */
};

static const struct row rows[] = {
	{ "a value", "{\n  // mine\n  \"server\": { \"port\": 3000 } // end\n}\n", SET, "server.port", "4000", ERR_NONE,
	  "{\n  // mine\n  \"server\": { \"port\": 4000 } // end\n}\n" },
	{ "the same value", "{\"server\":{\"port\":4000}}", SET, "server.port", "4000", ERR_NONE, NULL },
	{ "the same value in other words", "{\"container\":{\"memory\":\"1024m\"}}", SET, "container.memory", "1g", ERR_NONE, NULL },
	{ "a key that is missing", "{\n  \"server\": {\n    \"port\": 1\n  }\n}\n", SET, "server.bind", "::1", ERR_NONE,
	  "{\n  \"server\": {\n    \"port\": 1,\n    \"bind\": \"::1\"\n  }\n}\n" },
	{ "a commented default", "{\n  \"server\": {\n    // text\n    // \"port\": 3000,\n    // \"bind\": \"127.0.0.1\",\n  },\n}\n", SET, "server.port", "4000",
	  ERR_NONE, "{\n  \"server\": {\n    // text\n    \"port\": 4000,\n    // \"bind\": \"127.0.0.1\",\n  },\n}\n" },
	{ "a commented value that is not the default stays", "{\n  \"server\": {\n    // \"port\": 3001,\n    \"bind\": \"::1\",\n  },\n}\n", SET,
	  "server.port", "4000", ERR_NONE, "{\n  \"server\": {\n    // \"port\": 3001,\n    \"bind\": \"::1\",\n    \"port\": 4000,\n  },\n}\n" },
	{ "unknown keys stay", "{\"later\":{\"x\":1},\"server\":{\"y\":2,\"port\":1}}", SET, "server.port", "2", ERR_NONE,
	  "{\"later\":{\"x\":1},\"server\":{\"y\":2,\"port\":2}}" },
	{ "line ends stay", "{\r\n\"server\": {\r\n\"port\": 1\r\n}\r\n}\r\n", SET, "server.port", "2", ERR_NONE,
	  "{\r\n\"server\": {\r\n\"port\": 2\r\n}\r\n}\r\n" },
	{ "out of range", "{\"server\":{\"port\":4000}}", SET, "server.port", "70000", ERR_CONFIG, NULL },
	{ "not a number", "{\"server\":{\"port\":4000}}", SET, "server.port", "4o00", ERR_CONFIG, NULL },
	{ "a secret", "{}", SET, "container.env", "A_KEY=canary", ERR_CONFIG, NULL },
	{ "not UTF-8", "{}", SET, "server.public_url", "https://\xff", ERR_CONFIG, NULL },
	{ "an unknown key", "{}", SET, "server.prot", "1", ERR_USAGE, NULL },
	{ "a group", "{}", SET, "server", "1", ERR_USAGE, NULL },
	{ "a newer format is left alone", "{\"format\":2}", SET, "server.port", "4000", ERR_CONFIG, NULL },
	{ "a broken text is left alone", "{\"server\":{", SET, "server.port", "4000", ERR_CONFIG, NULL },
	{ "a mistake is mended", "{\"server\":{\"port\":70000}}", SET, "server.port", "4000", ERR_NONE, "{\"server\":{\"port\":4000}}" },
	{ "one of two mistakes is mended", "{\"server\":{\"port\":70000,\"bind\":\"x\"}}", SET, "server.port", "4000", ERR_NONE,
	  "{\"server\":{\"port\":4000,\"bind\":\"x\"}}" },
	{ "a key that needs another", "{\"image\":{}}", SET, "image.source", "pull", ERR_CONFIG, NULL },
	{ "a group that is no object", "{\"server\":1}", SET, "server.port", "4000", ERR_CONFIG, NULL },
	{ "a bool in other words", "{\"container\":{\"sudo\":false}}", SET, "container.sudo", "yes", ERR_NONE, "{\"container\":{\"sudo\":true}}" },
	{ "cpus as a number", "{\"container\":{\"cpus\":\"all\"}}", SET, "container.cpus", "1.50", ERR_NONE, "{\"container\":{\"cpus\":1.5}}" },
	{ "cpus as a word", "{\"container\":{\"cpus\":1}}", SET, "container.cpus", "all", ERR_NONE, "{\"container\":{\"cpus\":\"all\"}}" },
	{ "a list as JSON", "{\"image\":{\"packages\":[]}}", SET, "image.packages", "[\"a1\",\"b2\"]", ERR_NONE,
	  "{\"image\":{\"packages\":[\"a1\", \"b2\"]}}" },
	{ "a list of one", "{\"image\":{\"packages\":[]}}", SET, "image.packages", "golang", ERR_NONE, "{\"image\":{\"packages\":[\"golang\"]}}" },
	{ "an empty string", "{\"server\":{\"public_url\":\"https://a\"}}", SET, "server.public_url", "", ERR_NONE, "{\"server\":{\"public_url\":\"\"}}" },

	{ "unset", "{\n  \"server\": {\n    \"port\": 1,\n    \"bind\": \"::1\"\n  }\n}\n", UNSET, "server.port", NULL, ERR_NONE,
	  "{\n  \"server\": {\n    \"bind\": \"::1\"\n  }\n}\n" },
	{ "unset what is not there", "{ /* x */ }", UNSET, "server.port", NULL, ERR_NONE, NULL },
	{ "unset an unknown key", "{}", UNSET, "server.prot", NULL, ERR_USAGE, NULL },
	{ "unset what another key needs", "{\"image\":{\"source\":\"pull\",\"ref\":\"a/b\"}}", UNSET, "image.ref", NULL, ERR_CONFIG, NULL },

	{ "add to no list", "{\"image\":{\"base\":\"a\"}}", ADD, "image.packages", "golang", ERR_NONE,
	  "{\"image\":{\"base\":\"a\",\"packages\":[\"golang\"]}}" },
	{ "add to an empty list", "{\"image\":{\"packages\":[]}}", ADD, "image.packages", "golang", ERR_NONE, "{\"image\":{\"packages\":[\"golang\"]}}" },
	{ "add behind others", "{\"image\":{\"packages\":[\"a1\", \"b2\"]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\"a1\", \"b2\", \"c3\"]}}" },
	{ "add behind a last comma", "{\"image\":{\"packages\":[\"a1\",]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\"a1\", \"c3\"]}}" },
	{ "add a line", "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"b2\" // two\n]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"b2\", // two\n  \"c3\"\n]}}" },
	{ "add a line behind a last comma", "{\"image\":{\"packages\":[\n  \"a1\", // one\n]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"c3\",\n]}}" },
	{ "add a line with CR", "{\"image\":{\"packages\":[\r\n  \"a1\"\r\n]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\r\n  \"a1\",\r\n  \"c3\"\r\n]}}" },
	{ "add behind a comma in a comment", "{\"image\":{\"packages\":[\"a1\" /* , ] */]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\"a1\", \"c3\" /* , ] */]}}" },
	{ "add a comment line before the bracket", "{\"image\":{\"packages\":[\n  \"a1\"\n  // more\n]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\n  \"a1\",\n  \"c3\"\n  // more\n]}}" },
	{ "add to a list of comments", "{\"image\":{\"packages\":[\n  // none\n]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\n  // none\n  \"c3\"\n]}}" },
	{ "add to a list of white space", "{\"image\":{\"packages\":[ \n ]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[\"c3\" \n ]}}" },
	{ "add to a list of one comment", "{\"image\":{\"packages\":[/* x */]}}", ADD, "image.packages", "c3", ERR_NONE,
	  "{\"image\":{\"packages\":[/* x */\n\"c3\"]}}" },
	{ "add what is there", "{\"image\":{\"packages\":[\"a1\"]}}", ADD, "image.packages", "a1", ERR_NONE, NULL },
	{ "add what is wrong", "{\"image\":{\"packages\":[\"a1\"]}}", ADD, "image.packages", "A B", ERR_CONFIG, NULL },
	{ "add a second mount of the same place", "{\"container\":{\"mounts\":[\"/a:/data\"]}}", ADD, "container.mounts", "/b:/data", ERR_CONFIG, NULL },
	{ "add to what is no list", "{\"server\":{\"port\":1}}", ADD, "server.port", "2", ERR_USAGE, NULL },
	{ "add where a string stands", "{\"image\":{\"packages\":\"a1\"}}", ADD, "image.packages", "b2", ERR_CONFIG, NULL },

	{ "remove the only one", "{\"image\":{\"packages\":[\"a1\"]}}", REMOVE, "image.packages", "a1", ERR_NONE, "{\"image\":{\"packages\":[]}}" },
	{ "remove the only one and its comma", "{\"image\":{\"packages\":[\"a1\",]}}", REMOVE, "image.packages", "a1", ERR_NONE, "{\"image\":{\"packages\":[]}}" },
	{ "remove the first", "{\"image\":{\"packages\":[\"a1\", \"b2\"]}}", REMOVE, "image.packages", "a1", ERR_NONE, "{\"image\":{\"packages\":[\"b2\"]}}" },
	{ "remove the last", "{\"image\":{\"packages\":[\"a1\", \"b2\"]}}", REMOVE, "image.packages", "b2", ERR_NONE, "{\"image\":{\"packages\":[\"a1\"]}}" },
	{ "remove a line", "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"b2\", // two\n  \"c3\" // three\n]}}", REMOVE, "image.packages", "b2",
	  ERR_NONE, "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"c3\" // three\n]}}" },
	{ "remove the last line", "{\"image\":{\"packages\":[\n  \"a1\", // one\n  \"c3\" // three\n]}}", REMOVE, "image.packages", "c3",
	  ERR_NONE, "{\"image\":{\"packages\":[\n  \"a1\", // one\n]}}" },
	{ "remove a wrong element", "{\"image\":{\"packages\":[\"A B\", \"a1\"]}}", REMOVE, "image.packages", "A B", ERR_NONE,
	  "{\"image\":{\"packages\":[\"a1\"]}}" },
	{ "remove what is not there", "{\"image\":{\"packages\":[\"a1\"]}}", REMOVE, "image.packages", "b2", ERR_NONE, NULL },
	{ "remove an escaped one", "{\"image\":{\"packages\":[\"\\u0061\\u0031\"]}}", REMOVE, "image.packages", "a1", ERR_NONE, "{\"image\":{\"packages\":[]}}" },
};

static struct scope
scope_in(struct arena *a, const char *dir)
{
	return (struct scope){ .kind = SCOPE_USER, .instance = "default", .home = dir, .config_path = path_join(a, dir, "config.json"),
		.credentials_path = path_join(a, dir, "credentials.json"), .state_dir = path_join(a, dir, "state"),
		.state_path = path_join(a, dir, "state/state.json"), .lock_path = path_join(a, dir, "state/lock") };
}

static const char *
contents(struct arena *a, const char *path)
{
	AUTO(buf) struct buf b = BUF_INIT(CONFIG_BYTES_MAX);
	struct err e = ERR_INIT;

	return file_read(path, &b, &e) < 0 ? NULL : arena_str(a, buf_str(&b));
}

static int
apply(struct arena *a, const struct scope *s, const struct row *r, bool *ret_changed, struct err *e)
{
	switch (r->op) {
	case SET:
		return config_set(a, s, r->key, r->value, e);
	case UNSET:
		return config_unset(a, s, r->key, e);
	case ADD:
		return config_add(a, s, r->key, r->value, ret_changed, e);
	case REMOVE:
		return config_remove(a, s, r->key, r->value, ret_changed, e);
	}
	return -1;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		const struct row *r = &rows[i];
		const char *dir = arena_printf(&a, "%s/row%zu", t_tmpdir(), i);
		struct scope s = scope_in(&a, dir);
		struct err e = ERR_INIT;
		struct stat was, is;
		bool is_changed = r->after != NULL;

		t_row("%s", r->name);
		T_CALL(file_mkdirs(dir, 0700, &e));
		T_CALL(file_save(s.config_path, str_of(r->before), 0640, &e));
		stat(s.config_path, &was);
		T_EQ(apply(&a, &s, r, &is_changed, &e), r->code == ERR_NONE ? 0 : -1);
		T_ERR(r->code);
		T_STR(contents(&a, s.config_path), r->after ? r->after : r->before);
		T_OK(r->code != ERR_NONE || is_changed == (r->after != NULL));
		T_OK(!strstr(e.msg, "canary"));
		/* Untouched means the very same file; changed keeps the mode. */
		stat(s.config_path, &is);
		T_OK(r->after || was.st_ino == is.st_ino);
		T_EQ(is.st_mode & 07777, 0640);
	}
}

/* Lines of b that are not in the same place in a. */
static size_t
differing_lines(const char *a, const char *b)
{
	struct str x = str_of(a), y = str_of(b), p, q;
	size_t n = 0;

	while (str_line(&x, &p) && str_line(&y, &q))
		n += !str_eq(p, q);
	return x.n > 0 || y.n > 0 ? STR_NONE : n;
}

static void
test_default_file(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	const char *dir = arena_printf(&a, "%s/default", t_tmpdir()), *before;
	struct scope s = scope_in(&a, dir);
	struct err e = ERR_INIT;
	struct config c;

	t_row("the first set makes the commented default file");
	schema_put_default_file(&text);
	T_CALL(config_set(&a, &s, "server.port", "4000", &e));
	T_EQ(differing_lines(text.p, contents(&a, s.config_path)), 1);

	t_row("every further key of it changes one line");
	T_CALL(config_set(&a, &s, "container.memory", "2g", &e));
	T_CALL(config_set(&a, &s, "server.bind", "0.0.0.0", &e));
	before = contents(&a, s.config_path);
	T_CALL(config_set(&a, &s, "server.port", "4001", &e));
	T_EQ(differing_lines(before, contents(&a, s.config_path)), 1);
	T_EQ(differing_lines(text.p, contents(&a, s.config_path)), 3);
	T_CALL(config_load(&a, &s, NULL, &c, &e));
	T_EQ(c.server.port, 4001);
	T_STR(c.server.bind, "0.0.0.0");
	T_EQ(c.container.memory, UINT64_C(2) << 30);
	T_EQ(c.warnings.n, 0);
}

static void
test_long_file(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	const char *dir = arena_printf(&a, "%s/long", t_tmpdir()), *before;
	struct scope s = scope_in(&a, dir);
	struct err e = ERR_INIT;

	t_row("a commented file of 200 lines: one line of difference");
	buf_puts(&text, "{\n");
	for (int i = 0; i < 96; i++)
		buf_printf(&text, "\t// remark %d: \"port\": 3000, { [\n", i);
	buf_puts(&text, "\t\"server\" : {  \"port\":4000 ,  /* ours */ \"bind\" : \"::1\" } ,\n");
	for (int i = 0; i < 100; i++)
		buf_printf(&text, "\t\"x%d\": [%d], // kept\n", i, i);
	buf_puts(&text, "\t\"log\": {}\n}\n");
	T_CALL(file_mkdirs(dir, 0700, &e));
	T_CALL(file_save(s.config_path, buf_str(&text), 0644, &e));
	before = contents(&a, s.config_path);
	T_CALL(config_set(&a, &s, "server.port", "5000", &e));
	T_EQ(differing_lines(before, contents(&a, s.config_path)), 1);
	T_HAS(contents(&a, s.config_path), "\t\"server\" : {  \"port\":5000 ,  /* ours */ \"bind\" : \"::1\" } ,\n");
}

/* Eight processes, eight elements each: none is lost. */
static void
test_concurrent(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct scope s = scope_in(&a, arena_printf(&a, "%s/concurrent", t_tmpdir()));
	struct err e = ERR_INIT;
	struct config c;
	int status, bad = 0;

	t_row("edits at the same time: none is lost");
	fflush(stdout);
	for (int p = 0; p < 8; p++) {
		pid_t pid = fork();
		bool changed;
		int rc = 0;

		for (int i = 0; pid == 0 && rc == 0 && i < 8; i++)
			rc = config_add(&a, &s, "image.packages", arena_printf(&a, "pkg-%d-%d", p, i), &changed, &e);
		if (pid == 0)
			_exit(rc == 0 ? 0 : 1);
	}
	while (wait(&status) > 0)
		bad += status != 0;
	T_EQ(bad, 0);
	T_CALL(config_load(&a, &s, NULL, &c, &e));
	T_EQ(c.image.packages.n, 64);
}

/* ---- where saving fails ---- */

static void
test_symlink(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/link", t_tmpdir()), *target = path_join(&a, dir, "dotfiles.json");
	struct scope s = scope_in(&a, dir);
	struct err e = ERR_INIT;
	struct stat st;

	t_row("a link into a tree of dotfiles stays a link");
	T_CALL(file_mkdirs(dir, 0700, &e));
	T_CALL(file_save(target, STR_LIT("{\"server\":{\"port\":1}}"), 0644, &e));
	T_EQ(symlink("dotfiles.json", s.config_path), 0);
	T_CALL(config_set(&a, &s, "server.port", "2", &e));
	T_OK(lstat(s.config_path, &st) == 0 && S_ISLNK(st.st_mode));
	T_STR(contents(&a, target), "{\"server\":{\"port\":2}}");
}

static void
expect_unchanged(struct arena *a, const struct scope *s, enum err_code code, struct err *e)
{
	const char *before = contents(a, s->config_path);
	int rc = config_set(a, s, "server.port", "4321", e);

	T_EQ(rc, -1);
	t_err(__FILE__, __LINE__, "the code", (int)e->code, (int)code, e->msg);
	T_STR(contents(a, s->config_path), before);
}

/* Run as another user where we are root, to whom no directory is read-only. */
static void
test_read_only(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/readonly", t_tmpdir());
	struct scope s = scope_in(&a, dir);
	bool was_root = geteuid() == 0;
	struct err e = ERR_INIT;

	t_row("a directory that may not be written");
	T_CALL(file_mkdirs(s.state_dir, 0777, &e));
	T_CALL(file_save(s.config_path, STR_LIT("{\"server\":{\"port\":1}}"), 0644, &e));
	chmod(t_tmpdir(), 0755);
	chmod(dir, 0555);
	T_OK(!was_root || seteuid(65534) == 0);
	expect_unchanged(&a, &s, ERR_PERM, &e);
	T_OK(!was_root || seteuid(0) == 0);
	chmod(dir, 0755);
	chmod(t_tmpdir(), 0700);
}

/* A file system of 64 KiB where we may mount one; else a limit on the size of files, which fails a write alike (EFBIG). */
static void
test_full(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *dir = arena_printf(&a, "%s/full", t_tmpdir());
	struct scope s = scope_in(&a, dir);
	struct rlimit saved, tiny;
	struct err e = ERR_INIT;
	bool is_mounted;

	t_row("a full disk leaves the old file");
	T_CALL(file_mkdirs(dir, 0700, &e));
	is_mounted = geteuid() == 0 && mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=0700") == 0;
	T_CALL(scope_prepare(&s, &e));
	T_CALL(file_save(s.config_path, STR_LIT("{\"server\":{\"port\":1}}"), 0644, &e));
	T_CALL(config_set(&a, &s, "server.port", "2", &e));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &saved);
	tiny = (struct rlimit){ .rlim_cur = 8, .rlim_max = saved.rlim_max };
	if (is_mounted) {
		FILE *f = fopen(path_join(&a, dir, "filler"), "w");

		for (int i = 0; f && i < 100; i++)
			fprintf(f, "%1023d\n", i);
		if (f)
			fclose(f);
	} else {
		setrlimit(RLIMIT_FSIZE, &tiny);
	}
	expect_unchanged(&a, &s, ERR_SYS, &e);
	setrlimit(RLIMIT_FSIZE, &saved);
	T_OK(e.sys == ENOSPC || e.sys == EFBIG);
	T_OK(e.n_notes > 0 && strcmp(e.notes[0].text, "nothing") == 0);
	T_OK(!is_mounted || umount(dir) == 0);
}

int
main(void)
{
	test_rows();
	test_default_file();
	test_long_file();
	test_concurrent();
	test_symlink();
	test_read_only();
	test_full();
	return t_done();
}

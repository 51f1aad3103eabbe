/* setup_config_test.c - several keys in one save: all of them, or the file as it was */
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/deploy/config.h"
#include "tests/t.h"

static const struct {
	const char *name, *before;		/* NULL: no file */
	struct config_pair pairs[3];
	size_t n;
	enum err_code code;
	const char *after;			/* NULL: as before */
} rows[] = {
	{ "two keys", "{\n\t// mine\n\t\"server\": { \"port\": 3000 } // end\n}\n", { { "server.port", "4000" }, { "server.bind", "\"::1\"" } }, 2, ERR_NONE,
	  "{\n\t// mine\n\t\"server\": { \"port\": 4000, \"bind\": \"::1\" } // end\n}\n" },
	{ "one key twice: the last counts", "{\"server\":{\"port\":1}}", { { "server.port", "2" }, { "server.port", "3" } }, 2, ERR_NONE,
	  "{\"server\":{\"port\":3}}" },
	{ "keys that need each other", "{\"image\":{}}", { { "image.source", "\"pull\"" }, { "image.ref", "\"a/b:1\"" } }, 2, ERR_NONE,
	  "{\"image\":{\"source\":\"pull\",\"ref\":\"a/b:1\"}}" },
	{ "half of two that need each other", "{\"image\":{}}", { { "server.port", "4000" }, { "image.source", "\"pull\"" } }, 2, ERR_CONFIG, NULL },
	{ "the second is wrong", "{\"server\":{\"port\":1}}", { { "server.port", "2" }, { "server.bind", "\"here\"" } }, 2, ERR_CONFIG, NULL },
	{ "what is there already", "{\"server\":{\"port\":4000}}", { { "server.port", "4000" } }, 1, ERR_NONE, NULL },
	{ "nothing", "{ \"server\" : { } }", { { NULL, NULL } }, 0, ERR_NONE, NULL },
	{ "a broken file", "{\"server\":{", { { "server.port", "2" } }, 1, ERR_CONFIG, NULL },
};

static struct arena arena = ARENA_INIT;

static const struct scope *
scope(void)
{
	static struct scope s;
	const char *dir = t_tmpdir();

	s = (struct scope){ .instance = "default", .home = dir, .config_path = path_join(&arena, dir, "c/config.json"),
		.credentials_path = path_join(&arena, dir, "c/credentials.json"), .state_dir = path_join(&arena, dir, "s") };
	return &s;
}

static void
check_row(size_t i)
{
	AUTO(buf) struct buf after = BUF_INIT(CONFIG_BYTES_MAX);
	const struct scope *s = scope();
	struct stat was, is;
	struct err e = ERR_INIT;
	int rc;

	T_CALL(scope_prepare(s, &e));
	T_CALL(file_save(s->config_path, str_of(rows[i].before), 0640, &e));
	T_EQ(stat(s->config_path, &was), 0);
	rc = config_set_many(&arena, s, rows[i].pairs, rows[i].n, &e);
	T_EQ(rc < 0 ? e.code : ERR_NONE, rows[i].code);
	T_EQ(stat(s->config_path, &is), 0);
	T_EQ(is.st_mode & 0777, 0640);
	/* One save makes one new file; none keeps it. */
	T_EQ(is.st_ino != was.st_ino, rows[i].after != NULL);
	T_CALL(file_read(s->config_path, &after, &e));
	T_STR(after.p, rows[i].after ? rows[i].after : rows[i].before);
}

int
main(void)
{
	AUTO(buf) struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	const struct config_pair port = { "server.port", "4000" };
	struct config c;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("%s", rows[i].name);
		check_row(i);
	}
	t_row("no file yet: the commented default with the keys in their places");
	T_CALL(file_remove(scope()->config_path, &e));
	T_CALL(config_set_many(&arena, scope(), &port, 1, &e));
	T_CALL(file_read(scope()->config_path, &text, &e));
	T_HAS(text.p, "\"port\": 4000,");
	T_OK(!strstr(text.p, "// \"port\": 3000"));
	T_CALL(config_load(&arena, scope(), NULL, &c, &e));
	T_EQ(c.server.port, 4000);
	arena_fini(&arena);
	return t_done();
}

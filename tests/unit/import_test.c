/* import_test.c - what is copied of a home, and what is not; the database that somebody has open */
#include "lib/deploy/import_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/path.h"
#include "tests/t.h"

static const struct {
	const char *path;
	bool skipped;
} skip_row[] = {
	{ ".local/share/opencode/log", true },
	{ ".local/share/opencode/bin", true },
	{ ".local/share/opencode/worktree", true },
	{ ".local/share/opencode/logs", false },
	{ ".local/share/opencode/repos/x/log", false },
	{ ".local/share/opencode/snapshot", false },
	{ ".local/share/opencode/auth.json", false },
	{ ".config/opencode/bin", false },
	{ ".config/opencode/node_modules", true },
	{ ".config/opencode/plugin/x/node_modules", true },
	{ ".config/opencode/xnode_modules", false },
	{ ".local/state/opencode/locks", true },
	{ ".local/state/opencode/log", false },
};

static const char *home;
static struct arena arena = ARENA_INIT;

static void
put(const char *name, const char *text, mode_t mode)
{
	struct err e = ERR_INIT;

	T_CALL(file_save(path_join(&arena, home, name), str_of(text), mode, &e));
}

static void
make(const char *name)
{
	T_EQ(mkdir(path_join(&arena, home, name), 0755), 0);
}

struct met {
	struct buf names;
	unsigned login_mode;
};

static int
meet(void *ctx, const struct tar_entry *t, int fd, struct err *e)
{
	struct met *m = ctx;
	char byte;

	buf_printf(&m->names, " " STR_FMT "%c", STR_ARG(t->name), t->type == TAR_DIR ? '/' : t->type == TAR_SYMLINK ? '@' : '=');
	if (str_has_suffix(t->name, "auth.json"))
		m->login_mode = t->mode;
	if (t->type == TAR_FILE && t->size > 0 && read(fd, &byte, 1) != 1)
		return err_set(e, ERR_FAIL, "cannot read");
	T_EQ(t->uid, 1000);
	return 0;
}

static void
tree(void)
{
	const char *dirs[] = { ".local", ".local/share", ".local/share/opencode", ".local/share/opencode/log", ".config", ".config/opencode", ".config/opencode/node_modules" };

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		make(dirs[i]);
	put("secret", "outside", 0600);
	put(".local/share/opencode/opencode.db", "data", 0644);
	put(".local/share/opencode/auth.json", "{}", 0644);
	put(".local/share/opencode/log/x", "log", 0644);
	put(".config/opencode/node_modules/x", "js", 0644);
	put(".config/opencode/opencode.json", "{}", 0640);
	T_EQ(symlink("../../../secret", path_join(&arena, home, ".local/share/opencode/out")), 0);
	T_EQ(symlink("opencode.json", path_join(&arena, home, ".config/opencode/in")), 0);
	T_EQ(mkfifo(path_join(&arena, home, ".config/opencode/pipe"), 0600), 0);
}

static void
walks(const struct import_source *src)
{
	struct met m = { .names = BUF_INIT(4096) };
	const struct import_visit v = { .entry = meet, .ctx = &m }, look = { .entry = NULL };
	struct import_seen seen, again;
	struct err e = ERR_INIT;

	t_row("what is copied");
	T_CALL(import_source_walk(&arena, src, &v, &seen, &e));
	T_HAS(m.names.p, " .local/share/opencode/ ");
	T_HAS(m.names.p, " .local/share/opencode/opencode.db=");
	T_HAS(m.names.p, " .config/opencode/in@");
	T_HAS(m.names.p, "/out@");
	T_OK(!strstr(m.names.p, "secret") && !strstr(m.names.p, "log") && !strstr(m.names.p, "node_modules") && !strstr(m.names.p, "pipe"));
	T_EQ(m.login_mode, 0600);
	T_EQ(seen.n_files, 5);
	T_EQ(seen.n_bytes, 8);
	T_OK(seen.is_there[IMPORT_CONFIG] && !seen.is_there[IMPORT_STATE]);
	T_EQ(seen.left_out.n, 3);

	t_row("two walks see the same, and a change");
	T_CALL(import_source_walk(&arena, src, &look, &again, &e));
	T_OK(again.print == seen.print);
	put(".local/share/opencode/auth.json", "{ }", 0644);
	T_CALL(import_source_walk(&arena, src, &look, &again, &e));
	T_OK(again.print != seen.print);
	buf_fini(&m.names);
}

/* A process that holds a lock as SQLite does, until its pipe is closed. */
static pid_t
hold(const char *name, off_t at, int *ret_fd)
{
	int ready[2], end[2];
	char byte;

	T_OK(pipe(ready) == 0 && pipe(end) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1 };
		int fd = open(path_join(&arena, home, name), O_RDONLY);

		close(end[1]);
		if (fd < 0 || fcntl(fd, F_SETLK, &l) < 0 || write(ready[1], "", 1) != 1 || read(end[0], &byte, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(end[0]);
	close(ready[1]);
	T_EQ(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*ret_fd = end[1];
	return pid;
}

static void
held(const struct import_source *src, const char *name, off_t at)
{
	const struct import_visit look = { .entry = NULL };
	struct import_seen seen;
	struct err e = ERR_INIT;
	int fd = -1;
	pid_t pid = hold(name, at, &fd);

	t_row("%s that is open", name);
	T_FAILS(import_source_walk(&arena, src, &look, &seen, &e), ERR_CONFLICT);
	T_HAS(e.notes[0].text, arena_printf(&arena, "process %ld", (long)pid));
	close(fd);
	waitpid(pid, NULL, 0);
	err_clear(&e);
	T_CALL(import_source_walk(&arena, src, &look, &seen, &e));
}

static void
elsewhere(const struct scope_request *rq)
{
	const struct import_visit look = { .entry = NULL };
	struct scope_request other = *rq;
	struct import_source src;
	struct import_seen seen;
	struct err e = ERR_INIT;

	t_row("nothing there");
	T_CALL(import_source_find(&arena, rq, path_join(&arena, home, ".config"), &src, &e));
	T_FAILS(import_source_walk(&arena, &src, &look, &seen, &e), ERR_NOT_FOUND);

	t_row("an XDG directory counts, a relative one does not");
	err_clear(&e);
	other.xdg_data_home = path_join(&arena, home, ".config");
	other.xdg_state_home = "state";
	T_CALL(import_source_find(&arena, &other, NULL, &src, &e));
	T_STR(src.dirs[IMPORT_DATA].path, path_join(&arena, home, ".config/opencode"));
	T_STR(src.dirs[IMPORT_STATE].path, path_join(&arena, home, ".local/state/opencode"));

	t_row("a link on the way is refused");
	make("linked");
	make("linked/.local");
	T_EQ(symlink("../../.local/share", path_join(&arena, home, "linked/.local/share")), 0);
	T_CALL(import_source_find(&arena, rq, path_join(&arena, home, "linked"), &src, &e));
	T_FAILS(import_source_walk(&arena, &src, &look, &seen, &e), ERR_REFUSED);
	err_clear(&e);

	t_row("but not on the way to a home");
	T_EQ(symlink(".", path_join(&arena, home, "again")), 0);
	T_CALL(import_source_find(&arena, rq, path_join(&arena, home, "again"), &src, &e));
	T_CALL(import_source_walk(&arena, &src, &look, &seen, &e));
}

int
main(void)
{
	struct scope_request rq = { .root = "" };
	struct import_source src;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof skip_row / sizeof *skip_row; i++) {
		t_row("skip %s", skip_row[i].path);
		T_EQ(import_source_skips(skip_row[i].path), skip_row[i].skipped);
	}
	home = t_tmpdir();
	rq.home = home;
	t_row("a home");
	tree();
	T_CALL(import_source_find(&arena, &rq, NULL, &src, &e));
	walks(&src);
	put(".local/share/opencode/opencode.db-shm", "", 0644);
	held(&src, ".local/share/opencode/opencode.db", 0x40000002);
	held(&src, ".local/share/opencode/opencode.db-shm", 128);
	elsewhere(&rq);
	arena_fini(&arena);
	return t_done();
}

/* secret_input.c - a password or key from the person, by every way but the command line */
#include "applets/occ/secret_input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/mem.h"

int
secret_input_refuse(struct run *r, const char *what, struct err *e)
{
	err_set(e, ERR_USAGE, "%s is never taken from the command line: other users see it there, and the shell's history keeps it", what);
	err_note(e, "try", "%s %s%s%s   (asks)   or   --stdin   or   --file FILE", r->cli->prog, r->cmd->name, r->cmd->args[0] ? " " : "",
		 r->cmd->args);
	return err_note(e, "changed", "nothing; consider what was typed as known");
}

/* Everything up to the end, as `pass show`, `printf` and files with a final line feed give it. */
static int
read_fd(int fd, struct buf *out, struct err *e)
{
	if (fd_read_all(fd, out, CLOCK_NEVER, e) < 0)
		return -1;
	if (out->n > 0 && out->p[out->n - 1] == '\n')
		buf_trunc(out, out->n - 1);
	if (out->n > 0 && out->p[out->n - 1] == '\r')
		buf_trunc(out, out->n - 1);
	return 0;
}

/* A pipe is fine, too: --file <(pass show opencode). */
static int
read_file(struct run *r, const char *path, struct buf *out, struct err *e)
{
	AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open %s", path);
	if (S_ISREG(st.st_mode) && (st.st_mode & S_IROTH))
		term_warn(r->term, r->cli->prog, "every user of this machine can read %s", path);
	if (read_fd(fd, out, e) < 0)
		return err_wrap(e, "%s", path);
	return 0;
}

static int
ask(struct run *r, const struct secret_input *in, const char *before, const char *behind, struct buf *out, struct err *e)
{
	return term_ask_secret(r->term, arena_printf(r->arena, "%s %s%s:", before, in->what, behind),
			       arena_printf(r->arena, "%s %s %s", r->cli->prog, r->cmd->name, in->instead ? in->instead : "--stdin"), out, e);
}

static int
ask_twice(struct run *r, const struct secret_input *in, struct buf *out, struct err *e)
{
	struct buf second = BUF_INIT(out->ceiling);
	int rc = ask(r, in, in->is_known ? "The" : "New", "", out, e);

	if (rc == 0 && in->is_twice) {
		rc = ask(r, in, "The", " again", &second, e);
		if (rc == 0 && (second.n != out->n || mem_differs(second.p, out->p, out->n)))
			rc = err_set(e, ERR_USAGE, "the two are not the same");
	}
	buf_wipe(&second);
	return rc;
}

int
secret_input_read(struct run *r, const struct secret_input *in, struct buf *out, struct err *e)
{
	if (in->is_stdin && in->file)
		return err_set(e, ERR_USAGE, "--stdin and --file exclude each other");
	/* Room at once, so that no piece stays behind in freed memory by growing. */
	if (!buf_room(out, out->ceiling))
		return buf_check(out, in->what, e);
	if (in->file)
		return read_file(r, in->file, out, e);
	if (in->is_stdin && !r->term->is_in_tty)
		return read_fd(STDIN_FILENO, out, e) < 0 ? err_wrap(e, "standard input") : 0;
	return ask_twice(r, in, out, e);
}

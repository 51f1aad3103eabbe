/*
 * config_edit.c - the file in the person's own editor
 *
 * The editor works on a copy. Only a valid text replaces the file, and only if nobody changed the file meanwhile.
 */
#include <stdlib.h>
#include <unistd.h>

#include "applets/occ/common.h"
#include "lib/base/cancel.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/proc/spawn.h"

struct copy {
	const char *dir, *path;		/* NULL until made */
};

static void
copy_auto(struct copy *c)
{
	if (c->path)
		unlink(c->path);
	if (c->dir)
		rmdir(c->dir);
}

static int
make_copy(struct run *r, struct copy *c, struct str text, struct err *e)
{
	const char *tmp = occ_env("TMPDIR");
	char *dir = arena_printf(r->arena, "%s/opencode-cloud.XXXXXX", tmp && tmp[0] == '/' ? tmp : "/tmp");

	if (!mkdtemp(dir))
		return err_sys(e, "make a directory for the copy (%s)", dir);
	c->dir = dir;
	c->path = path_join(r->arena, dir, "config.jsonc");
	return file_save(c->path, text, 0600, e);
}

/* $VISUAL, $EDITOR: command lines, as git and crontab have it. Else the first of the usual ones. */
static const char *
find_editor(struct run *r, struct err *e)
{
	static const char *const usual[] = { "nano", "vi", NULL };
	const char *said = occ_env("VISUAL");

	if (!said)
		said = occ_env("EDITOR");
	if (said)
		return said;
	for (size_t i = 0; usual[i]; i++)
		if (r->term->is_in_tty && r->term->is_out_tty && spawn_find(r->arena, usual[i]))
			return usual[i];
	err_set(e, ERR_USAGE, "no editor: VISUAL and EDITOR are not set%s",
		r->term->is_in_tty ? ", and neither nano nor vi is installed" : ", and this is no terminal");
	err_note(e, "try", "%s config set KEY VALUE", r->cli->prog);
	return NULL;
}

/* A Ctrl-C at the terminal is the editor's to understand. */
static int
run_editor(struct run *r, const char *editor, const char *path, struct err *e)
{
	const char *const argv[] = { "sh", "-c", arena_printf(r->arena, "%s \"$1\"", editor), "sh", path, NULL };
	const struct spawn s = { .argv = argv, .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO, .err_fd = -1 };
	pid_t pid;
	int status = 0, rc;

	cancel_hold();
	rc = spawn_start(&s, &pid, e);
	if (rc == 0)
		rc = spawn_wait(pid, CLOCK_NEVER, &status, e);
	cancel_release();
	if (rc < 0)
		return err_wrap(e, "editor");
	if (status == 0)
		return 0;
	err_set(e, ERR_FAIL, "the editor (%s) ended with status %d", editor, status);
	return err_note(e, "changed", "nothing");
}

/* Edits until the text is valid or the person gives up. */
static int
edit_until_valid(struct run *r, const struct copy *c, const char *shown, struct str before, struct buf *ret_text, struct err *e)
{
	const char *editor = find_editor(r, e);

	while (editor) {
		struct config ignored;
		bool again = false;

		if (run_editor(r, editor, c->path, e) < 0)
			return -1;
		buf_reset(ret_text);
		if (file_read(c->path, ret_text, e) < 0)
			return err_wrap(e, "read the copy");
		if (str_eq(buf_str(ret_text), before))
			return 0;
		if (config_parse(r->arena, buf_str(ret_text), shown, NULL, &ignored, e) == 0)
			return 0;
		if (r->term->is_in_tty && r->term->is_err_tty) {
			struct err asked = ERR_INIT;

			term_error(r->term, r->cli->prog, e);
			if (term_confirm(r->term, "Edit again?", true, NULL, &again, &asked) < 0)
				again = false;
		}
		if (!again)
			return err_note(e, "changed", "nothing");
	}
	return -1;
}

static int
save(const struct scope *s, struct str before, bool existed, struct str text, struct copy *c, struct err *e)
{
	AUTO(buf) struct buf now = BUF_INIT(CONFIG_BYTES_MAX);
	bool exists = false;

	if (config_text(s, &now, &exists, e) < 0)
		return -1;
	if (exists == existed && str_eq(buf_str(&now), before))
		return config_save_text(s, text, e);
	err_set(e, ERR_CONFLICT, "the configuration was changed by somebody else meanwhile");
	err_note(e, "changed", "nothing; the edit is kept in %s", c->path);
	*c = (struct copy){ NULL, NULL };
	return -1;
}

static int
config_edit_run(struct run *r, struct err *e)
{
	AUTO(buf) struct buf before = BUF_INIT(CONFIG_BYTES_MAX), after = BUF_INIT(CONFIG_BYTES_MAX);
	AUTO(copy) struct copy copy = { NULL, NULL };
	struct scope s;
	const char *shown;
	bool existed = false;

	if (occ_scope(r, &s, e) < 0 || scope_prepare(&s, e) < 0 || config_text(&s, &before, &existed, e) < 0)
		return -1;
	shown = path_tilde(r->arena, s.config_path, s.home);
	if (make_copy(r, &copy, buf_str(&before), e) < 0)
		return -1;
	if (edit_until_valid(r, &copy, shown, buf_str(&before), &after, e) < 0)
		return -1;
	if (str_eq(buf_str(&before), buf_str(&after))) {
		term_row(r->term, "Unchanged", "%s", shown);
		return 0;
	}
	if (save(&s, buf_str(&before), existed, buf_str(&after), &copy, e) < 0)
		return -1;
	term_row(r->term, "Saved", "%s; applies at the next `%s start`", shown, r->cli->prog);
	return 0;
}

CMD(occ_config_edit) = {
	.applet = "occ", .name = "config edit", .group = "Settings", .args = "", .args_max = 0,
	.brief = "edit the configuration in an editor",
	.about = "Opens a copy in $VISUAL, $EDITOR, nano or vi, and takes it over when it is valid. A file that does not exist yet begins with every "
		 "key as a comment.",
	.run = config_edit_run,
};

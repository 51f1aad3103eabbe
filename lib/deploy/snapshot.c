/* snapshot.c - two passes of one script */
#include "lib/deploy/snapshot.h"

#include "lib/base/num.h"
#include "lib/deploy/helper.h"
#include "lib/deploy/helper_body.h"
#include "lib/engine/object.h"

#define COPY_AT "/snapshot"
#define LINE_MAX 64

/*
 * argv: from, to, number of passes: 2 make a copy, 1 puts it back. A file is copied when its size or time differs; the database always, for SQLite may write without either.
 * What has been copied is renamed into its place, so a cut pass leaves whole files; put back, the old one makes room first, for the copy is whole. Links are copied as links, and
 * refused where the data itself would be behind one. Before the second pass it waits for the end of its input; after each it says how many bytes there are.
 */
static const char script[] =
	"import os, shutil, stat, sys\n"
	"src, dst, passes = sys.argv[1], sys.argv[2], int(sys.argv[3])\n"
	"parts = ['.local/share/opencode', '.config/opencode', '.local/state/opencode']\n"
	"skip = ['.local/share/opencode/log', '.local/state/opencode/locks']\n"
	"last = False\n"
	"sys.setrecursionlimit(10000)\n"
	"def refuse(p):\n"
	" print('%s is a symbolic link' % p, file=sys.stderr)\n"
	" sys.exit(29)\n"
	"def look(p):\n"
	" try:\n"
	"  return os.lstat(p)\n"
	" except FileNotFoundError:\n"
	"  return None\n"
	"def drop(p):\n"
	" s = look(p)\n"
	" if s and stat.S_ISDIR(s.st_mode):\n"
	"  shutil.rmtree(p)\n"
	" elif s:\n"
	"  os.unlink(p)\n"
	"def is_same(s, d, name):\n"
	" return d and (s.st_mode, s.st_uid, s.st_gid, s.st_size, s.st_mtime_ns) == (d.st_mode, d.st_uid, d.st_gid, d.st_size, d.st_mtime_ns) and '.db' not in name\n"
	"def own(p, s):\n"
	" os.chown(p, s.st_uid, s.st_gid, follow_symlinks=False)\n"
	" if not stat.S_ISLNK(s.st_mode):\n"
	"  os.chmod(p, stat.S_IMODE(s.st_mode))\n"
	" os.utime(p, ns=(s.st_atime_ns, s.st_mtime_ns), follow_symlinks=False)\n"
	"def copy_file(a, b, s):\n"
	" new = os.path.join(os.path.dirname(b), '.occ-new')\n"
	" drop(new)\n"
	" if passes == 1:\n"
	"  drop(b)\n"
	" if stat.S_ISLNK(s.st_mode):\n"
	"  os.symlink(os.readlink(a), new)\n"
	" else:\n"
	"  shutil.copyfile(a, new, follow_symlinks=False)\n"
	" own(new, s)\n"
	" d = look(b)\n"
	" if d and stat.S_ISDIR(d.st_mode):\n"
	"  drop(b)\n"
	" os.rename(new, b)\n"
	"def copy(rel):\n"
	" a, b = os.path.join(src, rel), os.path.join(dst, rel)\n"
	" s, d = look(a), look(b)\n"
	" if rel in skip:\n"
	"  return 0\n"
	" if not s or not (stat.S_ISREG(s.st_mode) or stat.S_ISLNK(s.st_mode) or stat.S_ISDIR(s.st_mode)):\n"
	"  drop(b)\n"
	"  return 0\n"
	" if stat.S_ISLNK(s.st_mode) and rel.endswith('.db'):\n"
	"  refuse(a)\n"
	" if not stat.S_ISDIR(s.st_mode):\n"
	"  if not is_same(s, d, rel):\n"
	"   try:\n"
	"    copy_file(a, b, s)\n"
	"   except OSError:\n"
	"    if last:\n"
	"     raise\n"
	"  return s.st_size\n"
	" if not d or not stat.S_ISDIR(d.st_mode):\n"
	"  drop(b)\n"
	"  os.mkdir(b)\n"
	" try:\n"
	"  names = os.listdir(a)\n"
	" except OSError:\n"
	"  if last:\n"
	"   raise\n"
	"  return 0\n"
	" for n in os.listdir(b):\n"
	"  if n not in names and os.path.join(rel, n) not in skip:\n"
	"   drop(os.path.join(b, n))\n"
	" total = sum(copy(os.path.join(rel, n)) for n in names)\n"
	" own(b, s)\n"
	" return total\n"
	"def size(root, part):\n"
	" n = 0\n"
	" for d, _, files in os.walk(os.path.join(root, part)):\n"
	"  for f in files:\n"
	"   s = look(os.path.join(d, f))\n"
	"   n += s.st_blocks * 512 if s else 0\n"
	" return n\n"
	"def check_links(root, part):\n"
	" p = root\n"
	" for w in part.split('/'):\n"
	"  p = os.path.join(p, w)\n"
	"  if os.path.islink(p):\n"
	"   refuse(p)\n"
	"need = sum(size(src, p) - size(dst, p) for p in parts)\n"
	"v = os.statvfs(dst)\n"
	"if need > 0 and need + need // 20 + (16 << 20) > v.f_bavail * v.f_frsize:\n"
	" print('it takes %d MB more, and the disk has %d MB' % (need >> 20, v.f_bavail * v.f_frsize >> 20), file=sys.stderr)\n"
	" sys.exit(28)\n"
	"for n in range(passes):\n"
	" last = n == passes - 1\n"
	" if n > 0:\n"
	"  sys.stdin.read()\n"
	" total = 0\n"
	" for p in parts:\n"
	"  check_links(src, p)\n"
	"  check_links(dst, p)\n"
	"  up = dst\n"
	"  for w in p.split('/')[:-1]:\n"
	"   up = os.path.join(up, w)\n"
	"   if not os.path.isdir(up):\n"
	"    os.mkdir(up)\n"
	"    os.chown(up, 1000, 1000)\n"
	"  total += copy(p)\n"
	" if last:\n"
	"  os.sync()\n"
	" print(total, flush=True)\n";

enum { NO_ROOM = 28, IS_LINK = 29 };

const char *
snapshot_volume(struct service *s, uint64_t number)
{
	return arena_printf(s->arena, "%s.before-%llu", s->names.home_volume, (unsigned long long)number);
}

/* ---- the bodies ---- */

static void
put_body(const struct spec_input *spec, struct helper_volume from, struct helper_volume to, const char *passes, struct buf *out)
{
	static const char *const rights[] = { "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", NULL }, *const entrypoint[] = { "python3", "-I", "-c", script, NULL };
	const char *const command[] = { from.target, to.target, passes, NULL };
	const struct helper_body h = { .in = spec, .volumes = { from, to }, .rights = rights, .entrypoint = entrypoint, .command = command, .has_stdin = true };

	helper_put_body(&h, out);
}

void
snapshot_put_copy_body(const struct spec_input *spec, const char *volume, struct buf *out)
{
	put_body(spec, (struct helper_volume){ .name = spec->names->home_volume, .target = SERVICE_HOME, .is_read_only = true }, (struct helper_volume){ .name = volume, .target = COPY_AT }, "2", out);
}

void
snapshot_put_back_body(const struct spec_input *spec, const char *volume, struct buf *out)
{
	put_body(spec, (struct helper_volume){ .name = volume, .target = COPY_AT, .is_read_only = true }, (struct helper_volume){ .name = spec->names->home_volume, .target = SERVICE_HOME }, "1", out);
}

/* ---- running them ---- */

static int
failed(struct pipe *p, int status, struct err *e)
{
	struct str said = str_trim(buf_str(&p->said));
	size_t line = str_rfind_char(said, '\n');	/* of a traceback */

	if (line != STR_NONE)
		said = str_skip(said, line + 1);
	if (status == NO_ROOM) {
		err_set(e, ERR_SYS, "no room on the engine's disk for a snapshot of opencode's data: " STR_FMT, STR_ARG(said));
		return err_note(e, "try", "docker system df   (shows what fills it)");
	}
	if (status == IS_LINK) {
		err_set(e, ERR_REFUSED, "opencode's data cannot be kept: " STR_FMT, STR_ARG(said));
		return err_note(e, "try", "a directory in its place   (occ shell)");
	}
	return err_set(e, ERR_FAIL, "opencode's data cannot be copied (status %d): " STR_FMT, status, STR_ARG(said));
}

/* What a pass says at its end; 0 when the container ended without a word. */
static int
read_total(struct pipe *p, uint64_t *ret_bytes, struct err *e)
{
	struct source out = pipe_source(p);
	char line[LINE_MAX];
	size_t n = 0;

	while (n < sizeof line && (n == 0 || line[n - 1] != '\n')) {
		ssize_t got = out.read(out.ctx, line + n, 1, e);

		if (got < 0)
			return -1;
		if (got == 0)
			return 0;
		n += (size_t)got;
	}
	return num_u64(str_trim(str_from(line, n)), 0, UINT64_MAX, ret_bytes, e) < 0 ? -1 : 1;
}

static int
open_helper(struct pipe *p, struct service *s, const struct buf *body, struct err *e)
{
	return buf_check(body, "container specification", e) < 0 ? -1 : helper_open(p, s, buf_str(body), true, e);
}

/* The container's end, which has to be a good one. */
static int
end_helper(struct pipe *p, struct err *e)
{
	int status = 0;

	if (pipe_end(p, &status, e) < 0)
		return -1;
	return status == 0 ? 0 : failed(p, status, e);
}

static int
one_pass(struct pipe *p, uint64_t *ret_bytes, struct err *e)
{
	int got = read_total(p, ret_bytes, e);

	if (got != 0)
		return got < 0 ? -1 : 0;
	return end_helper(p, e) < 0 ? -1 : err_set(e, ERR_FAIL, "opencode's data cannot be copied: the copy ended without a word");
}

int
snapshot_begin(struct snapshot *x, struct service *s, const struct spec_input *spec, const char *volume, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(HELPER_BODY_MAX);
	bool is_made;

	if (volume_ensure(&s->engine, s->arena, volume, spec_object_labels(s->arena, spec), &is_made, e) < 0)
		return -1;
	snapshot_put_copy_body(spec, volume, &body);
	return open_helper(&x->pipe, s, &body, e) < 0 ? -1 : one_pass(&x->pipe, &x->n_bytes, e);
}

int
snapshot_finish(struct snapshot *x, struct err *e)
{
	struct err ignored = ERR_INIT;

	(void)!stream_shutdown_write(&x->pipe.conn.stream, &ignored);
	return one_pass(&x->pipe, &x->n_bytes, e) < 0 ? -1 : end_helper(&x->pipe, e);
}

void
snapshot_auto(struct snapshot *x)
{
	pipe_auto(&x->pipe);
}

int
snapshot_put_back(struct service *s, const struct spec_input *spec, const char *volume, struct err *e)
{
	AUTO(pipe) struct pipe p = PIPE_INIT;
	AUTO(buf) struct buf body = BUF_INIT(HELPER_BODY_MAX);
	const struct json *there;
	uint64_t n_bytes;

	/* An engine makes an empty volume of a name that is not there. */
	if (volume_inspect(&s->engine, s->arena, volume, &there, e) < 0)
		return err_wrap(e, "put opencode's data back");
	snapshot_put_back_body(spec, volume, &body);
	if (open_helper(&p, s, &body, e) < 0 || one_pass(&p, &n_bytes, e) < 0 || end_helper(&p, e) < 0)
		return err_wrap(e, "put opencode's data back");
	return 0;
}

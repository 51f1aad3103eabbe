/* backup_helper.c - two scripts */
#include "lib/deploy/backup_helper.h"

#include "lib/deploy/helper_body.h"

/*
 * SQLite's own backup, as the user whose database it is, so that it leaves no file of root's beside it: one consistent file, whoever writes meanwhile. What hinders it
 * (no room, locks) ends the backup; a database that is damaged is taken as its files are, and said to be.
 */
static const char copy_database[] =
	"import json, os, sqlite3, stat, sys\n"
	"src, dst = '" SERVICE_HOME "/" BACKUP_DATABASE_AT "', '" BACKUP_DATABASE "'\n"
	"info = {'sessions': -1, 'database': ''}\n"
	"if os.path.realpath(os.path.dirname(src)) != os.path.dirname(src):\n"
	" info['database'] = 'its directory is a symbolic link'\n"
	"elif os.path.exists(src):\n"
	" os.setgid(1000)\n"
	" os.setuid(1000)\n"
	" try:\n"
	"  s = sqlite3.connect(src, timeout=60)\n"
	"  d = sqlite3.connect(dst)\n"
	"  s.backup(d)\n"
	"  found = d.execute('pragma quick_check').fetchone()[0]\n"
	"  if found != 'ok':\n"
	"   raise sqlite3.DatabaseError(found)\n"
	"  if d.execute(\"select 1 from sqlite_master where type = 'table' and name = 'session'\").fetchone():\n"
	"   info['sessions'] = d.execute('select count(*) from session').fetchone()[0]\n"
	"  d.close()\n"
	"  os.chmod(dst, stat.S_IMODE(os.stat(src).st_mode))\n"
	" except sqlite3.OperationalError as e:\n"
	"  sys.exit('the session database cannot be copied now: %s' % e)\n"
	" except sqlite3.DatabaseError as e:\n"
	"  info['database'] = str(e) or 'unknown'\n"
	"  if os.path.exists(dst):\n"
	"   os.remove(dst)\n"
	"with open('" BACKUP_INFO "', 'w') as f:\n"
	" json.dump(info, f)\n";

/* In both: the programs are the image's own (helper_put_body sets PATH), never the agent's. tar's status 1: a file changed while it was read, as files in use do. */
static const char reader[] =
	"set -e\n"
	"umask 077\n"
	"mkdir -m 777 /tmp/occ && cd /tmp/occ\n"
	"python3 -I -c \"$1\"\n"
	"out=; [ \"$2\" = all ] || out=--exclude=./workspace\n"
	"db=" BACKUP_DATABASE_AT " copy=\n"
	"set -- --anchored $out --exclude=./.cache --exclude=./.npm/_cacache --exclude=./.local/share/opencode/log --exclude=./.local/state/opencode/locks\n"
	"if [ -e " BACKUP_DATABASE " ]; then\n"
	"	copy=" BACKUP_DATABASE "\n"
	"	set -- \"$@\" --exclude=./$db --exclude=./$db-wal --exclude=./$db-shm\n"
	"fi\n"
	"tar -cf - --numeric-owner \"$@\" " BACKUP_INFO " -C " SERVICE_HOME " . ${copy:+-C /tmp/occ $copy} || [ $? = 1 ]\n";

static const char writer[] =
	"set -e\n"
	"cd " SERVICE_HOME "\n"
	"find . -xdev -mindepth 1 -maxdepth 1 ! -name workspace -exec rm -rf --one-file-system -- {} +\n"
	"[ \"$1\" = home ] || find workspace -xdev -mindepth 1 -maxdepth 1 -exec rm -rf --one-file-system -- {} +\n"
	"tar -xpf - --numeric-owner --same-owner\n"
	"sync -f .\n";

static void
put_body(const struct spec_input *in, bool has_workspace, const char *const *rights, const char *script, const char *const *command, bool has_stdin, struct buf *out)
{
	const char *entrypoint[] = { "/bin/sh", "-c", script, "sh", NULL };
	const struct helper_body h = { .in = in, .rights = rights, .entrypoint = entrypoint, .command = command, .has_stdin = has_stdin,
		.volumes = { { .name = in->names->home_volume, .target = SERVICE_HOME }, { .name = has_workspace ? in->names->workspace_volume : NULL, .target = SERVICE_WORKSPACE } } };

	helper_put_body(&h, out);
}

void
backup_helper_put_reader(const struct spec_input *in, bool has_workspace, struct buf *out)
{
	/* Not DAC_READ_SEARCH: with it open_by_handle_at(2) reads any file of the volume's file system. */
	static const char *const rights[] = { "DAC_OVERRIDE", "SETUID", "SETGID", NULL };
	const char *command[] = { copy_database, has_workspace ? "all" : "home", NULL };

	put_body(in, has_workspace, rights, reader, command, false, out);
}

void
backup_helper_put_writer(const struct spec_input *in, bool has_workspace, struct buf *out)
{
	static const char *const rights[] = { "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", NULL };

	const char *command[] = { has_workspace ? "all" : "home", NULL };

	put_body(in, has_workspace, rights, writer, command, true, out);
}

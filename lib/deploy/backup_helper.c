/* backup_helper.c - two scripts, and one body around them */
#include "lib/deploy/backup_helper.h"

#include "lib/deploy/helper.h"
#include "lib/json/jsonw.h"

/*
 * SQLite's own backup, as the user whose database it is, so that it leaves no file of root's beside it: one consistent file, whoever writes meanwhile. What hinders it
 * (no room, locks) ends the backup; a database that is damaged is taken as its files are, and said to be.
 */
static const char copy_database[] =
	"import json, os, sqlite3, stat, sys\n"
	"src, dst = '" SERVICE_HOME "/" BACKUP_DATABASE_AT "', '" BACKUP_DATABASE "'\n"
	"info = {'sessions': -1, 'database': ''}\n"
	"if os.path.realpath(os.path.dirname(src)) != os.path.dirname(src):\n"
	"    info['database'] = 'its directory is a symbolic link'\n"
	"elif os.path.exists(src):\n"
	"    os.setgid(1000)\n"
	"    os.setuid(1000)\n"
	"    try:\n"
	"        s = sqlite3.connect(src, timeout=60)\n"
	"        d = sqlite3.connect(dst)\n"
	"        s.backup(d)\n"
	"        found = d.execute('pragma quick_check').fetchone()[0]\n"
	"        if found != 'ok':\n"
	"            raise sqlite3.DatabaseError(found)\n"
	"        if d.execute(\"select 1 from sqlite_master where type = 'table' and name = 'session'\").fetchone():\n"
	"            info['sessions'] = d.execute('select count(*) from session').fetchone()[0]\n"
	"        d.close()\n"
	"        os.chmod(dst, stat.S_IMODE(os.stat(src).st_mode))\n"
	"    except sqlite3.OperationalError as e:\n"
	"        sys.exit('the session database cannot be copied now: %s' % e)\n"
	"    except sqlite3.DatabaseError as e:\n"
	"        info['database'] = str(e) or 'unknown'\n"
	"        if os.path.exists(dst):\n"
	"            os.remove(dst)\n"
	"with open('" BACKUP_INFO "', 'w') as f:\n"
	"    json.dump(info, f)\n";

/* In both: the programs are the image's own (put_body sets PATH), never the agent's. tar's status 1: a file changed while it was read, as files in use do. */
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
put_volume(struct jsonw *w, const char *name, const char *target)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "Type", "volume");
	jsonw_str(w, "Source", name);
	jsonw_str(w, "Target", target);
	jsonw_object(w, "VolumeOptions");
	jsonw_bool(w, "NoCopy", true);		/* an empty one is empty */
	jsonw_end(w);
	jsonw_end(w);
}

static void
put_host_config(struct jsonw *w, const struct spec_input *in, bool has_workspace, const char *const *rights)
{
	static const char *const all[] = { "ALL", NULL }, *const no_new[] = { "no-new-privileges", NULL };

	jsonw_object(w, "HostConfig");
	jsonw_str(w, "NetworkMode", "none");
	jsonw_strings(w, "CapDrop", all);
	jsonw_strings(w, "CapAdd", rights);
	jsonw_strings(w, "SecurityOpt", no_new);
	jsonw_array(w, "Mounts");
	put_volume(w, in->names->home_volume, SERVICE_HOME);
	if (has_workspace)
		put_volume(w, in->names->workspace_volume, SERVICE_WORKSPACE);
	jsonw_end(w);
	/* What goes through its standard output is the agent's, and no engine's log. */
	jsonw_object(w, "LogConfig");
	jsonw_str(w, "Type", "none");
	jsonw_end(w);
	spec_put_ulimits(w, in);
	jsonw_end(w);
}

static void
put_body(const struct spec_input *in, bool has_workspace, const char *const *rights, const char *script, const char *const *command, bool has_stdin, struct buf *out)
{
	/* The image's own PATH leads into the home, where the agent's files are. */
	static const char *const env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL };
	const char *entrypoint[] = { "/bin/sh", "-c", script, "sh", NULL };
	struct jsonw w = JSONW_INIT(out, 0);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "Image", in->image);
	jsonw_str(&w, "User", "0:0");
	jsonw_str(&w, "WorkingDir", "/");
	jsonw_strings(&w, "Entrypoint", entrypoint);
	jsonw_strings(&w, "Cmd", command);
	jsonw_strings(&w, "Env", env);
	jsonw_bool(&w, "OpenStdin", has_stdin);
	jsonw_bool(&w, "StdinOnce", has_stdin);
	jsonw_bool(&w, "AttachStdin", has_stdin);
	jsonw_bool(&w, "AttachStdout", true);
	jsonw_bool(&w, "AttachStderr", true);
	jsonw_object(&w, "Labels");
	jsonw_str(&w, LABEL_MANAGED, LABEL_MANAGED_VALUE);
	jsonw_str(&w, LABEL_HELPER, in->deployment);
	jsonw_end(&w);
	put_host_config(&w, in, has_workspace, rights);
	jsonw_end(&w);
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

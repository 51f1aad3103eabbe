/*
 * addr_owner.c - who listens on a port, from /proc (Linux; elsewhere there is no such file and the answer is NULL)
 *
 * /proc/net/tcp and tcp6 give the socket's inode, /proc/PID/fd the process that holds it. Without the right to look into other
 * people's processes nothing is found. Read line by line: a busy machine has many thousand connections.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/fd.h"
#include "lib/base/num.h"
#include "lib/net/addr.h"

#define INODES_MAX 16			/* one port can be listened on at several addresses */
#define LINE_BYTES 512
#define COMM_BYTES 64
#define TCP_LISTEN 0x0a

struct inodes {
	uint64_t v[INODES_MAX];
	size_t n;
};

static void
file_auto(FILE **f)
{
	if (*f)
		fclose(*f);
}

static void
dir_auto(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* The next word of a table line. */
static struct str
word_next(struct str *s)
{
	*s = str_trim(*s);
	return str_cut(s, ' ');
}

/* "sl local:port remote:port state tx:rx tr:when retransmits uid timeout inode ...": proc(5). */
static void
note_line(struct str line, unsigned port, struct inodes *ret)
{
	struct err ignored = ERR_INIT;
	uint64_t local_port, state, inode;

	word_next(&line);
	struct str local = word_next(&line);
	word_next(&line);
	struct str state_text = word_next(&line);
	for (int i = 0; i < 5; i++)
		word_next(&line);
	struct str inode_text = word_next(&line);

	str_cut(&local, ':');
	if (num_hex(local, UINT16_MAX, &local_port, &ignored) < 0 || num_hex(state_text, UINT8_MAX, &state, &ignored) < 0 ||
	    num_u64(inode_text, 1, UINT64_MAX, &inode, &ignored) < 0)
		return;			/* the heading */
	if (local_port == port && state == TCP_LISTEN && ret->n < INODES_MAX)
		ret->v[ret->n++] = inode;
}

static void
find_inodes(const char *table, unsigned port, struct inodes *ret)
{
	AUTO(file) FILE *f = fopen(table, "re");
	char line[LINE_BYTES];

	while (f && fgets(line, sizeof line, f))
		note_line(str_of(line), port, ret);
}

static bool
is_one_of(const char *link, const struct inodes *want)
{
	struct err ignored = ERR_INIT;
	struct str s = str_of(link);
	uint64_t inode;

	if (!str_has_prefix(s, "socket:[") || !str_has_suffix(s, "]"))
		return false;
	s = str_skip(str_take(s, s.n - 1), strlen("socket:["));
	if (num_u64(s, 1, UINT64_MAX, &inode, &ignored) < 0)
		return false;
	for (size_t i = 0; i < want->n; i++)
		if (want->v[i] == inode)
			return true;
	return false;
}

/* Does the process behind this descriptor of /proc/PID hold one of the sockets? */
static bool
has_socket(int pid_fd, const struct inodes *want)
{
	AUTO(fd) int fd = openat(pid_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(dir) DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *entry;
	char link[64];

	if (!d)
		return false;
	int at = fd_take(&fd);		/* the DIR's now */
	while ((entry = readdir(d)) != NULL) {
		ssize_t n = readlinkat(at, entry->d_name, link, sizeof link - 1);

		if (n > 0) {
			link[n] = '\0';
			if (is_one_of(link, want))
				return true;
		}
	}
	return false;
}

/* A process chooses its own name: what a terminal might obey is made harmless. */
static void
read_comm(int pid_fd, char *ret, size_t n)
{
	AUTO(fd) int fd = openat(pid_fd, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, ret, n - 1) : -1;
	size_t len = got > 0 ? str_trim(str_from(ret, (size_t)got)).n : 0;

	ret[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (ret[i] < ' ' || ret[i] > '~')
			ret[i] = '?';
}

static const char *
describe(struct arena *a, int pid_fd, const char *pid)
{
	char comm[COMM_BYTES];
	struct stat st;

	read_comm(pid_fd, comm, sizeof comm);
	if (fstat(pid_fd, &st) < 0)
		return NULL;
	const struct passwd *pw = getpwuid(st.st_uid);
	const char *name = comm[0] ? comm : "a process";
	if (pw)
		return arena_printf(a, "%s (pid %s, user %s)", name, pid, pw->pw_name);
	return arena_printf(a, "%s (pid %s, user %lu)", name, pid, (unsigned long)st.st_uid);
}

const char *
addr_port_owner(struct arena *a, unsigned port)
{
	struct inodes want = { .n = 0 };
	struct dirent *entry;

	find_inodes("/proc/net/tcp", port, &want);
	find_inodes("/proc/net/tcp6", port, &want);
	AUTO(dir) DIR *proc = want.n > 0 ? opendir("/proc") : NULL;
	while (proc && (entry = readdir(proc)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		AUTO(fd) int fd = openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0 && has_socket(fd, &want))
			return describe(a, fd, entry->d_name);
	}
	return NULL;
}

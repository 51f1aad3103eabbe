#include "lib/engine/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/fd.h"
#include "lib/base/rand.h"

#define SSH_TAIL_BYTES 4096
#define AGAIN_MS 100
#define AGAIN_SPREAD_MS 512

/* No BatchMode: a person may have a passphrase to type, and ssh asks on the terminal itself. "--" ends the options, so that no host can be
 * one. What stands behind the host is a command for the far side's shell: constant words only. */
void
ssh_argv_of(const struct engine_endpoint *at, struct ssh_argv *ret)
{
	size_t n = 0;

	ret->v[n++] = "ssh";
	if (at->ssh_user) {
		ret->v[n++] = "-l";
		ret->v[n++] = at->ssh_user;
	}
	if (at->ssh_port) {
		(void)snprintf(ret->port, sizeof ret->port, "%u", at->ssh_port);
		ret->v[n++] = "-p";
		ret->v[n++] = ret->port;
	}
	ret->v[n++] = "-T";
	ret->v[n++] = "-o";
	ret->v[n++] = "ConnectTimeout=30";
	ret->v[n++] = "--";
	ret->v[n++] = at->ssh_host;
	ret->v[n++] = "docker";
	ret->v[n++] = "system";
	ret->v[n++] = "dial-stdio";
	ret->v[n] = NULL;
}

int
ssh_err_open(struct err *e)
{
	char path[] = "/tmp/occ-ssh-XXXXXX";
	int fd = mkostemp(path, O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "temporary file %s", path);
	(void)unlink(path);
	return fd;
}

/* The end of what ssh wrote. */
static struct str
read_tail(int fd, char tail[SSH_TAIL_BYTES])
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return STR_NULL;
	off_t from = st.st_size > SSH_TAIL_BYTES ? st.st_size - SSH_TAIL_BYTES : 0;
	ssize_t n = pread(fd, tail, SSH_TAIL_BYTES, from);
	return n > 0 ? str_from(tail, (size_t)n) : STR_NULL;
}

/* The last line of it that says something. */
static struct str
last_line(struct str rest)
{
	struct str line, last = STR_NULL;

	while (str_line(&rest, &line)) {
		line = str_trim(line);
		if (line.n > 0)
			last = line;
	}
	return last;
}

static const struct {
	const char *text;		/* what ssh or the far side's docker says */
	enum err_code code;
	const char *cause;
	const char *remedy;		/* one %s: the host */
} ssh_causes[] = {
	{ "command not found", ERR_ENGINE, "there is no docker command on that host", "install Docker there: ssh %s" },
	{ "docker: not found", ERR_ENGINE, "there is no docker command on that host", "install Docker there: ssh %s" },
	{ "docker: No such file", ERR_ENGINE, "there is no docker command on that host", "install Docker there: ssh %s" },
	{ "trying to connect to the Docker daemon socket", ERR_PERM, "that user may not use the engine there",
	    "ssh %s sudo usermod -aG docker \\$USER" },
	{ "Cannot connect to the Docker daemon", ERR_ENGINE, "the engine on that host is not running", "ssh %s sudo systemctl start docker" },
	{ "failed to connect to the docker API", ERR_ENGINE, "the engine on that host is not running", "ssh %s sudo systemctl start docker" },
	{ "Permission denied (", ERR_ENGINE, "ssh was not let in", "ssh-copy-id %s" },
	{ "Too many authentication failures", ERR_ENGINE, "ssh was not let in", "name the right key for %s in ~/.ssh/config" },
	{ "Host key verification failed", ERR_ENGINE, "the host's key is unknown or has changed", "ssh %s   and check the key" },
	{ "Could not resolve hostname", ERR_ENGINE, "there is no host of that name", "ssh %s   has to work first" },
	{ "Connection refused", ERR_ENGINE, "no ssh server answers there", "ssh %s   has to work first" },
	{ "timed out", ERR_ENGINE, "the host does not answer", "ssh %s   has to work first" },
	{ "No route to host", ERR_ENGINE, "the host cannot be reached", "ssh %s   has to work first" },
};

int
ssh_was_turned_away(int err_fd, int64_t due_ms, struct err *e)
{
	char tail[SSH_TAIL_BYTES];
	struct err waited = ERR_INIT;
	unsigned char dice = 0;

	if (str_find(read_tail(err_fd, tail), STR_LIT("kex_exchange_identification:")) == STR_NONE)
		return 0;
	/* Those who were turned away together do not come back together. */
	if (rand_bytes(&dice, sizeof dice, &waited) < 0)
		err_clear(&waited);
	int64_t again_ms = clock_due_ms(AGAIN_MS + dice * AGAIN_SPREAD_MS / 256);
	if (again_ms >= due_ms || ftruncate(err_fd, 0) < 0)
		return 0;
	if (fd_wait_many(NULL, 0, again_ms, &waited) < 0 && waited.code == ERR_TIMEOUT)
		return 1;
	*e = waited;
	return -1;
}

int
ssh_fault(const struct engine_endpoint *at, int err_fd, struct err *e)
{
	char tail[SSH_TAIL_BYTES];
	struct str said = last_line(read_tail(err_fd, tail));
	AUTO(buf) struct buf line = BUF_INIT(ERR_NOTE_BYTES - 1);

	wire_clean(&line, said, 240);
	for (size_t i = 0; i < sizeof ssh_causes / sizeof ssh_causes[0]; i++) {
		if (str_find(said, str_of(ssh_causes[i].text)) == STR_NONE)
			continue;
		AUTO(buf) struct buf host = BUF_INIT(ERR_NOTE_BYTES - 1);
		struct str remedy = str_of(ssh_causes[i].remedy);
		struct str before = str_cut(&remedy, '%');
		if (at->ssh_user)
			buf_printf(&host, "%s@", at->ssh_user);
		buf_puts(&host, at->ssh_host);
		(void)err_set(e, ssh_causes[i].code, "engine at %s: %s", at->url, ssh_causes[i].cause);
		(void)err_note(e, "ssh says", "%s", line.p);
		return err_note(e, "try", STR_FMT "%s" STR_FMT, STR_ARG(before), host.p, STR_ARG(str_skip(remedy, 1)));
	}
	if (said.n > 0)
		(void)err_set(e, ERR_ENGINE, "engine at %s: %s", at->url, line.p);
	else
		(void)err_set(e, ERR_ENGINE, "engine at %s: ssh ended without a word", at->url);
	return err_note(e, "try", "ssh %s%s%s docker version   has to work first", at->ssh_user ? at->ssh_user : "", at->ssh_user ? "@" : "",
	    at->ssh_host);
}

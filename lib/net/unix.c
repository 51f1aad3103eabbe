/* unix.c - unix sockets at paths of any length */
#include "lib/net/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/fd.h"
#include "lib/base/path.h"

static int
set_name(struct sockaddr_un *sun, const char *name, const char *path, struct err *e)
{
	size_t n = strlen(name);

	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n >= sizeof sun->sun_path)
		return err_set(e, ERR_TOO_BIG, "socket path %s: %zu bytes in its name, this system allows %zu", path, n, sizeof sun->sun_path - 1);
	memcpy(sun->sun_path, name, n + 1);
	return 0;
}

int
unix_enter(const char *path, struct sockaddr_un *ret, int *ret_back_fd, struct err *e)
{
	AUTO(arena) struct arena scratch = ARENA_INIT;

	*ret_back_fd = -1;
	if (strlen(path) < sizeof ret->sun_path)
		return set_name(ret, path, path, e);
	if (set_name(ret, path_base(path), path, e) < 0)
		return -1;
	AUTO(fd) int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (back < 0)
		return err_sys(e, "open the current directory");
	if (chdir(path_dir(&scratch, path)) < 0)
		return err_sys(e, "%s", path_dir(&scratch, path));
	*ret_back_fd = fd_take(&back);
	return 0;
}

void
unix_leave(int *back_fd)
{
	int saved = errno;

	if (*back_fd >= 0 && fchdir(*back_fd) < 0)
		BUG("the way back is open");
	fd_auto(back_fd);
	*back_fd = -1;
	errno = saved;
}

/* Nobody may connect between bind and chmod: the mode is the socket's from its first moment on. */
static int
bind_with_mode(int fd, const struct sockaddr_un *sun, mode_t mode)
{
	mode_t before = umask(~mode & 0777);
	int r = bind(fd, (const struct sockaddr *)sun, sizeof *sun);
	int saved = errno;

	umask(before);
	errno = saved;
	return r;
}

static int
remove_left_over(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, ERR_REFUSED, "%s is there and is no socket", path);
	return unlink(path) < 0 && errno != ENOENT ? err_sys(e, "remove %s", path) : 0;
}

int
unix_listen(const char *path, mode_t mode, int backlog, struct err *e)
{
	struct sockaddr_un sun;
	int back;
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "socket");
	if (fd_nonblock(fd, e) < 0 || remove_left_over(path, e) < 0 || unix_enter(path, &sun, &back, e) < 0)
		return -1;
	int r = bind_with_mode(fd, &sun, mode);
	unix_leave(&back);
	if (r < 0)
		return err_sys(e, "bind %s", path);
	if (listen(fd, backlog) < 0)
		return err_sys(e, "listen at %s", path);
	return fd_take(&fd);
}

int
unix_accept(int fd, struct err *e)
{
	AUTO(fd) int new_fd = accept(fd, NULL, NULL);

	err_clear(e);
	if (new_fd < 0)
		return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED ? -1 : err_sys(e, "accept");
	if (fcntl(new_fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, "accept");
	if (fd_nonblock(new_fd, e) < 0)
		return -1;
	return fd_take(&new_fd);
}

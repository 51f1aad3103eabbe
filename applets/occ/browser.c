/* browser.c - finding and starting the browser of the desktop */
#include "applets/occ/browser.h"

#include <fcntl.h>
#include <unistd.h>

#include "applets/occ/common.h"
#include "lib/base/fd.h"
#include "lib/proc/spawn.h"

#ifdef __APPLE__
static const char *const programs[] = { "open", NULL };
static const bool is_screen_certain = true;
#else
static const char *const programs[] = { "xdg-open", "wslview", NULL };
static const bool is_screen_certain = false;
#endif

const char *
browser_find(struct arena *a, const char **ret_why)
{
	*ret_why = NULL;
	if (occ_env("SSH_CONNECTION") || occ_env("SSH_TTY"))
		*ret_why = "this is an ssh session";
	else if (!is_screen_certain && !occ_env("DISPLAY") && !occ_env("WAYLAND_DISPLAY") && !occ_env("WSL_DISTRO_NAME"))
		*ret_why = "there is no screen here";
	else if (geteuid() == 0)
		*ret_why = "a browser is not started as root";
	for (size_t i = 0; !*ret_why && programs[i]; i++) {
		const char *found = spawn_find(a, programs[i]);
		if (found)
			return found;
	}
	if (!*ret_why)
		*ret_why = "no program to open an address was found";
	return NULL;
}

int
browser_open(const char *program, const char *url, struct err *e)
{
	const char *argv[] = { program, url, NULL };
	/* What a browser says goes to a terminal on which the person works on by now. */
	AUTO(fd) int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct spawn s = { .argv = argv, .in_fd = -1, .out_fd = -1, .err_fd = nowhere, .new_session = true };
	pid_t pid;

	if (nowhere < 0)
		return err_sys(e, "/dev/null");
	/* It may stay as long as the browser does; it outlives us, and init reaps it. */
	return spawn_start(&s, &pid, e);
}

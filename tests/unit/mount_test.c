/* mount_test.c - a mount as a person types it, and what the host's side may not be */
#include "lib/deploy/mount.h"

#include <sys/stat.h>

#include "tests/t.h"

static const struct {
	const char *typed, *want;	/* NULL: refused; %s: the working directory, %h: home */
} elements[] = {
	{ "/srv/a:/data", "/srv/a:/data" },
	{ "/srv/a/:/data/", "/srv/a:/data" },
	{ "/srv//a:/data:ro", "/srv/a:/data:ro" },
	{ "/srv/a:/data:rw", "/srv/a:/data" },
	{ "sub:/data", "%s/sub:/data" },
	{ "./sub:/data", "%s/sub:/data" },
	{ ".:/data", "%s:/data" },
	{ "sub/..:/data", "%s:/data" },
	{ "~/x:/data", "%h/x:/data" },
	{ "/srv/a:/home/opencode/workspace/shop", "/srv/a:/home/opencode/workspace/shop" },
	{ "/srv/a:/home/opencode/.ssh:ro", "/srv/a:/home/opencode/.ssh:ro" },
	{ "/srv/a", NULL },
	{ ":/data", NULL },
	{ "/srv/a:", NULL },
	{ "", NULL },
	{ "/srv/a:data", NULL },
	{ "/srv/a:/data:rx", NULL },
	{ "/srv/a:/usr/local/share/fonts:ro", "/srv/a:/usr/local/share/fonts:ro" },
	{ "/srv/a/gitconfig:/etc/gitconfig:ro", "/srv/a/gitconfig:/etc/gitconfig:ro" },
	{ "/srv/a:/run/agent", "/srv/a:/run/agent" },
	{ "/srv/a:/tmp", "/srv/a:/tmp" },
	{ "/srv/a:/opt", "/srv/a:/opt" },
	{ "/srv/a:/bind", "/srv/a:/bind" },
	{ "/srv/a:/data/../etc", NULL },
	{ "/no-such-directory/..:/data", NULL },
};

/* Every refusal names the place, says why, and where else. */
static const struct {
	const char *target, *why;
} refused[] = {
	{ "/", "workspace" },
	{ "/home", "workspace" },
	{ "/home/opencode", "workspace" },
	{ "/home/opencode/workspace", "workspace" },
	{ "/bin", "programs" },
	{ "/bin/", "programs" },
	{ "/sbin", "programs" },
	{ "/lib", "libraries" },
	{ "/lib64", "libraries" },
	{ "/usr", "opencode itself" },
	{ "/usr/bin", "programs" },
	{ "/usr/sbin", "programs" },
	{ "/usr/lib", "libraries" },
	{ "/usr/share", "files of" },
	{ "/usr/local", "opencode itself" },
	{ "/usr/local/bin", "opencode itself" },
	{ "/usr/local/lib", "entrypoint" },
	{ "/etc", "password" },
	{ "/etc/opencode-cloud", "password" },
	{ "/etc/opencode-cloud/secret", "nor below" },
	{ "/var", "installed" },
	{ "/var/lib", "installed" },
	{ "/run", "sockets" },
	{ "/var/run", "sockets" },
	{ "/proc", "nor below" },
	{ "/proc/self", "nor below" },
	{ "/sys", "nor below" },
	{ "/sys/fs/cgroup", "nor below" },
	{ "/dev", "nor below" },
	{ "/dev/shm", "nor below" },
};

static void
test_refused(void)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;

		t_row("target %s", refused[i].target);
		T_OK(mount_element(&a, arena_printf(&a, "/srv/a:%s", refused[i].target), &e) == NULL);
		T_EQ(e.code, ERR_USAGE);
		T_HAS(e.msg, refused[i].why);
		T_HAS(e.msg, "/home/opencode/workspace/NAME is a good place");
	}
}

static char *
filled(const char *want, const char *cwd, const char *home)
{
	static char out[1024];

	if (want[0] == '%')
		snprintf(out, sizeof out, "%s%s", want[1] == 's' ? cwd : home, want + 2);
	else
		snprintf(out, sizeof out, "%s", want);
	return out;
}

static void
test_elements(const char *cwd)
{
	for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;

		t_row("element '%s'", elements[i].typed);
		const char *got = mount_element(&a, elements[i].typed, &e);
		if (elements[i].want)
			T_STR(got, filled(elements[i].want, cwd, "/home/me"));
		else
			T_OK(got == NULL && e.msg[0]);
	}
}

static const struct {
	const char *host, *target;	/* %: the test's directory */
	enum err_code want;
	const char *said, *remark;
} checks[] = {
	{ "%/there", "/data", ERR_NONE, NULL, NULL },
	{ "%/file", "/data", ERR_NONE, NULL, NULL },
	{ "%/absent", "/data", ERR_SYS, "No such file", NULL },
	{ "/", "/data", ERR_REFUSED, "whole machine", NULL },
	{ "%/config", "/data", ERR_REFUSED, "own files", NULL },
	{ "%/config/sub", "/data", ERR_REFUSED, "own files", NULL },
	{ "%/state", "/data", ERR_REFUSED, "own files", NULL },
	{ "%", "/data", ERR_NONE, NULL, "credentials" },
	{ "%/there", "/taken", ERR_CONFLICT, "already", NULL },
	{ "/srv/taken", "/taken", ERR_NONE, NULL, NULL },
};

static void
test_checks(const char *dir)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct service s = { .arena = &a };

	s.scope.credentials_path = arena_printf(&a, "%s/config/instances/work/credentials.json", dir);
	s.scope.state_dir = arena_printf(&a, "%s/state", dir);
	strlist_add(&a, &s.config.container.mounts, "/srv/taken:/taken");
	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
		const char *host = checks[i].host[0] == '%' ? arena_printf(&a, "%s%s", dir, checks[i].host + 1) : checks[i].host;
		struct config_mount m = { .host = str_of(host), .target = str_of(checks[i].target) };
		struct err e = ERR_INIT;
		const char *remark = NULL;

		t_row("check %s on %s", checks[i].host, checks[i].target);
		s.is_remote = strcmp(host, "/srv/taken") == 0;
		int rc = mount_check(&s, &m, &remark, &e);
		T_EQ(rc, checks[i].want == ERR_NONE ? 0 : -1);
		T_EQ(e.code, checks[i].want);
		if (checks[i].said)
			T_HAS(e.msg, checks[i].said);
		if (checks[i].remark)
			T_HAS(remark, checks[i].remark);
		else
			T_OK(remark == NULL);
	}
}

int
main(void)
{
	const char *dir = t_tmpdir();
	char real[1024], path[1100];

	setenv("HOME", "/home/me", 1);
	if (chdir(dir) < 0 || !getcwd(real, sizeof real))
		return 2;
	for (const char *const *d = (const char *const[]){ "there", "config", "state", "sub", NULL }; *d; d++)
		if (mkdir(*d, 0755) < 0)
			return 2;
	snprintf(path, sizeof path, "%s/file", real);
	fclose(fopen(path, "w"));
	test_elements(real);
	test_refused();
	test_checks(real);
	if (chdir("/") < 0)
		return 2;
	return t_done();
}

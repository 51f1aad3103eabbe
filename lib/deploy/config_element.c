/* config_element.c - mounts and published ports taken apart */
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/schema_check.h"
#include "lib/deploy/service.h"

#define QUOTE_MAX 80
#define QUOTED(v) STR_ARG(str_take((v), QUOTE_MAX))

/* What the image needs at its place: neither these nor a directory above them may be covered; below them there is room. */
static const struct {
	const char *path, *holds;
} needed[] = {
	{ SERVICE_WORKSPACE, "the volume of the workspace" },
	{ SERVICE_SECRET_DIR, "the password" },
	{ "/usr/local/bin", "opencode itself" },
	{ "/usr/local/lib/opencode-cloud", "the entrypoint and the health check" },
	{ "/bin", "the system's programs" },
	{ "/sbin", "the system's programs" },
	{ "/usr/bin", "the system's programs" },
	{ "/usr/sbin", "the system's programs" },
	{ "/lib", "the system's libraries" },
	{ "/lib64", "the system's libraries" },
	{ "/usr/lib", "the system's libraries" },
	{ "/usr/share", "the files of the system's programs" },
	{ "/etc", "the system's settings" },
	{ "/var/lib", "the records of what is installed" },
	{ "/run", "the sockets and locks of running programs" },
	{ "/var/run", "the sockets and locks of running programs" },
};
/* The kernel's and the secret's own directories: nothing goes into them either. */
static const char *const closed[] = { SERVICE_SECRET_DIR, "/proc", "/sys", "/dev" };

/* Absolute, without "." and "..", which would hide from the checks where it leads. */
static bool
is_clean(struct str path)
{
	if (path.n == 0 || path.p[0] != '/')
		return false;
	while (path.n > 0) {
		struct str part = str_cut(&path, '/');

		if (str_is(part, ".") || str_is(part, ".."))
			return false;
	}
	return true;
}

static struct str
without_slash(struct str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static int
check_target(struct str target, struct err *e)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	const char *path = arena_str(&a, target);

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (path_is_within(needed[i].path, path))
			return err_set(e, ERR_CONFIG, "a mount on " STR_FMT " would hide %s in the container: %s/NAME is a good place",
				       QUOTED(target), needed[i].holds, SERVICE_WORKSPACE);
	for (size_t i = 0; i < ARRAY_LEN(closed); i++)
		if (path_is_within(path, closed[i]))
			return err_set(e, ERR_CONFIG, "nothing may be mounted on %s in the container, nor below: %s/NAME is a good place",
				       closed[i], SERVICE_WORKSPACE);
	return 0;
}

int
config_mount_parse(struct str text, struct config_mount *ret, struct err *e)
{
	struct str mode = text, host = str_cut(&mode, ':'), target = str_cut(&mode, ':');
	bool has_mode = host.n + 1 + target.n < text.n;

	if (host.n >= text.n || target.n == 0 || (has_mode && !str_is(mode, "ro") && !str_is(mode, "rw")))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not /HOST/DIR:/CONTAINER/DIR[:ro]", QUOTED(text));
	if (!is_clean(host) || !is_clean(target))
		return err_set(e, ERR_CONFIG, "'" STR_FMT "': both directories have to be absolute, without . and ..", QUOTED(text));
	host = without_slash(host);
	target = without_slash(target);
	if (check_target(target, e) < 0)
		return -1;
	*ret = (struct config_mount){ .host = host, .target = target, .is_read_only = str_is(mode, "ro") };
	return 0;
}

/* Cuts an address with its colon off the front of *s: "127.0.0.1:" or "[::1]:". Empty when there is none. */
static struct str
cut_address(struct str *s)
{
	struct str address;
	size_t end = str_find_char(*s, ']');

	if (s->n > 0 && s->p[0] == '[' && end != STR_NONE) {
		address = str_skip(str_take(*s, end), 1);
		*s = str_skip(*s, end + 1);
		if (s->n > 0 && s->p[0] == ':')
			*s = str_skip(*s, 1);
		return address;
	}
	if (str_find_char(*s, ':') == str_rfind_char(*s, ':'))
		return STR_NULL;
	return str_cut(s, ':');
}

int
config_port_parse(struct str text, struct config_port *ret, struct err *e)
{
	struct str container = text, address = cut_address(&container), host;
	uint64_t host_port, container_port;
	struct err ignored = ERR_INIT;
	bool has_address = container.n < text.n;

	host = str_cut(&container, ':');
	if ((has_address && !check_is_ip(address)) || num_u64(host, 1, 65535, &host_port, &ignored) < 0 ||
	    num_u64(container, 1, 65535, &container_port, &ignored) < 0)
		return err_set(e, ERR_CONFIG, "'" STR_FMT "' is not [ADDRESS:]HOST:CONTAINER with ports from 1 to 65535", QUOTED(text));
	if (container_port == SERVICE_PORT)
		return err_set(e, ERR_CONFIG, "'" STR_FMT "': port %d in the container is opencode's own, published by server.port",
			       QUOTED(text), SERVICE_PORT);
	*ret = (struct config_port){ .address = address, .host = (unsigned)host_port, .container = (unsigned)container_port };
	return 0;
}

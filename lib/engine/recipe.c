#include "lib/engine/recipe.h"

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/mem.h"

#define OS_RELEASE_MAX 16384

#ifdef __APPLE__
static const bool is_macos = true;
#else
static const bool is_macos = false;
#endif

#define SYSTEMD_DOCKER { "systemctl enable --now docker" }
#define SERVICE_DOCKER { "service docker start" }
#define SYSTEMD_PODMAN { "systemctl enable --now podman.socket" }

/* Package names as the distributions' own archives call them. */
static const struct recipe recipes[] = {
	{ "debian", NULL, "apt-get install docker.io", { "apt-get update", "apt-get install -y docker.io" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "ubuntu", NULL, "apt-get install docker.io", { "apt-get update", "apt-get install -y docker.io" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "amzn", "2023", "dnf install docker", { "dnf install -y docker" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "amzn", NULL, "yum install docker", { "yum install -y docker" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "fedora", NULL, "dnf install moby-engine", { "dnf install -y moby-engine" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "rhel", NULL, "dnf install podman", { "dnf install -y podman" }, SYSTEMD_PODMAN, { NULL }, false },
	{ "centos", NULL, "dnf install podman", { "dnf install -y podman" }, SYSTEMD_PODMAN, { NULL }, false },
	{ "arch", NULL, "pacman -S docker", { "pacman -S --needed --noconfirm docker" }, SYSTEMD_DOCKER, { NULL }, false },
	{ "alpine", NULL, "apk add docker", { "apk add docker" }, SYSTEMD_DOCKER, { "rc-update add docker default", "service docker start" }, false },
	{ "opensuse", NULL, "zypper install docker", { "zypper --non-interactive install docker" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
	{ "suse", NULL, "zypper install docker", { "zypper --non-interactive install docker" }, SYSTEMD_DOCKER, SERVICE_DOCKER, false },
};

static const struct recipe macos = {
	"macos", NULL, "brew install colima docker", { "brew install colima docker" }, { "colima start" }, { "colima start" }, true
};

/* NAME=value or NAME="value" of an os-release (os-release(5)); empty when it is not there. */
static struct str
value_of(struct str text, const char *name)
{
	struct str line;

	while (str_line(&text, &line)) {
		struct str key = str_cut(&line, '=');

		if (str_is(key, name))
			return str_trim_char(str_trim_char(line, '"'), '\'');
	}
	return STR_NULL;
}

static const struct recipe *
find(struct str id, struct str version)
{
	for (size_t i = 0; i < ARRAY_LEN(recipes); i++) {
		if (str_is(id, recipes[i].id) && (!recipes[i].version || str_has_prefix(version, recipes[i].version)))
			return &recipes[i];
	}
	return NULL;
}

const struct recipe *
recipe_of(struct str os_release)
{
	struct str like = value_of(os_release, "ID_LIKE"), version = value_of(os_release, "VERSION_ID");
	const struct recipe *found = find(value_of(os_release, "ID"), version);

	while (!found && like.n > 0)
		found = find(str_cut(&like, ' '), STR_NULL);
	return found;
}

const struct recipe *
recipe_macos(void)
{
	return &macos;
}

const struct recipe *
recipe_here(void)
{
	AUTO(buf) struct buf text = BUF_INIT(OS_RELEASE_MAX);
	struct err ignored = ERR_INIT;

	if (is_macos)
		return &macos;
	return file_read("/etc/os-release", &text, &ignored) == 0 ? recipe_of(buf_str(&text)) : NULL;
}

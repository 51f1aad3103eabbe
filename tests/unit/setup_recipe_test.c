/* setup_recipe_test.c - which commands install and start an engine on which system */
#include "lib/base/mem.h"
#include "lib/engine/recipe.h"
#include "tests/t.h"

static const struct {
	const char *name, *os_release;
	const char *packages;			/* NULL: not known */
	const char *install, *start, *start_plain;	/* the last of each */
} rows[] = {
	{ "Debian 12", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n", "apt-get install docker.io",
	  "apt-get install -y docker.io", "systemctl enable --now docker", "service docker start" },
	{ "Ubuntu 24.04", "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\n", "apt-get install docker.io",
	  "apt-get install -y docker.io", "systemctl enable --now docker", "service docker start" },
	{ "Linux Mint, like Ubuntu", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt-get install docker.io", "apt-get install -y docker.io",
	  "systemctl enable --now docker", "service docker start" },
	{ "Fedora", "ID=fedora\nVERSION_ID=43\n", "dnf install moby-engine", "dnf install -y moby-engine", "systemctl enable --now docker", "service docker start" },
	{ "Rocky, like RHEL", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install podman", "dnf install -y podman",
	  "systemctl enable --now podman.socket", NULL },
	{ "Amazon Linux 2023", "ID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\n", "dnf install docker", "dnf install -y docker",
	  "systemctl enable --now docker", "service docker start" },
	{ "Amazon Linux 2", "ID=\"amzn\"\nID_LIKE=\"centos rhel fedora\"\nVERSION_ID=\"2\"\n", "yum install docker", "yum install -y docker",
	  "systemctl enable --now docker", "service docker start" },
	{ "Arch", "ID=arch\n", "pacman -S docker", "pacman -S --needed --noconfirm docker", "systemctl enable --now docker", NULL },
	{ "Alpine", "ID=alpine\nVERSION_ID=3.22.1\n", "apk add docker", "apk add docker", "systemctl enable --now docker", "service docker start" },
	{ "openSUSE Leap", "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "zypper install docker", "zypper --non-interactive install docker",
	  "systemctl enable --now docker", "service docker start" },
	{ "single quotes", "ID='arch'\n", "pacman -S docker", "pacman -S --needed --noconfirm docker", "systemctl enable --now docker", NULL },
	{ "ID behind a name that ends so", "BUILD_ID=debian\nID=slackware\n", NULL, NULL, NULL, NULL },
	{ "not known, like nothing known", "ID=nixos\nID_LIKE=\"x y\"\n", NULL, NULL, NULL, NULL },
	{ "empty", "", NULL, NULL, NULL, NULL },
};

static const char *
last(const char *const *lines)
{
	const char *found = NULL;

	for (size_t i = 0; i < RECIPE_COMMANDS_MAX && lines[i]; i++)
		found = lines[i];
	return found;
}

int
main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = strlen(rows[i].os_release);
		const struct recipe *r = recipe_of(str_from(t_guard(rows[i].os_release, n), n));

		t_row("%s", rows[i].name);
		T_STR(r ? r->packages : NULL, rows[i].packages);
		T_STR(r ? last(r->install) : NULL, rows[i].install);
		T_STR(r ? last(r->start) : NULL, rows[i].start);
		T_STR(r ? last(r->start_plain) : NULL, rows[i].start_plain);
		T_OK(!r || !r->is_users);
	}
	t_row("macOS: as the person, never as root");
	T_OK(recipe_macos()->is_users);
	T_STR(last(recipe_macos()->start), "colima start");
	return t_done();
}

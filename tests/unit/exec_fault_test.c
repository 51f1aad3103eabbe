/* exec_fault_test.c - engines' words about commands they could not start, as recorded from Docker 20.10, 28.5 and Podman 4.3 */
#include "applets/occ/exec_fault.h"

#include "tests/t.h"

#define DOCKER "OCI runtime exec failed: exec failed: unable to start container process: "
#define PODMAN "Error: runc: exec failed: unable to start container process: "

static const struct {
	const char *name;
	const char *said[3];
	bool is_podman;
	int before, after;		/* status */
	const char *line;		/* NULL: the command's own words */
} rows[] = {
	{ "docker, absent", { DOCKER "exec: \"nosuch\": executable file not found in $PATH: unknown\r\n" }, false, 126, 127, "occ: nosuch: no such command in the container\n" },
	{ "docker, absent path", { DOCKER "exec: \"/no/such\": stat /no/such: no such file or directory: unknown\r\n" }, false, 127, 127,
		"occ: nosuch: no such command in the container\n" },
	{ "docker, no permission", { DOCKER "exec: \"/etc/passwd\": permission denied: unknown\r\n" }, false, 126, 126,
		"occ: " DOCKER "exec: \"/etc/passwd\": permission denied: unknown\n" },
	{ "docker, directory", { DOCKER "chdir to cwd (\"/nowhere\") set in config.json failed: no such file or directory: unknown\r\n" }, false, 127, 126,
		"occ: /nowhere: cannot be entered in the container\n" },
	{ "docker, user", { "unable to find user nobodyx: no matching entries in passwd file" }, false, 126, 126,
		"occ: unable to find user nobodyx: no matching entries in passwd file\n" },
	{ "podman, absent", { PODMAN "exec: \"nosuch\": executable file not found in $PATH: OCI runtime attempted to invoke a command that was not found\n",
		"Error: read unixpacket @->/proc/self/fd/16/attach: read: connection reset by peer\n" }, true, 127, 127,
		"occ: nosuch: no such command in the container\n" },
	{ "podman, directory", { PODMAN "chdir to cwd (\"/nowhere\") set in config.json failed: no such file or directory: OCI runtime attempted to invoke a "
		"command that was not found\n" }, true, 127, 126, "occ: /nowhere: cannot be entered in the container\n" },
	{ "podman's noise behind output", { "hello\n", "Error: write unixpacket @->/proc/self/fd/16/attach: write: connection reset by peer\n" }, true, 0, 0, NULL },
	{ "output", { "hello\n" }, false, 126, 126, NULL },
	{ "the words later", { "hello\n", DOCKER "x\n" }, false, 126, 126, NULL },
	{ "the words first, then output", { DOCKER "x\n", "hello\n" }, false, 126, 126, NULL },
	{ "podman's words from docker", { PODMAN "exec: \"x\": executable file not found in $PATH\n" }, false, 127, 127, NULL },
	{ "nothing", { NULL }, false, 126, 126, NULL },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct exec_fault f = EXEC_FAULT_INIT;
		AUTO(buf) struct buf out = BUF_INIT(8192);
		int status = rows[i].before;

		t_row("%s", rows[i].name);
		for (size_t k = 0; k < 3 && rows[i].said[k]; k++) {
			size_t n = strlen(rows[i].said[k]);
			exec_fault_take(&f, str_from(t_guard(rows[i].said[k], n), n), rows[i].is_podman);
		}
		T_EQ(exec_fault_tell(&f, "occ", "nosuch", "/nowhere", &status, &out), rows[i].line != NULL);
		T_EQ(status, rows[i].after);
		T_STR(out.p, rows[i].line ? rows[i].line : "");
		buf_fini(&f.said);
	}
	return t_done();
}

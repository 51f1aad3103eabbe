/* exec_fault.c - an engine's words about a command that was not started */
#include "applets/occ/exec_fault.h"

#define EXIT_NOT_RUN 126
#define EXIT_NOT_FOUND 127

static const char *const docker_begins[] = { "OCI runtime exec failed", "unable to find user", "unable to find group", NULL };
static const char *const podman_begins[] = { "Error: runc: ", "Error: crun: ", "Error: unable to find user", "Error: OCI runtime", NULL };

static bool
begins(struct str data, const char *const *words)
{
	for (; *words; words++) {
		if (str_has_prefix(data, *words))
			return true;
	}
	return false;
}

/* Podman 4.3 tells that its connection to a command that has ended is gone: "Error: read unixpacket @->/proc/self/fd/16/attach: ...". */
static bool
is_noise(struct str data)
{
	return (str_has_prefix(data, "Error: read unixpacket ") || str_has_prefix(data, "Error: write unixpacket ")) &&
	    str_find(data, STR_LIT("/attach: ")) != STR_NONE;
}

bool
exec_fault_take(struct exec_fault *f, struct str data, bool is_podman)
{
	if (is_podman && is_noise(data))
		return true;
	if (f->has_output || data.n > EXEC_FAULT_MAX - f->said.n || !begins(data, is_podman ? podman_begins : docker_begins)) {
		f->has_output = true;
		return false;
	}
	buf_putstr(&f->said, data);
	return true;
}

static bool
says(struct str said, const char *word)
{
	return str_find(said, str_of(word)) != STR_NONE;
}

bool
exec_fault_tell(const struct exec_fault *f, const char *prog, const char *command, const char *workdir, int *status, struct buf *out)
{
	struct str said = str_trim(buf_str(&f->said));
	bool is_dir = says(said, "chdir");
	bool is_absent = !is_dir && (says(said, "executable file not found") || says(said, "no such file"));

	if (said.n == 0 || f->has_output)
		return false;
	if (is_absent)
		buf_printf(out, "%s: %s: no such command in the container\n", prog, command);
	else if (is_dir && workdir)
		buf_printf(out, "%s: %s: cannot be entered in the container\n", prog, workdir);
	else
		buf_printf(out, "%s: " STR_FMT "\n", prog, STR_ARG(said));
	*status = is_absent ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
	return true;
}

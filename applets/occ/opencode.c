/* opencode.c - one of opencode's own commands with the server's environment */
#include "applets/occ/opencode.h"

#include "lib/deploy/service.h"

/* Builtins and absolute paths only: the user's home comes first in PATH. */
static const char script[] =
	"while IFS= read -r line || [ -n \"$line\" ]; do\n"
	"	case $line in [A-Z_]*=*) export \"${line%%=*}=${line#*=}\" ;; esac\n"
	"done <" SERVICE_SECRET_DIR "/" SERVICE_SECRET_FILE "\n"
	"exec /usr/local/bin/opencode \"$@\"\n";

const char *const *
opencode_argv(struct arena *a, const struct strlist *words)
{
	struct strlist l = { 0 };

	strlist_add(a, &l, "/bin/sh");
	strlist_add(a, &l, "-c");
	strlist_add(a, &l, script);
	strlist_add(a, &l, "opencode");
	for (size_t i = 0; i < words->n; i++)
		strlist_add(a, &l, words->v[i]);
	return l.v;
}

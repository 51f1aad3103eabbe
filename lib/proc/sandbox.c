/* sandbox.c - the order of things, the limits, and the words for people */
#include "lib/proc/sandbox.h"

#include <stdarg.h>
#include <sys/resource.h>

#include "lib/base/mem.h"
#include "lib/proc/sandbox_own.h"

void
sandbox_lack(struct sandbox_state *s, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(sizeof s->lacks - 1);
	va_list ap;

	buf_puts(&text, s->lacks);
	if (text.n > 0)
		buf_puts(&text, "; ");
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (text.fault == BUF_OK)
		str_copy(s->lacks, sizeof s->lacks, text.p);
}

/* ---- limits ---- */

static int
set_limit(int what, rlim_t n, const char *name, struct err *e)
{
	const struct rlimit none = { .rlim_cur = n, .rlim_max = n };

	return setrlimit(what, &none) < 0 ? err_sys(e, "set the limit %s", name) : 0;
}

/* Connections are descriptors. A system whose hard limit is no real one (macOS) refuses it as a soft one: then it stays as it was. */
static int
raise_files(struct sandbox_state *ret, struct err *e)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, "ask for the limit on open files");
	ret->n_files_max = files.rlim_cur;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) == 0)
		ret->n_files_max = files.rlim_cur;
	else
		sandbox_lack(ret, "open files: the limit could not be raised");
	return 0;
}

/* A core would hold the key; a child would be a way round everything. */
static int
set_limits(struct sandbox_state *ret, struct err *e)
{
	if (raise_files(ret, e) < 0 || set_limit(RLIMIT_CORE, 0, "RLIMIT_CORE", e) < 0 || set_limit(RLIMIT_NPROC, 0, "RLIMIT_NPROC", e) < 0)
		return -1;
	ret->no_fork = true;
	return 0;
}

int
sandbox_enter(const struct sandbox_want *w, struct sandbox_state *ret, struct err *e)
{
	*ret = (struct sandbox_state){ .landlock_abi = 0 };
	if (w->n_connect_ports > SANDBOX_PORTS_MAX)
		BUG("more ports to connect to than there is room for");
	if (sandbox_drop(w, ret, e) < 0 || set_limits(ret, e) < 0 || sandbox_lock(w, ret, e) < 0)
		return err_wrap(e, "take rights away");
	return 0;
}

/* ---- words ---- */

void
sandbox_put(const struct sandbox_state *s, struct buf *out)
{
	const struct {
		bool is_so;
		const char *text;
	} fact[] = {
		{ s->has_seccomp, "seccomp" },
		{ s->no_files, "no files" },
		{ s->has_ports, "no ports but opencode's" },
		{ s->no_capabilities, "no capabilities" },
		{ s->no_new_privs, "no new privileges" },
		{ s->no_dump, "no core" },
		{ s->no_fork, "no children" },
		{ s->uid != 0, "not root" },
	};
	size_t n = out->n;

	for (size_t i = 0; i < ARRAY_LEN(fact); i++)
		if (fact[i].is_so)
			buf_printf(out, "%s%s", out->n > n ? ", " : "", fact[i].text);
	if (s->lacks[0])
		buf_printf(out, "%slacks %s", out->n > n ? "; " : "", s->lacks);
}

/* occ version: what this program is and what it was built for */
#include "applets/occ/common.h"

/* __GLIBC__ comes with any header of the C library. */

#if defined(__APPLE__)
#define SYSTEM "darwin"
#define LIBC "libSystem"
#elif defined(__GLIBC__)
#define SYSTEM "linux"
#define LIBC "glibc"
#else
#define SYSTEM "linux"
#define LIBC "musl"
#endif

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#else
#define MACHINE "other"
#endif

static int
version_run(struct run *r, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(1024);
	struct jsonw w = JSONW_INIT(&text, 2);

	if (!r->g->wants_json) {
		term_printf(r->term, "opencode-cloud %s (%s, %s/%s)\n", r->cli->version, LIBC, SYSTEM, MACHINE);
		return 0;
	}
	jsonw_object(&w, NULL);
	jsonw_str(&w, "version", r->cli->version);
	jsonw_str(&w, "libc", LIBC);
	jsonw_str(&w, "system", SYSTEM);
	jsonw_str(&w, "machine", MACHINE);
	return occ_put_json(r, &w, "report", e);
}

CMD(occ_version) = {
	.applet = "occ", .name = "version", .group = "Program", .args = "", .has_json = true,
	.brief = "show the version of this program",
	.about = "The version of opencode itself is in status.",
	.run = version_run,
};

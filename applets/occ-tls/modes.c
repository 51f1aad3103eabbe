/* modes.c - how each mode of the edge gets its certificate */
#include "applets/occ-tls/certs.h"
#include "lib/base/mem.h"

static const struct mode modes[] = {
	[EDGE_OFF] = { .brief = "off" },
	[EDGE_PLAIN] = { .brief = "plain HTTP, for a load balancer in front" },
	[EDGE_SELF_SIGNED] = { .brief = "TLS with a local authority", .get = certs_self_signed, .is_made_here = true },
	[EDGE_FILES] = { .brief = "TLS with your own certificate", .get = certs_files, .is_watched = true },
};

const struct mode *
mode_of(enum edge_mode m)
{
	if ((size_t)m >= ARRAY_LEN(modes))
		BUG("a mode without a row");
	return &modes[m];
}

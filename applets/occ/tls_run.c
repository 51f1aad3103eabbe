/* occ tls run: the edge in the foreground, as a service manager runs it */
#include "applets/occ-tls/keeper.h"

static const char *const tls_run_examples[] = {
	"tls run", "TLS and login in front of opencode, here, until Ctrl-C; usually: service install",
	NULL
};

CMD(occ_tls_run) = {
	.applet = "occ", .name = "tls run", .group = "Program", .args = "", .args_max = 0,
	.brief = "keep the edge running: what a service manager runs",
	.about = "Listens on edge.port with the certificate of edge.mode and passes requests on to opencode. Takes over changes of the configuration, the password and "
		 "the certificate by itself, and at once on SIGHUP; what cannot be used leaves what is in use as it is. Exit status 13 when there is no certificate that "
		 "could be used, or no right to the port. Installed by occ service install.",
	.examples = tls_run_examples,
	.run = keeper_run,
};

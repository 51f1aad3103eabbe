/* occ-tls.c - the edge: as its keeper, or, when the keeper has started it anew, as its worker */
#include <string.h>

#include "applets/applet.h"
#include "applets/occ-tls/worker.h"

int
occ_tls_main(const struct applet *a, const char *prog, int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct term t;

	if (argc != 2 || strcmp(argv[1], "--worker") != 0)
		return occ_command_main(a, prog, argc, argv);
	if (edge_worker(&e) == 0)
		return 0;
	term_init(&t, false, false);
	term_error(&t, "occ-tls: worker", &e);
	return err_exit_status(e.code);
}

/*
 * stop_wanted.c - a unit's stop command: stop_wanted system|user UNIT FILE, appends to FILE whether systemd's stop of the unit is wanted
 *
 * One line each: "yes", "no", or why it could not be asked.
 */
#include <stdio.h>
#include <string.h>

#include "lib/deploy/unit.h"

int
main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	bool is_wanted = false;

	if (argc != 4)
		return 2;
	struct scope s = { .kind = strcmp(argv[1], "system") == 0 ? SCOPE_SYSTEM : SCOPE_USER, .instance = SCOPE_DEFAULT_INSTANCE, .home = "/" };
	int rc = unit_stop_is_wanted(&s, argv[2], &is_wanted, &e);
	FILE *f = fopen(argv[3], "a");
	if (!f)
		return 1;
	fprintf(f, "%s\n", rc < 0 ? e.msg : is_wanted ? "yes" : "no");
	return fclose(f) == 0 ? 0 : 1;
}

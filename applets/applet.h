/*
 * applet.h - what a command's run function is given, and how applets are found
 *
 * main.c fills struct run once; commands read it. Each command is one file under applets/<applet>/, registered by its CMD()
 * line alone.
 *
 * A launcher that starts the program by its path (scripts/npm.d/launcher.js) says in OCC_CALLED_AS what the person typed: "occ",
 * "opencode-cloud", or one of the ways to run a package that is not installed, as "npx opencode-cloud". main.c takes it for the name in
 * hints, unless argv[0] is an applet's, ignores any other value, and removes it: what this program starts was called by this program.
 */
#ifndef OCC_APPLETS_APPLET_H
#define OCC_APPLETS_APPLET_H

#include "lib/cli/cli.h"
#include "lib/term/term.h"

#define OCC_TEXT_MAX (1 << 20)	/* a help text, a manual, a completion script */

struct globals {
	const char *instance;
	const char *engine;		/* --engine URL */
	const char *context;
	const char *config;		/* --config FILE */
	bool is_system, is_user;
	bool is_quiet, is_verbose, wants_json, no_colour;
	bool wants_help, wants_version;
};

struct run {
	const struct cli *cli;
	const struct globals *g;
	const struct cmd *cmd;
	const void *opts;		/* the command's option struct */
	int argc;			/* operands */
	char **argv;
	struct arena *arena;		/* lives as long as the process */
	struct term *term;
};

struct applet {
	const char *name;		/* "occ" */
	const char *subcommand;		/* as first word of the program: "tls" for occ-tls; NULL for the main one */
	int (*main)(const struct applet *a, const char *prog, int argc, char **argv);
};

/* The command line of occ as data: its table, global options, habits. prog is kept. */
void occ_cli(const char *prog, struct cli *ret);

/* `occ` without a command: shows the status, and on a terminal offers to start what is not running. */
int occ_bare(struct run *r, struct err *e);

/* occ.c: parses, runs, prints the error; returns the exit status. */
int occ_main(const struct applet *a, const char *prog, int argc, char **argv);
/* A command of occ under a name of its own: occ-setup is `occ setup`. The applet's subcommand is that command. */
int occ_command_main(const struct applet *a, const char *prog, int argc, char **argv);
/* occ-tls.c: `occ tls`, and the edge's worker when its keeper starts it. */
int occ_tls_main(const struct applet *a, const char *prog, int argc, char **argv);

#endif

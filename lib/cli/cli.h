/*
 * cli.h - from words to a command and its options, and every text that describes them
 *
 * Pure: reads argv and the table, writes into structs and bufs; prints nothing. Wrong words are ERR_USAGE with the nearest
 * right one in a "try" note.
 */
#ifndef OCC_CLI_CLI_H
#define OCC_CLI_CLI_H

#include "lib/base/buf.h"
#include "lib/cli/cmd.h"

/* A word people type from habit, and what it is called here. */
struct cli_habit {
	const char *word;
	const char *use;		/* command line without program name */
	const char *why;		/* short remark, or NULL */
};

struct cli {
	const char *applet;		/* "occ" */
	const char *prog;		/* as the person called it, for hints: "occ", "opencode-cloud", "npx opencode-cloud" */
	const char *summary;		/* one line: what the program is */
	const char *version;
	const struct cmd *const *cmds;	/* NULL-terminated, sorted by name */
	const struct opt *globals;	/* options every command takes */
	const struct cli_habit *habits;	/* ends with a NULL word */
	/* Words for a metavar ("KEY" -> the configuration's keys), NULL-terminated, or NULL when it has none. */
	const char *const *(*words)(const char *metavar);
};

struct cli_parsed {
	const struct cmd *cmd;		/* NULL: no command word was given, or only a group's */
	const char *group;		/* "config" alone: a word that only begins commands; else NULL */
	void *opts;			/* arena; cmd->opts_bytes */
	int argc;
	char **argv;			/* operands, NULL-terminated, in the arena */
	bool wants_help;
};

/* Parses argv[1..]: global options anywhere before an operand that ends options, "--", "--name=value", "-abc", "-n5". globals_out must
 * be initialised by cli_defaults. */
void cli_defaults(const struct opt *opts, void *out);
int cli_parse(const struct cli *c, struct arena *a, int argc, char **argv, void *globals_out, struct cli_parsed *ret, struct err *e) MUST_CHECK;

/* Texts, appended to out. width is the screen's columns. */
void cli_help_overview(const struct cli *c, unsigned width, struct buf *out);
void cli_help_command(const struct cli *c, const struct cmd *cmd, unsigned width, struct buf *out);
/* "config" alone: the commands that begin with the word. False when there is none. */
bool cli_help_group(const struct cli *c, const char *word, unsigned width, struct buf *out);

/* kind: "man", "bash", "zsh", "fish", "md-commands". ERR_USAGE for another. */
int cli_dump(const struct cli *c, const char *kind, struct buf *out, struct err *e) MUST_CHECK;

#endif

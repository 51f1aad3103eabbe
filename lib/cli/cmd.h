/*
 * cmd.h - the one declaration of a command, from which everything else comes
 *
 * A command is typed data: its words, options and texts. Parser, help, manual, completions and the README's table are made
 * from it, so they cannot disagree. Options land in the command's own struct by offset. All data is static and constant.
 */
#ifndef OCC_CLI_CMD_H
#define OCC_CLI_CMD_H

#include <stdint.h>

#include "lib/base/arena.h"

enum opt_kind {
	OPT_END,
	OPT_FLAG,		/* bool */
	OPT_STR,		/* const char *, NULL when not given */
	OPT_UINT,		/* int64_t, -1 when not given; min..max */
	OPT_DURATION,		/* int64_t ms, -1 when not given; "90", "5m" */
	OPT_LIST,		/* struct strlist; may be repeated */
};

struct opt {
	enum opt_kind kind;
	char letter;			/* 0: none */
	const char *name;		/* long name without dashes */
	const char *metavar;		/* NULL for a flag; "PORT", "FILE", ... completion knows each */
	const char *help;		/* lower case, no full stop, at most 60 characters */
	size_t offset;
	uint64_t min, max;		/* OPT_UINT */
};

#define FLAG(type, field, letter, name, help) \
	{ OPT_FLAG, (letter), (name), NULL, (help), offsetof(type, field), 0, 0 }
#define STR(type, field, letter, name, metavar, help) \
	{ OPT_STR, (letter), (name), (metavar), (help), offsetof(type, field), 0, 0 }
#define UINT(type, field, letter, name, metavar, min, max, help) \
	{ OPT_UINT, (letter), (name), (metavar), (help), offsetof(type, field), (min), (max) }
#define DURATION(type, field, letter, name, metavar, help) \
	{ OPT_DURATION, (letter), (name), (metavar), (help), offsetof(type, field), 0, 0 }
#define LIST(type, field, letter, name, metavar, help) \
	{ OPT_LIST, (letter), (name), (metavar), (help), offsetof(type, field), 0, 0 }
#define OPT_LAST { OPT_END, 0, NULL, NULL, NULL, 0, 0, 0 }

struct run;				/* applets/applet.h: what a command is given */
typedef int cmd_run(struct run *r, struct err *e);

struct cmd {
	const char *applet;		/* "occ" */
	const char *name;		/* "start", "config set" */
	const char *group;		/* heading in the overview: "Service", "Access", "Settings", "Program" */
	const char *args;		/* "KEY VALUE", "[PORT[:PORT]]", "" */
	int args_min, args_max;		/* args_max -1: any number */
	bool is_passthrough;		/* options end at the first operand: the rest is somebody else's command line */
	bool has_json;			/* --json is understood */
	const char *brief;		/* at most 60 characters, no full stop */
	const char *about;		/* sentences; wrapped for the screen */
	const char *const *examples;	/* pairs: command line without program name, what it does; NULL-terminated, or NULL */
	const struct opt *opts;		/* ends with OPT_LAST, or NULL */
	size_t opts_bytes;		/* sizeof of the struct that opts fill, 0 without */
	cmd_run *run;			/* returns 0, or > 0 as exit status of its own (exec), or -1 with e */
};

/* At column 0, so that the build collects the names into the table. */
#define CMD(id) extern const struct cmd id##_cmd; const struct cmd id##_cmd

#endif

/*
 * dump.h - the documents made from the command table: manual, completions, README rows
 *
 * Private to lib/cli. Everything is appended to out, whose ceiling the caller chose and checks.
 */
#ifndef OCC_CLI_DUMP_H
#define OCC_CLI_DUMP_H

#include "lib/cli/table.h"

void dump_man(const struct cli *c, struct buf *out);
void dump_bash(const struct cli *c, struct buf *out);
void dump_zsh(const struct cli *c, struct buf *out);
void dump_fish(const struct cli *c, struct buf *out);
void dump_md_commands(const struct cli *c, struct buf *out);

/* How a shell completes the value of a metavar or operand. */
enum value_kind {
	VALUE_NONE,		/* anything: nothing is offered */
	VALUE_FILE,
	VALUE_DIR,
	VALUE_WORDS,		/* one of the words that value_words writes */
};

/* metavar: "FILE", "KEY", or "bash|zsh|fish" where the words stand in the operand itself; "TOPIC" is a command's word. */
enum value_kind value_kind(const struct cli *c, struct str metavar);
void value_words(const struct cli *c, struct str metavar, struct buf *out);	/* separated by spaces */

void dump_first_words(const struct cli *c, struct buf *out);			/* separated by spaces */

/* Text within single quotes of a shell: each ' becomes quote_as. */
void dump_quoted(struct str text, const char *quote_as, struct buf *out);

/* Number of operands worth completing: the position after which the last one repeats or nothing follows. */
unsigned dump_n_operands(const struct cmd *cmd);

#endif

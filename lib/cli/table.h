/*
 * table.h - looking things up in the command table, for the parser, the help and the dumps
 *
 * Private to lib/cli. Nothing here allocates or prints.
 */
#ifndef OCC_CLI_TABLE_H
#define OCC_CLI_TABLE_H

#include "lib/cli/cli.h"

/* First word of "config set", and what follows it (empty for one-word commands). */
struct str table_first(const struct cmd *cmd);
struct str table_rest(const struct cmd *cmd);

const struct cmd *table_find(const struct cli *c, struct str first, struct str rest);	/* or NULL */
/* Does any command of more than one word begin with it? */
bool table_is_group(const struct cli *c, struct str first);
/* Is cmds[i] the first one with its first word? So that a group is named once. */
bool table_is_new_word(const struct cli *c, size_t i);
/* "add, get, set": what can follow a group's word, with `between` between them. */
void table_second_words(const struct cli *c, struct str first, const char *between, struct buf *out);

const struct opt *opt_by_name(const struct opt *opts, struct str name);			/* or NULL; opts may be NULL */
const struct opt *opt_by_letter(const struct opt *opts, char letter);
/* False for --json where the command does not understand it; cmd may be NULL. */
bool opt_applies(const struct cmd *cmd, const struct opt *o);

/* Operand number i (from 0) of "KEY VALUE", "[PORT[:PORT]]", "bash|zsh|fish": its text without brackets and dots; empty when
 * there is none. The last one stands for all further when it ends in "...". */
struct str table_operand(const struct cmd *cmd, unsigned i);

/* The commands as the overview orders them: group after group. Calls back once for each. */
typedef void table_visit(const struct cli *c, const struct cmd *cmd, bool is_new_group, void *ctx);
void table_each_by_group(const struct cli *c, table_visit *visit, void *ctx);

#endif

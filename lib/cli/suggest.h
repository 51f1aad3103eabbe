/*
 * suggest.h - what was meant by a word that is not known: habits first, then the nearest spelling
 *
 * Private to lib/cli. Each fills e with ERR_USAGE and "try" notes, names only what is in the table, and returns -1.
 */
#ifndef OCC_CLI_SUGGEST_H
#define OCC_CLI_SUGGEST_H

#include "lib/cli/table.h"

/* group is "config" in "config sett", empty when the first word is the wrong one. */
int suggest_command(const struct cli *c, struct str group, struct str word, struct err *e);
/* shown is the option as typed, without a value: "--prot", "-x". cmd is NULL when it stands before the command; then meant is the
 * command that follows, or NULL. */
int suggest_option(const struct cli *c, const struct cmd *cmd, const struct cmd *meant, struct str shown, struct err *e);

#endif

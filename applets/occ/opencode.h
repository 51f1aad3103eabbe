/*
 * opencode.h - opencode's own commands, run in the container as the server runs them
 */
#ifndef OCC_APPLETS_OCC_OPENCODE_H
#define OCC_APPLETS_OCC_OPENCODE_H

#include "lib/base/arena.h"

/* The argument list that runs `opencode WORDS...`. The password and the agent's keys are read inside, from the file the entrypoint reads: they are
 * neither in an argument list nor in what an inspect shows. In the arena. */
const char *const *opencode_argv(struct arena *a, const struct strlist *words);

#endif

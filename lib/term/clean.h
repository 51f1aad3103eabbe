/*
 * clean.h - foreign text made harmless for a terminal
 *
 * Private to lib/term. Names of containers, messages of engines and the like may hold escape sequences that retitle windows,
 * answer for the person or hide what follows; every line that is laid out here passes through.
 */
#ifndef OCC_TERM_CLEAN_H
#define OCC_TERM_CLEAN_H

#include "lib/base/buf.h"

/* Appends text with control characters (C0, DEL, C1), bidirectional overrides and bytes that are not UTF-8 replaced by '?',
 * line ends and tabs by a space. */
void clean_put(struct buf *out, struct str text);

/* Columns that clean text takes: one for each code point. */
size_t clean_columns(struct str text);

/* The longest prefix of at most `columns` columns. */
struct str clean_cut(struct str text, size_t columns);

#endif

/*
 * prompt.h - questions in a row, with a way back: a line with a default, one of several, a number that stands for each
 *
 * Plain lines only: nothing is redrawn, so that a slow line, tmux, a log and a screen reader all show the same. Questions go to standard error. Enter takes
 * the default; "b" or "back" and "q" or "quit" are answers of their own at every question. Blocks for as long as the person takes; Ctrl-C is ERR_INTERRUPTED.
 */
#ifndef OCC_TERM_PROMPT_H
#define OCC_TERM_PROMPT_H

#include "lib/term/term.h"

enum term_reply { TERM_ANSWER, TERM_BACK, TERM_QUIT };

/* Is this line one of the words for back or quit? Else TERM_ANSWER. */
enum term_reply term_reply_of(struct str line);

/* "User name [opencode]: ". dflt NULL or "": no default is shown, and Enter answers with nothing; "-" always answers with nothing. */
int term_prompt(struct term *t, const char *question, const char *dflt, struct buf *answer, enum term_reply *ret, struct err *e) MUST_CHECK;

/* As term_prompt, for yes and no. */
int term_prompt_bool(struct term *t, const char *question, bool dflt, bool *ret_yes, enum term_reply *ret, struct err *e) MUST_CHECK;

/* The choices, numbered from 1, then "Choice [1]: ". dflt and *ret_choice count from 0; dflt n: none. Asks again until it is one of them. */
int term_choose(struct term *t, const char *const *choices, size_t n, size_t dflt, size_t *ret_choice, enum term_reply *ret, struct err *e) MUST_CHECK;

#endif

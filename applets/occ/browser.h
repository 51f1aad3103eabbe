/*
 * browser.h - the person's own browser, when there is one at this screen
 */
#ifndef OCC_APPLETS_OCC_BROWSER_H
#define OCC_APPLETS_OCC_BROWSER_H

#include "lib/base/arena.h"

/* The program that opens an address here, or NULL with the reason why there is none: no screen, somebody else's screen (ssh), root. */
const char *browser_find(struct arena *a, const char **ret_why);

/* Starts it and does not wait. */
int browser_open(const char *program, const char *url, struct err *e) MUST_CHECK;

#endif

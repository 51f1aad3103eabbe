/*
 * life.h - what of the watchdog outlives it: the lock, the ladder, whether the service is wanted
 */
#ifndef OCC_APPLETS_WATCHDOG_LIFE_H
#define OCC_APPLETS_WATCHDOG_LIFE_H

#include "applets/occ-watchdog/watchdog.h"

/* Becomes the owner of restarts, reads what the predecessor left, decides whether the service is wanted. ERR_LOCKED when another watchdog lives. */
int life_take(struct watchdog *wd, int64_t due_ms, struct err *e) MUST_CHECK;
/* A clean end: what comes next is somebody's start. */
int life_end(struct watchdog *wd, struct err *e) MUST_CHECK;

/* Pure: is the service wanted by a watchdog that begins? A decision to be down holds over a reboot and over the watchdog's crash; a start by hand of a service
 * that was ended by hand, and an instance about which nothing was ever decided, mean up. */
bool life_is_wanted(const struct state *st, const struct ladder *l);

void watchdog_goodbye(struct watchdog *wd);	/* begins to end: hands the restarts back; a job under way is waited for */
int watchdog_reload(struct watchdog *wd, struct err *e) MUST_CHECK;

/* The applet's run: until it is told to end. */
int watchdog_run(struct run *r, struct err *e) MUST_CHECK;
/* `--stop`, for the service manager: ends opencode as `occ stop` does, if a stop is what the manager was asked for. */
int watchdog_stop(struct run *r, struct err *e) MUST_CHECK;

#endif
